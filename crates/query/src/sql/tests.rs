#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tracekeep_model::{Micros, Money};

use super::*;
use crate::{Cell, Query, Table, arbitrary};

fn sql(json: &str) -> String {
    compile(&Query::from_json(json).unwrap().plan().unwrap(), &DataFusion).text
}

/// The WHERE clause of a filter of spans.
fn filter(filter: &str) -> String {
    filter_of("spans", filter)
}

fn filter_of(table: &str, filter: &str) -> String {
    let text = sql(&format!(r#"{{"table":"{table}","filter":{filter}}}"#));
    let clause = text.lines().find_map(|line| line.strip_prefix("WHERE ")).unwrap();
    clause.to_owned()
}

#[test]
fn rows_carry_their_order() {
    assert_eq!(
        sql(r#"{"table":"traces","select":["trace_id","metadata.team"],"limit":20,"offset":40}"#),
        r#"SELECT "trace_id", json_get_text("metadata", 'team') AS "metadata.team", "start_time" AS "__sort_0", "trace_id" AS "__sort_1"
FROM "traces"
ORDER BY "__sort_0" DESC NULLS LAST, 1 DESC NULLS LAST
LIMIT 21
OFFSET 40"#
    );
}

#[test]
fn groups_go_by_position() {
    assert_eq!(
        sql(
            r#"{"table":"spans","time":{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"},
                "filter":{"field":"kind","op":"eq","value":"GENERATION"},
                "bucket":"hour","group_by":["model"],
                "measures":[{"fn":"count"},{"fn":"sum","field":"cost_total","as":"cost_total"},
                            {"fn":"p95","field":"duration_us"}],
                "order":[{"by":"cost_total","direction":"desc"}]}"#
        ),
        r#"SELECT date_trunc('hour', "start_time") AS "bucket", "model", COUNT(*) AS "count", SUM("cost_total") AS "cost_total", bucket_percentile(bucket_counts("duration_bucket"), 0.95) AS "p95_duration_us"
FROM "spans"
WHERE "start_time" >= arrow_cast(1767225600000000, 'Timestamp(Microsecond, Some("UTC"))') AND "start_time" < arrow_cast(1767312000000000, 'Timestamp(Microsecond, Some("UTC"))') AND "kind" = 'GENERATION'
GROUP BY 1, 2
ORDER BY 4 DESC NULLS LAST, 1 ASC NULLS LAST, 2 ASC NULLS LAST
LIMIT 10000"#
    );
}

#[test]
fn measures_are_written_out() {
    assert_eq!(
        sql(r#"{"table":"traces","bucket":"minute","measures":[
                {"fn":"count_distinct","field":"user_id"},{"fn":"avg","field":"total_tokens"},
                {"fn":"min","field":"start_time"},{"fn":"max","field":"metadata.n"},
                {"fn":"p50","field":"duration_us"},{"fn":"error_rate"},{"fn":"rate"},
                {"fn":"ratio","field":"output_tokens","over":"total_tokens"}]}"#),
        r#"SELECT date_trunc('minute', "start_time") AS "bucket", COUNT(DISTINCT "user_id") AS "count_distinct_user_id", CAST(SUM("total_tokens") AS DOUBLE) / CAST(COUNT("total_tokens") AS DOUBLE) AS "avg_total_tokens", MIN("start_time") AS "min_start_time", MAX(json_get_number("metadata", 'n')) AS "max_metadata.n", bucket_percentile(bucket_counts(bucket_of("duration_us")), 0.5) AS "p50_duration_us", CAST(SUM(CASE WHEN "status" = 'error' THEN 1 ELSE 0 END) AS DOUBLE) / CAST(COUNT(*) AS DOUBLE) AS "error_rate", CAST(COUNT(*) AS DOUBLE) / 60.0 AS "rate", CAST(SUM("output_tokens") AS DOUBLE) / NULLIF(CAST(SUM("total_tokens") AS DOUBLE), 0.0) AS "ratio_output_tokens_total_tokens"
FROM "traces"
GROUP BY 1
ORDER BY 1 ASC NULLS LAST
LIMIT 10000"#
    );
}

#[test]
fn everything_together_is_one_row() {
    assert_eq!(
        sql(r#"{"table":"scores","measures":[{"fn":"count"}]}"#),
        "SELECT COUNT(*) AS \"count\"\nFROM \"scores\"\nLIMIT 10000"
    );
}

#[test]
fn names_of_the_answer_are_written_as_what_they_stand_for() {
    for (json, wanted) in [
        (r#"{"field":"duration_ms","op":"gte","value":5}"#, r#"("duration_us" / 1000) >= 5"#),
        (
            r#"{"field":"duration_ms","op":"ne","value":5}"#,
            r#"(("duration_us" / 1000) IS DISTINCT FROM 5)"#,
        ),
        (r#"{"field":"model_id","op":"eq","value":"m"}"#, r#""model" = 'm'"#),
        (r#"{"field":"model_id","op":"eq","value":""}"#, r#"("model" = '' OR "model" IS NULL)"#),
        (
            r#"{"field":"streaming_enabled","op":"eq","value":false}"#,
            r#"("streaming" = FALSE OR "streaming" IS NULL)"#,
        ),
        (
            r#"{"field":"prompt_content","op":"contains","value":"x"}"#,
            r#""trace_id" IN (SELECT "trace_id" FROM "ai_interaction_traces" WHERE contains("prompt_content", 'x'))"#,
        ),
        (
            r#"{"field":"response_content","op":"not_contains","value":"x"}"#,
            r#""trace_id" NOT IN (SELECT "trace_id" FROM "ai_interaction_traces" WHERE contains("response_content", 'x'))"#,
        ),
    ] {
        assert_eq!(filter_of("traces", json), wanted, "{json}");
    }
    let timed = sql(r#"{"table":"traces","time":{"from":"2026-01-01","to":"2026-01-02"},
            "filter":{"field":"prompt_content","op":"contains","value":"x"}}"#);
    assert_eq!(
        timed.matches(r#""start_time" < arrow_cast(1767312000000000,"#).count(),
        2,
        "{timed}"
    );
}

#[test]
fn positive_tests_can_be_pruned_by() {
    for (json, wanted) in [
        (r#"{"field":"model","op":"eq","value":"m"}"#, r#""model" = 'm'"#),
        (r#"{"field":"duration_us","op":"ge","value":5}"#, r#""duration_us" >= 5"#),
        (
            r#"{"field":"cost_total","op":"lt","value":0.1}"#,
            r#""cost_total" < CAST('0.1' AS DECIMAL(38, 12))"#,
        ),
        (r#"{"field":"streaming","op":"eq","value":true}"#, r#""streaming" = TRUE"#),
        (r#"{"field":"model","op":"in","value":["a","b"]}"#, r#""model" IN ('a', 'b')"#),
        (r#"{"field":"model","op":"in","value":[]}"#, "FALSE"),
        (r#"{"field":"name","op":"contains","value":"x"}"#, r#"contains("name", 'x')"#),
        (r#"{"field":"name","op":"starts_with","value":"x"}"#, r#"starts_with("name", 'x')"#),
        (r#"{"field":"name","op":"ends_with","value":"x"}"#, r#"ends_with("name", 'x')"#),
        (r#"{"field":"name","op":"exists"}"#, r#""name" IS NOT NULL"#),
        (r#"{"field":"metadata","op":"exists"}"#, r#""metadata" <> '{}'"#),
        (r#"{"field":"tags","op":"exists"}"#, r#""tags" <> '[]'"#),
        (r#"{"field":"tags","op":"contains","value":"a"}"#, r#"tags_contain("tags", 'a')"#),
        (
            r#"{"field":"tags","op":"contains_any","value":["a","b"]}"#,
            r#"(tags_contain("tags", 'a') OR tags_contain("tags", 'b'))"#,
        ),
        (
            r#"{"field":"tags","op":"contains_all","value":["a","b"]}"#,
            r#"(tags_contain("tags", 'a') AND tags_contain("tags", 'b'))"#,
        ),
        (
            r#"{"field":"metadata.k","op":"eq","value":"x"}"#,
            r#"json_get_text("metadata", 'k') = 'x'"#,
        ),
        (
            r#"{"field":"metadata.k","op":"eq","value":true}"#,
            r#"json_get_text("metadata", 'k') = 'true'"#,
        ),
        (
            r#"{"field":"metadata.k","op":"gt","value":2}"#,
            r#"json_get_number("metadata", 'k') > 2.0"#,
        ),
        (
            r#"{"field":"usage_details.audio","op":"exists"}"#,
            r#"json_get_text("usage_details", 'audio') IS NOT NULL"#,
        ),
    ] {
        assert_eq!(filter(json), wanted, "{json}");
    }
}

#[test]
fn negated_tests_are_true_of_what_is_missing() {
    for (json, wanted) in [
        (r#"{"field":"model","op":"ne","value":"m"}"#, r#"("model" IS DISTINCT FROM 'm')"#),
        (r#"{"field":"kind","op":"ne","value":"SPAN"}"#, r#""kind" <> 'SPAN'"#),
        (
            r#"{"field":"kind","op":"not_in","value":["SPAN","EVENT"]}"#,
            r#""kind" NOT IN ('SPAN', 'EVENT')"#,
        ),
        (r#"{"field":"model","op":"not_in","value":["a"]}"#, r#"("model" IN ('a')) IS NOT TRUE"#),
        (
            r#"{"field":"name","op":"not_contains","value":"x"}"#,
            r#"(contains("name", 'x')) IS NOT TRUE"#,
        ),
        (r#"{"field":"name","op":"missing"}"#, r#""name" IS NULL"#),
        (r#"{"field":"tags","op":"missing"}"#, r#"NOT ("tags" <> '[]')"#),
        (r#"{"field":"parameters","op":"missing"}"#, r#"("parameters" <> '{}') IS NOT TRUE"#),
        (
            r#"{"not":{"field":"duration_us","op":"lt","value":5}}"#,
            r#"("duration_us" < 5) IS NOT TRUE"#,
        ),
        (r#"{"not":{"field":"model","op":"ne","value":"m"}}"#, r#""model" = 'm'"#),
    ] {
        assert_eq!(filter(json), wanted, "{json}");
    }
}

#[test]
fn negation_goes_down_to_the_tests() {
    let json = r#"{"not":{"or":[{"field":"kind","op":"eq","value":"SPAN"},{"and":[
        {"field":"model","op":"exists"},{"not":{"field":"name","op":"eq","value":"n"}}]}]}}"#;
    assert_eq!(filter(json), r#"("kind" <> 'SPAN' AND ("model" IS NULL OR "name" = 'n'))"#);
    assert_eq!(filter(r#"{"and":[]}"#), "TRUE");
    assert_eq!(filter(r#"{"or":[]}"#), "FALSE");
    assert_eq!(filter(r#"{"not":{"and":[]}}"#), "FALSE");
}

#[test]
fn scores_are_looked_up_by_trace() {
    let positive = filter(r#"{"field":"scores.help","op":"gt","value":0.5}"#);
    let inner = r#""name" = 'help' AND "value" > 0.5 AND "trace_id" IS NOT NULL"#;
    assert_eq!(
        positive,
        format!(r#""trace_id" IN (SELECT "trace_id" FROM "scores" WHERE {inner})"#)
    );
    let inner = r#""name" = 'help' AND "value" IS NOT NULL AND "trace_id" IS NOT NULL"#;
    assert_eq!(
        filter(r#"{"field":"scores.help","op":"missing"}"#),
        format!(r#""trace_id" NOT IN (SELECT "trace_id" FROM "scores" WHERE {inner})"#)
    );
}

#[test]
fn search_looks_into_the_spans_of_a_trace() {
    let text = filter_of("traces", r#"{"search":"Hello"}"#);
    assert!(text.starts_with(
        r#"(text_contains_ci("name", 'Hello') OR text_contains_ci("input", 'Hello') OR text_contains_ci("output", 'Hello') OR text_contains_ci("metadata", 'Hello') OR "trace_id" IN (SELECT "trace_id" FROM "spans" WHERE (text_contains_ci("name", 'Hello') OR text_contains_ci("input", 'Hello') OR "#
    ), "{text}");
    let text = filter_of("traces", r#"{"not":{"search":"Hello"}}"#);
    assert!(text.starts_with(
        r#"((text_contains_ci("name", 'Hello')) IS NOT TRUE AND (text_contains_ci("input", 'Hello')) IS NOT TRUE AND (text_contains_ci("output", 'Hello')) IS NOT TRUE AND NOT (text_contains_ci("metadata", 'Hello')) AND "trace_id" NOT IN (SELECT "#
    ), "{text}");
    let text = sql(
        r#"{"table":"traces","time":{"from":"2026-01-01","to":"2026-01-02"},"filter":{"search":"x"}}"#,
    );
    assert!(text.contains(r#"FROM "spans" WHERE "start_time" >= arrow_cast("#), "{text}");
}

#[test]
fn a_cursor_becomes_a_predicate() {
    let first = r#"{"table":"traces","order":[{"by":"name","direction":"desc"}],"limit":1}"#;
    let plan = Query::from_json(first).unwrap().plan().unwrap();
    let mut row: Vec<Cell> = vec![Cell::Null; plan.columns().len()];
    let at = row.len() - 2;
    row[at] = Cell::from("it's");
    row[at + 1] = Cell::from("t1");
    let table = crate::ResultTable { columns: plan.columns(), rows: vec![row.clone(), row] };
    let page = plan.finish(table);
    assert_eq!(page.table.columns.len(), Table::Traces.columns().len());
    assert_eq!(page.table.rows.len(), 1);
    let mut query = Query::from_json(first).unwrap();
    query.cursor = page.next;
    let text = compile(&query.plan().unwrap(), &DataFusion).text;
    let wanted = r#"WHERE ((("name" < 'it''s' OR "name" IS NULL)) OR ("name" = 'it''s' AND "trace_id" < 't1'))"#;
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn nothing_comes_after_a_missing_value_but_other_missing_ones() {
    let first = r#"{"table":"traces","order":[{"by":"name"}],"limit":1}"#;
    let mut query = Query::from_json(first).unwrap();
    let Shape::Rows(rows) = query.plan().unwrap().shape else { panic!("asks for rows") };
    query.cursor = Some(crate::cursor::encode(&rows.sort, &[Cell::Null, Cell::from("t")]));
    let text = compile(&query.plan().unwrap(), &DataFusion).text;
    assert!(text.contains(r#"WHERE (("name" IS NULL AND "trace_id" > 't'))"#), "{text}");
}

/// Undoes the quoting of a text as a parser of SQL does, and gives what follows it.
fn unquote(sql: &str) -> (String, &str) {
    let mut text = String::new();
    let mut rest = sql.strip_prefix('\'').unwrap();
    loop {
        let (before, after) = rest.split_once('\'').unwrap();
        text.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                text.push('\'');
                rest = more;
            }
            None => return (text, after),
        }
    }
}

#[test]
fn hostile_texts_stay_texts() {
    for hostile in [
        "'; DROP TABLE spans; --",
        "''",
        "\\'",
        "\\",
        "' OR '1'='1",
        "$1 ? :x",
        "\u{0}\n/* */ -- x",
        "“quotes” ’ʼ\u{FF07}",
    ] {
        let value = serde_json::Value::from(hostile);
        let json = format!(r#"{{"field":"name","op":"eq","value":{value}}}"#);
        let text = sql(&format!(r#"{{"table":"spans","filter":{json}}}"#));
        let (_, literal) = text.split_once(r#"WHERE "name" = "#).unwrap();
        let (read, rest) = unquote(literal);
        assert_eq!(read, hostile);
        assert!(rest.starts_with("\nORDER BY "), "{rest}");
        let key = serde_json::Value::from(format!("metadata.{hostile}"));
        let text = sql(&format!(r#"{{"table":"spans","select":[{key}],"limit":1}}"#));
        let call = text.strip_prefix(r#"SELECT json_get_text("metadata", "#).unwrap();
        let (named, rest) = unquote(call);
        assert_eq!(named, hostile);
        let alias = format!("\"metadata.{}\"", hostile.replace('"', "\"\""));
        assert!(rest.starts_with(&format!(") AS {alias}, ")), "{rest}");
    }
}

#[test]
fn hostile_names_are_quoted_too() {
    assert_eq!(DataFusion.name("a\"b; --"), "\"a\"\"b; --\"");
}

#[test]
fn literals_have_their_type() {
    for (cell, wanted) in [
        (Cell::from(i64::MIN), "-9223372036854775808"),
        (Cell::from(1.0), "1.0"),
        (Cell::from(1e300), "1e300"),
        (Cell::from(-2.5e-9), "-2.5e-9"),
        (Cell::from(f64::NAN), "NULL"),
        (Cell::from(Money(-1)), "CAST('-0.000000000001' AS DECIMAL(38, 12))"),
        (Cell::from(Micros(-1)), "arrow_cast(-1, 'Timestamp(Microsecond, Some(\"UTC\"))')"),
        (Cell::from(false), "FALSE"),
        (Cell::Null, "NULL"),
    ] {
        assert_eq!(DataFusion.literal(&cell), wanted);
    }
}

proptest! {
    #[test]
    fn any_text_is_one_literal(text in any::<String>()) {
        let quoted = DataFusion.text(&text);
        let (back, rest) = unquote(&quoted);
        prop_assert_eq!(back, text);
        prop_assert_eq!(rest, "");
    }

    #[test]
    fn every_query_compiles_to_balanced_text(query in arbitrary::query()) {
        let sql = compile(&query.plan().unwrap(), &DataFusion);
        let mut depth = 0i32;
        let mut rest = sql.text.as_str();
        while let Some(next) = rest.chars().next() {
            if next == '\'' {
                rest = unquote(rest).1;
                continue;
            }
            if next == '"' {
                rest = rest[1..].split_once('"').unwrap().1;
                continue;
            }
            depth += i32::from(next == '(') - i32::from(next == ')');
            prop_assert!(depth >= 0, "{}", sql.text);
            rest = &rest[next.len_utf8()..];
        }
        prop_assert_eq!(depth, 0, "{}", sql.text);
    }
}
