use super::*;

#[test]
fn every_column_is_described() {
    for table in Table::ALL.iter().copied() {
        for column in table.columns() {
            let about = table.about(column.name);
            assert!(about.ends_with('.'), "{table}.{} is not described", column.name);
        }
        assert_eq!(table.about("absent"), "");
    }
}

#[test]
fn nothing_else_is_described() {
    for (table, column, _) in OWN {
        assert!(table.column(column).is_some(), "{table} has no column {column}");
    }
    for (column, _) in SHARED {
        let has_it = |table: &Table| table.column(column).is_some();
        assert!(Table::ALL.iter().any(has_it), "no table has a column {column}");
        assert_eq!(SHARED.iter().filter(|(other, _)| other == column).count(), 1, "{column}");
    }
}
