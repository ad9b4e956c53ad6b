use std::collections::HashSet;

use super::{DAY, Generator, Prepared, Recipe, SECOND, trace_id, user};
use crate::corpus::{Corpus, CorpusKind};
use crate::record::TraceId;

const RECIPE: Recipe =
    Recipe { seed: 7, traces: 250, traces_per_request: 102, until: 1_790_000_000, days: 30 };

fn generator(recipe: Recipe) -> Generator {
    Generator::new(Corpus::new(CorpusKind::Synthetic), recipe)
}

fn requests(generator: &Generator) -> Vec<Prepared> {
    (0..generator.requests()).map(|index| generator.request(index)).collect()
}

fn traces(requests: &[Prepared]) -> Vec<TraceId> {
    requests.iter().flat_map(|request| request.traces.clone()).collect()
}

#[test]
fn the_same_recipe_gives_the_same_bytes() {
    let (one, two) = (generator(RECIPE), generator(RECIPE));
    assert_eq!(one.request(1).body, two.request(1).body);
    let other = generator(Recipe { seed: 8, ..RECIPE });
    assert_ne!(one.request(1).body, other.request(1).body);
}

#[test]
fn traces_do_not_depend_on_how_they_are_batched() {
    let large = traces(&requests(&generator(RECIPE)));
    let small = traces(&requests(&generator(Recipe { traces_per_request: 7, ..RECIPE })));
    assert_eq!(large, small);
    assert_eq!(large.len(), 250);
    assert_eq!(large.iter().collect::<HashSet<_>>().len(), 250);
}

#[test]
fn seed_and_index_tell_what_was_sent() {
    let requests = requests(&generator(RECIPE));
    let told: Vec<TraceId> = (0..250).map(|index| trace_id(RECIPE.seed, index)).collect();
    assert_eq!(told, traces(&requests));
    let body = &requests[1].body;
    let name = user(RECIPE.seed, 102);
    assert!(body.windows(name.len()).any(|bytes| bytes == name.as_bytes()), "{name}");
}

#[test]
fn a_span_has_about_1250_bytes() {
    for kind in [CorpusKind::Synthetic, CorpusKind::Prose] {
        let generator = Generator::new(Corpus::new(kind), RECIPE);
        let requests = requests(&generator);
        let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
        let spans: u64 = requests.iter().map(Prepared::spans).sum();
        assert_eq!(spans, 1_250);
        let average = bytes as u64 / spans;
        assert!((1_200..1_320).contains(&average), "{kind:?}: {average} bytes a span");
    }
}

#[test]
fn starts_spread_over_the_days_and_lie_in_the_past() {
    use rand::SeedableRng;
    let generator = generator(RECIPE);
    let mut rng = rand::rngs::StdRng::seed_from_u64(1);
    let starts: Vec<u64> = (0..250).map(|index| generator.start(index, &mut rng)).collect();
    let until = RECIPE.until * SECOND;
    assert!(starts.iter().all(|start| *start < until && *start > until - 31 * DAY));
    assert!(starts[249] - starts[0] > 29 * DAY);
}
