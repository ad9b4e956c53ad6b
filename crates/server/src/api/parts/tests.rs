use tracekeep_model::Micros;
use tracekeep_query::{QueryError, Related, Table, evaluate};

use super::*;

fn query(limit: Option<u64>) -> Query {
    Query { limit, ..Query::new(Table::Traces) }
}

#[test]
fn too_many_rows_are_halved_down_to_one() {
    let (budget, busy) = (ArchiveError::Budget("b".into()), ArchiveError::Busy("c".into()));
    let mut query = query(Some(50));
    let mut limits = Vec::new();
    for error in [&budget, &busy].into_iter().cycle() {
        if halve(&mut query, error.clone()).is_err() {
            break;
        }
        limits.extend(query.limit);
    }
    assert_eq!(limits, [25, 12, 6, 3, 1]);
    assert_eq!(query.limit, Some(1));
}

#[test]
fn what_fewer_rows_do_not_mend_is_passed_on() {
    let invalid = ArchiveError::Invalid(QueryError::new("limit", "is wrong"));
    for error in [ArchiveError::Failed("disk".into()), invalid] {
        let mut query = query(Some(50));
        assert!(halve(&mut query, error).is_err());
        assert_eq!(query.limit, Some(50));
    }
    assert!(halve(&mut query(None), ArchiveError::Budget("b".into())).is_err());
}

#[test]
fn a_row_that_is_asked_for_by_its_key_is_the_first() {
    let row = |id: &str, start: i64, name: &str| -> Row {
        [
            ("trace_id", Cell::from(id)),
            ("start_time", Cell::from(Micros(start))),
            ("name", Cell::from(name)),
        ]
        .into_iter()
        .collect()
    };
    let rows = [row("a", 3, "x"), row("b", 2, "x"), row("c", 2, "x"), row("d", 4, "y")];
    let mut query = Query {
        filter: Some(Filter::condition("name", Op::Eq, "x")),
        select: vec!["name".to_owned(), "start_time".to_owned()],
        ..query(Some(1))
    };
    let answer =
        |query: &Query| evaluate(query, &rows, &Related::default()).expect("is valid").rows;
    for (offset, id, start) in [(0, "a", 3), (1, "c", 2), (2, "b", 2)] {
        query.offset = Some(offset);
        let keys = answer(&of_keys(&query));
        assert_eq!(keys, [[Cell::from(id)]]);
        let by_key = answer(&of_key(&query, &keys[0]));
        assert_eq!(by_key, [[Cell::from("x"), Cell::from(Micros(start))]]);
        assert_eq!(by_key, answer(&query));
    }
}
