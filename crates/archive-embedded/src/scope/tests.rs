use datafusion::prelude::{Expr, col, lit};

use super::*;

fn ids(filter: Expr) -> Option<Vec<u64>> {
    let filters = [col("status").eq(lit("error")), filter];
    Scope::of(Part::Spans, &filters).ids
}

#[test]
fn ids_are_found_wherever_they_must_be_fulfilled() {
    let both = || Some(vec![key_hash("a"), key_hash("b")]);
    let id = || col("trace_id");
    assert_eq!(ids(id().eq(lit("a"))), Some(vec![key_hash("a")]));
    assert_eq!(ids(lit("a").eq(id())), Some(vec![key_hash("a")]));
    assert_eq!(ids(id().in_list(vec![lit("a"), lit("b")], false)), both());
    assert_eq!(ids(id().eq(lit("a")).or(id().eq(lit("b")))), both());
    let and = col("name").eq(lit("n")).and(id().in_list(vec![lit("a"), lit("b")], false));
    assert_eq!(ids(and), both());
}

#[test]
fn a_filter_that_leaves_other_ids_names_none() {
    let id = || col("trace_id");
    assert_eq!(ids(id().not_eq(lit("a"))), None);
    assert_eq!(ids(id().in_list(vec![lit("a")], true)), None);
    assert_eq!(ids(id().eq(lit("a")).or(col("name").eq(lit("b")))), None);
    assert_eq!(ids(id().eq(col("name"))), None);
    assert_eq!(ids(col("span_id").eq(lit("a"))), None);
}

fn at(micros: i64) -> Expr {
    Expr::Literal(ScalarValue::TimestampMicrosecond(Some(micros), Some("UTC".into())), None)
}

#[test]
fn times_are_those_that_all_filters_leave() {
    let times = |filters: &[Expr]| Scope::of(Part::Traces, filters).times;
    let start = || col("start_time");
    let from = || start().gt_eq(at(5));
    assert_eq!(times(&[from(), start().lt(at(9))]), (5, 9));
    assert_eq!(times(&[from().and(at(9).gt(start())), start().gt(at(7))]), (7, 9));
    assert_eq!(times(&[start().eq(at(6))]), (6, 6));
    assert_eq!(times(&[from().or(start().lt(at(2)))]), (i64::MIN, i64::MAX));
    let earlier = start().lt(at(9)).or(start().eq(at(9)).and(col("trace_id").lt(lit("b"))));
    assert_eq!(times(&[from(), earlier]), (5, 9));
    assert_eq!(times(&[start().lt(at(2)).or(col("name").eq(lit("n")))]), (i64::MIN, i64::MAX));
    assert_eq!(times(&[col("end_time").lt(at(2))]), (i64::MIN, i64::MAX));
}

#[test]
fn segments_of_other_times_are_left_out() {
    let facts = SegmentFacts { min_start: 10, max_start: 20, ..SegmentFacts::default() };
    let noted = SegmentFacts { max_span_start: Some(30), ..facts.clone() };
    let may = |part, from: i64, to: i64, facts: &SegmentFacts| {
        let filters = [col("start_time").gt_eq(at(from)), col("start_time").lt_eq(at(to))];
        Scope::of(part, &filters).may_be_in(facts)
    };
    for (from, to, is_in) in [(0, 9, false), (0, 10, true), (20, 40, true), (21, 40, false)] {
        assert_eq!(may(Part::Traces, from, to, &facts), is_in, "{from} to {to}");
    }
    for (from, to, is_in) in [(0, 9, false), (21, 40, true), (30, 40, true), (31, 40, false)] {
        assert_eq!(may(Part::Spans, from, to, &noted), is_in, "{from} to {to}");
    }
    assert!(may(Part::Spans, 31, 40, &facts), "nobody knows how late its spans begin");
    assert!(may(Part::Scores, 31, 40, &noted));
}

#[test]
fn rows_are_those_of_the_index_without_masked_ones() {
    let ids = ["a", "b", "c"].map(Into::into);
    let index = Index::new(&ids, &["s".into()], vec![0, 2, 2, 5]);
    let mut mask = Mask::default();
    let rows = |part, wanted: &[&str], mask: &Mask| {
        let ids = Some(wanted.iter().map(|id| key_hash(id)).collect());
        Scope { part, ids, times: (0, 0) }.rows(&index, mask).unwrap_or_default()
    };
    assert_eq!(rows(Part::Traces, &["c", "a", "x"], &mask), [0..1, 2..3]);
    assert_eq!(rows(Part::Spans, &["c", "b", "a"], &mask), [0..2, 2..5]);
    assert_eq!(rows(Part::Scores, &["s"], &mask), vec![0..1]);
    mask.traces.insert(2);
    mask.scores.insert(0);
    assert_eq!(rows(Part::Traces, &["c", "a"], &mask), vec![0..1]);
    assert_eq!(rows(Part::Spans, &["c"], &mask), Vec::<Range<usize>>::new());
    assert_eq!(rows(Part::Scores, &["s"], &mask), Vec::<Range<usize>>::new());
}
