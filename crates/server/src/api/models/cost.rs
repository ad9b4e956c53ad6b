//! `POST /api/models/cost`: what calls cost. Permission: `traces:write`.

use std::collections::HashSet;
use std::sync::Arc;

use axum::Json;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;
use tracekeep_decode::FieldError;
use tracekeep_decode::native::{self, CostCall, CostRequest};
use tracekeep_model::{Cost, Money, RecordKey, State, Text};
use tracekeep_prices::{Call, CallPrices, Computed, DatedRate, LONGEST_NAME, PriceBook};

use crate::api::models::turns::Turns;
use crate::api::openapi::answers::CostAnswer;
use crate::api::openapi::bodies::ComputeCost;
use crate::api::openapi::refusals::WriteRefusals;
use crate::api::tracing::Message;
use crate::error::ApiError;
use crate::project_prices::Settings;

/// Different models, with their providers and regions, of one request: each may take milliseconds to
/// find.
const MOST_MODELS: usize = 1_000;

/// Requests of all projects that are computed at once.
static TURNS: Turns = Turns::new(2, 64);

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
    let request = message.decode(|body, context| {
        let request = native::model_cost(body, context)?;
        check(&request)?;
        Ok(request)
    })?;
    let (calls, alone) = match request {
        CostRequest::One(call) => (vec![*call], true),
        CostRequest::Many(calls) => (calls, false),
    };
    let (patches, mut items) = computed(calls, message.prices()).await?;
    if !patches.is_empty() {
        message.write(patches, 0).await?;
    }
    Ok(Json(match items.pop() {
        Some(item) if alone => Answer::One(Box::new(item)),
        last => {
            items.extend(last);
            Answer::Many { items }
        }
    }))
}

/// Refuses names that are none, and more of them than can be looked up in a moment.
fn check(request: &CostRequest) -> Result<(), FieldError> {
    let calls = match request {
        CostRequest::One(call) => return check_names(call, ""),
        CostRequest::Many(calls) => calls,
    };
    let mut models = HashSet::new();
    for (index, call) in calls.iter().enumerate() {
        check_names(call, &format!("items[{index}]."))?;
        models.insert((call.provider.as_deref(), &*call.model, call.region.as_deref()));
    }
    if models.len() > MOST_MODELS {
        let reason = format!(
            "name {} different models, providers and regions; send calls of at most {MOST_MODELS} \
             in one request",
            models.len()
        );
        return Err(FieldError::new("items", reason));
    }
    Ok(())
}

fn check_names(call: &CostCall, prefix: &str) -> Result<(), FieldError> {
    let names = [("model", Some(&call.model)), ("provider", call.provider.as_ref())];
    for (field, name) in names {
        let length = name.map_or(0, |name| name.len());
        if length > LONGEST_NAME {
            let reason = format!("is {length} bytes long; send at most {LONGEST_NAME}");
            return Err(FieldError::new(format!("{prefix}{field}"), reason));
        }
    }
    Ok(())
}

/// What traces learn of the calls' costs, and what is answered.
type Work = (Vec<(RecordKey, State)>, Vec<CallCost>);

async fn computed(calls: Vec<CostCall>, settings: Arc<Settings>) -> Result<Work, ApiError> {
    let turn = TURNS.take("too many costs are being computed; try again").await?;
    let work = move || {
        // Held until it is done, also if nobody waits for it any more.
        let _turn = turn;
        compute(&calls, &settings)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| ApiError::busy("computing costs broke off; try again"))
}

fn compute(calls: &[CostCall], settings: &Settings) -> Work {
    let mut prices = CallPrices::new(PriceBook::embedded(), settings.custom());
    let (mut patches, mut items) = (Vec::new(), Vec::with_capacity(calls.len()));
    for call in calls {
        let asked = Call {
            provider: call.provider.as_deref(),
            model: &call.model,
            at: call.at,
            tier: call.service_tier.as_deref(),
            region: call.region.as_deref(),
        };
        let computed = prices.cost(&asked, &call.usage);
        patches.extend(call.patches(computed.as_ref().map(|found| &found.cost)));
        items.push(shown(call, computed, settings));
    }
    (patches, items)
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
