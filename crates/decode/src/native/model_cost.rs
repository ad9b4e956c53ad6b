use tracekeep_model::{
    Cost, Field, Kind, Micros, RecordKey, Register, State, Step, Text, Usage, UsageType, Value,
};

use super::amounts::{self, Amounts};
use super::fields::Fields;
use super::json::{self, Document, Json};
use super::moment::Moment;
use super::patch::{Null, Patch};
use super::{Context, root, usage};
use crate::FieldError;

/// The most calls whose cost one request may ask for.
pub const MAX_COST_CALLS: usize = 10_000;

const FIELDS: &[&str] = &[
    "provider",
    "model",
    "usage",
    "input_tokens",
    "output_tokens",
    "at",
    "service_tier",
    "region",
    "trace_id",
    "timestamp",
];

/// What a request asks the cost of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CostRequest {
    /// One call, the body itself.
    One(Box<CostCall>),
    /// The calls of `{items: […]}`.
    Many(Vec<CostCall>),
}

/// A call of a model whose cost is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostCall {
    /// The provider, by any of its names.
    pub provider: Option<Text>,
    /// The model's name.
    pub model: Text,
    /// What it used.
    pub usage: Usage,
    /// When it began; the time of receipt, where nothing says.
    pub at: Micros,
    /// The service tier.
    pub service_tier: Option<Text>,
    /// The provider's region.
    pub region: Option<Text>,
    /// The trace that gets usage and cost.
    pub trace_id: Option<Text>,
    moment: Moment,
}

/// Decodes `POST /api/models/cost`.
///
/// # Errors
/// Names the field, the reason and the remedy. One bad call refuses the request: nothing is
/// recorded then.
pub fn model_cost(body: &[u8], ctx: &mut Context<'_>) -> Result<CostRequest, FieldError> {
    let document = Document::of_body(body)?;
    let mut fields = Fields::of(&document.text, json::BODY)?;
    if fields.stated("items").is_none() {
        return Ok(CostRequest::One(Box::new(call(&mut fields, ctx)?)));
    }
    fields.only(&["items"])?;
    fields.rename(&[])?;
    let sent = fields.required("items", "an array of calls")?;
    let items = sent.elements(MAX_COST_CALLS)?;
    if items.count > MAX_COST_CALLS {
        let reason =
            format!("holds {} calls; send at most {MAX_COST_CALLS} in one request", items.count);
        return Err(sent.error(reason));
    }
    let item = |(index, raw): (usize, &str)| {
        let name = format!("items[{index}]");
        if Json::of(raw) != Json::Object {
            return Err(json::not_an_object(raw, &name));
        }
        call(&mut Fields::within(raw, &name)?, ctx)
    };
    let calls = items.first.into_iter().enumerate().map(item).collect::<Result<Vec<_>, _>>()?;
    Ok(CostRequest::Many(calls))
}

fn call(fields: &mut Fields<'_>, ctx: &Context<'_>) -> Result<CostCall, FieldError> {
    fields.only(FIELDS)?;
    fields.rename(&[])?;
    let text = |name: &str| fields.get(name).map(|sent| sent.id()).transpose();
    let moment = Moment::read(fields, ctx.received)?;
    let at = fields.get("at").map(|sent| sent.time(ctx.received)).transpose()?;
    Ok(CostCall {
        provider: text("provider")?,
        model: fields.required("model", "the model's name")?.id()?,
        usage: counts(fields)?,
        at: at.unwrap_or(ctx.received),
        service_tier: text("service_tier")?,
        region: text("region")?,
        trace_id: text("trace_id")?,
        moment,
    })
}

/// `usage` by type, or the plan's two numbers.
fn counts(fields: &Fields<'_>) -> Result<Usage, FieldError> {
    let mut usage = Usage::default();
    let sums = [("input_tokens", UsageType::INPUT), ("output_tokens", UsageType::OUTPUT)];
    for (field, usage_type) in sums {
        if let Some(sent) = fields.get(field) {
            if fields.get("usage").is_some() {
                return Err(sent.error("stands beside `usage`; send one of them"));
            }
            usage.set(&Text::from_static(usage_type), sent.count()?);
        }
    }
    if let Some(sent) = fields.get("usage") {
        let counts: Amounts<i64> = amounts::read(sent, usage::usage_type, |count| count.count())?;
        for (name, count) in counts {
            if let Some(count) = count {
                usage.set(&name, count);
            }
        }
    }
    Ok(usage)
}

impl CostCall {
    /// What its trace learns: usage, and the cost where it is known. Empty without a trace.
    ///
    /// It is what an update of the trace with `tokens_used` and `cost_calculation` would say.
    #[must_use]
    pub fn patches(&self, cost: Option<&Cost>) -> Vec<(RecordKey, State)> {
        let Some(trace_id) = &self.trace_id else { return Vec::new() };
        let mut span = Patch::new(self.moment, Step::Update, Null::Clears);
        for (name, count) in self.usage.types() {
            span.set(Register::Usage(Text::from(name)), count);
        }
        if let Some(cost) = cost {
            for (name, amount) in &cost.parts {
                span.set(Register::Cost(name.clone()), *amount);
            }
            // A total that was stated before would still win over the sum of the parts.
            span.set(Register::Cost(Text::from_static(UsageType::TOTAL)), Value::Cleared);
        }
        if span.state().is_empty() {
            return Vec::new();
        }
        span.assume(Field::Kind, Kind::Generation);
        span.assume_start();
        vec![(root(trace_id), span.into_state())]
    }
}

#[cfg(test)]
mod tests;
