#![allow(clippy::unwrap_used)]

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tracekeep_control::{Bootstrap, FreshKeys, Init, KeyPair, Period};
use tracekeep_llm::chat::ApiError;
use tracekeep_model::NoPrices;

use super::*;

fn time(text: &str) -> Micros {
    Micros::parse(text).unwrap()
}

/// A Thursday.
fn noon() -> Micros {
    time("2026-01-15T12:00:00Z")
}

fn after(seconds: i64) -> Micros {
    noon().plus(seconds * Micros::SECOND)
}

fn dollars(text: &str) -> Money {
    Money::parse_cost(text).unwrap()
}

fn budget(amount: &str, period: Period) -> KeyLimits {
    let budget = Some(Budget { amount: amount.to_owned(), period });
    KeyLimits { budget, ..KeyLimits::default() }
}

fn limits_of(
    control: Arc<Control>,
    prices: Arc<dyn ProjectPrices>,
    estimating: Switch,
) -> Arc<Limits> {
    Arc::new(Limits::new(control, prices, Arc::new(Metrics::new()), estimating))
}

/// A store with a key.
pub(super) struct Store {
    pub(super) control: Arc<Control>,
    project_id: String,
    public_key: String,
    pub(super) key_id: Arc<str>,
}

impl Store {
    pub(super) async fn new(control: Control) -> Self {
        let fresh = FreshKeys::generate(&mut StdRng::seed_from_u64(1));
        let now = noon().0;
        let bootstrap = control.bootstrap(&Init::default(), fresh, now).await.unwrap();
        let Bootstrap::Created { project, generated: Some(pair) } = bootstrap else {
            unreachable!("an empty store has no project");
        };
        let public_key = pair.public().to_string();
        let key_id = control.key_id(&project.id, &public_key).await.unwrap();
        let control = Arc::new(control);
        Self { control, project_id: project.id, public_key, key_id: key_id.into() }
    }

    pub(super) async fn in_memory() -> Self {
        Self::new(Control::open_in_memory().await.unwrap()).await
    }

    pub(super) fn limits_by(
        &self,
        prices: Arc<dyn ProjectPrices>,
        estimating: Switch,
    ) -> Arc<Limits> {
        limits_of(self.control.clone(), prices, estimating)
    }

    fn limits(&self) -> Arc<Limits> {
        self.limits_by(Arc::new(NoPrices), Switch::On)
    }

    /// As the API does it for a server's own limits.
    pub(super) async fn set(&self, limits: &Limits, wanted: &KeyLimits) {
        let (project_id, public_key) = (&self.project_id, &self.public_key);
        let now = noon().0;
        let set = self.control.set_key_limits(project_id, public_key, wanted, now).await;
        limits.forget(&set.unwrap());
    }
}

async fn refused(limits: &Arc<Limits>, key_id: &Arc<str>, now: Micros) -> Refused {
    match limits.admit(key_id, now).await {
        Err(NotAdmitted::Refused(refused)) => *refused,
        Err(NotAdmitted::Control(error)) => panic!("{error}"),
        Ok(_) => panic!("the call was admitted"),
    }
}

async fn admitted(limits: &Arc<Limits>, key_id: &Arc<str>, now: Micros) -> Admitted {
    limits.admit(key_id, now).await.map_err(ApiError::from).unwrap_or_else(|e| panic!("{e:?}"))
}

/// A call that costs this.
async fn spend(limits: &Arc<Limits>, key_id: &Arc<str>, now: Micros, cost: &str) {
    admitted(limits, key_id, now).await.spent(now, 1, Some(dollars(cost)));
}

fn header(admitted: &Admitted, name: &str) -> Option<String> {
    admitted.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_key_without_limits_is_admitted_and_nothing_is_counted() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    for _ in 0..3 {
        let admitted = admitted(&limits, &store.key_id, noon()).await;
        assert!(admitted.headers().is_empty());
        admitted.spent(noon(), 1_000_000, Some(dollars("1000000")));
    }
    assert_eq!(limits.used(&store.key_id, noon()).await.unwrap(), Used::default());
    assert_eq!(limits.state.lock().unstored, Unstored::default());
}

#[tokio::test]
async fn so_many_requests_are_admitted_in_a_minute() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let wanted = KeyLimits { requests_per_minute: Some(2), ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    let key = &store.key_id;
    let first = admitted(&limits, key, after(0)).await;
    assert_eq!(header(&first, "x-ratelimit-limit-requests").unwrap(), "2");
    assert_eq!(header(&first, "x-ratelimit-remaining-requests").unwrap(), "1");
    assert_eq!(header(&first, "x-ratelimit-reset-requests").unwrap(), "1m0s");
    assert_eq!(header(&first, "x-ratelimit-limit-tokens"), None);
    // A call that came to nothing is a request all the same.
    drop(first);
    admitted(&limits, key, after(10)).await;
    let refusal = refused(&limits, key, after(20)).await;
    assert_eq!((refusal.which, refusal.retry_after), (Which::Requests, Duration::from_secs(40)));
    // What was refused does not count, whether limits are read anew in between or not.
    refused(&limits, key, after(59)).await;
    assert_eq!(limits.used(key, after(59)).await.unwrap().requests, Some(2));
    admitted(&limits, key, after(60)).await;
    refused(&limits, key, after(60)).await;
    admitted(&limits, key, after(70)).await;
    // Another key has limits of its own: here none.
    let other: Arc<str> = Arc::from("other");
    assert!(admitted(&limits, &other, after(70)).await.headers().is_empty());
}

#[tokio::test]
async fn calls_are_admitted_together_or_not_at_all() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let wanted = KeyLimits { requests_per_minute: Some(5), ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    let key = &store.key_id;
    let many = async |calls, now| match limits.admit_many(key, now, calls).await {
        Ok(admitted) => Ok(admitted.len()),
        Err(NotAdmitted::Refused(refused)) => Err((refused.retry_after, refused.message)),
        Err(NotAdmitted::Control(error)) => panic!("{error}"),
    };
    let used = async |now| limits.used(key, now).await.unwrap().requests.unwrap();

    // However often it is tried again.
    for seconds in [0, 1] {
        let (_, message) = many(8, after(seconds)).await.unwrap_err();
        let begin =
            "this key may use 5 requests a minute, and 8 are asked for at once; ask for fewer;";
        assert!(message.starts_with(begin), "{message}");
        assert_eq!(used(after(seconds)).await, 0);
    }
    admitted(&limits, key, after(2)).await;
    admitted(&limits, key, after(10)).await;
    let (wait, message) = many(4, after(12)).await.unwrap_err();
    // Only the older of the two must go.
    assert_eq!(wait, Duration::from_secs(50));
    let says =
        "has used 2 in the last one, and 4 are asked for at once; ask for fewer, or again in 50 s";
    assert!(message.contains(says), "{message}");
    assert_eq!(used(after(12)).await, 2);
    assert_eq!(many(3, after(12)).await, Ok(3));
    assert_eq!(used(after(12)).await, 5);
    assert_eq!(refused(&limits, key, after(12)).await.which, Which::Requests);
    assert_eq!(many(1, after(62)).await, Ok(1));
    // A key without limits asks for as many as it likes.
    store.set(&limits, &KeyLimits::default()).await;
    assert_eq!(many(8, after(63)).await, Ok(8));
}

#[tokio::test]
async fn tokens_count_when_a_call_ends_however_many_they_are() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let wanted = KeyLimits { tokens_per_minute: Some(100), ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    let key = &store.key_id;
    let (first, second) =
        (admitted(&limits, key, after(0)).await, admitted(&limits, key, after(0)).await);
    first.spent(after(1), 99, None);
    assert_eq!(header(&second, "x-ratelimit-remaining-tokens").unwrap(), "100");
    let third = admitted(&limits, key, after(2)).await;
    assert_eq!(header(&third, "x-ratelimit-remaining-tokens").unwrap(), "1");
    second.spent(after(3), 5_000, None);
    let refusal = refused(&limits, key, after(3)).await;
    assert_eq!((refusal.which, refusal.retry_after), (Which::Tokens, Duration::from_secs(60)));
    assert!(refusal.message.contains("has used 5099"), "{}", refusal.message);
    admitted(&limits, key, after(63)).await;
}

#[tokio::test]
async fn a_budget_is_spent_until_its_period_ends() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    store.set(&limits, &budget("1.5", Period::Day)).await;
    let key = &store.key_id;
    spend(&limits, key, after(0), "1.499999999999").await;
    spend(&limits, key, after(1), "0.2").await;
    let refusal = refused(&limits, key, after(2)).await;
    assert_eq!(refusal.which, Which::Budget);
    assert!(refusal.message.contains("has spent 1.699999999999;"), "{}", refusal.message);
    let used = limits.used(key, after(2)).await.unwrap();
    let day = Stretch { start: time("2026-01-15T00:00:00Z"), end: time("2026-01-16T00:00:00Z") };
    assert_eq!(used.spent, Some((dollars("1.699999999999"), day)));
    let last = time("2026-01-15T23:59:59.999999Z");
    assert_eq!(refused(&limits, key, last).await.retry_after, Duration::from_secs(1));
    admitted(&limits, key, day.end).await;
    assert_eq!(limits.used(key, day.end).await.unwrap().spent.unwrap().0, Money::ZERO);
}

#[tokio::test]
async fn a_call_over_midnight_is_paid_for_on_the_day_it_ends() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    store.set(&limits, &budget("1", Period::Day)).await;
    let key = &store.key_id;
    let (before, midnight) = (time("2026-01-15T23:59:59Z"), time("2026-01-16T00:00:00Z"));
    let call = admitted(&limits, key, before).await;
    call.spent(midnight, 1, Some(dollars("1")));
    assert_eq!(refused(&limits, key, midnight).await.which, Which::Budget);
}

#[tokio::test]
async fn a_cost_that_is_not_known_is_none() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    store.set(&limits, &budget("0.000001", Period::Month)).await;
    admitted(&limits, &store.key_id, after(0)).await.spent(after(0), 1_000, None);
    admitted(&limits, &store.key_id, after(1)).await;
}

#[tokio::test]
async fn what_was_spent_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let store = Store::new(Control::open(&path).await.unwrap()).await;
    let limits = store.limits();
    store.set(&limits, &budget("1", Period::Week)).await;
    spend(&limits, &store.key_id, after(0), "0.4").await;
    limits.store(after(1)).await;
    spend(&limits, &store.key_id, after(1), "0.6").await;
    limits.store(after(2)).await;
    // Nothing is stored twice.
    limits.store(after(3)).await;
    store.control.close().await;

    let control = Arc::new(Control::open(&path).await.unwrap());
    let limits = limits_of(control, Arc::new(NoPrices), Switch::On);
    let refusal = refused(&limits, &store.key_id, after(4)).await;
    assert!(refusal.message.contains("has spent 1;"), "{}", refusal.message);
    // On Monday it is another week.
    admitted(&limits, &store.key_id, time("2026-01-19T00:00:00Z")).await;
}

#[tokio::test]
async fn two_processes_on_one_store_add_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let store = Store::new(Control::open(&path).await.unwrap()).await;
    let first = store.limits();
    store.set(&first, &budget("1", Period::Month)).await;
    let control = Arc::new(Control::open(&path).await.unwrap());
    let second = limits_of(control, Arc::new(NoPrices), Switch::On);
    let key = &store.key_id;
    spend(&first, key, after(0), "0.5").await;
    spend(&second, key, after(0), "0.5").await;
    first.store(after(1)).await;
    second.store(after(1)).await;
    // Each learns of the other when it reads the key again.
    admitted(&first, key, after(29)).await;
    for limits in [&first, &second] {
        let refusal = refused(limits, key, after(30)).await;
        assert!(refusal.message.contains("has spent 1;"), "{}", refusal.message);
    }
}

#[tokio::test]
async fn what_is_not_stored_yet_counts_when_the_key_is_read_again() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    store.set(&limits, &budget("1", Period::Month)).await;
    let key = &store.key_id;
    spend(&limits, key, after(0), "0.25").await;
    limits.store(after(1)).await;
    spend(&limits, key, after(2), "0.5").await;
    let used = async |now| limits.used(key, now).await.unwrap().spent.unwrap().0;
    assert_eq!(used(after(2)).await, dollars("0.75"));
    assert_eq!(used(after(100)).await, dollars("0.75"));
}

#[tokio::test]
async fn what_cannot_be_stored_waits() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    store.set(&limits, &budget("1", Period::Month)).await;
    spend(&limits, &store.key_id, after(0), "0.25").await;
    store.control.close().await;
    limits.store(after(1)).await;
    let rows = limits.state.lock().unstored.rows();
    assert_eq!(rows.len(), 1);
    let stored = Money(rows[0].amount);
    assert_eq!(stored, dollars("0.25"));
}

#[tokio::test]
async fn a_change_counts_at_once_and_what_was_used_stays() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let key = &store.key_id;
    let limited = KeyLimits { requests_per_minute: Some(1), ..budget("1", Period::Month) };
    store.set(&limits, &limited).await;
    spend(&limits, key, after(0), "0.4").await;
    assert_eq!(refused(&limits, key, after(1)).await.which, Which::Requests);

    let more = KeyLimits { requests_per_minute: Some(2), ..budget("1", Period::Day) };
    store.set(&limits, &more).await;
    let used = limits.used(key, after(1)).await.unwrap();
    assert_eq!((used.requests, used.spent.unwrap().0), (Some(1), dollars("0.4")));
    spend(&limits, key, after(1), "0.4").await;
    assert_eq!(refused(&limits, key, after(1)).await.which, Which::Requests);

    store.set(&limits, &budget("0.8", Period::Week)).await;
    assert_eq!(refused(&limits, key, after(1)).await.which, Which::Budget);
    store.set(&limits, &KeyLimits::default()).await;
    assert!(admitted(&limits, key, after(1)).await.headers().is_empty());
}

#[tokio::test]
async fn anothers_change_counts_after_half_a_minute() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let key = &store.key_id;
    admitted(&limits, key, after(0)).await;
    let elsewhere = store.limits();
    store.set(&elsewhere, &budget("0", Period::Day)).await;
    admitted(&limits, key, after(29)).await;
    assert_eq!(refused(&limits, key, after(30)).await.which, Which::Budget);
}

#[tokio::test]
async fn what_was_read_before_a_change_is_not_kept() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let key = &store.key_id;
    let before = limits.read(key, after(0)).await.unwrap();
    store.set(&limits, &budget("0", Period::Day)).await;
    assert!(limits.state.lock().keep(key, before, after(0)).is_none());
    assert_eq!(refused(&limits, key, after(0)).await.which, Which::Budget);
}

#[tokio::test]
async fn the_keys_that_are_kept_have_a_bound() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let wanted = KeyLimits { requests_per_minute: Some(1), ..KeyLimits::default() };
    store.set(&limits, &wanted).await;
    admitted(&limits, &store.key_id, noon()).await;
    {
        let mut state = limits.state.lock();
        for number in state.keys.len()..MOST_KEPT {
            state.keys.insert(Arc::from(number.to_string()), Key::default());
        }
    }
    let another: Arc<str> = Arc::from("another");
    admitted(&limits, &another, noon()).await;
    // Those without limits went; the others know what they have used.
    assert_eq!(limits.state.lock().keys.len(), 2);
    refused(&limits, &store.key_id, noon()).await;
}

#[tokio::test]
async fn each_key_has_its_own_account() {
    let store = Store::in_memory().await;
    let limits = store.limits();
    let pair = KeyPair::generate(&mut StdRng::seed_from_u64(2));
    let now = noon().0;
    let other = store.control.create_key(&store.project_id, &pair, "", now).await.unwrap();
    let other: Arc<str> = other.id.into();
    let wanted = budget("1", Period::Month);
    store.set(&limits, &wanted).await;
    let set = store.control.set_key_limits(&store.project_id, pair.public(), &wanted, now).await;
    limits.forget(&set.unwrap());
    spend(&limits, &store.key_id, after(0), "1").await;
    assert_eq!(refused(&limits, &store.key_id, after(1)).await.which, Which::Budget);
    admitted(&limits, &other, after(1)).await;
}
