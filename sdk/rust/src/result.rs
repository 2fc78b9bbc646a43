//! Results: read lazily, and only what was changed is written anew.

use crate::Error;

macro_rules! types {
    ($($name:ident = $number:literal),* $(,)?) => {
        /// A MySQL type by its number in query.proto.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Type {
            $($name,)*
            /// A number that is none of the above.
            Other(u32),
        }

        impl Type {
            fn of(number: u32) -> Type {
                match number {
                    $($number => Type::$name,)*
                    other => Type::Other(other),
                }
            }

            fn number(self) -> u32 {
                match self {
                    $(Type::$name => $number,)*
                    Type::Other(number) => number,
                }
            }
        }
    };
}

types! {
    Null = 0, Int8 = 257, Uint8 = 770, Int16 = 259, Uint16 = 772, Int24 = 261, Uint24 = 774, Int32 = 263, Uint32 = 776, Int64 = 265,
    Uint64 = 778, Float32 = 1035, Float64 = 1036, Timestamp = 2061, Date = 2062, Time = 2063, Datetime = 2064, Year = 785, Decimal = 18,
    Text = 6163, Blob = 10260, Varchar = 6165, Varbinary = 10262, Char = 6167, Binary = 10264, Bit = 2073, Enum = 2074, Set = 2075,
    Geometry = 2077, Json = 2078,
}

impl Type {
    /// Whether its values are numbers.
    pub fn is_number(self) -> bool {
        use Type::*;
        matches!(
            self,
            Int8 | Uint8 | Int16 | Uint16 | Int24 | Uint24 | Int32 | Uint32 | Int64 | Uint64 | Float32 | Float64 | Decimal
        )
    }
}

/// A column of a result.
#[derive(Clone, Debug)]
pub struct Column {
    /// What the query calls it.
    pub name: String,
    /// What its table calls it; empty for an expression.
    pub org_name: String,
    pub table: String,
    pub column_type: Type,
    bytes: Option<(usize, usize)>,
    changed: bool,
}

impl Column {
    pub fn new(name: &str, column_type: Type) -> Column {
        Column { name: name.into(), org_name: String::new(), table: String::new(), column_type, bytes: None, changed: true }
    }
}

/// A value: its bytes in MySQL's text form, `None` for NULL.
pub type Value = Option<Vec<u8>>;

enum Row {
    /// Where its bytes are.
    Given(usize, usize),
    Made(Vec<Value>),
}

/// What a query gave.
pub struct QueryResult {
    /// What a statement without rows changed and generated.
    pub rows_affected: u64,
    pub insert_id: u64,
    message: Vec<u8>,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

impl QueryResult {
    /// A result without rows.
    pub fn new(columns: Vec<Column>) -> QueryResult {
        QueryResult { rows_affected: 0, insert_id: 0, message: Vec::new(), columns, rows: Vec::new() }
    }

    pub(crate) fn read(message: Vec<u8>) -> Result<QueryResult, Error> {
        let mut result = QueryResult::new(Vec::new());
        for field in Fields::of(&message, 0, message.len()) {
            let field = field?;
            match field.number {
                1 => result.columns.push(read_column(&message, &field)?),
                2 => result.rows_affected = field.value,
                3 => result.insert_id = field.value,
                4 => result.rows.push(Row::Given(field.start, field.end)),
                _ => {}
            }
        }
        result.message = message;
        Ok(result)
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub fn set_type(&mut self, column: usize, column_type: Type) {
        self.columns[column].column_type = column_type;
        self.columns[column].changed = true;
    }

    pub fn row_count(&self) -> usize {
        self.rows.len()
    }

    /// The values of a row.
    pub fn row(&self, index: usize) -> Result<Vec<Value>, Error> {
        match &self.rows[index] {
            Row::Made(values) => Ok(values.clone()),
            Row::Given(start, end) => read_row(&self.message, *start, *end, self.columns.len()),
        }
    }

    /// Replaces a row; it has one value for each column.
    pub fn set_row(&mut self, index: usize, values: Vec<Value>) {
        assert_eq!(values.len(), self.columns.len(), "a row has one value for each column");
        self.rows[index] = Row::Made(values);
    }

    /// Adds a row; it has one value for each column.
    pub fn add_row(&mut self, values: Vec<Value>) {
        assert_eq!(values.len(), self.columns.len(), "a row has one value for each column");
        self.rows.push(Row::Made(values));
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.message.len() + self.message.len() / 8);
        let (mut column, mut row) = (0, 0);
        for field in Fields::of(&self.message, 0, self.message.len()).flatten() {
            let whole = &self.message[field.whole..field.end];
            match field.number {
                1 => {
                    self.write_column(column, whole, &mut out);
                    column += 1;
                }
                4 => {
                    self.write_row(row, whole, &mut out);
                    row += 1;
                }
                2 | 3 => {}
                _ => out.extend_from_slice(whole),
            }
        }
        (column..self.columns.len()).for_each(|index| self.write_column(index, &[], &mut out));
        (row..self.rows.len()).for_each(|index| self.write_row(index, &[], &mut out));
        write_number(2, self.rows_affected, &mut out);
        write_number(3, self.insert_id, &mut out);
        out
    }

    fn write_column(&self, index: usize, whole: &[u8], out: &mut Vec<u8>) {
        let column = &self.columns[index];
        if !column.changed {
            out.extend_from_slice(whole);
            return;
        }
        let mut description = Vec::new();
        match column.bytes {
            Some((start, end)) => {
                for field in Fields::of(&self.message, start, end).flatten().filter(|field| field.number != 2) {
                    description.extend_from_slice(&self.message[field.whole..field.end]);
                }
            }
            None => {
                for (number, text) in [(1, &column.name), (3, &column.table), (6, &column.org_name)] {
                    if !text.is_empty() {
                        write_bytes(number, text.as_bytes(), &mut description);
                    }
                }
            }
        }
        write_number(2, column.column_type.number().into(), &mut description);
        write_bytes(1, &description, out);
    }

    fn write_row(&self, index: usize, whole: &[u8], out: &mut Vec<u8>) {
        let values = match &self.rows[index] {
            Row::Given(..) => return out.extend_from_slice(whole),
            Row::Made(values) => values,
        };
        let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
        for value in values {
            match value {
                Some(value) => {
                    write_varint((value.len() as u64) << 1, &mut lengths);
                    bytes.extend_from_slice(value);
                }
                None => lengths.push(1),
            }
        }
        let mut row = Vec::with_capacity(lengths.len() + bytes.len() + 8);
        write_bytes(1, &lengths, &mut row);
        write_bytes(2, &bytes, &mut row);
        write_bytes(4, &row, out);
    }
}

fn malformed() -> Error {
    "the result is malformed".into()
}

fn read_column(message: &[u8], whole: &Field) -> Result<Column, Error> {
    let mut column = Column::new("", Type::Null);
    column.bytes = Some((whole.start, whole.end));
    column.changed = false;
    for field in Fields::of(message, whole.start, whole.end) {
        let field = field?;
        let text = || String::from_utf8_lossy(&message[field.start..field.end]).into_owned();
        match field.number {
            1 => column.name = text(),
            2 => column.column_type = Type::of(field.value as u32),
            3 => column.table = text(),
            6 => column.org_name = text(),
            _ => {}
        }
    }
    Ok(column)
}

fn read_row(message: &[u8], start: usize, end: usize, columns: usize) -> Result<Vec<Value>, Error> {
    let mut lengths = Vec::with_capacity(columns);
    let mut values = &message[..0];
    for field in Fields::of(message, start, end) {
        let field = field?;
        match field.number {
            1 => {
                let mut at = field.start;
                while at < field.end {
                    lengths.push(read_varint(message, &mut at, field.end)?);
                }
            }
            2 => values = &message[field.start..field.end],
            _ => {}
        }
    }
    if lengths.len() != columns {
        return Err(malformed());
    }
    let mut row = Vec::with_capacity(columns);
    for zigzag in lengths {
        if zigzag & 1 == 1 {
            row.push(None);
            continue;
        }
        let length = (zigzag >> 1) as usize;
        if length > values.len() {
            return Err(malformed());
        }
        row.push(Some(values[..length].to_vec()));
        values = &values[length..];
    }
    Ok(row)
}

/// A field of a message: where it begins with its tag, where its content is, and what a number says.
struct Field {
    number: u64,
    whole: usize,
    start: usize,
    end: usize,
    value: u64,
}

/// The fields of a message, or an error in place of the one that is malformed.
struct Fields<'a> {
    message: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Fields<'a> {
    fn of(message: &'a [u8], at: usize, end: usize) -> Self {
        Fields { message, at, end }
    }

    fn read(&mut self) -> Result<Field, Error> {
        let whole = self.at;
        let tag = read_varint(self.message, &mut self.at, self.end)?;
        let mut field = Field { number: tag >> 3, whole, start: self.at, end: 0, value: 0 };
        let size = match tag & 7 {
            0 => {
                field.value = read_varint(self.message, &mut self.at, self.end)?;
                0
            }
            1 => 8,
            2 => {
                let size = read_varint(self.message, &mut self.at, self.end)?;
                field.start = self.at;
                size
            }
            5 => 4,
            _ => return Err(malformed()),
        };
        if size > (self.end - self.at) as u64 {
            return Err(malformed());
        }
        self.at += size as usize;
        field.end = self.at;
        Ok(field)
    }
}

impl Iterator for Fields<'_> {
    type Item = Result<Field, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let field = self.read();
        if field.is_err() {
            self.at = self.end;
        }
        Some(field)
    }
}

fn read_varint(message: &[u8], at: &mut usize, end: usize) -> Result<u64, Error> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        if *at >= end {
            break;
        }
        let byte = message[*at];
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(malformed())
}

fn write_varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write_bytes(number: u64, bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(number << 3 | 2, out);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Leaves out 0, which a reader assumes.
fn write_number(number: u64, value: u64, out: &mut Vec<u8>) {
    if value != 0 {
        write_varint(number << 3, out);
        write_varint(value, out);
    }
}
