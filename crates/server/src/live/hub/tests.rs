use std::time::Duration;

use futures::FutureExt as _;
use tokio::time::timeout;
use tracekeep_model::{Field, Rank, RecordKey, State, Step, Version};

use super::*;

const START: Micros = Micros(1_800_000_000_000_000);

fn seconds(seconds: i64) -> Micros {
    START.plus(seconds * Micros::SECOND)
}

/// One update of trace `t`.
fn block(project: &str, output: &str, received: Micros) -> Block {
    let version = Version { rank: Rank::Stated, time: received, step: Step::Update };
    let mut state = State::new(received);
    state.set(Field::Output, version, output);
    let key = RecordKey::Span { trace_id: "t".into(), span_id: "t".into() };
    Block { project_id: project.into(), received, patches: vec![(key, state)] }
}

fn publish(hub: &Hub, block: &Block) {
    let news = hub.news(block);
    hub.publish(news);
}

/// The output of the next event, which must be there already.
fn output(listener: &mut Listener) -> String {
    let heard = listener.next().now_or_never().expect("an event is there").unwrap();
    match heard {
        Heard::Notice(notice) => {
            serde_json::to_value(&*notice).unwrap()["output"].as_str().unwrap().to_owned()
        }
        Heard::Lagged(missed) => panic!("lagged by {missed:?}"),
        Heard::Text(spoken) => panic!("{spoken:?}"),
    }
}

fn lag(listener: &mut Listener) -> Option<u64> {
    let heard = listener.next().now_or_never().expect("an event is there").unwrap();
    match heard {
        Heard::Lagged(missed) => missed,
        other => panic!("no lag but {other:?}"),
    }
}

fn is_silent(listener: &mut Listener) -> bool {
    listener.next().now_or_never().is_none()
}

#[test]
fn nothing_is_read_or_kept_where_nobody_listens() {
    let hub = Hub::default();
    let news = hub.news(&block("p", "one", START));
    assert!(news.notices.is_none());
    hub.publish(news);
    assert!(hub.channels.lock().is_empty());
}

#[test]
fn listeners_hear_what_comes_after_them_in_order() {
    let hub = Hub::default();
    let mut first = hub.listen(&"p".into(), None, START).unwrap();
    publish(&hub, &block("p", "one", START));
    let mut second = hub.listen(&"p".into(), None, START).unwrap();
    publish(&hub, &block("p", "two", START));
    assert_eq!((output(&mut first), output(&mut first)), ("one".into(), "two".into()));
    assert_eq!(output(&mut second), "two");
    assert!(is_silent(&mut first) && is_silent(&mut second));
}

#[tokio::test]
async fn a_waiting_listener_is_woken() {
    let hub = Arc::new(Hub::default());
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let waiting = tokio::spawn(async move { listener.next().await });
    tokio::task::yield_now().await;
    publish(&hub, &block("p", "one", START));
    let heard = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(matches!(heard, Some(Heard::Notice(_))));
}

#[test]
fn projects_hear_nothing_of_each_other() {
    let hub = Hub::default();
    let mut mine = hub.listen(&"mine".into(), None, START).unwrap();
    let mut yours = hub.listen(&"yours".into(), None, START.plus(1)).unwrap();
    publish(&hub, &block("yours", "one", START));
    assert!(is_silent(&mut mine));
    assert_eq!(output(&mut yours), "one");
    // Not by an id of theirs either.
    let mut curious = hub.listen(&"mine".into(), Some(yours.position().as_str()), START).unwrap();
    assert_eq!(lag(&mut curious), None);
    assert!(is_silent(&mut curious));
}

#[test]
fn a_slow_listener_is_told_how_much_it_missed_and_goes_on() {
    let hub = Hub::default();
    let mut slow = hub.listen(&"p".into(), None, START).unwrap();
    for n in 0..MOST_KEPT.events + 10 {
        publish(&hub, &block("p", &n.to_string(), START));
    }
    assert_eq!(lag(&mut slow), Some(10));
    assert_eq!((output(&mut slow), output(&mut slow)), ("10".into(), "11".into()));
}

#[test]
fn who_comes_back_gets_what_it_missed_and_no_more() {
    let hub = Hub::default();
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let at_first = listener.position();
    publish(&hub, &block("p", "one", START));
    assert_eq!(output(&mut listener), "one");
    let left_at = listener.position();
    drop(listener);
    publish(&hub, &block("p", "two", seconds(1)));
    publish(&hub, &block("p", "three", seconds(2)));

    let mut back = hub.listen(&"p".into(), Some(left_at.as_str()), seconds(3)).unwrap();
    assert_eq!(back.position(), left_at);
    assert_eq!((output(&mut back), output(&mut back)), ("two".into(), "three".into()));
    assert!(is_silent(&mut back));
    let mut again = hub.listen(&"p".into(), Some(at_first.as_str()), seconds(3)).unwrap();
    assert_eq!(output(&mut again), "one");
}

#[test]
fn an_id_of_elsewhere_is_a_lag_of_unknown_length() {
    let hub = Hub::default();
    let listener = hub.listen(&"p".into(), None, START).unwrap();
    publish(&hub, &block("p", "one", START));
    let epoch = START.0;
    let future = format!("{epoch}-99");
    for id in ["", "nonsense", "1-1", "-", future.as_str()] {
        let mut lost = hub.listen(&"p".into(), Some(id), START).unwrap();
        assert_eq!(lag(&mut lost), None, "{id}");
        assert!(is_silent(&mut lost), "{id}");
    }
    drop(listener);
}

#[test]
fn events_are_kept_a_minute_for_who_left() {
    let hub = Hub::default();
    let listener = hub.listen(&"p".into(), None, START).unwrap();
    let left_at = listener.position();
    drop(listener);
    publish(&hub, &block("p", "one", seconds(10)));
    publish(&hub, &block("p", "two", seconds(70)));
    let mut back = hub.listen(&"p".into(), Some(left_at.as_str()), seconds(70)).unwrap();
    assert_eq!((output(&mut back), output(&mut back)), ("one".into(), "two".into()));
    drop(back);

    // Traffic of any project sweeps.
    publish(&hub, &block("q", "other", seconds(80)));
    publish(&hub, &block("q", "other", seconds(141)));
    assert!(hub.channels.lock().is_empty());
    assert_eq!(hub.count.load(Ordering::Acquire), 0);
    let mut late = hub.listen(&"p".into(), Some(left_at.as_str()), seconds(142)).unwrap();
    assert_eq!(lag(&mut late), None);
}

#[test]
fn who_comes_while_a_block_is_joined_looks_again() {
    let hub = Hub::default();
    let news = hub.news(&block("p", "one", START));
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    hub.publish(news);
    assert_eq!(lag(&mut listener), Some(1));
    assert!(is_silent(&mut listener));
}

#[test]
fn a_block_that_could_not_be_read_was_missed() {
    let hub = Hub::default();
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    hub.publish(News::unread(&block("p", "one", START)));
    assert_eq!(lag(&mut listener), Some(1));
    publish(&hub, &block("p", "two", START));
    assert_eq!(output(&mut listener), "two");
}

/// The name of the next event, which must be there already.
fn event(listener: &mut Listener) -> &'static str {
    match listener.next().now_or_never().expect("an event is there").unwrap() {
        Heard::Notice(notice) => notice.event(),
        Heard::Lagged(missed) => panic!("lagged by {missed:?}"),
        Heard::Text(spoken) => panic!("{spoken:?}"),
    }
}

/// Trace `t` and one of its scores go.
fn deletion(received: Micros) -> Block {
    let keys =
        [RecordKey::Trace { trace_id: "t".into() }, RecordKey::Score { score_id: "s".into() }];
    let patches = keys.into_iter().map(|key| (key, State::deleted(received))).collect();
    Block { project_id: "p".into(), received, patches }
}

#[test]
fn a_deletion_is_told_and_takes_kept_events_along() {
    let hub = Hub::default();
    let mut slow = hub.listen(&"p".into(), None, START).unwrap();
    let mut quick = hub.listen(&"p".into(), None, START).unwrap();
    let at_first = slow.position();
    publish(&hub, &block("p", "secret", START));
    assert_eq!(output(&mut quick), "secret");
    let left_at = quick.position();
    publish(&hub, &deletion(START));
    // Who had heard it, who had not, who comes back from before it and from behind it.
    let mut from_start = hub.listen(&"p".into(), Some(at_first.as_str()), START).unwrap();
    let mut from_it = hub.listen(&"p".into(), Some(left_at.as_str()), START).unwrap();
    for listener in [&mut slow, &mut quick, &mut from_start, &mut from_it] {
        assert_eq!(event(listener), "deleted");
        assert!(is_silent(listener));
    }
    // A second deletion takes the place of the first.
    publish(&hub, &deletion(seconds(1)));
    let mut back = hub.listen(&"p".into(), Some(at_first.as_str()), seconds(1)).unwrap();
    assert_eq!(event(&mut back), "deleted");
    assert!(is_silent(&mut back));
}

#[test]
fn there_is_a_limit_to_listeners() {
    let hub = Hub::default();
    let listen = || hub.listen(&"p".into(), None, START);
    let mut all: Vec<Listener> = (0..MOST_LISTENERS).filter_map(|_| listen()).collect();
    assert_eq!(all.len(), MOST_LISTENERS);
    assert!(listen().is_none());
    drop(all.pop());
    assert!(listen().is_some());
}

/// The offset and the text of the next event, which must be there already.
fn text(listener: &mut Listener) -> (u64, String) {
    match listener.next().now_or_never().expect("a text is there").unwrap() {
        Heard::Text(spoken) => {
            let data = serde_json::to_value(&spoken).unwrap();
            (data["offset"].as_u64().unwrap(), data["text"].as_str().unwrap().to_owned())
        }
        other => panic!("no text but {other:?}"),
    }
}

/// A text of trace `t`.
fn telling(hub: &Hub) -> Telling {
    let audience = hub.audience(&"p".into()).expect("somebody listens");
    audience.begin("t", "t").expect("there is room")
}

#[test]
fn an_audience_is_there_while_somebody_listens() {
    let hub = Hub::default();
    assert!(hub.audience(&"p".into()).is_none());
    let listener = hub.listen(&"p".into(), None, START).unwrap();
    assert!(hub.audience(&"p".into()).is_some());
    assert!(hub.audience(&"q".into()).is_none());
    drop(listener);
    // Events are kept for who comes back, and yet nobody is told a text.
    assert!(hub.audience(&"p".into()).is_none());
    assert_eq!(hub.channels.lock().len(), 1);
}

#[test]
fn texts_and_events_come_in_turn() {
    let hub = Hub::default();
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let telling = telling(&hub);
    publish(&hub, &block("p", "one", START));
    publish(&hub, &block("p", "two", START));
    telling.add("a ");
    assert_eq!(text(&mut listener), (0, "a ".into()));
    telling.add("b ");
    assert_eq!(output(&mut listener), "one");
    assert_eq!(text(&mut listener), (2, "b ".into()));
    assert_eq!(output(&mut listener), "two");
    telling.add("c ");
    assert_eq!(text(&mut listener), (4, "c ".into()));
    assert!(is_silent(&mut listener));
}

#[test]
fn who_comes_back_hears_a_text_from_its_beginning_on() {
    let hub = Hub::default();
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let telling = telling(&hub);
    telling.add("a ");
    assert_eq!(text(&mut listener), (0, "a ".into()));
    let left_at = listener.position();
    telling.add("b ");
    let mut back = hub.listen(&"p".into(), Some(left_at.as_str()), START).unwrap();
    assert_eq!(text(&mut back), (0, "a b ".into()));
    assert!(is_silent(&mut back));
    assert_eq!(text(&mut listener), (2, "b ".into()));
}

#[test]
fn a_text_that_is_over_or_deleted_is_not_heard() {
    let hub = Hub::default();
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let over = telling(&hub);
    over.add("a ");
    drop(over);
    assert!(is_silent(&mut listener));
    let deleted = telling(&hub);
    deleted.add("secret ");
    publish(&hub, &deletion(START));
    deleted.add("too ");
    assert_eq!(event(&mut listener), "deleted");
    assert!(is_silent(&mut listener));
}

#[test]
fn an_audience_that_left_long_ago_is_another() {
    let hub = Hub::default();
    let listener = hub.listen(&"p".into(), None, START).unwrap();
    let telling = telling(&hub);
    let audience = hub.audience(&"p".into()).unwrap();
    assert!(telling.is_to(&audience));
    drop(listener);
    publish(&hub, &block("p", "one", seconds(10)));
    publish(&hub, &block("p", "two", seconds(71)));
    let _listener = hub.listen(&"p".into(), None, seconds(72)).unwrap();
    let audience = hub.audience(&"p".into()).unwrap();
    assert!(!telling.is_to(&audience));
}

#[tokio::test]
async fn a_text_wakes_who_waits() {
    let hub = Arc::new(Hub::default());
    let mut listener = hub.listen(&"p".into(), None, START).unwrap();
    let waiting = tokio::spawn(async move { listener.next().await });
    tokio::task::yield_now().await;
    let telling = telling(&hub);
    telling.add("a ");
    let heard = timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
    assert!(matches!(heard, Some(Heard::Text(_))));
}
