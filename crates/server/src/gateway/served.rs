//! Who served a call, and how it came there, as metadata of the call.
//!
//! | key | says |
//! |---|---|
//! | `virtual_model` | the virtual model that was asked for |
//! | `attempts` | targets that were asked before and did not take the call: `model`, `status`, `code`, `message`, `duration_ms` |
//! | `provider_kind` | what the provider is, where its name is another: prices go by it |
//! | `provider_region` | where it is, if it says: prices go by it |
//! | `cache` | the answer was kept: `hit`, `age_ms`, and the `trace_id` of the call that made it |

use serde_json::Value;
use tracekeep_llm::provider::Credential;
use tracekeep_model::Text;

use super::attempts::Attempts;
use super::call::Target;
use super::plan::Plan;

/// Keys, and JSON text.
type Facts = Vec<(Text, Text)>;

/// Of a call, before anybody was asked.
pub(super) fn asked(plan: &Plan) -> Facts {
    let virtual_model = plan.virtual_model.as_deref();
    virtual_model.iter().map(|name| fact("virtual_model", &(*name).into())).collect()
}

/// Of a call that a target took.
pub(super) fn by(target: &Target) -> Facts {
    let mut facts = Facts::new();
    let provider = &target.provider;
    if let Some(kind) = provider.priced_as().filter(|kind| *kind != provider.name) {
        facts.push(fact("provider_kind", &kind.into()));
    }
    if let Credential::Aws { region, .. } = &provider.credential {
        facts.push(fact("provider_region", &region.as_str().into()));
    }
    facts
}

/// Of a call whose answer was kept.
pub(super) fn again(cache: &Value) -> Facts {
    vec![fact("cache", cache)]
}

/// Of what failed before.
pub(super) fn attempts(attempts: &Attempts) -> Option<(Text, Text)> {
    attempts.shown().map(|shown| fact("attempts", &shown))
}

fn fact(key: &'static str, value: &Value) -> (Text, Text) {
    (Text::from_static(key), value.to_string().into())
}
