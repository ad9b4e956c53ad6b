//! What a call that was admitted used of its key's limits, told when it ends.

use tracekeep_decode::call::{Begun, Progress};
use tracekeep_model::{Micros, Money, State, Text, Usage, project_span};

use super::Admitted;

/// A call that runs, and what its price depends on.
pub(in crate::gateway) struct Charge {
    admitted: Admitted,
    project_id: Text,
    start: Micros,
    model: Text,
    provider: Option<Text>,
    parameters: Option<Text>,
}

impl Charge {
    /// Of a call that begins; `None` where nothing is counted.
    pub(in crate::gateway) fn of(
        admitted: Admitted,
        project_id: &Text,
        begun: &Begun,
    ) -> Option<Self> {
        admitted.0.as_ref()?;
        Some(Self {
            admitted,
            project_id: project_id.clone(),
            start: begun.at,
            model: begun.model.clone(),
            provider: begun.provider.clone(),
            parameters: begun.parameters.clone(),
        })
    }

    /// Another than the first choice serves the call.
    pub(in crate::gateway) fn served_by(&mut self, provider: &Text) {
        self.provider = Some(provider.clone());
    }

    /// The call is over, and this is known of it.
    pub(in crate::gateway) fn end(self, said: &Progress) {
        let tokens = said.usage.as_ref().and_then(Usage::total).unwrap_or(0);
        let cost = said.cost.or_else(|| self.cost(said));
        self.admitted.spent(said.at, u64::try_from(tokens).unwrap_or(0), cost);
    }

    /// By the same columns as the trace's, so that both show the same.
    fn cost(&self, said: &Progress) -> Option<Money> {
        let counted = self.admitted.0.as_ref().filter(|counted| counted.has_budget)?;
        let nameless = Text::default();
        let mut span = project_span(&nameless, &nameless, &State::new(self.start));
        span.start_time = self.start;
        span.model = Some(self.model.clone()).filter(|model| !model.is_empty());
        span.response_model = said.response_model.clone();
        span.provider = said.provider.clone().or_else(|| self.provider.clone());
        span.parameters = self.parameters.clone();
        span.metadata = said.metadata.clone();
        span.usage = said.usage.clone()?;
        counted.limits.cost(&self.project_id, span)
    }
}

#[cfg(test)]
mod tests;
