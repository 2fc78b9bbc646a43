//! Replaces every value by a made-up one of its kind; NULL stays NULL.

use sluice::{Column, Outcome, Plugin, Query, Type};

#[derive(Default)]
struct MockData;

impl Plugin for MockData {
    fn after(&mut self, query: &Query) -> Outcome {
        let mut result = match query.result()? {
            Some(result) if result.row_count() > 0 => result,
            _ => return Ok(()),
        };
        for index in 0..result.row_count() {
            let row = result.row(index)?;
            let made = row.into_iter().zip(result.columns()).map(|(value, column)| value.map(|_| made_up(column, index + 1))).collect();
            result.set_row(index, made);
        }
        query.set_result(&result)
    }
}

fn made_up(column: &Column, number: usize) -> Vec<u8> {
    match column.column_type {
        Type::Date => "2000-01-01".into(),
        Type::Time => "00:00:00".into(),
        Type::Datetime | Type::Timestamp => "2000-01-01 00:00:00".into(),
        Type::Year => "2000".into(),
        Type::Json => "{}".into(),
        other if other.is_number() => number.to_string().into_bytes(),
        _ => format!("{} {}", column.name, number).into_bytes(),
    }
}

sluice::plugin!(MockData);
