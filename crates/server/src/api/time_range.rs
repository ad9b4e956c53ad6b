//! Times in query strings.

use tracekeep_model::Micros;
use tracekeep_query::TimeRange;

use crate::error::ApiError;

/// `startDate ≤ time < endDate`; a date-only `endDate` is inclusive. `None` where neither is sent.
pub(crate) fn time_range(
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Option<TimeRange>, ApiError> {
    if start.is_none() && end.is_none() {
        return Ok(None);
    }
    let from = start.map(|text| moment("startDate", text)).transpose()?;
    let to = end.map(|text| match Micros::parse_day(text) {
        Some(day) => Ok(day.plus(Micros::DAY)),
        None => moment("endDate", text),
    });
    let range = TimeRange {
        from: from.unwrap_or(Micros(i64::MIN / 2)),
        to: to.transpose()?.unwrap_or(Micros(i64::MAX / 2)),
    };
    if range.from >= range.to {
        return Err(ApiError::parameter("startDate", "is not before endDate; swap them"));
    }
    Ok(Some(range))
}

/// RFC 3339, a date, or epoch milliseconds.
fn moment(name: &str, text: &str) -> Result<Micros, ApiError> {
    if let Some(day) = Micros::parse_day(text) {
        return Ok(day);
    }
    let parsed = match text.parse::<i64>() {
        Ok(millis) => Micros::from_millis(millis),
        // In a query string an unescaped `+` of an offset arrives as a blank.
        Err(_) => Micros::parse(&text.replace(' ', "+")),
    };
    parsed.map_err(|error| ApiError::parameter(name, error))
}

#[cfg(test)]
mod tests;
