//! A project's own prices, and the currency in which it wants to see costs.

use sqlx::{Sqlite, SqliteConnection};

use crate::{Control, Micros, error::ControlError, project, row::from_row};

/// What a project has set about prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceSettings {
    /// The project.
    pub project_id: String,
    /// Grows with every change, and never falls.
    pub revision: i64,
    /// A JSON array of the project's own prices, which the server has checked and knows how to read.
    pub prices: String,
    /// When these were last changed. `None`: never.
    pub prices_updated_at: Option<Micros>,
    /// The currency. `None`: US dollars.
    pub currency: Option<String>,
    /// A JSON array of dated rates of the currency, as the prices are.
    pub rates: String,
    /// When currency or rates were last changed. `None`: never.
    pub currency_updated_at: Option<Micros>,
}

from_row!(PriceSettings {
    project_id,
    revision,
    prices,
    prices_updated_at,
    currency,
    rates,
    currency_updated_at,
});

impl PriceSettings {
    /// What a project has that has set nothing: revision 0.
    fn unset(project_id: &str) -> Self {
        Self {
            project_id: project_id.to_owned(),
            revision: 0,
            prices: "[]".to_owned(),
            prices_updated_at: None,
            currency: None,
            rates: "[]".to_owned(),
            currency_updated_at: None,
        }
    }
}

impl Control {
    /// What the project has set about prices; nothing and revision 0 where it has set nothing yet.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn price_settings(&self, project_id: &str) -> Result<PriceSettings, ControlError> {
        let mut conn = self.pool.acquire().await?;
        find(&mut conn, project_id).await
    }

    /// Each project that has ever set something about prices, and the revision of that.
    ///
    /// # Errors
    ///
    /// [`ControlError::Database`].
    pub async fn price_revisions(&self) -> Result<Vec<(String, i64)>, ControlError> {
        let sql = "SELECT project_id, revision FROM project_prices ORDER BY project_id";
        Ok(sqlx::query_as::<Sqlite, (String, i64)>(sql).fetch_all(&self.pool).await?)
    }

    /// Replaces the project's own prices, if its settings still have this revision. `None`: somebody
    /// else changed them meanwhile, and they are as that left them.
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownProject`], [`ControlError::Database`].
    pub async fn put_prices(
        &self,
        project_id: &str,
        revision: i64,
        prices: &str,
        now: Micros,
    ) -> Result<Option<PriceSettings>, ControlError> {
        let mut tx = self.begin().await?;
        let known = known(&mut tx, project_id).await?;
        if known.revision != revision {
            return Ok(None);
        }
        let settings = PriceSettings {
            revision: revision + 1,
            prices: prices.to_owned(),
            prices_updated_at: Some(now),
            ..known
        };
        put(&mut tx, &settings).await?;
        tx.commit().await?;
        Ok(Some(settings))
    }

    /// Replaces the currency and its rates.
    ///
    /// # Errors
    ///
    /// [`ControlError::UnknownProject`], [`ControlError::Database`].
    pub async fn put_currency(
        &self,
        project_id: &str,
        currency: Option<&str>,
        rates: &str,
        now: Micros,
    ) -> Result<PriceSettings, ControlError> {
        let mut tx = self.begin().await?;
        let known = known(&mut tx, project_id).await?;
        let settings = PriceSettings {
            revision: known.revision + 1,
            currency: currency.map(str::to_owned),
            rates: rates.to_owned(),
            currency_updated_at: Some(now),
            ..known
        };
        put(&mut tx, &settings).await?;
        tx.commit().await?;
        Ok(settings)
    }
}

/// The settings of a project that there is.
async fn known(
    conn: &mut SqliteConnection,
    project_id: &str,
) -> Result<PriceSettings, ControlError> {
    if project::find(conn, project_id).await?.is_none() {
        return Err(ControlError::UnknownProject(project_id.to_owned()));
    }
    find(conn, project_id).await
}

async fn find(
    conn: &mut SqliteConnection,
    project_id: &str,
) -> Result<PriceSettings, ControlError> {
    let sql = "SELECT project_id, revision, prices, prices_updated_at, currency, rates,
                      currency_updated_at
               FROM project_prices WHERE project_id = $1";
    let found = sqlx::query_as::<Sqlite, PriceSettings>(sql).bind(project_id);
    let found = found.fetch_optional(conn).await?;
    Ok(found.unwrap_or_else(|| PriceSettings::unset(project_id)))
}

async fn put(conn: &mut SqliteConnection, settings: &PriceSettings) -> Result<(), ControlError> {
    let sql =
        "INSERT INTO project_prices (project_id, revision, prices, prices_updated_at, currency,
                                           rates, currency_updated_at)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (project_id) DO UPDATE
               SET revision = excluded.revision, prices = excluded.prices,
                   prices_updated_at = excluded.prices_updated_at, currency = excluded.currency,
                   rates = excluded.rates, currency_updated_at = excluded.currency_updated_at";
    sqlx::query::<Sqlite>(sql)
        .bind(settings.project_id.as_str())
        .bind(settings.revision)
        .bind(settings.prices.as_str())
        .bind(settings.prices_updated_at)
        .bind(settings.currency.as_deref())
        .bind(settings.rates.as_str())
        .bind(settings.currency_updated_at)
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
