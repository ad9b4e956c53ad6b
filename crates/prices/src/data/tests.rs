#![allow(clippy::unwrap_used)]

use super::*;

fn with_model(model: &str) -> String {
    format!(r#"{{"format":1,"sources":{{}},"providers":{{"p":{{}}}},"models":[{model}]}}"#)
}

fn refused(model: &str) -> String {
    read(&with_model(model)).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn reads_every_member_of_a_model() {
    let json = with_model(
        r#"{"provider":"p","id":"m","match":["=m","^m-"],"source":"genai-prices",
            "prices":[{"units":{"input":["1",[10,"2"],[20,"3"]]}},
                      {"from":"2026-01-01","hours":["01:00-04:00"],"days":[1,2],"units":{"input":"5"}}],
            "tiers":[{"tier":"batch","from":"2026-02-01","units":{"input":"0.5"},"source":"litellm"}],
            "regions":{"eu":"1.1"},"least":{"audio_seconds":10},"added":["tier batch"]}"#,
    );
    let (_, models) = read(&json).unwrap();
    let model = &models[0];
    assert_eq!(model.periods.len(), 2);
    assert_eq!(model.periods[1].window.name(), "2026-01-01,01:00-04:00,d12");
    assert_eq!(model.periods[0].units.get("input").unwrap().steps[1].0, 20);
    assert_eq!(model.tiers[0].tier(), "batch");
    assert_eq!(model.region("eu-west-1").unwrap().0, "eu");
    assert_eq!(model.least[0], ("audio_seconds".into(), 10));
}

#[test]
fn refuses_what_is_impossible_and_names_the_model() {
    let model = |prices: &str| {
        format!(r#"{{"provider":"p","id":"m","source":"litellm","prices":{prices}}}"#)
    };
    assert!(refused(&model("[]")).contains("p/m: has no price"));
    let price = |price: &str| refused(&model(&format!(r#"[{{"units":{{"input":{price}}}}}]"#)));
    assert!(price("\"-1\"").contains("input: -1 is below zero"));
    assert!(price(r#"["1",[20,"2"],[20,"3"]]"#).contains("20 does not rise"));
    assert!(price(r#"[[20,"2"]]"#).contains("begins with the price below"));
    assert!(price(r#"["1","2"]"#).contains("is no [tokens, price]"));
    assert!(refused(&model(r#"[{"from":"today","units":{}}]"#)).contains("`today` is no date"));
    assert!(refused(&model(r#"[{"hours":["1-2"],"units":{}}]"#)).contains("`1-2` is no hours"));
    assert!(refused(&model(r#"[{"days":[9],"units":{}}]"#)).contains("no weekdays"));
    assert!(
        refused(r#"{"provider":"q","id":"m","source":"litellm","prices":[]}"#)
            .contains("not listed")
    );
    assert!(read(r#"{"format":2,"sources":{},"providers":{},"models":[]}"#).is_err());
    assert!(read("{").is_err());
}
