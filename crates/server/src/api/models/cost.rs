//! `POST /api/models/cost`: what calls cost. Permission: `traces:write`.

use axum::Json;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use tracekeep_decode::native::{self, CostCall, CostRequest};
use tracekeep_model::{Cost, Money, Text};
use tracekeep_prices::{Call, Computed, CustomPrices, PriceBook};

use crate::api::openapi::answers::CostAnswer;
use crate::api::openapi::bodies::ComputeCost;
use crate::api::openapi::refusals::WriteRefusals;
use crate::api::tracing::Message;
use crate::error::ApiError;

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
/// By the price that was valid when a call began. One call, or up to 10,000 as `items`. A cost is
/// null where no price is known: that is not zero. With `traceId`, the trace gets usage and cost,
/// as an update with `tokens_used` and `cost_calculation` gives them; an unknown cost changes
/// nothing there. One bad call refuses the request.
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
    let computed: Vec<Option<Computed>> = calls.iter().map(compute).collect();
    let said = calls.iter().zip(&computed);
    let patches: Vec<_> = said
        .flat_map(|(call, computed)| call.patches(computed.as_ref().map(|found| &found.cost)))
        .collect();
    if !patches.is_empty() {
        message.write(patches, 0).await?;
    }
    let mut items: Vec<CallCost> = computed.into_iter().map(shown).collect();
    Ok(Json(match items.pop() {
        Some(item) if alone => Answer::One(Box::new(item)),
        last => {
            items.extend(last);
            Answer::Many { items }
        }
    }))
}

fn compute(call: &CostCall) -> Option<Computed> {
    let asked = Call {
        provider: call.provider.as_deref(),
        model: &call.model,
        at: call.at,
        tier: call.service_tier.as_deref(),
        region: call.region.as_deref(),
    };
    PriceBook::embedded().cost(&CustomPrices::default(), &asked, &call.usage)
}

fn shown(computed: Option<Computed>) -> CallCost {
    let Some(computed) = computed else { return CallCost::default() };
    CallCost {
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
