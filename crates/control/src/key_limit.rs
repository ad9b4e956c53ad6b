//! Limits of API keys: how much a key may ask of models.

use sqlx::{Sqlite, SqliteConnection};

use crate::{Control, Micros, error::ControlError, key, row::from_row};

/// How much a key may ask of models. `None`: as much as it likes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLimits {
    /// Requests a minute, at least 1.
    pub requests_per_minute: Option<i64>,
    /// Tokens a minute, in and out together, at least 1.
    pub tokens_per_minute: Option<i64>,
    /// What it may spend.
    pub budget: Option<Budget>,
}

/// What may be spent in each period of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// US dollars, as an exact decimal number, which the server has checked.
    pub amount: String,
    /// In how long.
    pub period: Period,
}

/// A period of time, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// From midnight.
    Day,
    /// From Monday.
    Week,
    /// From the first.
    Month,
}

impl Period {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == name)
    }
}

struct StoredLimits {
    requests_per_minute: Option<i64>,
    tokens_per_minute: Option<i64>,
    budget: Option<String>,
    budget_period: Option<String>,
}

from_row!(StoredLimits { requests_per_minute, tokens_per_minute, budget, budget_period });

impl From<StoredLimits> for KeyLimits {
    fn from(row: StoredLimits) -> Self {
        // The table holds only periods that there are, and a period with each budget.
        let period = row.budget_period.as_deref().and_then(Period::of);
        let budget = row.budget.zip(period).map(|(amount, period)| Budget { amount, period });
        Self {
            requests_per_minute: row.requests_per_minute,
            tokens_per_minute: row.tokens_per_minute,
            budget,
        }
    }
}

impl Control {
    /// The id of a key, by its public key.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`] if the project has no such key, [`ControlError::Database`].
    pub async fn key_id(&self, project_id: &str, public_key: &str) -> Result<String, ControlError> {
        let mut conn = self.pool.acquire().await?;
        key_id(&mut conn, project_id, public_key).await
    }

    /// The limits of a key, by its id: that of [`Credential`](crate::Credential). All are `None` for
    /// a key that nobody limited, and for an id that there is not.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn limits_of_key(&self, key_id: &str) -> Result<KeyLimits, ControlError> {
        let mut conn = self.pool.acquire().await?;
        find(&mut conn, key_id).await
    }

    /// Sets all limits of a key. Those that are `None` go. Returns the key's id.
    ///
    /// # Errors
    ///
    /// [`ControlError::Invalid`] for a limit below 1, [`ControlError::Unknown`] if the project has no
    /// such key, [`ControlError::Database`].
    pub async fn set_key_limits(
        &self,
        project_id: &str,
        public_key: &str,
        limits: &KeyLimits,
        now: Micros,
    ) -> Result<String, ControlError> {
        check("requests_per_minute", limits.requests_per_minute)?;
        check("tokens_per_minute", limits.tokens_per_minute)?;
        let mut tx = self.begin().await?;
        let key_id = key_id(&mut tx, project_id, public_key).await?;
        let sql = "INSERT INTO key_limits
                       (key_id, requests_per_minute, tokens_per_minute, budget, budget_period, updated_at)
                   VALUES ($1, $2, $3, $4, $5, $6)
                   ON CONFLICT (key_id) DO UPDATE
                   SET requests_per_minute = excluded.requests_per_minute,
                       tokens_per_minute = excluded.tokens_per_minute,
                       budget = excluded.budget,
                       budget_period = excluded.budget_period,
                       updated_at = excluded.updated_at";
        let budget = limits.budget.as_ref();
        sqlx::query::<Sqlite>(sql)
            .bind(key_id.as_str())
            .bind(limits.requests_per_minute)
            .bind(limits.tokens_per_minute)
            .bind(budget.map(|budget| budget.amount.as_str()))
            .bind(budget.map(|budget| budget.period.as_str()))
            .bind(now)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(key_id)
    }

    /// Takes all limits of a key away. Where it has none, nothing changes. Returns the key's id.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`] if the project has no such key, [`ControlError::Database`].
    pub async fn delete_key_limits(
        &self,
        project_id: &str,
        public_key: &str,
    ) -> Result<String, ControlError> {
        let mut tx = self.begin().await?;
        let key_id = key_id(&mut tx, project_id, public_key).await?;
        sqlx::query::<Sqlite>("DELETE FROM key_limits WHERE key_id = $1")
            .bind(key_id.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(key_id)
    }
}

fn check(field: &'static str, limit: Option<i64>) -> Result<(), ControlError> {
    match limit {
        Some(limit) if limit < 1 => Err(ControlError::Invalid {
            field,
            problem: format!("is {limit}: give a whole number from 1, or null for no limit"),
        }),
        _ => Ok(()),
    }
}

async fn key_id(
    conn: &mut SqliteConnection,
    project_id: &str,
    public_key: &str,
) -> Result<String, ControlError> {
    let found = key::find_by_public(conn, public_key).await?;
    let found = found.filter(|key| key.project_id == project_id).map(|key| key.id);
    found.ok_or_else(|| ControlError::Unknown { what: "key", name: public_key.to_owned() })
}

async fn find(conn: &mut SqliteConnection, key_id: &str) -> Result<KeyLimits, ControlError> {
    let sql = "SELECT requests_per_minute, tokens_per_minute, budget, budget_period
               FROM key_limits WHERE key_id = $1";
    let row = sqlx::query_as::<Sqlite, StoredLimits>(sql).bind(key_id).fetch_optional(conn).await?;
    Ok(row.map(KeyLimits::from).unwrap_or_default())
}

#[cfg(test)]
mod tests;
