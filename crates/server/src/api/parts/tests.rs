use tracekeep_query::{QueryError, Table};

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
