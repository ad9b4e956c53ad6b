//! Cases that are easily got wrong, each told by hand.

mod asking;
mod content;
mod costs;
mod deletion;
mod joining;
mod large;
mod scores;
mod totals;

pub use asking::{an_empty_archive_answers, bad_queries_are_refused, projects_are_apart};
pub use content::{
    a_megabyte_comes_back_whole, ids_may_hold_anything, numbers_are_compared_exactly,
};
pub use costs::{a_late_patch_computes_costs_anew, costs_are_computed, random_costs_add_up};
pub use deletion::{a_deleted_span_stays_deleted, a_deletion_may_come_first, a_deletion_wins};
pub use joining::{
    a_block_twice_changes_nothing, a_late_patch_reopens, an_attribute_of_a_trace_reaches_its_spans,
    any_order_gives_the_same,
};
pub use large::large_fields_come_back_whole;
pub use scores::{a_score_may_come_first, scores_lead_to_their_trace};
pub use totals::{hours_add_up, views_agree_with_their_tables};
