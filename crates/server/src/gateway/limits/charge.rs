//! What a call that was admitted used of its key's limits, told when it ends.

use tracekeep_decode::call::{Begun, End, Progress};
use tracekeep_model::{
    Estimate, Kind, Micros, Money, Span, State, Status, Text, Usage, project_span,
};

use super::Admitted;
use crate::estimates::Question;

/// A call that runs, and what its price depends on.
pub(in crate::gateway) struct Charge {
    admitted: Admitted,
    project_id: Text,
    /// The columns of its trace that say what it used: so both show the same.
    call: Box<Span>,
}

impl Charge {
    /// Of a call that begins; `None` where nothing is counted.
    pub(in crate::gateway) fn of(
        admitted: Admitted,
        project_id: &Text,
        begun: &Begun,
    ) -> Option<Self> {
        let counted = admitted.0.as_ref()?;
        // Its texts are held for as long as the call runs, so only where they may be counted.
        let kept = |text: &Option<Text>| text.clone().filter(|_| counted.estimates);
        let nameless = Text::default();
        let mut call = project_span(&nameless, &nameless, &State::new(begun.at));
        call.kind = begun.kind.unwrap_or(Kind::Generation);
        call.start_time = begun.at;
        call.model = Some(begun.model.clone()).filter(|model| !model.is_empty());
        call.provider = begun.provider.clone();
        call.parameters = begun.parameters.clone();
        call.system_prompt = kept(&begun.system_prompt);
        call.input = kept(&begun.input);
        Some(Self { admitted, project_id: project_id.clone(), call: Box::new(call) })
    }

    /// Another than the first choice serves the call.
    pub(in crate::gateway) fn served_by(&mut self, provider: &Text) {
        self.call.provider = Some(provider.clone());
    }

    /// The call is over, and this is known of it. What nobody counted is counted a moment later.
    pub(in crate::gateway) fn end(mut self, said: &Progress, end: &End) {
        self.learn(said, end);
        let estimates = self.admitted.0.as_ref().is_some_and(|counted| counted.estimates);
        let asks = estimates && said.cost.is_none();
        let question = if asks { Question::of_span(&self.call) } else { None };
        match question {
            Some(question) => self.estimate(question, said.at),
            None => self.settle(said.at, said.cost),
        }
    }

    fn learn(&mut self, said: &Progress, end: &End) {
        let call = &mut *self.call;
        call.status = match end {
            End::Success => Status::Success,
            End::Error(_) => Status::Error,
        };
        if said.provider.is_some() {
            call.provider = said.provider.clone();
        }
        call.response_model = said.response_model.clone();
        call.metadata = said.metadata.clone();
        call.output = said.output.clone();
        call.tool_calls = said.tool_calls.clone();
        call.usage = said.usage.clone().unwrap_or_default();
        call.usage_given = said.usage_given.clone();
    }

    fn estimate(mut self, question: Question, at: Micros) {
        let Some(counted) = &self.admitted.0 else { return };
        let limits = counted.limits.clone();
        limits.counting.later(question, move |estimate| {
            if let Some(Estimate { input, output, .. }) = estimate {
                self.call.usage = Usage { input, output, ..Usage::default() };
            }
            self.settle(at, None);
        });
    }

    /// With all that will be known.
    fn settle(self, at: Micros, stated: Option<Money>) {
        let Self { admitted, project_id, call } = self;
        let tokens = u64::try_from(call.usage.total().unwrap_or(0)).unwrap_or(0);
        let counted = admitted.0.as_ref().filter(|counted| counted.has_budget);
        let cost = stated.or_else(|| counted?.limits.cost(&project_id, *call));
        admitted.spent(at, tokens, cost);
    }
}

#[cfg(test)]
mod tests;
