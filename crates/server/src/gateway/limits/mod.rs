//! Limits of keys, enforced: requests and tokens a minute, US dollars a period.
//!
//! A call is admitted while its key is below all its limits, and counted when it ends, as only then
//! its tokens and its price are known: calls that run at the same time may pass a limit together.
//! Requests are counted when they are admitted. What was refused is not counted. Tokens that nobody
//! counted are counted here, as for the trace: a client that leaves before the provider says them has
//! used them all the same.
//!
//! Minutes are counted in memory, by this process. What was spent is added in memory at once and to
//! the control store every second ([`Limits::store`]); a crash forgets what came after that. Limits
//! are read at most every 30 seconds, and with them what other processes have spent; what is changed
//! through this server is forgotten at once.

mod charge;
mod counting;
mod refused;
mod spending;
mod window;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use parking_lot::Mutex;
use tokio::sync::MutexGuard as Storing;
use tracekeep_control::{Budget, Control, ControlError, KeyLimits};
use tracekeep_model::{Micros, Money, ProjectPrices, Span};

pub(super) use self::charge::Charge;
use self::counting::Counting;
pub(crate) use self::refused::NotAdmitted;
use self::refused::{Refused, Which};
use self::spending::{Stretch, Unstored};
use self::window::Window;
use super::kept::KEPT;
use crate::config::Switch;
use crate::telemetry::Metrics;

/// Keys that are kept.
const MOST_KEPT: usize = 10_000;

/// The limits of all keys, and what was used of them.
pub(crate) struct Limits {
    control: Arc<Control>,
    prices: Arc<dyn ProjectPrices>,
    metrics: Arc<Metrics>,
    counting: Counting,
    state: Mutex<State>,
    /// Held while amounts are on their way to the store, and while they are read there: else one that
    /// is in neither place would be missed, or one that is in both counted twice.
    storing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Grows when something is forgotten. What was read before that may be from before the change,
    /// and counts for one call only.
    changes: u64,
    keys: HashMap<Arc<str>, Key>,
    unstored: Unstored,
}

/// What is known of a key.
#[derive(Default)]
struct Key {
    /// When that counts; at other times it is read anew.
    counts: Range<Micros>,
    /// `None`: it has no limits.
    limited: Option<Box<Limited>>,
}

/// A key that has a limit.
#[derive(Default)]
struct Limited {
    requests: Option<Rate>,
    tokens: Option<Rate>,
    budget: Option<Spending>,
}

/// So many a minute.
struct Rate {
    limit: u64,
    window: Window,
}

/// So much in each period.
struct Spending {
    limit: Money,
    stretch: Stretch,
    /// In this stretch.
    spent: Money,
}

/// What was read of a key.
struct Read<'l> {
    limits: KeyLimits,
    budget: Option<Spending>,
    changes: u64,
    _storing: Option<Storing<'l, ()>>,
}

/// What a key has used of its limits; `None` where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Requests in the last minute.
    pub(crate) requests: Option<u64>,
    /// Tokens in the last minute.
    pub(crate) tokens: Option<u64>,
    /// US dollars, and the period in which.
    pub(crate) spent: Option<(Money, Stretch)>,
}

/// What is left of the limits of a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Standing {
    requests: Option<Left>,
    tokens: Option<Left>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    limit: u64,
    remaining: u64,
    /// Until nothing counts any more.
    reset: Duration,
}

/// A call that may be made. Dropped without [`Admitted::spent`], it has used a request and nothing
/// else.
pub(crate) struct Admitted(Option<Counted>);

#[derive(Clone)]
struct Counted {
    limits: Arc<Limits>,
    key_id: Arc<str>,
    standing: Standing,
    has_budget: bool,
    /// Its tokens count, and are counted here if nobody else does.
    estimates: bool,
}

impl Limits {
    /// Of the keys of this store, priced by these. `estimating`: whether tokens that nobody counted are.
    pub(crate) fn new(
        control: Arc<Control>,
        prices: Arc<dyn ProjectPrices>,
        metrics: Arc<Metrics>,
        estimating: Switch,
    ) -> Self {
        let counting = Counting::new(estimating, metrics.lost_estimates.clone());
        let (state, storing) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { control, prices, metrics, counting, state, storing }
    }

    /// Admits one call of a key.
    ///
    /// # Errors
    /// The key is at a limit, or its limits cannot be read.
    pub(crate) async fn admit(
        self: &Arc<Self>,
        key_id: &Arc<str>,
        now: Micros,
    ) -> Result<Admitted, NotAdmitted> {
        Ok(Admitted(self.enter(key_id, now, 1).await?))
    }

    /// Admits several calls of a key together: all of them, or none.
    ///
    /// # Errors
    /// The key is at a limit or would pass that of requests, or its limits cannot be read.
    pub(crate) async fn admit_many(
        self: &Arc<Self>,
        key_id: &Arc<str>,
        now: Micros,
        calls: usize,
    ) -> Result<Vec<Admitted>, NotAdmitted> {
        let counted = self.enter(key_id, now, calls as u64).await?;
        Ok(std::iter::repeat_n(counted, calls).map(Admitted).collect())
    }

    /// Counts so many requests of a key, if there is room for all; what is then to be counted of each.
    async fn enter(
        self: &Arc<Self>,
        key_id: &Arc<str>,
        now: Micros,
        calls: u64,
    ) -> Result<Option<Counted>, NotAdmitted> {
        let entered = self.look(key_id, now, |limited| -> Result<_, Box<Refused>> {
            let Some(limited) = limited else { return Ok(None) };
            let standing = limited.enter(now, calls)?;
            let has_budget = limited.budget.is_some();
            let estimates = self.counting.is_on() && (has_budget || limited.tokens.is_some());
            let (limits, key_id) = (self.clone(), key_id.clone());
            Ok(Some(Counted { limits, key_id, standing, has_budget, estimates }))
        });
        entered.await?.map_err(|refused| {
            self.metrics.refused_call(refused.which.as_str());
            NotAdmitted::Refused(refused)
        })
    }

    /// What a key has used of its limits.
    ///
    /// # Errors
    /// The control store failed.
    pub(crate) async fn used(&self, key_id: &Arc<str>, now: Micros) -> Result<Used, ControlError> {
        self.look(key_id, now, |limited| {
            limited.map(|limited| limited.used(now)).unwrap_or_default()
        })
        .await
    }

    /// Forgets what was read of a key, as it has changed; not what the key has used.
    pub(crate) fn forget(&self, key_id: &str) {
        let mut state = self.state.lock();
        state.changes += 1;
        if let Some(key) = state.keys.get_mut(key_id) {
            key.counts = Range::default();
        }
    }

    /// Stores what was spent since the last time. What cannot be stored is kept for the next time.
    pub(crate) async fn store(&self, now: Micros) {
        let _storing = self.storing.lock().await;
        let taken = self.state.lock().unstored.take();
        let rows = taken.rows();
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.control.add_key_spending(&rows, now.0).await {
            tracing::warn!(%error, "what keys have spent is stored later");
            self.state.lock().unstored.put_back(taken);
        }
    }

    /// Stores all that was spent, and waits for what is counted yet: for the last time.
    pub(crate) async fn store_all(&self, now: Micros) {
        // Counting may take longer than anybody waits.
        self.store(now).await;
        self.counting.done().await;
        self.store(now).await;
    }

    /// What a call costs, by the prices of its project: as its trace shows it. `None` where no price is
    /// known.
    fn cost(&self, project_id: &str, call: Span) -> Option<Money> {
        call.priced(&*self.prices.of(project_id)).cost.total()
    }

    /// Looks at what is known of a key, and reads it before if need be.
    async fn look<T>(
        &self,
        key_id: &Arc<str>,
        now: Micros,
        look: impl FnOnce(Option<&mut Limited>) -> T,
    ) -> Result<T, ControlError> {
        {
            let mut state = self.state.lock();
            if let Some(key) = state.keys.get_mut(key_id)
                && key.counts.contains(&now)
            {
                return Ok(look(key.limited.as_deref_mut()));
            }
        }
        let read = self.read(key_id, now).await?;
        let mut state = self.state.lock();
        Ok(look(state.keep(key_id, read, now)))
    }

    async fn read(&self, key_id: &str, now: Micros) -> Result<Read<'_>, ControlError> {
        let changes = self.state.lock().changes;
        let limits = self.control.limits_of_key(key_id).await?;
        let Some(budget) = &limits.budget else {
            return Ok(Read { limits, budget: None, changes, _storing: None });
        };
        let (limit, stretch) = (amount(budget)?, Stretch::of(budget.period, now));
        let storing = self.storing.lock().await;
        let spent = Money(self.control.key_spending(key_id, stretch.days()).await?);
        let budget = Some(Spending { limit, stretch, spent });
        Ok(Read { limits, budget, changes, _storing: Some(storing) })
    }

    fn spent(&self, key_id: &Arc<str>, now: Micros, tokens: u64, cost: Money) {
        let mut state = self.state.lock();
        if cost > Money::ZERO {
            state.unstored.add(key_id, now, cost);
        }
        let Some(limited) = state.keys.get_mut(key_id).and_then(|key| key.limited.as_mut()) else {
            return;
        };
        if let Some(rate) = &mut limited.tokens {
            rate.window.add(now, tokens);
        }
        // In another period it is summed up when the key is read for that.
        if let Some(budget) = &mut limited.budget
            && budget.stretch.contains(now)
        {
            budget.spent += cost;
        }
    }
}

/// The amount of a budget.
fn amount(budget: &Budget) -> Result<Money, ControlError> {
    let problem = |error| ControlError::Invalid {
        field: "budget",
        problem: format!("{error}; set the limits of this key again"),
    };
    Money::parse_cost(&budget.amount).map_err(problem)
}

impl State {
    /// Keeps what was read of a key; what the key used in the last minute goes on.
    fn keep(&mut self, key_id: &Arc<str>, read: Read<'_>, now: Micros) -> Option<&mut Limited> {
        if self.keys.len() >= MOST_KEPT && !self.keys.contains_key(key_id) {
            self.keys.retain(|_, key| key.limited.is_some());
            // Of so many limited keys the last minute is forgotten; what they spent is not.
            if self.keys.len() >= MOST_KEPT {
                self.keys.clear();
            }
        }
        let Read { limits, mut budget, changes, _storing } = read;
        let mut until = now.plus(KEPT);
        if let Some(budget) = &mut budget {
            budget.spent += self.unstored.sum(key_id, budget.stretch.days());
            until = until.min(budget.stretch.end);
        }
        let key = self.keys.entry(key_id.clone()).or_default();
        // A moment before: who read the clock earlier may come later.
        let since = now.plus(-KEPT);
        key.counts = if changes == self.changes { since..until } else { Range::default() };
        let former = key.limited.take().map(|former| *former).unwrap_or_default();
        let limited = Limited {
            requests: rate(limits.requests_per_minute, former.requests),
            tokens: rate(limits.tokens_per_minute, former.tokens),
            budget,
        };
        key.limited = limited.has_any().then(|| Box::new(limited));
        key.limited.as_deref_mut()
    }
}

fn rate(limit: Option<i64>, former: Option<Rate>) -> Option<Rate> {
    let limit = u64::try_from(limit?).unwrap_or(0);
    Some(Rate { limit, window: former.map(|rate| rate.window).unwrap_or_default() })
}

impl Limited {
    fn has_any(&self) -> bool {
        self.requests.is_some() || self.tokens.is_some() || self.budget.is_some()
    }

    /// Counts so many requests, if there is room for all of them.
    fn enter(&mut self, now: Micros, calls: u64) -> Result<Standing, Box<Refused>> {
        if let Some(budget) = &self.budget
            && budget.spent >= budget.limit
        {
            let Spending { limit, stretch, spent } = *budget;
            return Err(Box::new(Refused::by_budget(
                limit,
                spent,
                stretch,
                now,
                self.standing(now),
            )));
        }
        for which in [Which::Requests, Which::Tokens] {
            // How many tokens it will be is not known.
            let (rate, asked) = match which {
                Which::Requests => (&mut self.requests, calls),
                _ => (&mut self.tokens, 1),
            };
            let Some(Rate { limit, window }) = rate else { continue };
            let used = window.used(now);
            if used.saturating_add(asked) > *limit {
                let limit = *limit;
                let wait = window.until_below(limit.saturating_add(1).saturating_sub(asked), now);
                let standing = self.standing(now);
                let refused = Refused::by_rate(which, limit, used, asked, wait, standing);
                return Err(Box::new(refused));
            }
        }
        if let Some(rate) = &mut self.requests {
            rate.window.add(now, calls);
        }
        Ok(self.standing(now))
    }

    fn standing(&mut self, now: Micros) -> Standing {
        let left = |rate: &mut Option<Rate>| {
            let Rate { limit, window } = rate.as_mut()?;
            let remaining = limit.saturating_sub(window.used(now));
            Some(Left { limit: *limit, remaining, reset: window.until_empty(now) })
        };
        Standing { requests: left(&mut self.requests), tokens: left(&mut self.tokens) }
    }

    fn used(&mut self, now: Micros) -> Used {
        let used = |rate: &mut Option<Rate>| rate.as_mut().map(|rate| rate.window.used(now));
        Used {
            requests: used(&mut self.requests),
            tokens: used(&mut self.tokens),
            spent: self.budget.as_ref().map(|budget| (budget.spent, budget.stretch)),
        }
    }
}

impl Admitted {
    /// What an answer says of the limits of a minute, in OpenAI's headers; none where there are none.
    pub(crate) fn headers(&self) -> HeaderMap {
        self.0.as_ref().map(|counted| refused::headers(&counted.standing)).unwrap_or_default()
    }

    /// Counts what the call has used, at its end. A cost that is not known counts as nothing.
    pub(crate) fn spent(self, now: Micros, tokens: u64, cost: Option<Money>) {
        if let Some(Counted { limits, key_id, has_budget, .. }) = self.0 {
            let cost = cost.filter(|_| has_budget).unwrap_or_default();
            limits.spent(&key_id, now, tokens, cost);
        }
    }
}

#[cfg(test)]
mod tests;
