use std::time::Duration;

use super::*;

fn ended(trace: &str, span: &str) -> Ended {
    Ended { project_id: "p".into(), trace_id: trace.into(), span_id: span.into() }
}

/// Traces and their spans.
fn names(taken: &[OfTrace]) -> Vec<(&str, Vec<&str>)> {
    taken
        .iter()
        .map(|of_trace| {
            let spans = of_trace.spans.iter().map(|span| &**span).collect();
            (&*of_trace.trace_id, spans)
        })
        .collect()
}

#[test]
fn a_trace_waits_once_for_all_of_its_calls() {
    let start = Instant::now();
    let at = |second| start + Duration::from_secs(second);
    let mut waiting = Waiting::default();
    assert_eq!(waiting.next_due(), None);
    for (trace, span, due) in [("t", "a", 5), ("u", "c", 6), ("t", "b", 7), ("t", "a", 8)] {
        assert!(waiting.add(ended(trace, span), at(due)));
    }
    assert_eq!(waiting.next_due(), Some(at(5)));
    assert!(waiting.take_due(at(4), 10).is_empty());
    let taken = waiting.take_due(at(5), 10);
    assert_eq!(names(&taken), [("t", vec!["a", "b"])]);
    let taken = waiting.take_due(at(9), 10);
    assert_eq!(names(&taken), [("u", vec!["c"])]);
    assert_eq!((waiting.next_due(), waiting.count), (None, 0));
    // What ends later waits anew.
    assert!(waiting.add(ended("t", "d"), at(14)));
    assert_eq!(waiting.next_due(), Some(at(14)));
}

#[test]
fn traces_of_two_projects_with_one_name_are_two() {
    let now = Instant::now();
    let mut waiting = Waiting::default();
    waiting.add(ended("t", "a"), now);
    waiting.add(Ended { project_id: "q".into(), ..ended("t", "a") }, now);
    let taken = waiting.take_due(now, 10);
    let projects: Vec<&str> = taken.iter().map(|of_trace| &*of_trace.project_id).collect();
    assert_eq!(projects, ["p", "q"]);
}

#[test]
fn no_more_are_taken_than_are_worked_on_together() {
    let now = Instant::now();
    let mut waiting = Waiting::default();
    for n in 0..10 {
        waiting.add(ended(&format!("t{n}"), "a"), now);
    }
    assert_eq!(waiting.take_due(now, 4).len(), 4);
    assert_eq!(waiting.take_due(now, 100).len(), 6);
}

#[test]
fn too_many_are_refused_until_some_are_taken() {
    let now = Instant::now();
    let mut waiting = Waiting::default();
    for n in 0..MOST {
        assert!(waiting.add(ended("t", &n.to_string()), now));
    }
    assert!(!waiting.add(ended("t", "more"), now));
    let taken = waiting.take_due(now, 1);
    assert_eq!(taken[0].spans.len(), 1);
    assert!(waiting.add(ended("t", "more"), now));
    assert!(!waiting.add(ended("t", "and more"), now));
    assert_eq!(waiting.take_due(now, 2 * MOST)[0].spans.len(), MOST);
    assert_eq!((waiting.next_due(), waiting.count), (None, 0));
}

#[test]
fn a_trace_of_many_calls_is_taken_in_parts() {
    let now = Instant::now();
    let mut waiting = Waiting::default();
    for span in ["c", "a", "b", "a"] {
        waiting.add(ended("t", span), now);
    }
    waiting.add(ended("u", "d"), now);
    let taken = waiting.take_due(now, 2);
    assert_eq!(names(&taken), [("t", vec!["a", "b"])]);
    assert_eq!((waiting.next_due(), waiting.count), (Some(now), 2));
    // What ends meanwhile is of the rest.
    waiting.add(ended("t", "e"), now + Duration::from_secs(5));
    let taken = waiting.take_due(now, 9);
    assert_eq!(names(&taken), [("t", vec!["c", "e"]), ("u", vec!["d"])]);
    assert_eq!((waiting.next_due(), waiting.count), (None, 0));
}

#[test]
fn projects_take_turns() {
    let now = Instant::now();
    let mut waiting = Waiting::default();
    for n in 0..100 {
        waiting.add(ended(&format!("t{n:02}"), "a"), now);
    }
    let of = |project: &str, trace: &str| Ended { project_id: project.into(), ..ended(trace, "a") };
    waiting.add(of("q", "v"), now);
    let projects = |taken: &[OfTrace]| -> Vec<String> {
        taken.iter().map(|of_trace| of_trace.project_id.to_string()).collect()
    };
    // What one leaves of its share is for the others.
    let taken = waiting.take_due(now, 4);
    assert_eq!(projects(&taken), ["p", "p", "q", "p"]);
    // The turn goes on where it was, and not from the start.
    waiting.add(of("q", "w"), now);
    waiting.add(of("r", "x"), now);
    assert_eq!(projects(&waiting.take_due(now, 1)), ["p"]);
    assert_eq!(projects(&waiting.take_due(now, 1)), ["q"]);
    assert_eq!(projects(&waiting.take_due(now, 1)), ["r"]);
    let taken = waiting.take_due(now, 1_000);
    assert_eq!((taken.len(), waiting.count), (96, 0));
    assert_eq!((&*taken[0].trace_id, &*taken[95].trace_id), ("t04", "t99"));
}
