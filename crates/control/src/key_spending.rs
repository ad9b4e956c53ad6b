//! What API keys have spent on models, by day.

use std::ops::Range;

use sqlx::{Row as _, Sqlite};

use crate::{Control, Micros, error::ControlError};

/// The units of an amount: so many are one US dollar.
const PER_DOLLAR: i128 = 1_000_000_000_000;
/// US dollars that one addition is at most, so that no sum leaves what the table holds.
const MOST_DOLLARS: i64 = 1_000_000_000_000;
/// Days that are kept: no period that is asked for is longer.
const KEPT_DAYS: i64 = 62;

/// What a key has spent on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// The key's id: that of [`Credential`](crate::Credential).
    pub key_id: String,
    /// The UTC day, as days since 1970-01-01.
    pub day: i64,
    /// In 10⁻¹² US dollars, 0 or more.
    pub amount: i128,
}

impl Control {
    /// What a key has spent on days, in 10⁻¹² US dollars; days are counted from 1970-01-01, in UTC.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn key_spending(&self, key_id: &str, days: Range<i64>) -> Result<i128, ControlError> {
        let sql = "SELECT dollars, picodollars FROM key_spending
                   WHERE key_id = $1 AND day >= $2 AND day < $3";
        let query = sqlx::query::<Sqlite>(sql).bind(key_id).bind(days.start).bind(days.end);
        let mut sum = 0i128;
        for row in query.fetch_all(&self.pool).await? {
            let (dollars, rest): (i64, i64) =
                (row.try_get("dollars")?, row.try_get("picodollars")?);
            sum += i128::from(dollars) * PER_DOLLAR + i128::from(rest);
        }
        Ok(sum)
    }

    /// Adds what keys have spent to what is there: all of it or, if it fails, nothing. Several
    /// processes may add to one key. What a key spent two months before that is forgotten.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`], also for a key that there is not.
    pub async fn add_key_spending(&self, spent: &[Spent], now: Micros) -> Result<(), ControlError> {
        // Each right side sees the row as it was, so that the carry is right.
        let add = "INSERT INTO key_spending (key_id, day, dollars, picodollars, updated_at)
                   VALUES ($1, $2, $3, $4, $5)
                   ON CONFLICT (key_id, day) DO UPDATE
                   SET dollars = key_spending.dollars + excluded.dollars
                           + (key_spending.picodollars + excluded.picodollars) / 1000000000000,
                       picodollars =
                           (key_spending.picodollars + excluded.picodollars) % 1000000000000,
                       updated_at = excluded.updated_at";
        let forget = "DELETE FROM key_spending WHERE key_id = $1 AND day < $2";
        let mut tx = self.begin().await?;
        for Spent { key_id, day, amount } in spent {
            let (dollars, rest) = split(*amount);
            sqlx::query::<Sqlite>(add)
                .bind(key_id.as_str())
                .bind(*day)
                .bind(dollars)
                .bind(rest)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            sqlx::query::<Sqlite>(forget)
                .bind(key_id.as_str())
                .bind(day.saturating_sub(KEPT_DAYS))
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// An amount as it is stored: whole dollars, and the rest.
fn split(amount: i128) -> (i64, i64) {
    let amount = amount.clamp(0, i128::from(MOST_DOLLARS) * PER_DOLLAR);
    let whole = |part: i128| i64::try_from(part).unwrap_or(MOST_DOLLARS);
    (whole(amount / PER_DOLLAR), whole(amount % PER_DOLLAR))
}

#[cfg(test)]
mod tests;
