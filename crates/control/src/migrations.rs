//! The schema's history, compiled in.

use sqlx::{
    SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// Every migration: its number, what it does, its statements. The file's name says the first two.
const ALL: [(i64, &str, &str); 3] = [
    (
        1,
        "organisations projects api keys",
        include_str!("../migrations/0001_organisations_projects_api_keys.sql"),
    ),
    (2, "providers", include_str!("../migrations/0002_providers.sql")),
    (3, "key spending", include_str!("../migrations/0003_key_spending.sql")),
];

/// All migrations in order.
pub(crate) fn all() -> Migrator {
    let migrations = ALL.map(|(number, what, sql)| {
        let sql = sql.into_sql_str();
        Migration::new(number, what.into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.into())
}

#[cfg(test)]
mod tests;
