use tracekeep_llm::provider::{Credential, Kind, Provider};

use super::{User, environment, given, written};
use crate::config::layers::Loaded;
use crate::config::print::print;

const FILE: &str = r#"
[[providers]]
name = "main"
kind = "openai"
api_key = "env:MY_KEY"
models = ["gpt-5", "gpt-5-mini"]
headers = { X-Team = "search" }

[[providers]]
name = "eu"
kind = "bedrock"
region = "eu-central-1"
access_key_id = "AKIA-hidden"
secret_access_key = "hidden-too"

[[providers]]
name = "local"
kind = "vllm"
base_url = "http://10.0.0.1:8000/v1/"
"#;

const VARIABLES: [(&str, &str); 1] = [("MY_KEY", "sk-hidden")];

fn key(key: &str) -> Credential {
    Credential::Key(key.to_owned())
}

fn named<'l>(loaded: &'l Loaded, name: &str) -> Option<&'l Provider> {
    loaded.config.providers.iter().find(|provider| provider.name == name)
}

/// The providers that variables make, without a file.
fn of_environment(variables: &[(&str, &str)]) -> Loaded {
    User { variables, ..User::default() }.load().unwrap()
}

#[test]
fn a_file_lists_providers() {
    let user = User { file: Some(FILE), variables: &VARIABLES, arguments: &[] };
    let loaded = user.load().unwrap();
    let names: Vec<&str> = loaded.config.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["main", "eu", "local"]);
    let main = named(&loaded, "main").unwrap();
    assert_eq!((main.kind, &main.credential), (Kind::Openai, &key("sk-hidden")));
    assert_eq!(main.models, ["gpt-5", "gpt-5-mini"]);
    assert_eq!(main.headers, [("x-team".to_owned(), "search".to_owned())]);
    let eu = named(&loaded, "eu").unwrap();
    assert_eq!(eu.base_url, "https://bedrock-runtime.eu-central-1.amazonaws.com");
    assert!(matches!(&eu.credential, Credential::Aws { region, .. } if region == "eu-central-1"));
    let local = named(&loaded, "local").unwrap();
    assert_eq!((local.kind, &local.credential), (Kind::OpenaiCompatible, &Credential::None));
    assert_eq!(local.base_url, "http://10.0.0.1:8000/v1");
}

#[test]
fn what_is_printed_shows_no_secret_and_can_be_read_again() {
    let user = User { file: Some(FILE), variables: &VARIABLES, arguments: &[] };
    let loaded = user.load().unwrap();
    let text = print(&loaded, &environment(&VARIABLES));
    assert!(!text.contains("hidden") && !text.contains("search"), "{text}");
    for part in [
        "\n[[providers]]\n# From ",
        "tracekeep.toml:3.\nname = \"main\"\nkind = \"openai\"\napi_key = \"env:MY_KEY\"\n",
        "\nmodels = [\"gpt-5\", \"gpt-5-mini\"]\n# headers = { \"X-Team\" = *** }\n",
        "\n# access_key_id = ***\n# secret_access_key = ***\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    let (_folder, path) = written(&text);
    let arguments = ["--config", path.to_str().unwrap()];
    let again = given(&arguments).load(&environment(&VARIABLES), "unused".as_ref()).unwrap();
    let places = |loaded: &Loaded| -> Vec<(String, String)> {
        let place = |provider: &Provider| (provider.name.clone(), provider.base_url.clone());
        loaded.config.providers.iter().map(place).collect()
    };
    assert_eq!(places(&again), places(&loaded));
    assert_eq!(named(&again, "main").unwrap().credential, key("sk-hidden"));
}

#[test]
fn every_mistake_is_named_with_its_line() {
    let file = r#"[[providers]]
name = "a"
kind = "opena"
[[providers]]
name = "b"
kind = "openai"
api_keys = "sk-hidden"
[[providers]]
name = "c"
kind = "groq"
api_key = 17
[[providers]]
kind = "groq"
[[providers]]
name = "d"
kind = "azure"
[[providers]]
name = "e"
kind = "openai"
api_key = "env:NOT_THERE"
[[providers]]
name = "f"
kind = "groq"
[[providers]]
name = "f"
kind = "groq"
[[providers]]
name = "g"
kind = "openai"
api_key = "sk hidden"
"#;
    let problems = User { file: Some(file), ..User::default() }.problems();
    for part in [
        "tracekeep.toml:3: providers.kind is `opena`; give one of openai, anthropic,",
        "tracekeep.toml:7: there is no key api_keys of providers; the nearest is api_key\n",
        "tracekeep.toml:11: providers.api_key is ***; expected a text, in quotes\n",
        "tracekeep.toml:13: providers.name must be 1 to 50 of a-z",
        "tracekeep.toml:15: providers.base_url is missing; give that of your resource",
        "tracekeep.toml:20: providers.api_key is env:NOT_THERE, and that variable is not set;",
        "tracekeep.toml:25: providers.name is \"f\", as at ",
        "tracekeep.toml:30: providers.api_key has a space",
    ] {
        assert!(problems.contains(part), "{part} is not in\n{problems}");
    }
    assert!(problems.starts_with("8 settings cannot be used:\n"), "{problems}");
    assert!(!problems.contains("hidden"));
}

#[test]
fn what_is_no_list_of_providers_says_how_to_write_one() {
    for file in
        ["[providers]\nname = \"a\"\n", "[providers.a]\nkind = \"groq\"\n", "providers = [1]\n"]
    {
        let problems = User { file: Some(file), ..User::default() }.problems();
        assert!(problems.contains("write [[providers]] above each"), "{problems}");
    }
    let problems =
        User { file: Some("[[provider]]\nname = \"a\"\n"), ..User::default() }.problems();
    assert!(problems.contains("the nearest is providers"), "{problems}");
}

#[test]
fn customary_variables_make_providers_named_after_their_presets() {
    let loaded = of_environment(&[
        ("OPENAI_API_KEY", "sk-o"),
        ("OPENAI_BASE_URL", "https://proxy.example/v1"),
        ("ANTHROPIC_API_KEY", ""),
        ("GOOGLE_API_KEY", "g-second"),
        ("AZURE_OPENAI_API_KEY", "a"),
        ("AZURE_OPENAI_ENDPOINT", "https://x.openai.azure.com/"),
        ("OPENAI_API_VERSION", "2024-10-21"),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:11434/v1"),
        ("MISTRAL_BASE_URL", "https://elsewhere.example"),
    ]);
    let names: Vec<&str> = loaded.config.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["openai", "gemini", "azure", "ollama"]);
    let openai = named(&loaded, "openai").unwrap();
    assert_eq!(openai.base_url, "https://proxy.example/v1");
    assert_eq!(openai.api_version, None);
    assert_eq!(named(&loaded, "gemini").unwrap().credential, key("g-second"));
    let azure = named(&loaded, "azure").unwrap();
    assert_eq!(azure.api_version.as_deref(), Some("2024-10-21"));
    assert_eq!(named(&loaded, "ollama").unwrap().credential, Credential::None);
    let text = print(&loaded, &[]);
    assert!(text.contains("# Provider openai, from OPENAI_API_KEY: kind openai, at https://proxy.example/v1, key ***."), "{text}");
    assert!(!text.contains("sk-o"), "{text}");
}

#[test]
fn keys_of_amazon_need_a_region_and_are_left_out_without_one() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "shh")];
    let without = of_environment(&keys);
    assert_eq!(without.config.providers, []);
    let text = print(&without, &[]);
    assert!(text.contains("# Provider bedrock, from AWS_ACCESS_KEY_ID: left out: its region (AWS_REGION) is missing"), "{text}");
    for (name, token) in [("AWS_REGION", None), ("AWS_DEFAULT_REGION", Some("t"))] {
        let mut variables = vec![(name, "us-east-1"), keys[0], keys[1]];
        variables.extend(token.map(|token| ("AWS_SESSION_TOKEN", token)));
        let with = of_environment(&variables);
        let expected = Credential::Aws {
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "shh".to_owned(),
            session_token: token.map(str::to_owned),
            region: "us-east-1".to_owned(),
        };
        assert_eq!(named(&with, "bedrock").unwrap().credential, expected);
    }
    let bearer = [("AWS_BEARER_TOKEN_BEDROCK", "b"), ("AWS_REGION", "us-east-1"), keys[0], keys[1]];
    let bearer = of_environment(&bearer);
    assert_eq!(named(&bearer, "bedrock").unwrap().credential, key("b"));
}

#[test]
fn a_configured_provider_wins_over_the_environments_of_that_name() {
    let file = "[[providers]]\nname = \"openai\"\nkind = \"groq\"\napi_key = \"gsk\"\n";
    let variables = [("OPENAI_API_KEY", "sk-o"), ("GROQ_API_KEY", "gsk-e")];
    let user = User { file: Some(file), variables: &variables, arguments: &[] };
    let loaded = user.load().unwrap();
    let names: Vec<&str> = loaded.config.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["openai", "groq"]);
    assert_eq!(named(&loaded, "openai").unwrap().credential, key("gsk"));
}
