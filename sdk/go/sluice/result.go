package sluice

import (
	"encoding/binary"
	"errors"
	"strconv"
)

// Type is a MySQL type by its number in query.proto.
type Type uint32

const (
	Null      Type = 0
	Int8      Type = 257
	Uint8     Type = 770
	Int16     Type = 259
	Uint16    Type = 772
	Int24     Type = 261
	Uint24    Type = 774
	Int32     Type = 263
	Uint32    Type = 776
	Int64     Type = 265
	Uint64    Type = 778
	Float32   Type = 1035
	Float64   Type = 1036
	Timestamp Type = 2061
	Date      Type = 2062
	Time      Type = 2063
	Datetime  Type = 2064
	Year      Type = 785
	Decimal   Type = 18
	Text      Type = 6163
	Blob      Type = 10260
	Varchar   Type = 6165
	Varbinary Type = 10262
	Char      Type = 6167
	Binary    Type = 10264
	Bit       Type = 2073
	Enum      Type = 2074
	Set       Type = 2075
	Geometry  Type = 2077
	JSON      Type = 2078
)

// Column describes a column of a result.
type Column struct {
	// Name is what the query calls it, OrgName what its table does; an expression has no OrgName.
	Name, OrgName, Table string
	Type                 Type
}

// Result is what a query gave. Rows are decoded when they are asked for, and only what was changed is encoded again.
type Result struct {
	// RowsAffected and InsertID are what a statement without rows gave.
	RowsAffected, InsertID uint64

	message []byte
	columns []column
	rows    []row
}

type column struct {
	Column
	bytes   []byte
	changed bool
}

type row struct {
	bytes   []byte
	values  [][]byte
	changed bool
}

// NewResult is a result without rows.
func NewResult(columns ...Column) *Result {
	result := &Result{}
	for _, c := range columns {
		result.columns = append(result.columns, column{Column: c, changed: true})
	}
	return result
}

func readResult(message []byte) (*Result, error) {
	result := &Result{message: message}
	err := each(message, func(f field) error {
		switch f.number {
		case 1:
			c, err := readColumn(f.content)
			result.columns = append(result.columns, c)
			return err
		case 2:
			result.RowsAffected = f.value
		case 3:
			result.InsertID = f.value
		case 4:
			result.rows = append(result.rows, row{bytes: f.content})
		}
		return nil
	})
	return result, err
}

func readColumn(message []byte) (column, error) {
	c := column{bytes: message}
	err := each(message, func(f field) error {
		switch f.number {
		case 1:
			c.Name = string(f.content)
		case 2:
			c.Type = Type(f.value)
		case 3:
			c.Table = string(f.content)
		case 6:
			c.OrgName = string(f.content)
		}
		return nil
	})
	return c, err
}

// Columns is how many columns the result has.
func (r *Result) Columns() int { return len(r.columns) }

// Column describes one of them.
func (r *Result) Column(index int) Column { return r.columns[index].Column }

// SetType changes the type of a column.
func (r *Result) SetType(index int, t Type) {
	r.columns[index].Type = t
	r.columns[index].changed = true
}

// Rows is how many rows the result has.
func (r *Result) Rows() int { return len(r.rows) }

// Row is the values of a row, nil for NULL; they are the result's own.
func (r *Result) Row(index int) ([][]byte, error) {
	row := &r.rows[index]
	if row.values == nil {
		values, err := readRow(row.bytes, len(r.columns))
		if err != nil {
			return nil, errors.New("row " + strconv.Itoa(index) + ": " + err.Error())
		}
		row.values = values
	}
	return row.values, nil
}

// Set changes a value; nil is NULL.
func (r *Result) Set(row, column int, value []byte) error {
	values, err := r.Row(row)
	if err == nil {
		values[column] = value
		r.rows[row].changed = true
	}
	return err
}

// Add adds a row, one value for each column, nil for NULL.
func (r *Result) Add(values ...[]byte) error {
	if len(values) != len(r.columns) {
		return errors.New("a row has " + strconv.Itoa(len(values)) + " values, but the result has " + strconv.Itoa(len(r.columns)) + " columns")
	}
	r.rows = append(r.rows, row{values: values, changed: true})
	return nil
}

func readRow(message []byte, columns int) ([][]byte, error) {
	var lengths, values []byte
	err := each(message, func(f field) error {
		switch f.number {
		case 1: // one number, or many packed
			lengths = append(lengths, f.content...)
		case 2:
			values = f.content
		}
		return nil
	})
	decoded := make([][]byte, columns)
	for i := range decoded {
		length, size := binary.Varint(lengths)
		if err != nil || size <= 0 || length > int64(len(values)) {
			return nil, errMalformed
		}
		lengths = lengths[size:]
		if length >= 0 {
			decoded[i] = values[:length:length]
			values = values[length:]
		}
	}
	return decoded, nil
}

func (r *Result) bytes() []byte {
	out := make([]byte, 0, len(r.message)+len(r.message)/8)
	column, row := 0, 0
	each(r.message, func(f field) error { // it was read before without an error
		switch f.number {
		case 1:
			out = r.columns[column].append(out, f.whole)
			column++
		case 4:
			out = r.rows[row].append(out, f.whole)
			row++
		case 2, 3:
		default:
			out = append(out, f.whole...)
		}
		return nil
	})
	for ; column < len(r.columns); column++ {
		out = r.columns[column].append(out, nil)
	}
	for ; row < len(r.rows); row++ {
		out = r.rows[row].append(out, nil)
	}
	return appendNumber(appendNumber(out, 2, r.RowsAffected), 3, r.InsertID)
}

func (c *column) append(out, whole []byte) []byte {
	if !c.changed {
		return append(out, whole...)
	}
	var description []byte
	if c.bytes == nil {
		description = appendText(description, 1, c.Name)
		description = appendText(description, 3, c.Table)
		description = appendText(description, 6, c.OrgName)
	}
	each(c.bytes, func(f field) error {
		if f.number != 2 {
			description = append(description, f.whole...)
		}
		return nil
	})
	return appendBytes(out, 1, appendNumber(description, 2, uint64(c.Type)))
}

func (r *row) append(out, whole []byte) []byte {
	if !r.changed {
		return append(out, whole...)
	}
	var lengths, values []byte
	for _, value := range r.values {
		length := int64(len(value))
		if value == nil {
			length = -1
		}
		lengths = binary.AppendVarint(lengths, length)
		values = append(values, value...)
	}
	return appendBytes(out, 4, appendBytes(appendBytes(nil, 1, lengths), 2, values))
}

var errMalformed = errors.New("the result is malformed")

// field is one field of a message: all its bytes, its content without tag and length, and what a number says.
type field struct {
	number  uint64
	whole   []byte
	content []byte
	value   uint64
}

// each calls visit with every field of a message.
func each(message []byte, visit func(field) error) error {
	for len(message) > 0 {
		tag, at := binary.Uvarint(message)
		if at <= 0 {
			return errMalformed
		}
		var size, value uint64
		switch rest := message[at:]; tag & 7 {
		case 0:
			number, used := binary.Uvarint(rest)
			if used <= 0 {
				return errMalformed
			}
			size, value = uint64(used), number
		case 1:
			size = 8
		case 2:
			length, used := binary.Uvarint(rest)
			if used <= 0 {
				return errMalformed
			}
			at += used
			size = length
		case 5:
			size = 4
		default:
			return errMalformed
		}
		if size > uint64(len(message)-at) {
			return errMalformed
		}
		end := at + int(size)
		if err := visit(field{tag >> 3, message[:end], message[at:end], value}); err != nil {
			return err
		}
		message = message[end:]
	}
	return nil
}

func appendBytes(out []byte, number uint64, content []byte) []byte {
	out = binary.AppendUvarint(out, number<<3|2)
	out = binary.AppendUvarint(out, uint64(len(content)))
	return append(out, content...)
}

func appendText(out []byte, number uint64, text string) []byte {
	if text == "" {
		return out
	}
	return appendBytes(out, number, []byte(text))
}

// appendNumber leaves out 0, which a reader assumes.
func appendNumber(out []byte, number, value uint64) []byte {
	if value == 0 {
		return out
	}
	return binary.AppendUvarint(binary.AppendUvarint(out, number<<3), value)
}
