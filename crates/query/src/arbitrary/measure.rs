use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use tracekeep_model::Micros;

use super::{START, json_keys};
use crate::{Function, Measure, Query, Table, TimeRange};

/// A measure of this table: any function that it has a field for, with any such field.
pub(super) fn measure(table: Table) -> BoxedStrategy<Measure> {
    let functions = Function::ALL.iter().map(|function| possible(table, *function));
    let possible: Vec<Vec<Measure>> = functions.filter(|measures| !measures.is_empty()).collect();
    Union::new(possible.into_iter().map(select)).boxed()
}

/// All measures of a function that this table can answer.
fn possible(table: Table, function: Function) -> Vec<Measure> {
    let columns = table.columns().iter().map(|column| column.name.to_owned());
    let fields: Vec<String> = columns.chain(json_keys(table)).collect();
    let candidates: Vec<Measure> = match function {
        Function::Count | Function::ErrorRate | Function::Rate => vec![Measure::new(function)],
        Function::Ratio => {
            let above = fields.iter().filter(|field| is_valid(table, &sum(field)));
            let above: Vec<&String> = above.collect();
            let pairs = above.iter().zip(above.iter().cycle().skip(1));
            pairs.map(|(above, below)| Measure::ratio(*above, *below)).collect()
        }
        _ => fields.iter().map(|field| Measure::of(function, field)).collect(),
    };
    candidates.into_iter().filter(|measure| is_valid(table, measure)).collect()
}

fn sum(field: &str) -> Measure {
    Measure::of(Function::Sum, field)
}

fn is_valid(table: Table, measure: &Measure) -> bool {
    let time = TimeRange { from: START, to: START.plus(Micros::DAY) };
    let measures = vec![measure.clone()];
    Query { measures, time: Some(time), ..Query::new(table) }.plan().is_ok()
}
