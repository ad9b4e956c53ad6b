//! `POST /api/models/cost`: what calls cost. Permission: `traces:write`.

use axum::Json;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use tracekeep_decode::native::{self, CostCall, CostRequest};
use tracekeep_model::{Cost, Money, Text};
use tracekeep_prices::{Call, Computed, DatedRate, PriceBook};

use crate::api::openapi::answers::CostAnswer;
use crate::api::openapi::bodies::ComputeCost;
use crate::api::openapi::refusals::WriteRefusals;
use crate::api::tracing::Message;
use crate::error::ApiError;
use crate::project_prices::Settings;

/// What was asked, computed.
#[derive(Debug, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum Answer {
    One(Box<CallCost>),
    Many { items: Vec<CallCost> },
}

/// What one call cost, and by which price.
#[derive(Debug, Default, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallCost {
    /// `None`: not known.
    cost: Option<Amounts>,
    price_id: Option<String>,
    provider: Option<String>,
    model: Option<String>,
    /// Who set the price.
    origin: Option<&'static str>,
    /// Usage types that have no price.
    unpriced: Vec<Text>,
    /// `None`: the project has no currency, or no rate of it is known for then.
    display: Option<Displayed>,
}

/// The same in the project's currency, rounded to as many digits as costs have. For display: what is
/// added up is US dollars.
#[derive(Debug, serde::Serialize)]
struct Displayed {
    currency: String,
    /// Units of it for a dollar.
    rate: String,
    /// The day from which that counts.
    rate_from: String,
    input_cost: Option<Box<RawValue>>,
    output_cost: Option<Box<RawValue>>,
    total_cost: Option<Box<RawValue>>,
}

/// As the column `cost_calculation` shows them.
#[derive(Debug, serde::Serialize)]
struct Amounts {
    input_cost: Option<Money>,
    output_cost: Option<Money>,
    total_cost: Option<Money>,
    details: Details,
}

/// By usage type, in the order in which they were computed.
#[derive(Debug)]
struct Details(Vec<(Text, Money)>);

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, amount) in &self.0 {
            map.serialize_entry(&**name, amount)?;
        }
        map.end()
    }
}

/// Compute what calls cost
///
/// By the price that was valid when a call began: the project's own, else the price book's. One call,
/// or up to 10,000 as `items`. A cost is null where no price is known: that is not zero. Where the
/// project has a currency, `display` has the amounts in it, at the rate of that day. With `traceId`,
/// the trace gets usage and cost, as an update with `tokens_used` and `cost_calculation` gives them; an
/// unknown cost changes nothing there. One bad call refuses the request.
///
/// Permission: `traces:write`.
#[utoipa::path(
    post,
    path = "/api/models/cost",
    operation_id = "computeCost",
    tag = "Models",
    request_body = ComputeCost,
    responses(
        (status = 200, description = "What they cost; what was to be recorded is on disk", body = CostAnswer),
        WriteRefusals,
    ),
    security(("secretKey" = []), ("keyPair" = []), ("publicKey" = [])),
)]
pub(crate) async fn cost(message: Message) -> Result<Json<Answer>, ApiError> {
    let request = message.decode(native::model_cost)?;
    let (calls, alone) = match request {
        CostRequest::One(call) => (vec![*call], true),
        CostRequest::Many(calls) => (calls, false),
    };
    let settings = message.prices();
    let compute = |call| compute(call, &settings);
    let computed: Vec<Option<Computed>> = calls.iter().map(compute).collect();
    let said = calls.iter().zip(&computed);
    let patches: Vec<_> = said
        .flat_map(|(call, computed)| call.patches(computed.as_ref().map(|found| &found.cost)))
        .collect();
    if !patches.is_empty() {
        message.write(patches, 0).await?;
    }
    let items = calls.iter().zip(computed);
    let shown = |(call, computed): (&CostCall, _)| shown(call, computed, &settings);
    let mut items: Vec<CallCost> = items.map(shown).collect();
    Ok(Json(match items.pop() {
        Some(item) if alone => Answer::One(Box::new(item)),
        last => {
            items.extend(last);
            Answer::Many { items }
        }
    }))
}

fn compute(call: &CostCall, settings: &Settings) -> Option<Computed> {
    let asked = Call {
        provider: call.provider.as_deref(),
        model: &call.model,
        at: call.at,
        tier: call.service_tier.as_deref(),
        region: call.region.as_deref(),
    };
    PriceBook::embedded().cost(settings.custom(), &asked, &call.usage)
}

fn shown(call: &CostCall, computed: Option<Computed>, settings: &Settings) -> CallCost {
    let Some(computed) = computed else { return CallCost::default() };
    let display = settings.display.as_ref().and_then(|display| {
        let rate = display.rate_at(call.at)?;
        Some(displayed(&computed.cost, display.currency.clone(), rate))
    });
    CallCost {
        display,
        cost: Some(amounts(computed.cost)),
        price_id: Some(computed.price_id),
        provider: computed.provider,
        model: Some(computed.model),
        origin: Some(computed.origin.as_str()),
        unpriced: computed.unpriced,
    }
}

fn amounts(cost: Cost) -> Amounts {
    Amounts {
        input_cost: cost.input(),
        output_cost: cost.output(),
        total_cost: cost.total(),
        details: Details(cost.parts),
    }
}

fn displayed(cost: &Cost, currency: String, rate: DatedRate) -> Displayed {
    let amount = |usd: Option<Money>| {
        let text = rate.convert(usd?)?.rounded(Money::SCALE);
        let text = text.trim_end_matches('0').trim_end_matches('.');
        RawValue::from_string(text.to_owned()).ok()
    };
    Displayed {
        currency,
        rate: rate.to_string(),
        rate_from: rate.day(),
        input_cost: amount(cost.input()),
        output_cost: amount(cost.output()),
        total_cost: amount(cost.total()),
    }
}
