//! A project's own prices, which go before the price book.

mod body;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod put;

use std::sync::Arc;

use tokio::sync::SemaphorePermit;
use tracekeep_control::ControlError;
use tracekeep_decode::FieldError;
use tracekeep_prices::{CustomPrice, CustomPrices};

use crate::api::models::turns::Turns;
use crate::app::App;
use crate::clock;
use crate::error::ApiError;
use crate::project_prices::Settings;

/// Bytes of all prices of a project, as they are stored.
const MOST_BYTES: usize = 1 << 20;
/// How often a change is tried that others come before: other processes, as those here wait.
const TRIES: usize = 5;
/// Changes of all projects: one at a time, as each replaces what its project had.
static CHANGES: Turns = Turns::new(1, 100);

/// What a project has set, as the store has it now.
async fn settings(app: &App, project_id: &str) -> Result<Arc<Settings>, ApiError> {
    let stored = app.control.price_settings(project_id).await?;
    app.prices.learn(&stored).map_err(|_| damaged())
}

/// What is stored of a project cannot be read; the log says why.
pub(super) fn damaged() -> ApiError {
    ApiError::damaged("what the project has set about prices")
}

/// The turn to change what a project has set about prices.
pub(super) async fn turn() -> Result<SemaphorePermit<'static>, ApiError> {
    CHANGES.take("too many are changing prices; try again").await
}

/// Changes a project's list of prices. Gives back what the project has set then.
async fn change(
    app: &App,
    project_id: &str,
    mut changed: impl FnMut(&mut Vec<CustomPrice>) -> Result<(), ApiError>,
) -> Result<Arc<Settings>, ApiError> {
    let _turn = turn().await?;
    for _ in 0..TRIES {
        let known = settings(app, project_id).await?;
        let mut prices = known.custom().as_slice().to_vec();
        changed(&mut prices)?;
        let json = checked(prices)?;
        let now = clock::now_micros();
        let stored = app.control.put_prices(project_id, known.revision, &json, now).await?;
        if let Some(stored) = stored {
            return app.prices.learn(&stored).map_err(|_| damaged());
        }
    }
    Err(ApiError::busy("others are changing the project's prices; try again"))
}

/// The list as it is stored.
fn checked(prices: Vec<CustomPrice>) -> Result<String, ApiError> {
    if prices.len() > CustomPrices::MOST {
        let most = i64::try_from(CustomPrices::MOST).unwrap_or(i64::MAX);
        return Err(ControlError::TooMany { what: "prices", most }.into());
    }
    let prices = CustomPrices::new(prices)
        .map_err(|refused| FieldError::new(refused.field, refused.reason))?;
    let json = serde_json::to_string(prices.as_slice()).expect("texts and numbers become JSON");
    if json.len() > MOST_BYTES {
        let reason = format!(
            "makes the project's prices larger than {MOST_BYTES} bytes; remove or shorten some first"
        );
        return Err(FieldError::new("body", reason).into());
    }
    Ok(json)
}
