#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::{Filter, Function, Literal, Measure, Op, Order, arbitrary};

fn plan(json: &str) -> Plan {
    Query::from_json(json).unwrap().plan().unwrap()
}

fn refused(json: &str) -> String {
    Query::from_json(json).unwrap().plan().unwrap_err().to_string()
}

fn filtered(filter: Filter) -> Query {
    Query { filter: Some(filter), ..Query::new(Table::Spans) }
}

fn reason(query: &Query) -> String {
    query.plan().unwrap_err().to_string()
}

#[test]
fn refusals_of_fields_name_the_near_one() {
    for (json, wanted) in [
        (
            r#"{"table":"spans","select":["modle"]}"#,
            "select[0] names `modle`, which is unknown; did you mean `model`?",
        ),
        (r#"{"table":"spans","select":["model","model"]}"#, "select[1] names `model` again"),
        (
            r#"{"table":"spans","select":["scores.x"]}"#,
            "select[0] names a score, which only a filter can",
        ),
        (
            r#"{"table":"spans","select":["metadta.x"]}"#,
            "select[0] names `metadta`, which is unknown; did you mean `metadata`?",
        ),
        (r#"{"table":"spans","select":["metadata."]}"#, "select[0] names a key of 0 bytes"),
        (
            r#"{"table":"spans","select":["name.x"]}"#,
            "select[0] names a key of `name`, which is text, not JSON",
        ),
        (
            r#"{"table":"spans","order":[{"by":"tags"}]}"#,
            "order[0].by names `tags`, which is a list of tags; it has no order",
        ),
        (
            r#"{"table":"spans","order":[{"by":"name"},{"by":"name"}]}"#,
            "order[1].by names `name` again",
        ),
        (
            r#"{"table":"spans","group_by":["start_time"]}"#,
            "group_by[0] names `start_time`, which is a time; use `bucket`",
        ),
        (
            r#"{"table":"spans","group_by":["metadata"]}"#,
            "group_by[0] names `metadata`, which is JSON; name one of its keys",
        ),
        (
            r#"{"table":"spans","measures":[{"fn":"count"}],"select":["name"]}"#,
            "select is for rows",
        ),
        (r#"{"table":"spans","measures":[{"fn":"count"}],"cursor":"x"}"#, "cursor is for rows"),
        (
            r#"{"table":"spans","measures":[{"fn":"count"},{"fn":"count"}]}"#,
            "query answers with two columns called `count`",
        ),
        (r#"{"table":"spans","measures":[{"fn":"count","as":"1x"}]}"#, "measures[0].as is no name"),
        (
            r#"{"table":"spans","measures":[{"fn":"count"}],"order":[{"by":"coutn"}]}"#,
            "order[0].by names `coutn`, which is unknown; did you mean `count`?",
        ),
        (r#"{"table":"spans","limit":0}"#, "limit is 0; ask for 1 to 10000 rows"),
        (r#"{"table":"spans","limit":10001}"#, "limit is 10001"),
        (r#"{"table":"spans","offset":1000001}"#, "offset is 1000001"),
        (r#"{"table":"spans","offset":1,"cursor":"x"}"#, "offset and `cursor` exclude each other"),
        (r#"{"table":"spans","cursor":"x"}"#, "cursor is unreadable"),
        (
            r#"{"table":"spans","time":{"from":"2026-01-02","to":"2026-01-01"}}"#,
            "time goes from 2026-01-02",
        ),
    ] {
        let error = refused(json);
        assert!(error.starts_with(wanted), "{json}\n  gave: {error}\nwanted: {wanted}");
    }
}

#[test]
fn refusals_of_measures_say_what_they_need() {
    for (measure, wanted) in [
        (r#"{"fn":"sum"}"#, "measures[0].field is missing: `sum` needs it"),
        (r#"{"fn":"count","field":"name"}"#, "measures[0].field is not needed"),
        (r#"{"fn":"sum","field":"spans","over":"errors"}"#, "measures[0].over is not needed"),
        (r#"{"fn":"ratio","field":"spans"}"#, "measures[0].over is missing"),
        (
            r#"{"fn":"sum","field":"name"}"#,
            "measures[0].field names `name`, which is text; it needs a number",
        ),
        (
            r#"{"fn":"p95","field":"total_cost"}"#,
            "measures[0].field names `total_cost`, which is an amount of money; it needs a whole number",
        ),
        (
            r#"{"fn":"p95","field":"metadata.x"}"#,
            "measures[0].field names `metadata.x`, which is no column",
        ),
        (r#"{"fn":"count_distinct","field":"tags"}"#, "measures[0].field names `tags`"),
        (r#"{"fn":"avg","field":"scores.x"}"#, "measures[0].field names a score"),
        (r#"{"fn":"rate"}"#, "measures[0] asks for a rate, which needs a `time` or a `bucket`"),
    ] {
        let error = refused(&format!(r#"{{"table":"traces","measures":[{measure}]}}"#));
        assert!(error.starts_with(wanted), "{measure}\n  gave: {error}\nwanted: {wanted}");
    }
    let month = refused(r#"{"table":"traces","bucket":"month","measures":[{"fn":"rate"}]}"#);
    assert!(month.contains("months differ"), "{month}");
    let scores = refused(r#"{"table":"scores","measures":[{"fn":"error_rate"}]}"#);
    assert!(scores.contains("scores has no status"), "{scores}");
}

#[test]
fn refusals_of_filters_name_the_place() {
    for (filter, wanted) in [
        (
            r#"{"field":"modle","op":"eq","value":1}"#,
            "filter.field names `modle`, which is unknown; did you mean `model`?",
        ),
        (
            r#"{"field":"tags","op":"eq","value":"a"}"#,
            "filter.op is `eq`, but `tags` is a list of tags; use one of contains",
        ),
        (
            r#"{"field":"kind","op":"eq","value":"GENERATIN"}"#,
            "filter.value names `GENERATIN`, which is unknown; did you mean `GENERATION`?",
        ),
        (
            r#"{"field":"name","op":"eq","value":1}"#,
            "filter.value is a number, but the field is text",
        ),
        (r#"{"field":"name","op":"eq"}"#, "filter.value is missing"),
        (r#"{"field":"name","op":"eq","value":["a"]}"#, "filter.value is a list; send one value"),
        (r#"{"field":"name","op":"in","value":"a"}"#, "filter.value is one value; send a list"),
        (r#"{"field":"name","op":"exists","value":true}"#, "filter.value is not needed"),
        (r#"{"field":"name","op":"contains","value":""}"#, "filter.value is empty"),
        (
            r#"{"field":"name","op":"in","value":["a",1]}"#,
            "filter.value[1] is a number, but the field is text",
        ),
        (
            r#"{"field":"duration_us","op":"gt","value":1.5}"#,
            "filter.value is 1.5, but the field is a whole number",
        ),
        (
            r#"{"field":"cost_total","op":"gt","value":-1}"#,
            "filter.value is -1, but a cost cannot be negative",
        ),
        (
            r#"{"field":"start_time","op":"gt","value":5}"#,
            "filter.value is 5, which is no epoch milliseconds",
        ),
        (
            r#"{"field":"streaming","op":"eq","value":"yes"}"#,
            "filter.value is a text, but the field is true or false",
        ),
        (
            r#"{"field":"metadata.a","op":"in","value":[1,"x"]}"#,
            "filter.value[1] is a text, but the field is a number",
        ),
        (r#"{"field":"scores.a","op":"contains","value":"x"}"#, "filter.op is `contains`"),
        (r#"{"search":""}"#, "filter.search is 0 bytes long"),
        (
            r#"{"or":[{"search":"x"},{"not":{"field":"nmae","op":"exists"}}]}"#,
            "filter.or[1].not.field names `nmae`",
        ),
    ] {
        let error = refused(&format!(r#"{{"table":"spans","filter":{filter}}}"#));
        assert!(error.starts_with(wanted), "{filter}\n  gave: {error}\nwanted: {wanted}");
    }
    let hourly = refused(r#"{"table":"trace_metrics_hourly","filter":{"search":"x"}}"#);
    assert!(hourly.contains("has no texts"), "{hourly}");
    let scores = refused(r#"{"table":"scores","filter":{"field":"scores.a","op":"exists"}}"#);
    assert!(scores.contains("scores are not of a trace"), "{scores}");
}

#[test]
fn traces_are_filtered_and_sorted_by_the_names_of_the_answer() {
    let named = |field: &str| {
        let plan =
            plan(&format!(r#"{{"table":"traces","filter":{{"field":"{field}","op":"exists"}}}}"#));
        match plan.filter.unwrap() {
            Predicate::Test(test) => match test.expr {
                Expr::Column(column) => column.name.to_owned(),
                Expr::Millis(column) => format!("{} / 1000", column.name),
                Expr::JsonText(column, key) | Expr::JsonNumber(column, key) => {
                    format!("{} {key}", column.name)
                }
            },
            Predicate::Shown(column, _) => format!("shown {}", column.name),
            other => format!("{other:?}"),
        }
    };
    for (field, wanted) in [
        ("tokens_used", "total_tokens"),
        ("tokens_used.input", "input_tokens"),
        ("tokens_used.output", "output_tokens"),
        ("tokens_used.total", "total_tokens"),
        ("tokens_used.details", "usage_details"),
        ("tokens_used.details.audio.in", "usage_details audio.in"),
        ("cost_calculation", "total_cost"),
        ("cost_calculation.input_cost", "input_cost"),
        ("cost_calculation.output_cost", "output_cost"),
        ("cost_calculation.total_cost", "total_cost"),
        ("cost_calculation.details.audio", "cost_details audio"),
        ("ip_address", "ip"),
        ("created_at", "received_at"),
        ("duration_ms", "duration_us / 1000"),
        ("first_token_latency_ms", "first_token_us / 1000"),
        ("prompt_content", "shown prompt_content"),
        ("system_prompt", "shown system_prompt"),
        ("response_content", "shown response_content"),
    ] {
        assert_eq!(named(field), wanted, "{field}");
    }
    let sorted = plan(r#"{"table":"traces","order":[{"by":"duration_ms"},{"by":"model_id"}]}"#);
    let Shape::Rows(rows) = sorted.shape else { panic!("asks for rows") };
    let column = |name| Table::Traces.column(name).unwrap();
    assert_eq!(rows.sort[0].expr, Expr::Millis(column("duration_us")));
    assert_eq!(rows.sort[1].expr, Expr::Column(column("model")));
}

#[test]
fn every_name_of_the_answer_can_be_filtered_by() {
    for column in Table::Interactions.columns().iter().filter(|column| column.name != "id") {
        let filter = Filter::presence(column.name, Op::Exists);
        let query = Query { filter: Some(filter), ..Query::new(Table::Traces) };
        assert!(query.plan().is_ok(), "{}", column.name);
    }
}

#[test]
fn refusals_of_the_names_of_the_answer_name_the_near_one() {
    for (json, wanted) in [
        (
            r#""filter":{"field":"id","op":"exists"}"#,
            "filter.field names `id`, which is made from `trace_id`",
        ),
        (
            r#""filter":{"field":"durationms","op":"exists"}"#,
            "filter.field names `durationms`, which is unknown; did you mean `duration_ms`?",
        ),
        (
            r#""filter":{"field":"tokens_used.totl","op":"exists"}"#,
            "filter.field names `tokens_used.totl`, which is unknown; did you mean `tokens_used.total`?",
        ),
        (
            r#""filter":{"field":"duration_ms","op":"gt","value":"long"}"#,
            "filter.value is a text, but the field is a whole number",
        ),
        (
            r#""filter":{"field":"duration_ms","op":"contains","value":"1"}"#,
            "filter.op is `contains`, but `duration_ms` is a whole number",
        ),
        (
            r#""order":[{"by":"prompt_content"}]"#,
            "order[0].by names `prompt_content`, which only a filter can",
        ),
        (
            r#""measures":[{"fn":"p95","field":"duration_ms"}]"#,
            "measures[0].field names `duration_ms`, of which there are no percentiles; use `duration_us`",
        ),
        (
            r#""order":[{"by":"duration_ms"},{"by":"duration_ms"}]"#,
            "order[1].by names `duration_ms` again",
        ),
    ] {
        let error = refused(&format!(r#"{{"table":"traces",{json}}}"#));
        assert!(error.starts_with(wanted), "{json}\n  gave: {error}\nwanted: {wanted}");
    }
    let spans = refused(r#"{"table":"spans","filter":{"field":"duration_ms","op":"exists"}}"#);
    assert!(spans.contains("did you mean `duration_us`?"), "{spans}");
}

#[test]
fn filters_are_bounded() {
    let leaf = || Filter::presence("name", Op::Exists);
    let nested =
        |levels: usize| filtered((1..levels).fold(leaf(), |inner, _| Filter::Not(Box::new(inner))));
    assert!(nested(bounds::MAX_DEPTH).plan().is_ok());
    assert!(reason(&nested(bounds::MAX_DEPTH + 1)).contains("nested deeper"));
    let wide = |nodes: usize| filtered(Filter::And((1..nodes).map(|_| leaf()).collect()));
    assert!(wide(bounds::MAX_NODES).plan().is_ok());
    assert!(reason(&wide(bounds::MAX_NODES + 1)).contains("over 1000 filters"));
    let listed =
        |values: usize| filtered(Filter::any_of("name", Op::In, vec![Literal::from("a"); values]));
    assert!(listed(bounds::MAX_LIST).plan().is_ok());
    assert!(reason(&listed(bounds::MAX_LIST + 1)).contains("holds 1001 values"));
    let long = |bytes: usize| filtered(Filter::condition("name", Op::Eq, "x".repeat(bytes)));
    assert!(long(bounds::MAX_TEXT).plan().is_ok());
    assert!(reason(&long(bounds::MAX_TEXT + 1)).contains("bytes long"));
}

#[test]
fn lists_are_bounded() {
    let mut query = Query::new(Table::Spans);
    query.measures =
        (0..51).map(|i| Measure::new(Function::Count).named(format!("m{i}"))).collect();
    assert!(reason(&query).starts_with("measures holds 51"));
    let mut query = Query::new(Table::Spans);
    query.group_by = vec!["name".to_owned(); 9];
    assert!(reason(&query).starts_with("group_by holds 9"));
    let mut query = Query::new(Table::Spans);
    query.select = vec!["name".to_owned(); 201];
    assert!(reason(&query).starts_with("select holds 201"));
    let order = Order { by: "name".to_owned(), direction: Direction::Ascending };
    let query = Query { order: vec![order; 9], ..Query::new(Table::Spans) };
    assert!(reason(&query).starts_with("order holds 9"));
}

#[test]
fn no_number_that_is_none_gets_in() {
    for number in [f64::NAN, f64::INFINITY] {
        let query = Query {
            filter: Some(Filter::condition("value", Op::Gt, number)),
            ..Query::new(Table::Scores)
        };
        assert!(reason(&query).starts_with("filter.value"));
    }
}

#[test]
fn rows_have_one_order() {
    let Shape::Rows(rows) = plan(r#"{"table":"spans"}"#).shape else { panic!("asks for rows") };
    let sort: Vec<_> = rows.sort.iter().map(|key| (key.name.as_str(), key.direction)).collect();
    let latest = Direction::Descending;
    assert_eq!(sort, [("start_time", latest), ("trace_id", latest), ("span_id", latest)]);
    assert_eq!(rows.outputs.len(), Table::Spans.columns().len());

    let asked =
        plan(r#"{"table":"traces","order":[{"by":"trace_id","direction":"desc"},{"by":"name"}]}"#);
    let Shape::Rows(rows) = asked.shape else { panic!("asks for rows") };
    let sort: Vec<_> = rows.sort.iter().map(|key| (key.name.as_str(), key.direction)).collect();
    assert_eq!(sort, [("trace_id", latest), ("name", Direction::Ascending)]);
}

#[test]
fn groups_have_one_order_and_typed_columns() {
    let plan = plan(
        r#"{"table":"spans","bucket":"hour","group_by":["model","streaming"],
            "measures":[{"fn":"sum","field":"cost_total"},{"fn":"max","field":"end_time"}],
            "order":[{"by":"sum_cost_total","direction":"desc"},{"by":"model"}]}"#,
    );
    let columns = plan.columns();
    let columns: Vec<_> = columns.iter().map(|(name, holds)| (name.as_str(), *holds)).collect();
    assert_eq!(
        columns,
        [
            ("bucket", ColumnType::Time),
            ("model", ColumnType::Text),
            ("streaming", ColumnType::Bool),
            ("sum_cost_total", ColumnType::Money),
            ("max_end_time", ColumnType::Time),
        ]
    );
    let Shape::Groups(groups) = plan.shape else { panic!("asks for groups") };
    let (up, down) = (Direction::Ascending, Direction::Descending);
    assert_eq!(groups.order, [(3, down), (1, up), (0, up), (2, up)]);
    assert_eq!(plan.limit, bounds::MAX_LIMIT);
}

#[test]
fn a_stored_bucket_is_found() {
    for (table, field, wanted) in [
        ("spans", "duration_us", Some("duration_bucket")),
        ("spans", "first_token_us", Some("first_token_bucket")),
        ("spans", "usage_total", None),
        ("traces", "duration_us", None),
    ] {
        let json =
            format!(r#"{{"table":"{table}","measures":[{{"fn":"p99","field":"{field}"}}]}}"#);
        let Shape::Groups(groups) = plan(&json).shape else { panic!("asks for groups") };
        let Aggregate::Percentile(percentile) = &groups.measures[0].1 else { panic!("p99") };
        assert_eq!(percentile.stored.map(|column| column.name), wanted, "{json}");
        assert!((percentile.fraction() - 0.99).abs() < 1e-12);
    }
}

proptest! {
    #[test]
    fn every_generated_query_can_be_answered(query in arbitrary::query()) {
        prop_assert!(query.plan().is_ok(), "{:?}", query.plan());
    }
}
