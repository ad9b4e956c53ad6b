//! How much to think, as Claude's generations take it.
//!
//! - Claude 3.7 to 4.5: `{"type": "enabled", "budget_tokens": n}`, 1,024 at least and less than
//!   `max_tokens`.
//! - Later: `{"type": "adaptive"}`, with `output_config.effort`.
//! - Claude 3.5 and before: not at all.
//!
//! (<https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking>.)
//!
//! With a budget the API refuses a tool that must be called, and a turn in the middle of calls whose
//! thoughts are not sent back ("Expected `thinking` or `redacted_thinking`, but found `tool_use`"). A
//! client of another protocol knows neither rule, so thinking is left out there.

use serde_json::{Value, json};

use crate::chat::{Part, Reasoning, Request, Role, ToolChoice};

/// The least that the API takes.
const LEAST_BUDGET: u64 = 1024;
/// Room for thoughts in `max_tokens` where neither that nor a budget was said.
const ADAPTIVE_ROOM: u64 = 16_384;

/// What is written.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Plan {
    /// `thinking`.
    pub(crate) thinking: Option<Value>,
    /// `output_config.effort`.
    pub(crate) effort: Option<&'static str>,
    /// Tokens that thoughts may take, to be added to a `max_tokens` that nobody said.
    pub(crate) room: u64,
    /// Whether `temperature`, `top_p` and `top_k` are refused besides.
    pub(crate) fixes_sampling: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Era {
    Never,
    Budget,
    Adaptive,
}

fn era(model: &str) -> Era {
    // Some write `claude-sonnet-4.5`.
    let model = model.replace('.', "-");
    let has = |part: &str| model.contains(part);
    // Others that speak this protocol take a budget.
    let of_budgets = ["claude-3-7", "-4-0", "-4-1", "-4-5", "-4-2025", "-4@"];
    if !has("claude") || model.ends_with("-4") || of_budgets.into_iter().any(has) {
        Era::Budget
    } else if has("claude-3") || has("claude-2") || has("claude-instant") || has("claude-v") {
        Era::Never
    } else {
        Era::Adaptive
    }
}

/// `max_tokens` where the client says none, which this protocol requires: 16,384 with Claude, what
/// Claude 3 and 3.5 can at most with these, 8,192 with models of others that speak this protocol.
/// Thoughts come on top.
pub(crate) fn default_max_tokens(model: &str) -> u64 {
    let is = |part: &str| model.contains(part);
    if is("claude-3-5") || !is("claude") {
        8192
    } else if is("claude-3-7") {
        16_384
    } else if is("claude-3") || is("claude-2") || is("claude-instant") {
        4096
    } else {
        16_384
    }
}

/// How a request is to be thought about.
pub(crate) fn plan(request: &Request) -> Plan {
    let plan = thought(request);
    let fixes_sampling = plan.fixes_sampling || refuses_sampling(&request.model);
    Plan { fixes_sampling, ..plan }
}

/// From Claude 4.7 on (and in `anthropic-version: 2026-10-21` always) `temperature`, `top_p` and
/// `top_k` are refused: "`temperature` is deprecated for this model".
fn refuses_sampling(model: &str) -> bool {
    era(model) == Era::Adaptive && !is_of_4_6(model)
}

fn is_of_4_6(model: &str) -> bool {
    model.contains("-4-6") || model.contains("-4.6")
}

fn thought(request: &Request) -> Plan {
    // The client's own words, where it speaks this protocol: it also says how much room there is.
    match request.extra.get("thinking") {
        Some(thinking @ Value::Object(_)) => {
            let thinking = Some(thinking.clone());
            return Plan { thinking, effort: effort(request), ..Plan::default() };
        }
        Some(Value::Null) => return Plan { effort: effort(request), ..Plan::default() },
        _ => {}
    }
    match (&request.params.reasoning, era(&request.model)) {
        (None, _) | (_, Era::Never) => Plan::default(),
        // Those that always think take no `disabled`.
        (Some(reasoning), _) if is_off(reasoning) && always_thinks(&request.model) => {
            Plan { effort: Some("low"), ..Plan::default() }
        }
        (Some(reasoning), _) if is_off(reasoning) => {
            Plan { thinking: Some(json!({"type": "disabled"})), ..Plan::default() }
        }
        (Some(reasoning), Era::Budget) => budgeted(request, budget(reasoning)),
        (Some(_), Era::Adaptive) => {
            let effort = effort(request);
            if is_forced(request) {
                return Plan { effort, ..Plan::default() };
            }
            let thinking = Some(json!({"type": "adaptive"}));
            Plan { thinking, effort, room: ADAPTIVE_ROOM, fixes_sampling: true }
        }
    }
}

fn always_thinks(model: &str) -> bool {
    model.contains("mythos") || model.contains("fable")
}

fn is_off(reasoning: &Reasoning) -> bool {
    match reasoning {
        Reasoning::Effort(word) => word == "none",
        Reasoning::Budget(tokens) => *tokens == 0,
    }
}

fn budgeted(request: &Request, budget: u64) -> Plan {
    let most = request.params.max_tokens.map_or(u64::MAX, |most| most.saturating_sub(1));
    let budget = budget.max(LEAST_BUDGET).min(most);
    if budget < LEAST_BUDGET || is_forced(request) || lacks_thoughts(request) {
        return Plan::default();
    }
    let thinking = json!({"type": "enabled", "budget_tokens": budget});
    Plan { thinking: Some(thinking), effort: None, room: budget, fixes_sampling: true }
}

fn budget(reasoning: &Reasoning) -> u64 {
    match reasoning {
        Reasoning::Budget(tokens) => *tokens,
        Reasoning::Effort(word) => match word.as_str() {
            "minimal" => LEAST_BUDGET,
            "low" => 2048,
            "high" => 16_384,
            "xhigh" | "max" => 32_768,
            _ => 8192,
        },
    }
}

fn effort(request: &Request) -> Option<&'static str> {
    match request.params.reasoning.as_ref()? {
        Reasoning::Effort(word) => match word.as_str() {
            "minimal" | "low" => Some("low"),
            "medium" => Some("medium"),
            "high" => Some("high"),
            // Of the models that take a word, only the first two generations do not take this one.
            "xhigh" if is_of_4_6(&request.model) => Some("high"),
            "xhigh" => Some("xhigh"),
            "max" => Some("max"),
            _ => None,
        },
        // A budget that the client wrote in this protocol goes as it is.
        Reasoning::Budget(_) if request.extra.contains_key("thinking") => None,
        Reasoning::Budget(tokens) => Some(match tokens {
            0..=2048 => "low",
            2049..=8192 => "medium",
            _ => "high",
        }),
    }
}

fn is_forced(request: &Request) -> bool {
    let must = matches!(request.tool_choice, Some(ToolChoice::Any | ToolChoice::Named(_)));
    must && !request.tools.is_empty()
}

/// Whether the model is amid calls, and its thoughts before them were not sent back.
fn lacks_thoughts(request: &Request) -> bool {
    let last = request.messages.iter().rev().find(|message| message.role == Role::Assistant);
    let parts = last.map_or(&[] as &[Part], |message| message.parts.as_slice());
    let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    let thoughts = parts.iter().any(|part| matches!(part, Part::Reasoning { sealed: Some(_), .. }));
    calls && !thoughts
}
