#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::{Filter, Op};

fn collect_ops(filter: &Filter, ops: &mut BTreeSet<Op>) {
    match filter {
        Filter::And(list) | Filter::Or(list) => list.iter().for_each(|f| collect_ops(f, ops)),
        Filter::Not(inner) => collect_ops(inner, ops),
        Filter::Search(_) => {}
        Filter::Condition(condition) => {
            ops.insert(condition.op);
        }
    }
}

#[test]
fn everything_that_can_be_asked_is_asked() {
    let mut runner = TestRunner::deterministic();
    let strategy = query();
    let (mut ops, mut functions) = (BTreeSet::new(), BTreeSet::new());
    let (mut buckets, mut tables) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..2_000 {
        let query = strategy.new_tree(&mut runner).unwrap().current();
        tables.insert(query.table);
        buckets.extend(query.bucket);
        functions.extend(query.measures.iter().map(|measure| measure.function));
        if let Some(filter) = &query.filter {
            collect_ops(filter, &mut ops);
        }
    }
    assert_eq!(ops.len(), Op::ALL.len(), "{ops:?}");
    assert_eq!(functions.len(), Function::ALL.len(), "{functions:?}");
    assert_eq!(buckets.len(), Bucket::ALL.len(), "{buckets:?}");
    assert_eq!(tables.len(), Table::ALL.len(), "{tables:?}");
}
