package main

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Numbers of fields in query.proto.
const (
	resultFields = 1
	resultRows   = 4
	fieldName    = 1
	fieldType    = 2
	fieldOrgName = 6
	rowLengths   = 1
	rowValues    = 2
)

// varchar is the type of a masked column, for the mask is a text whatever the column was.
const varchar = 6165

// rewrite returns the result with the named columns masked, or nil if it has none of them. What it does not know is copied as it is.
func rewrite(result []byte, names map[string]bool) ([]byte, error) {
	hidden, err := hiddenColumns(result, names)
	if err != nil || !slices.Contains(hidden, true) {
		return nil, err
	}
	out := make([]byte, 0, len(result)+len(result)/8)
	column := 0
	err = each(result, func(f field) error {
		var err error
		switch {
		case f.number == resultFields && hidden[column]:
			out, err = appendText(out, f.content)
			column++
		case f.number == resultFields:
			out = append(out, f.whole...)
			column++
		case f.number == resultRows:
			out, err = appendMaskedRow(out, f.content, hidden)
		default:
			out = append(out, f.whole...)
		}
		return err
	})
	return out, err
}

// hiddenColumns tells of each column whether it is to be masked: rows may stand before the fields that describe them.
func hiddenColumns(result []byte, names map[string]bool) ([]bool, error) {
	var hidden []bool
	err := each(result, func(f field) error {
		if f.number != resultFields {
			return nil
		}
		hide := false
		err := each(f.content, func(f field) error {
			if f.number == fieldName || f.number == fieldOrgName {
				hide = hide || names[strings.ToLower(string(f.content))]
			}
			return nil
		})
		hidden = append(hidden, hide)
		return err
	})
	return hidden, err
}

// appendText writes a column's description with the type VARCHAR.
func appendText(out, column []byte) ([]byte, error) {
	var text []byte
	err := each(column, func(f field) error {
		if f.number != fieldType {
			text = append(text, f.whole...)
		}
		return nil
	})
	return appendBytes(out, resultFields, appendNumber(text, fieldType, varchar)), err
}

// appendMaskedRow writes a row anew: its lengths are zigzag numbers, -1 for NULL, and cut its values.
func appendMaskedRow(out, row []byte, hidden []bool) ([]byte, error) {
	var lengths, values []byte
	err := each(row, func(f field) error {
		switch f.number {
		case rowLengths: // one number, or many packed
			lengths = append(lengths, f.content...)
		case rowValues:
			values = f.content
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	newLengths := make([]byte, 0, len(lengths))
	newValues := make([]byte, 0, len(values))
	for column := 0; len(lengths) > 0; column++ {
		length, size := binary.Varint(lengths)
		if size <= 0 || column == len(hidden) || length > int64(len(values)) {
			return nil, errMalformed
		}
		lengths = lengths[size:]
		if length >= 0 {
			value := values[:length]
			values = values[length:]
			if hidden[column] {
				value = []byte(mask)
			}
			length = int64(len(value))
			newValues = append(newValues, value...)
		}
		newLengths = binary.AppendVarint(newLengths, length)
	}
	masked := appendBytes(nil, rowLengths, newLengths)
	return appendBytes(out, resultRows, appendBytes(masked, rowValues, newValues)), nil
}
