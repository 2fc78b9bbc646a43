// Results: read lazily, and only what was changed is written anew.

import * as host from "./host";

// MySQL's types, by their numbers in query.proto.
export enum Type {
  Null = 0, Int8 = 257, Uint8 = 770, Int16 = 259, Uint16 = 772, Int24 = 261, Uint24 = 774, Int32 = 263, Uint32 = 776, Int64 = 265,
  Uint64 = 778, Float32 = 1035, Float64 = 1036, Timestamp = 2061, Date = 2062, Time = 2063, Datetime = 2064, Year = 785, Decimal = 18,
  Text = 6163, Blob = 10260, Varchar = 6165, Varbinary = 10262, Char = 6167, Binary = 10264, Bit = 2073, Enum = 2074, Set = 2075,
  Geometry = 2077, Json = 2078,
}

// Whether the values of a type are numbers.
export function isNumber(type: i32): bool {
  return (type >= Type.Int8 && type <= Type.Int64) || (type >= Type.Uint8 && type <= Type.Uint64 && type != Type.Year)
    || type == Type.Float32 || type == Type.Float64 || type == Type.Decimal;
}

export class Column {
  // What its table calls it; empty for an expression.
  orgName: string = "";
  table: string = "";
  bytes: Uint8Array | null = null;
  changed: bool = true;

  // What the query calls it, and its Type.
  constructor(public name: string, public type: i32) {}
}

class Row {
  values: Array<Uint8Array | null> | null = null;
  changed: bool = false;

  constructor(public bytes: Uint8Array) {}
}

// What a query gave.
export class Result {
  // What a statement without rows changed and generated.
  rowsAffected: u64 = 0;
  insertId: u64 = 0;
  malformed: bool = false;
  columns: Column[] = [];
  private rows: Row[] = [];

  // An empty result, or one from bytes of a QueryResult.
  constructor(private message: Uint8Array = new Uint8Array(0)) {
    const fields = new Fields(message);
    while (fields.next()) {
      if (fields.number == 1) {
        this.columns.push(this.readColumn(fields.content()));
      } else if (fields.number == 2) {
        this.rowsAffected = fields.value;
      } else if (fields.number == 3) {
        this.insertId = fields.value;
      } else if (fields.number == 4) {
        this.rows.push(new Row(fields.content()));
      }
    }
    this.malformed = this.malformed || fields.malformed;
  }

  private readColumn(bytes: Uint8Array): Column {
    const column = new Column("", 0);
    column.bytes = bytes;
    column.changed = false;
    const fields = new Fields(bytes);
    while (fields.next()) {
      if (fields.number == 1) {
        column.name = host.textOf(fields.content());
      } else if (fields.number == 2) {
        column.type = <i32>fields.value;
      } else if (fields.number == 3) {
        column.table = host.textOf(fields.content());
      } else if (fields.number == 6) {
        column.orgName = host.textOf(fields.content());
      }
    }
    this.malformed = this.malformed || fields.malformed;
    return column;
  }

  setType(column: i32, type: i32): void {
    this.columns[column].type = type;
    this.columns[column].changed = true;
  }

  rowCount(): i32 {
    return this.rows.length;
  }

  // The values of a row, null for NULL; they are the result's own.
  row(index: i32): Array<Uint8Array | null> {
    const row = this.rows[index];
    const known = row.values;
    if (known) {
      return known;
    }
    const values = readRow(row.bytes, this.columns.length);
    row.values = values;
    return values;
  }

  // The text of a value; null for NULL.
  text(row: i32, column: i32): string | null {
    const value = this.row(row)[column];
    return value ? host.textOf(value) : null;
  }

  // Changes a value; null is NULL.
  set(row: i32, column: i32, text: string | null): void {
    this.row(row)[column] = text === null ? null : host.utf8(text);
    this.rows[row].changed = true;
  }

  // Adds a row of texts, one for each column, null for NULL.
  add(texts: Array<string | null>): void {
    const row = new Row(new Uint8Array(0));
    const values: Array<Uint8Array | null> = [];
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i];
      values.push(text === null ? null : host.utf8(text));
    }
    row.values = values;
    row.changed = true;
    this.rows.push(row);
  }

  toBytes(): Uint8Array {
    const out = new Writer(this.message.length + 64);
    let column = 0;
    let row = 0;
    const fields = new Fields(this.message);
    while (fields.next()) {
      if (fields.number == 1) {
        this.writeColumn(column++, fields, out);
      } else if (fields.number == 4) {
        this.writeRow(row++, fields, out);
      } else if (fields.number != 2 && fields.number != 3) {
        out.raw(fields.whole());
      }
    }
    while (column < this.columns.length) {
      this.writeColumn(column++, fields, out);
    }
    while (row < this.rows.length) {
      this.writeRow(row++, fields, out);
    }
    out.field(2, this.rowsAffected);
    out.field(3, this.insertId);
    return out.bytes();
  }

  private writeColumn(index: i32, given: Fields, out: Writer): void {
    const column = this.columns[index];
    if (!column.changed) {
      out.raw(given.whole());
      return;
    }
    const description = new Writer(64);
    const bytes = column.bytes;
    if (bytes) {
      const fields = new Fields(bytes);
      while (fields.next()) {
        if (fields.number != 2) {
          description.raw(fields.whole());
        }
      }
    } else {
      description.text(1, column.name);
      description.text(3, column.table);
      description.text(6, column.orgName);
    }
    description.field(2, <u64>column.type);
    out.message(1, description.bytes());
  }

  private writeRow(index: i32, given: Fields, out: Writer): void {
    const row = this.rows[index];
    const values = row.values;
    if (!row.changed || !values) {
      out.raw(given.whole());
      return;
    }
    const lengths = new Writer(16);
    const content = new Writer(64);
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value) {
        lengths.number((<u64>value.length) << 1);
        content.raw(value);
      } else {
        lengths.number(1);
      }
    }
    const bytes = new Writer(64);
    bytes.message(1, lengths.bytes());
    bytes.message(2, content.bytes());
    out.message(4, bytes.bytes());
  }
}

function readRow(bytes: Uint8Array, columns: i32): Array<Uint8Array | null> {
  const row: Array<Uint8Array | null> = [];
  let content = new Uint8Array(0);
  const values = new Fields(bytes);
  while (values.next()) {
    if (values.number == 2) {
      content = values.content();
    }
  }
  let at = 0;
  const fields = new Fields(bytes);
  while (fields.next()) {
    if (fields.number != 1) {
      continue;
    }
    const lengths = new Fields(fields.content());
    while (lengths.more() && row.length < columns) {
      const zigzag = lengths.varint();
      const length = <i32>(zigzag >> 1);
      if ((zigzag & 1) != 0 || length > content.length - at || length < 0) {
        row.push(null);
      } else {
        row.push(content.subarray(at, at + length));
        at += length;
      }
    }
  }
  while (row.length < columns) {
    row.push(null);
  }
  return row;
}

// The fields of a message, one after the other.
class Fields {
  number: u32 = 0;
  value: u64 = 0;
  malformed: bool = false;
  private at: i32 = 0;
  private start: i32 = 0;
  private body: i32 = 0;

  constructor(private message: Uint8Array) {}

  more(): bool {
    return !this.malformed && this.at < this.message.length;
  }

  next(): bool {
    if (!this.more()) {
      return false;
    }
    this.start = this.at;
    const tag = this.varint();
    this.number = <u32>(tag >> 3);
    this.body = this.at;
    let size: u64 = 0;
    const kind = <u32>(tag & 7);
    if (kind == 0) {
      this.value = this.varint();
    } else if (kind == 1) {
      size = 8;
    } else if (kind == 2) {
      size = this.varint();
      this.body = this.at;
    } else if (kind == 5) {
      size = 4;
    } else {
      this.malformed = true;
    }
    if (this.malformed || size > <u64>(this.message.length - this.at)) {
      this.malformed = true;
      return false;
    }
    this.at += <i32>size;
    return true;
  }

  content(): Uint8Array {
    return this.message.subarray(this.body, this.at);
  }

  whole(): Uint8Array {
    return this.message.subarray(this.start, this.at);
  }

  varint(): u64 {
    let number: u64 = 0;
    for (let shift: u64 = 0; shift < 64 && this.at < this.message.length; shift += 7) {
      const byte = this.message[this.at++];
      number |= (<u64>(byte & 0x7f)) << shift;
      if (byte < 0x80) {
        return number;
      }
    }
    this.malformed = true;
    return 0;
  }
}

class Writer {
  private buffer: Uint8Array;
  private length: i32 = 0;

  constructor(room: i32) {
    this.buffer = new Uint8Array(room);
  }

  private reserve(more: i32): void {
    if (this.length + more > this.buffer.length) {
      const larger = new Uint8Array(max(this.buffer.length * 2, this.length + more));
      memory.copy(larger.dataStart, this.buffer.dataStart, this.length);
      this.buffer = larger;
    }
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    memory.copy(this.buffer.dataStart + this.length, bytes.dataStart, bytes.length);
    this.length += bytes.length;
  }

  number(value: u64): void {
    this.reserve(10);
    for (; value >= 0x80; value >>= 7) {
      this.buffer[this.length++] = <u8>(value | 0x80);
    }
    this.buffer[this.length++] = <u8>value;
  }

  // Leaves out 0, which a reader assumes.
  field(number: u32, value: u64): void {
    if (value != 0) {
      this.number(number << 3);
      this.number(value);
    }
  }

  message(number: u32, bytes: Uint8Array): void {
    this.number((number << 3) | 2);
    this.number(bytes.length);
    this.raw(bytes);
  }

  text(number: u32, text: string): void {
    if (text.length > 0) {
      this.message(number, host.utf8(text));
    }
  }

  bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}
