//! The order in which a trace's spans are shown.

use std::collections::HashMap;

use tracekeep_model::{Span, Text};

/// Depth first, siblings by start. A span whose parent is missing, or that is its own ancestor,
/// counts as a root.
pub(super) fn tree_order(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by(|a, b| (a.start_time, &a.span_id).cmp(&(b.start_time, &b.span_id)));
    let place: HashMap<Text, usize> =
        spans.iter().enumerate().map(|(n, span)| (span.span_id.clone(), n)).collect();
    let parent = |n: usize| spans[n].parent_span_id.as_ref().and_then(|id| place.get(id)).copied();
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut stack = Vec::new();
    for n in (0..spans.len()).rev() {
        match parent(n) {
            Some(parent) => children[parent].push(n),
            None => stack.push(n),
        }
    }
    let mut order = Vec::with_capacity(spans.len());
    let mut seen = vec![false; spans.len()];
    let mut next_unseen = 0;
    while order.len() < spans.len() {
        let Some(n) = stack.pop() else {
            // Only spans within circles are left.
            while seen[next_unseen] {
                next_unseen += 1;
            }
            stack.push(next_unseen);
            continue;
        };
        if !std::mem::replace(&mut seen[n], true) {
            order.push(n);
            stack.extend(&children[n]);
        }
    }
    let mut slots: Vec<Option<Span>> = spans.into_iter().map(Some).collect();
    order.into_iter().filter_map(|n| slots[n].take()).collect()
}

#[cfg(test)]
mod tests;
