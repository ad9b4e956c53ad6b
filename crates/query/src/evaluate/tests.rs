#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tracekeep_model::{Micros, Money};

use super::*;
use crate::{Table, arbitrary};

const HOUR: i64 = Micros::HOUR;
const START: i64 = 1_767_225_600_000_000; // 2026-01-01T00:00:00Z

fn row(cells: &[(&'static str, Cell)]) -> Row {
    cells.iter().cloned().collect()
}

/// Three spans: `a` has everything, `b` something else, `c` nothing but what it must.
fn spans() -> Vec<Row> {
    let base = |trace: &str, span: &str, hour: i64| {
        row(&[
            ("trace_id", Cell::from(trace)),
            ("span_id", Cell::from(span)),
            ("kind", Cell::from("SPAN")),
            ("status", Cell::from("success")),
            ("start_time", Cell::from(Micros(START + hour * HOUR))),
            ("metadata", Cell::from("{}")),
            ("tags", Cell::from("[]")),
        ])
    };
    let mut a = base("t1", "a", 0);
    a.extend(row(&[
        ("name", Cell::from("Alpha")),
        ("model", Cell::from("m1")),
        ("duration_us", Cell::from(10i64)),
        ("usage_input", Cell::from(2i64)),
        ("usage_output", Cell::from(1i64)),
        ("cost_total", Cell::from(Money(100_000_000_000))),
        ("streaming", Cell::from(true)),
        ("metadata", Cell::from(r#"{"team":"x","n":5}"#)),
        ("tags", Cell::from(r#"["red","round"]"#)),
        ("input", Cell::from("What is Love?")),
    ]));
    let mut b = base("t1", "b", 1);
    b.extend(row(&[
        ("status", Cell::from("error")),
        ("name", Cell::from("beta")),
        ("model", Cell::from("m1")),
        ("duration_us", Cell::from(30i64)),
        ("usage_input", Cell::from(2i64)),
        ("cost_total", Cell::from(Money(200_000_000_000))),
        ("streaming", Cell::from(false)),
        ("metadata", Cell::from(r#"{"team":"y","n":"5","z":null}"#)),
        ("tags", Cell::from(r#"["red"]"#)),
    ]));
    vec![a, b, base("t2", "c", 25)]
}

fn scores() -> Vec<Row> {
    let score = |id: &str, trace: Option<&str>, value: Option<f64>| {
        row(&[
            ("score_id", Cell::from(id)),
            ("name", Cell::from("help")),
            ("trace_id", Cell::from(trace)),
            ("value", Cell::from(value)),
        ])
    };
    vec![
        score("1", Some("t1"), Some(0.9)),
        score("2", None, Some(0.9)),
        score("3", Some("t2"), None),
    ]
}

fn answer(json: &str) -> ResultTable {
    let (spans, scores) = (spans(), scores());
    let related = Related { spans: &spans, scores: &scores };
    evaluate(&Query::from_json(json).unwrap(), &spans, &related).unwrap()
}

/// The ids of the spans that pass a filter.
fn passing(filter: &str) -> String {
    let json = format!(
        r#"{{"table":"spans","select":["span_id"],"order":[{{"by":"span_id"}}],"filter":{filter}}}"#
    );
    let cells = answer(&json).rows.into_iter().flatten();
    cells.map(|cell| cell.as_text().unwrap().to_owned()).collect()
}

#[test]
fn every_operator_does_what_it_says() {
    for (filter, wanted) in [
        (r#"{"field":"model","op":"eq","value":"m1"}"#, "ab"),
        (r#"{"field":"name","op":"ne","value":"beta"}"#, "ac"),
        (r#"{"field":"duration_us","op":"lt","value":30}"#, "a"),
        (r#"{"field":"duration_us","op":"le","value":30}"#, "ab"),
        (r#"{"field":"duration_us","op":"gt","value":10}"#, "b"),
        (r#"{"field":"duration_us","op":"ge","value":10}"#, "ab"),
        (r#"{"field":"name","op":"in","value":["beta","x"]}"#, "b"),
        (r#"{"field":"name","op":"in","value":[]}"#, ""),
        (r#"{"field":"name","op":"not_in","value":["beta","x"]}"#, "ac"),
        (r#"{"field":"name","op":"contains","value":"et"}"#, "b"),
        (r#"{"field":"name","op":"not_contains","value":"et"}"#, "ac"),
        (r#"{"field":"name","op":"starts_with","value":"Al"}"#, "a"),
        (r#"{"field":"name","op":"starts_with","value":"al"}"#, ""),
        (r#"{"field":"name","op":"ends_with","value":"a"}"#, "ab"),
        (r#"{"field":"name","op":"exists"}"#, "ab"),
        (r#"{"field":"name","op":"missing"}"#, "c"),
        (r#"{"field":"tags","op":"contains","value":"red"}"#, "ab"),
        (r#"{"field":"tags","op":"not_contains","value":"round"}"#, "bc"),
        (r#"{"field":"tags","op":"contains_any","value":["round","x"]}"#, "a"),
        (r#"{"field":"tags","op":"contains_any","value":[]}"#, ""),
        (r#"{"field":"tags","op":"contains_all","value":["round","red"]}"#, "a"),
        (r#"{"field":"tags","op":"contains_all","value":[]}"#, "abc"),
        (r#"{"field":"tags","op":"exists"}"#, "ab"),
        (r#"{"field":"tags","op":"missing"}"#, "c"),
        (r#"{"field":"metadata","op":"missing"}"#, "c"),
        (r#"{"field":"metadata","op":"contains","value":"team"}"#, "ab"),
    ] {
        assert_eq!(passing(filter), wanted, "{filter}");
    }
}

#[test]
fn every_type_is_compared() {
    for (filter, wanted) in [
        (r#"{"field":"cost_total","op":"eq","value":0.1}"#, "a"),
        (r#"{"field":"cost_total","op":"gt","value":"0.100000000001"}"#, "b"),
        (r#"{"field":"start_time","op":"ge","value":"2026-01-01T01:00:00Z"}"#, "bc"),
        (r#"{"field":"start_time","op":"lt","value":1767229200000}"#, "a"),
        (r#"{"field":"streaming","op":"eq","value":true}"#, "a"),
        (r#"{"field":"streaming","op":"ne","value":true}"#, "bc"),
        (r#"{"field":"status","op":"eq","value":"error"}"#, "b"),
        (r#"{"field":"name","op":"lt","value":"a"}"#, "a"),
        (r#"{"field":"metadata.team","op":"eq","value":"x"}"#, "a"),
        (r#"{"field":"metadata.team","op":"ne","value":"x"}"#, "bc"),
        (r#"{"field":"metadata.n","op":"eq","value":5}"#, "a"),
        (r#"{"field":"metadata.n","op":"eq","value":"5"}"#, "ab"),
        (r#"{"field":"metadata.n","op":"in","value":[4,5.0]}"#, "a"),
        (r#"{"field":"metadata.z","op":"exists"}"#, ""),
    ] {
        assert_eq!(passing(filter), wanted, "{filter}");
    }
}

#[test]
fn filters_combine_in_two_values() {
    for (filter, wanted) in [
        (
            r#"{"and":[{"field":"model","op":"eq","value":"m1"},{"field":"name","op":"eq","value":"beta"}]}"#,
            "b",
        ),
        (
            r#"{"or":[{"field":"name","op":"missing"},{"field":"name","op":"eq","value":"beta"}]}"#,
            "bc",
        ),
        (r#"{"not":{"field":"duration_us","op":"gt","value":10}}"#, "ac"),
        (r#"{"not":{"not":{"field":"duration_us","op":"gt","value":10}}}"#, "b"),
        (r#"{"and":[]}"#, "abc"),
        (r#"{"or":[]}"#, ""),
    ] {
        assert_eq!(passing(filter), wanted, "{filter}");
    }
}

#[test]
fn scores_and_words_are_found() {
    for (filter, wanted) in [
        (r#"{"field":"scores.help","op":"ge","value":0.9}"#, "ab"),
        (r#"{"field":"scores.help","op":"lt","value":0.9}"#, ""),
        (r#"{"field":"scores.help","op":"ne","value":0.9}"#, "c"),
        (r#"{"field":"scores.help","op":"missing"}"#, "c"),
        (r#"{"field":"scores.other","op":"exists"}"#, ""),
        (r#"{"search":"is love"}"#, "a"),
        (r#"{"search":"BETA"}"#, "b"),
        (r#"{"not":{"search":"beta"}}"#, "ac"),
    ] {
        assert_eq!(passing(filter), wanted, "{filter}");
    }
    let traces = [row(&[("trace_id", Cell::from("t1"))]), row(&[("trace_id", Cell::from("t2"))])];
    let spans = spans();
    let related = Related { spans: &spans, scores: &[] };
    let query =
        Query::from_json(r#"{"table":"traces","select":["trace_id"],"filter":{"search":"love"}}"#);
    let found = evaluate(&query.unwrap(), &traces, &related).unwrap();
    assert_eq!(found.rows, [[Cell::from("t1")]]);
}

#[test]
fn traces_are_found_by_what_their_answers_show() {
    let trace = |id: &str, cells: &[(&'static str, Cell)]| {
        let mut trace =
            row(&[("trace_id", Cell::from(id)), ("start_time", Cell::from(Micros(START)))]);
        trace.extend(row(cells));
        trace
    };
    let traces = [
        trace(
            "t1",
            &[
                ("model", Cell::from("m1")),
                ("duration_us", Cell::from(5_999i64)),
                ("streaming", Cell::from(true)),
                ("generation_span_id", Cell::from("a")),
                ("root_span_id", Cell::from("b")),
                ("input", Cell::from("own")),
                ("output", Cell::from("own")),
            ],
        ),
        trace(
            "t2",
            &[
                ("duration_us", Cell::from(6_000i64)),
                ("root_span_id", Cell::from("c")),
                ("input", Cell::from("own")),
            ],
        ),
        trace("t3", &[]),
    ];
    let spans = spans();
    let related = Related { spans: &spans, scores: &[] };
    for (filter, wanted) in [
        (r#"{"field":"duration_ms","op":"eq","value":5}"#, "t1"),
        (r#"{"field":"duration_ms","op":"gt","value":5}"#, "t2"),
        (r#"{"field":"duration_ms","op":"ne","value":5}"#, "t2t3"),
        (r#"{"field":"model_id","op":"eq","value":"m1"}"#, "t1"),
        (r#"{"field":"model_id","op":"eq","value":""}"#, "t2t3"),
        (r#"{"field":"model_id","op":"exists"}"#, "t1t2t3"),
        (r#"{"field":"streaming_enabled","op":"eq","value":false}"#, "t2t3"),
        (r#"{"field":"streaming_enabled","op":"ne","value":false}"#, "t1"),
        // Of a generation its own; without one the trace's.
        (r#"{"field":"prompt_content","op":"contains","value":"Love"}"#, "t1"),
        (r#"{"field":"prompt_content","op":"eq","value":"own"}"#, "t2"),
        (r#"{"field":"prompt_content","op":"eq","value":""}"#, "t3"),
        (r#"{"field":"response_content","op":"eq","value":"own"}"#, "t1"),
        (r#"{"field":"response_content","op":"missing"}"#, "t2t3"),
        (r#"{"field":"system_prompt","op":"exists"}"#, ""),
    ] {
        let json = format!(
            r#"{{"table":"traces","select":["trace_id"],"order":[{{"by":"trace_id"}}],"filter":{filter}}}"#
        );
        let found = evaluate(&Query::from_json(&json).unwrap(), &traces, &related).unwrap();
        let ids = found.rows.into_iter().flatten();
        let ids: String = ids.map(|cell| cell.as_text().unwrap().to_owned()).collect();
        assert_eq!(ids, wanted, "{filter}");
    }
}

#[test]
fn a_time_range_is_half_open() {
    let json = r#"{"table":"spans","select":["span_id"],
        "time":{"from":"2026-01-01T01:00:00Z","to":"2026-01-02T01:00:00Z"}}"#;
    assert_eq!(answer(json).rows, [[Cell::from("b")]]);
}

#[test]
fn every_measure_counts_what_it_says() {
    for (measure, wanted) in [
        (r#"{"fn":"count"}"#, Cell::from(3i64)),
        (r#"{"fn":"count_distinct","field":"model"}"#, Cell::from(1i64)),
        (r#"{"fn":"sum","field":"usage_input"}"#, Cell::from(4i64)),
        (r#"{"fn":"sum","field":"cost_total"}"#, Cell::from(Money(300_000_000_000))),
        (r#"{"fn":"sum","field":"metadata.n"}"#, Cell::from(5.0)),
        (r#"{"fn":"sum","field":"first_token_us"}"#, Cell::Null),
        (r#"{"fn":"avg","field":"duration_us"}"#, Cell::from(20.0)),
        (r#"{"fn":"avg","field":"cost_total"}"#, Cell::from(0.15)),
        (r#"{"fn":"avg","field":"first_token_us"}"#, Cell::Null),
        (r#"{"fn":"min","field":"duration_us"}"#, Cell::from(10i64)),
        (r#"{"fn":"max","field":"start_time"}"#, Cell::from(Micros(START + 25 * HOUR))),
        (r#"{"fn":"p50","field":"duration_us"}"#, Cell::from(10i64)),
        (r#"{"fn":"p75","field":"duration_us"}"#, Cell::from(30i64)),
        (r#"{"fn":"p90","field":"duration_us"}"#, Cell::from(30i64)),
        (r#"{"fn":"p95","field":"duration_us"}"#, Cell::from(30i64)),
        (r#"{"fn":"p99","field":"first_token_us"}"#, Cell::Null),
        (r#"{"fn":"error_rate"}"#, Cell::from(1.0 / 3.0)),
        (r#"{"fn":"rate"}"#, Cell::from(3.0 / 172_800.0)),
        (r#"{"fn":"ratio","field":"usage_output","over":"usage_input"}"#, Cell::from(0.25)),
        (r#"{"fn":"ratio","field":"usage_output","over":"usage_total"}"#, Cell::Null),
    ] {
        let json = format!(
            r#"{{"table":"spans","measures":[{measure}],"time":{{"from":"2026-01-01","to":"2026-01-03"}}}}"#
        );
        let table = answer(&json);
        assert_eq!(table.rows, [[wanted]], "{measure}");
    }
}

#[test]
fn nothing_is_still_one_group() {
    let json =
        r#"{"table":"spans","filter":{"or":[]},"measures":[{"fn":"count"},{"fn":"error_rate"}]}"#;
    assert_eq!(answer(json).rows, [[Cell::from(0i64), Cell::Null]]);
    let grouped = r#"{"table":"spans","filter":{"or":[]},"group_by":["model"]}"#;
    assert!(answer(grouped).rows.is_empty());
}

#[test]
fn groups_and_buckets_are_apart() {
    let json = r#"{"table":"spans","bucket":"day","group_by":["model","metadata.team"],
        "measures":[{"fn":"count"},{"fn":"rate"}],"order":[{"by":"bucket","direction":"desc"}]}"#;
    let day = |day: i64| Cell::from(Micros(START + day * 24 * HOUR));
    let rate = || Cell::from(1.0 / 86_400.0);
    let one = || Cell::from(1i64);
    assert_eq!(
        answer(json).rows,
        [
            [day(1), Cell::Null, Cell::Null, one(), rate()],
            [day(0), Cell::from("m1"), Cell::from("x"), one(), rate()],
            [day(0), Cell::from("m1"), Cell::from("y"), one(), rate()],
        ]
    );
}

#[test]
fn missing_values_come_last_both_ways() {
    for (direction, wanted) in [("asc", ["a", "b", "c"]), ("desc", ["b", "a", "c"])] {
        let json = format!(
            r#"{{"table":"spans","select":["span_id"],"order":[{{"by":"duration_us","direction":"{direction}"}}]}}"#
        );
        assert_eq!(answer(&json).rows, wanted.map(|id| vec![Cell::from(id)]), "{direction}");
    }
}

#[test]
fn limits_and_offsets_cut() {
    let json =
        r#"{"table":"spans","select":["span_id"],"order":[{"by":"span_id"}],"limit":1,"offset":1}"#;
    assert_eq!(answer(json).rows, [[Cell::from("b")]]);
}

/// All pages of a query, one after another.
fn paged(query: &Query, rows: &[Row], related: &Related<'_>, limit: u64) -> Vec<Vec<Cell>> {
    let mut query = Query { limit: Some(limit), offset: None, cursor: None, ..query.clone() };
    let mut all = Vec::new();
    loop {
        let plan = query.plan().unwrap();
        let page = plan.finish(evaluate_plan(&plan, rows, related));
        all.extend(page.table.rows);
        query.cursor = page.next;
        if query.cursor.is_none() {
            return all;
        }
    }
}

#[test]
fn only_a_page_that_something_follows_says_so() {
    let spans = spans();
    for (limit, offset, goes_on) in
        [(1, 0, true), (2, 0, true), (3, 0, false), (4, 0, false), (1, 1, true), (1, 2, false)]
    {
        let query = Query { limit: Some(limit), offset: Some(offset), ..Query::new(Table::Spans) };
        let plan = query.plan().unwrap();
        let page = plan.finish(evaluate_plan(&plan, &spans, &Related::default()));
        assert_eq!(page.table.rows.len() as u64, limit.min(3 - offset), "{limit} {offset}");
        assert_eq!(page.next.is_some(), goes_on, "{limit} {offset}");
    }
}

#[test]
fn pages_go_on_after_missing_values() {
    let spans = spans();
    for direction in ["asc", "desc"] {
        let query = Query::from_json(&format!(
            r#"{{"table":"spans","select":["span_id"],"order":[{{"by":"cost_total","direction":"{direction}"}}]}}"#
        ))
        .unwrap();
        let whole = evaluate(&query, &spans, &Related::default()).unwrap().rows;
        assert_eq!(paged(&query, &spans, &Related::default(), 1), whole);
    }
}

proptest! {
    #[test]
    fn pages_make_up_the_whole(query in arbitrary::row_query(Table::Spans), limit in 1u64..4) {
        let spans = spans();
        let related = Related { spans: &spans, scores: &[] };
        let whole = Query { limit: Some(1_000), offset: None, ..query };
        let rows = evaluate(&whole, &spans, &related).unwrap().rows;
        prop_assert_eq!(paged(&whole, &spans, &related, limit), rows);
    }

    #[test]
    fn pages_that_are_cut_short_make_up_the_whole(
        query in arbitrary::row_query(Table::Spans),
        kept in 1usize..3,
    ) {
        let spans = spans();
        let related = Related { spans: &spans, scores: &[] };
        // Every column is answered with, so that each row holds what the order is about.
        let whole = Query { select: Vec::new(), limit: Some(4), offset: None, ..query };
        let by_key = whole.order.iter().any(|order| order.by.contains('.'));
        let wanted = evaluate(&whole, &spans, &related).unwrap().rows;
        let names: Vec<&str> = Table::Spans.columns().iter().map(|column| column.name).collect();
        let (mut page, mut found) = (whole, Vec::new());
        loop {
            let plan = page.plan().unwrap();
            let mut rows = plan.finish(evaluate_plan(&plan, &spans, &related)).table.rows;
            rows.truncate(kept);
            let Some(last) = rows.last() else { break };
            let last: Row = names.iter().copied().zip(last.iter().cloned()).collect();
            let Some(cursor) = plan.cursor_after(&last) else {
                prop_assert!(by_key, "an order by columns has a cursor");
                return Ok(());
            };
            page.cursor = Some(cursor);
            found.extend(rows);
        }
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn a_filter_and_its_negation_part_the_rows(query in arbitrary::row_query(Table::Spans)) {
        let spans = spans();
        let scores = scores();
        let related = Related { spans: &spans, scores: &scores };
        let count = |filter: crate::Filter| {
            let query = Query { filter: Some(filter), ..Query::new(Table::Spans) };
            evaluate(&query, &spans, &related).unwrap().rows.len()
        };
        if let Some(filter) = query.filter {
            let negation = crate::Filter::Not(Box::new(filter.clone()));
            prop_assert_eq!(count(filter) + count(negation), spans.len());
        }
    }

    #[test]
    fn every_query_has_an_answer_of_its_columns(query in arbitrary::query()) {
        let spans = spans();
        let plan = query.plan().unwrap();
        let table = evaluate_plan(&plan, &spans, &Related::default());
        for row in &table.rows {
            prop_assert_eq!(row.len(), table.columns.len());
        }
    }
}
