#![allow(clippy::unwrap_used)]

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tracekeep_control::{
    Bootstrap, FreshKeys, FreshProvider, Init, MasterKey, NewProvider, ProviderCredential, Secret,
};
use tracekeep_llm::provider::Credential;

use super::*;
use crate::gateway::kept::KEPT;

const NOW: Micros = 1_767_225_600_000_000;

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

fn vault(seed: u64) -> Vault {
    Vault::new(MasterKey::generate(&mut rng(seed)))
}

fn openai(name: &str) -> Provider {
    Provider::new(name, Kind::Openai)
}

async fn started() -> (Arc<Control>, String) {
    let control = Control::open_in_memory().await.unwrap();
    let fresh = FreshKeys::generate(&mut rng(1));
    match control.bootstrap(&Init::default(), fresh, NOW).await.unwrap() {
        Bootstrap::Created { project, .. } => (Arc::new(control), project.id),
        Bootstrap::Existing => unreachable!("an empty store has no project"),
    }
}

fn new(name: &str, kind: &str) -> NewProvider {
    NewProvider {
        name: name.to_owned(),
        kind: kind.to_owned(),
        base_url: None,
        api_version: None,
        models: "[]".to_owned(),
        headers: None,
        credential: Some(ProviderCredential {
            secret: Secret::new(r#"{"apiKey":"sk-of-the-project"}"#.to_owned()),
            hint: String::new(),
        }),
    }
}

/// As the `nth` of the project's.
async fn store(control: &Control, project_id: &str, new: NewProvider, nth: u32) {
    let fresh = FreshProvider::generate(&mut rng(100 + u64::from(nth)));
    let at = NOW + Micros::from(nth);
    control.create_provider(project_id, new, &vault(1), fresh, at).await.unwrap();
}

fn names(registry: &Registry) -> Vec<(&str, Source)> {
    registry.iter().map(|listed| (listed.provider.name.as_str(), listed.source)).collect()
}

#[tokio::test]
async fn the_built_in_one_comes_first_then_the_projects_then_the_servers() {
    let (control, project) = started().await;
    store(&control, &project, new("mine", "groq"), 2).await;
    store(&control, &project, new("openai", "openai"), 3).await;
    let configured = vec![openai("openai"), openai("other")];
    let providers = Providers::new(control, vault(1), configured);
    let registry = providers.registry(&project).await.unwrap();
    let expected = [
        ("demo", Source::BuiltIn),
        ("mine", Source::Project),
        ("openai", Source::Project),
        ("other", Source::Server),
    ];
    assert_eq!(names(&registry), expected);
    let key = Credential::Key("sk-of-the-project".to_owned());
    assert_eq!(registry[2].provider.credential, key);
    let resolved = resolve(&registry, "gpt-5").unwrap();
    assert_eq!(resolved.provider.credential, key);
    // Another project has the server's only.
    let others = providers.all("other").await.unwrap();
    let others: Vec<&str> = others.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(others, ["demo", "openai", "other"]);
}

#[tokio::test]
async fn what_was_read_is_kept_for_a_while_and_forgotten_at_a_change() {
    let (control, project) = started().await;
    let providers = Providers::new(control.clone(), vault(1), Vec::new());
    let count = async |now| providers.registry_at(&project, now).await.unwrap().len();
    assert_eq!(count(NOW).await, 1);
    store(&control, &project, new("mine", "groq"), 2).await;
    assert_eq!(count(NOW + KEPT - 1).await, 1);
    assert_eq!(count(NOW + KEPT).await, 2);
    store(&control, &project, new("more", "groq"), 3).await;
    assert_eq!(count(NOW + KEPT).await, 2);
    providers.forget(&project);
    assert_eq!(count(NOW + KEPT).await, 3);
}

#[tokio::test]
async fn a_provider_that_does_not_open_is_no_hindrance_to_the_others() {
    let (control, project) = started().await;
    store(&control, &project, new("mine", "openai"), 2).await;
    store(&control, &project, new("odd", "from_the_future"), 3).await;
    let providers = Providers::new(control, vault(2), vec![openai("server")]);
    let usable = providers.all(&project).await.unwrap();
    let usable: Vec<&str> = usable.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(usable, ["demo", "server"]);
    // It is asked for all the same: another must not get what was meant for it.
    for model in ["mine/gpt-5", "gpt-5"] {
        let error = resolve(&providers.registry(&project).await.unwrap(), model).unwrap_err();
        let Unresolved::Unusable { provider, reason } = &error else { panic!("{error}") };
        assert_eq!(provider, "mine");
        assert!(reason.contains("secret key"), "{reason}");
    }
    let same_key = Providers::new(providers.control.clone(), vault(1), Vec::new());
    let error = resolve(&same_key.registry(&project).await.unwrap(), "odd/x");
    let error = error.unwrap_err().to_string();
    assert!(error.contains("its kind is `from_the_future`"), "{error}");
}

#[test]
fn a_provider_by_name_wins_then_the_first_that_serves() {
    let mut router = Provider::new("router", Kind::OpenaiCompatible);
    router.models = vec!["meta-llama/llama-4".to_owned(), "gpt-5".to_owned()];
    let registry = registry(std::iter::empty(), &[router, openai("openai"), openai("second")]);
    let resolved = |model: &str| {
        let resolved = resolve(&registry, model).unwrap();
        (resolved.provider.name, resolved.model)
    };
    for (asked, provider, model) in [
        ("second/gpt-5", "second", "gpt-5"),
        ("router/anything/at:all", "router", "anything/at:all"),
        ("meta-llama/llama-4", "router", "meta-llama/llama-4"),
        ("gpt-5", "router", "gpt-5"),
        ("gpt-5-mini", "openai", "gpt-5-mini"),
        ("demo/fast", "demo", "fast"),
    ] {
        assert_eq!(resolved(asked), (provider.to_owned(), model.to_owned()), "{asked}");
    }
}

#[test]
fn a_model_that_nobody_serves_is_answered_with_who_there_is() {
    let registry = registry(std::iter::empty(), &[openai("openai")]);
    for asked in ["claude-sonnet-4-5", "anthropic/claude-sonnet-4-5", "openai/", "/", ""] {
        let error = resolve(&registry, asked).unwrap_err().to_string();
        assert!(error.contains(&format!("`{asked}`")), "{error}");
        assert!(error.contains("(demo, openai)"), "{error}");
        assert!(error.contains("POST /api/providers"), "{error}");
    }
}
