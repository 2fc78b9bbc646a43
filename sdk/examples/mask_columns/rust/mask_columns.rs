//! Shows the columns password and card_number as ****, by whatever name the query calls them; NULL stays NULL.

use sluice::{Column, Outcome, Plugin, Query, Type};

#[derive(Default)]
struct MaskColumns;

impl Plugin for MaskColumns {
    fn after(&mut self, query: &Query) -> Outcome {
        let mut result = match query.result()? {
            Some(result) => result,
            None => return Ok(()),
        };
        let masked: Vec<usize> = (0..result.columns().len()).filter(|index| is_masked(&result.columns()[*index])).collect();
        if masked.is_empty() {
            return Ok(());
        }
        for column in &masked {
            result.set_type(*column, Type::Varchar);
        }
        for index in 0..result.row_count() {
            let mut row = result.row(index)?;
            for column in &masked {
                row[*column] = row[*column].take().map(|_| b"****".to_vec());
            }
            result.set_row(index, row);
        }
        query.set_result(&result)
    }
}

fn is_masked(column: &Column) -> bool {
    ["password", "card_number"].iter().any(|name| name.eq_ignore_ascii_case(&column.name) || name.eq_ignore_ascii_case(&column.org_name))
}

sluice::plugin!(MaskColumns);
