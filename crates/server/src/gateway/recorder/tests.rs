#![allow(clippy::unwrap_used)]

use std::path::Path;

use tracekeep_archive::Archive;
use tracekeep_archive_embedded::{Embedded, Options};
use tracekeep_decode::call::{self, About, Begun, End, Failure, Place, Progress};
use tracekeep_model::{Field, Micros, Register, Status, Usage, Value};
use tracekeep_redact::Masking;

use super::*;
use crate::config::Switch;
use crate::estimates::Ear;
use crate::pipeline::MemoryLimits;

const NOON: Micros = Micros(1_770_000_000_000_000);
const UNBOUNDED: MemoryLimits = MemoryLimits { seal: u64::MAX, wait: u64::MAX, refuse: u64::MAX };

fn place(trace_id: &str) -> Place {
    Place { trace_id: trace_id.into(), span_id: trace_id.into(), parent_span_id: None }
}

/// A call's beginning, with an input.
fn begun(trace_id: &str, input: &Text) -> Patches {
    let begun =
        Begun { at: NOON, model: "m".into(), input: Some(input.clone()), ..Begun::default() };
    call::begun(&place(trace_id), &About::default(), begun)
}

/// A call's end a second later, with this as its answer and as its tool calls.
fn ended(trace_id: &str, answer: &Text, end: End) -> Patches {
    let progress = Progress {
        at: Micros(NOON.0 + Micros::SECOND),
        output: Some(answer.clone()),
        tool_calls: Some(answer.clone()),
        usage: Some(Usage { stated_total: Some(31), ..Usage::default() }),
        ..Progress::default()
    };
    call::ended(&place(trace_id), progress, end)
}

/// A text of so many MiB, of words. Its clones share its memory.
fn text(mib: usize) -> Text {
    "sixteen letters ".repeat(mib << 16).into()
}

fn is_marked(state: &State, mark: &'static str) -> bool {
    let entry = state.entry(&Register::Metadata(Text::from_static(mark)));
    entry.is_some_and(|entry| entry.value == Value::from("true"))
}

/// A recorder whose queue is read by the test.
fn unread(messages: usize) -> (Recorder, Receiver<Said>, Arc<Metrics>) {
    let (queue, waiting) = channel(messages);
    let metrics = Arc::new(Metrics::new());
    let recorder = Recorder {
        queue,
        calls: Room::default(),
        ends: Room::default(),
        losses: Arc::new(Losses::new(metrics.clone())),
        live: Arc::new(Hub::default()),
        redactor: Redactor::new(Masking::Off),
        cut: CancellationToken::new(),
    };
    (recorder, waiting, metrics)
}

/// The patches that wait.
fn waiting(queue: &mut Receiver<Said>) -> Vec<Patches> {
    std::iter::from_fn(|| queue.try_recv().ok()).map(|said| said.patches).collect()
}

#[test]
fn ends_beyond_their_bound_are_queued_without_long_texts() {
    let (recorder, mut queue, metrics) = unread(64);
    let (project_id, answer) = (Text::from("p"), text(60));
    let failure = Failure { code: Some("500".into()), message: "no".into(), ..Failure::default() };
    for n in 0..6 {
        let end = End::Error(failure.clone());
        recorder.say_end(&project_id, ended(&format!("t{n}"), &answer, end));
    }
    let bytes = recorder.ends.taken();
    assert!((240 << 20..256 << 20).contains(&bytes), "{bytes} bytes wait");
    assert_eq!(metrics.lost_call_records.get(), 4, "each that was cut counts");
    let ends = waiting(&mut queue);
    assert_eq!(ends.len(), 6, "every call ends");
    for (n, end) in ends.iter().enumerate() {
        let (_, state) = &end[0];
        assert_eq!(state.get(Field::Status), Some(&Value::Status(Status::Error)));
        assert_eq!(state.time(Field::EndTime), Some(Micros(NOON.0 + Micros::SECOND)));
        assert_eq!(&**state.text(Field::ErrorCode).unwrap(), "500");
        let total = state.entry(&Register::Usage("total".into())).unwrap();
        assert_eq!(total.value, Value::Int(31));
        let is_whole = n < 2;
        assert_eq!(state.text(Field::Output).is_some(), is_whole, "the output of {n}");
        assert_eq!(state.text(Field::ToolCalls).is_some(), is_whole, "the tool calls of {n}");
        assert_eq!(is_marked(state, "output_cut"), !is_whole);
        assert_eq!(is_marked(state, "tool_calls_cut"), !is_whole);
    }
}

#[test]
fn ends_that_wait_take_no_room_of_beginnings() {
    let (recorder, mut queue, metrics) = unread(64);
    let project_id = Text::from("p");
    recorder.say_end(&project_id, ended("t1", &text(70), End::Success));
    recorder.say(&project_id, begun("t2", &text(1)));
    recorder.say(&project_id, begun("t3", &text(1)));
    assert_eq!(waiting(&mut queue).len(), 3);
    assert_eq!(metrics.lost_call_records.get(), 0);
    assert_eq!((recorder.calls.taken(), recorder.ends.taken()), (0, 0), "nothing waits now");
}

#[test]
fn beginnings_beyond_their_bound_are_lost_and_ends_are_not() {
    let (recorder, mut queue, metrics) = unread(64);
    let (project_id, input) = (Text::from("p"), text(40));
    recorder.say(&project_id, begun("t1", &input));
    recorder.say(&project_id, begun("t2", &input));
    recorder.say_end(&project_id, ended("t1", &text(1), End::Success));
    assert_eq!(waiting(&mut queue).len(), 2);
    assert_eq!(metrics.lost_call_records.get(), 1);
    assert_eq!(recorder.calls.taken(), 0, "what was lost takes no room");
}

#[test]
fn a_beginning_larger_than_all_that_may_wait_waits_alone() {
    let (recorder, mut queue, metrics) = unread(64);
    let (project_id, input) = (Text::from("p"), text(70));
    recorder.say(&project_id, begun("t1", &input));
    recorder.say(&project_id, begun("t2", &Text::new()));
    assert_eq!(waiting(&mut queue).len(), 1);
    assert_eq!(metrics.lost_call_records.get(), 1);
    recorder.say(&project_id, begun("t3", &Text::new()));
    assert_eq!(waiting(&mut queue).len(), 1, "there is room again");
}

#[test]
fn the_last_places_are_for_ends() {
    let (recorder, mut queue, metrics) = unread(8);
    let (project_id, empty) = (Text::from("p"), Text::new());
    for _ in 0..8 {
        recorder.say(&project_id, begun("t", &empty));
    }
    assert_eq!(metrics.lost_call_records.get(), 2);
    recorder.say_end(&project_id, ended("t", &empty, End::Success));
    recorder.say_end(&project_id, ended("t", &empty, End::Success));
    assert_eq!(metrics.lost_call_records.get(), 2);
    recorder.say_end(&project_id, ended("t", &empty, End::Success));
    assert_eq!(metrics.lost_call_records.get(), 3, "nothing is left");
    assert_eq!(waiting(&mut queue).len(), 8);
    assert_eq!((recorder.calls.taken(), recorder.ends.taken()), (0, 0));
}

/// What is written in a folder, and what writes it.
struct Scene {
    archive: Arc<dyn Archive>,
    recorder: Recorder,
    metrics: Arc<Metrics>,
}

impl Scene {
    fn new(dir: &Path) -> Self {
        let archive: Arc<dyn Archive> =
            Arc::new(Embedded::open(Options::new(dir.join("archive"))).unwrap());
        let (metrics, live) = (Arc::new(Metrics::new()), Arc::new(Hub::default()));
        let (ear, _) = Ear::of(Switch::Off, &metrics);
        let redactor = Redactor::new(Masking::Off);
        let opened = Pipeline::open(
            dir,
            redactor,
            archive.clone(),
            live.clone(),
            ear,
            metrics.clone(),
            UNBOUNDED,
        );
        let pipeline = Arc::new(opened.unwrap());
        let (recorder, _) =
            Recorder::start(pipeline, metrics.clone(), live, CancellationToken::new());
        Self { archive, recorder, metrics }
    }

    /// The span of a call that is the trace.
    async fn span(&self, trace_id: &str) -> State {
        let unit = self.archive.trace("p", trace_id).await.unwrap().unwrap();
        unit.spans[trace_id].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_huge_end_is_cut_and_takes_no_other_call_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let scene = Scene::new(dir.path());
    let (project_id, small) = (Text::from("p"), Text::from("[]"));
    // Of one, the end comes first: it is in the block before that of the beginning.
    scene.recorder.say_end(&project_id, ended("before", &small, End::Success));
    scene.recorder.say(&project_id, begun("huge", &small));
    // Twice, in the answer and in the tool calls: more than a block of the journal holds.
    scene.recorder.say_end(&project_id, ended("huge", &text(65), End::Success));
    scene.recorder.say(&project_id, begun("before", &small));
    scene.recorder.say(&project_id, begun("after", &small));
    scene.recorder.say_end(&project_id, ended("after", &small, End::Success));
    scene.recorder.settled().await;

    for trace_id in ["before", "after", "huge"] {
        let span = scene.span(trace_id).await;
        assert_eq!(span.get(Field::Status), Some(&Value::Status(Status::Success)), "{trace_id}");
        assert_eq!(span.time(Field::StartTime), Some(NOON), "{trace_id}");
        let ended = Some(Micros(NOON.0 + Micros::SECOND));
        assert_eq!(span.time(Field::EndTime), ended, "{trace_id}");
        let is_huge = trace_id == "huge";
        let output = span.text(Field::Output).unwrap();
        assert_eq!(output.len(), if is_huge { 16 << 20 } else { 2 }, "{trace_id}");
        assert_eq!(span.text(Field::ToolCalls), (!is_huge).then_some(&small), "{trace_id}");
        assert_eq!(is_marked(&span, "output_cut"), is_huge, "{trace_id}");
        assert_eq!(is_marked(&span, "tool_calls_cut"), is_huge, "{trace_id}");
    }
    assert_eq!(scene.metrics.lost_call_records.get(), 1, "once, as it fits when it is cut");
}
