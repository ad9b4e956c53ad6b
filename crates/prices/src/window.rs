//! When a price holds: from a date, in some hours, on some days. All in UTC.

use tracekeep_model::Micros;

/// From when, in which hours and on which days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first moment. `None`: always.
    pub(crate) from: Option<Micros>,
    /// Minutes of the day: the first that counts, the first that no longer does. Empty: all day.
    pub(crate) hours: Vec<(u16, u16)>,
    /// A bit for each ISO weekday, Monday the lowest. 0: every day.
    pub(crate) days: u8,
}

const MINUTES: u16 = 24 * 60;

impl Window {
    /// Whether it holds at a moment.
    pub(crate) fn holds(&self, at: Micros) -> bool {
        if self.from.is_some_and(|from| at < from) {
            return false;
        }
        if self.days != 0 && self.days & (1 << weekday(at)) == 0 {
            return false;
        }
        let minute = minute_of_day(at);
        self.hours.is_empty() || self.hours.iter().any(|hours| within(*hours, minute))
    }

    /// The date, or `start` where there is none; then the hours and the days, where there are any.
    pub(crate) fn name(&self) -> String {
        let mut name = self.from.map_or_else(|| "start".to_owned(), date_text);
        for (begin, end) in &self.hours {
            name.push_str(&format!(",{}-{}", clock_text(*begin), clock_text(*end)));
        }
        if self.days != 0 {
            name.push_str(",d");
            let days = (0..7u8).filter(|day| self.days & (1 << day) != 0);
            days.for_each(|day| name.push(char::from(b'1' + day)));
        }
        name
    }
}

/// `01:00-04:00`, which may go past midnight; the same time twice is a whole day.
pub(crate) fn read_hours(text: &str) -> Option<(u16, u16)> {
    let (begin, end) = text.split_once('-')?;
    Some((read_clock(begin)?, read_clock(end)?))
}

/// ISO numbers of days, Monday 1.
pub(crate) fn read_days(days: &[u8]) -> Option<u8> {
    days.iter().try_fold(0, |bits, day| match day {
        1..=7 => Some(bits | (1 << (day - 1))),
        _ => None,
    })
}

/// The UTC day of a moment: `2026-01-31`.
pub(crate) fn date_text(at: Micros) -> String {
    at.to_string().split('T').next().unwrap_or_default().to_owned()
}

fn read_clock(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn clock_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn within((begin, end): (u16, u16), minute: u16) -> bool {
    if begin < end { (begin..end).contains(&minute) } else { minute >= begin || minute < end }
}

fn minute_of_day(at: Micros) -> u16 {
    let minute = at.0.rem_euclid(Micros::DAY) / (60 * Micros::SECOND);
    u16::try_from(minute).unwrap_or(MINUTES)
}

/// 0 is Monday. 1970-01-01 was a Thursday.
fn weekday(at: Micros) -> u8 {
    u8::try_from((i64::from(at.day()) + 3).rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests;
