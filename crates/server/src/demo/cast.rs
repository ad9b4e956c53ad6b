//! Who asks, and which service of theirs sends the traces.

use self::Language::{English, French, German, Japanese, Spanish};
use super::dice::Dice;

/// A language that people write in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Language {
    English,
    French,
    German,
    Japanese,
    Spanish,
}

/// Somebody who uses the application.
pub(super) struct User {
    pub(super) id: &'static str,
    pub(super) language: Language,
    /// What they pay for.
    pub(super) plan: &'static str,
}

/// A service that calls models.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) release: &'static str,
    pub(super) environment: &'static str,
    /// Of its OpenTelemetry SDK, as the SDK names it.
    pub(super) language: &'static str,
    pub(super) sdk_version: &'static str,
    /// The library that makes its spans.
    pub(super) scope: &'static str,
    pub(super) scope_version: &'static str,
}

pub(super) static SUPPORT: Service = Service {
    name: "support-web",
    release: "2026.8.2",
    environment: "production",
    language: "nodejs",
    sdk_version: "2.8.0",
    scope: "@opentelemetry/instrumentation-openai",
    scope_version: "0.14.0",
};

pub(super) static SUPPORT_STAGING: Service = Service {
    name: "support-web",
    release: "2026.9.0-rc.1",
    environment: "staging",
    language: "nodejs",
    sdk_version: "2.8.0",
    scope: "@opentelemetry/instrumentation-openai",
    scope_version: "0.14.0",
};

pub(super) static SUPPORT_WORKER: Service = Service {
    name: "support-worker",
    release: "3.1.4",
    environment: "production",
    language: "python",
    sdk_version: "1.44.0",
    scope: "opentelemetry.instrumentation.openai_v2",
    scope_version: "2.6b0",
};

pub(super) static KNOWLEDGE: Service = Service {
    name: "knowledge-assistant",
    release: "1.42.0",
    environment: "production",
    language: "python",
    sdk_version: "1.44.0",
    scope: "opentelemetry.instrumentation.openai_v2",
    scope_version: "2.6b0",
};

pub(super) static AGENTS: Service = Service {
    name: "agent-runner",
    release: "0.9.7",
    environment: "production",
    language: "python",
    sdk_version: "1.44.0",
    scope: "agent_runner.telemetry",
    scope_version: "0.9.7",
};

pub(super) static EVALUATION: Service = Service {
    name: "nightly-evaluation",
    release: "1.42.0",
    environment: "test",
    language: "python",
    sdk_version: "1.44.0",
    scope: "opentelemetry.instrumentation.openai_v2",
    scope_version: "2.6b0",
};

/// All of them.
pub(super) static SERVICES: &[&Service] =
    &[&SUPPORT, &SUPPORT_STAGING, &SUPPORT_WORKER, &KNOWLEDGE, &AGENTS, &EVALUATION];

const FREE: &str = "free";
const PRO: &str = "pro";
const TEAM: &str = "team";

static USERS: &[User] = &[
    user("amelia-clarke", English, FREE),
    user("noah-bennett", English, FREE),
    user("olivia-hughes", English, FREE),
    user("liam-oconnor", English, TEAM),
    user("priya-raman", English, PRO),
    user("ethan-walsh", English, FREE),
    user("sofia-lindqvist", English, TEAM),
    user("jack-morris", English, PRO),
    user("grace-adeyemi", English, FREE),
    user("daniel-kim", English, FREE),
    user("chloe-turner", English, PRO),
    user("samuel-okafor", English, FREE),
    user("hannah-price", English, FREE),
    user("marcus-reid", English, FREE),
    user("isla-mackenzie", English, TEAM),
    user("victor-novak", English, FREE),
    user("zoe-papadakis", English, FREE),
    user("arjun-mehta", English, TEAM),
    user("lena-hoffmann", German, PRO),
    user("jonas-weber", German, FREE),
    user("mia-schneider", German, TEAM),
    user("felix-bauer", German, PRO),
    user("anna-vogel", German, FREE),
    user("paul-steiner", German, FREE),
    user("clara-brandt", German, FREE),
    user("emil-krause", German, FREE),
    user("haruto-sato", Japanese, FREE),
    user("yui-tanaka", Japanese, FREE),
    user("ren-watanabe", Japanese, TEAM),
    user("aoi-nakamura", Japanese, PRO),
    user("sora-kobayashi", Japanese, FREE),
    user("hina-yamamoto", Japanese, TEAM),
    user("camille-laurent", French, PRO),
    user("hugo-moreau", French, FREE),
    user("manon-girard", French, FREE),
    user("louis-perrin", French, PRO),
    user("lucia-navarro", Spanish, FREE),
    user("mateo-herrera", Spanish, FREE),
    user("elena-campos", Spanish, FREE),
    user("diego-fuentes", Spanish, TEAM),
];

/// Somebody: a few come much more often than the others.
pub(super) fn someone(dice: &mut Dice) -> &'static User {
    if dice.percent(35) { dice.one(&USERS[14..28]) } else { dice.one(USERS) }
}

const fn user(id: &'static str, language: Language, plan: &'static str) -> User {
    User { id, language, plan }
}

impl Language {
    /// As applications name it.
    pub(super) fn locale(self) -> &'static str {
        match self {
            English => "en-GB",
            French => "fr-FR",
            German => "de-DE",
            Japanese => "ja-JP",
            Spanish => "es-ES",
        }
    }
}
