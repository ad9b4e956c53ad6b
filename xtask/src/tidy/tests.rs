use super::dependencies::may_use;
use super::links::links;
use super::{Report, check, check_files, files, root};

#[test]
fn the_repository_is_tidy() -> anyhow::Result<()> {
    let report = check(&root()?)?;
    assert!(report.errors.is_empty(), "{:#?}", report.errors);
    Ok(())
}

#[test]
fn crates_use_what_they_may() {
    for (from, to) in [
        ("decode", "model"),
        ("prices", "model"),
        ("archive", "query"),
        ("archive-postgres", "archive"),
        ("archive-embedded", "archive"),
        ("server", "control"),
    ] {
        assert!(may_use(from, to), "{from} may use {to}");
    }
    for (from, to) in [
        ("model", "query"),
        ("journal", "model"),
        ("control", "model"),
        ("decode", "redact"),
        ("prices", "query"),
        ("query", "archive"),
        ("archive", "archive-embedded"),
        ("server", "client"),
        ("xtask", "server"),
    ] {
        assert!(!may_use(from, to), "{from} must not use {to}");
    }
}

fn errors(path: &str, text: &str) -> Vec<String> {
    let mut report = Report::default();
    files::check_name(path, &mut report);
    files::check_text(path, text, &mut report);
    report.errors
}

#[test]
fn a_name_says_what_is_inside() {
    assert!(errors("crates/model/src/usage.rs", "").is_empty());
    assert_eq!(errors("crates/model/src/utils.rs", "").len(), 1);
    assert_eq!(errors("web/app/src/helpers/time.ts", "").len(), 1);
    assert_eq!(errors("web/app/src/common.test.tsx", "").len(), 1);
}

#[test]
fn a_source_file_has_at_most_600_lines() {
    assert!(errors("a.rs", &"\n".repeat(600)).is_empty());
    assert_eq!(errors("a.rs", &"\n".repeat(601)).len(), 1);
    assert!(errors("a.csv", &"\n".repeat(601)).is_empty());
    let generated = format!("// @gene{}\n{}", "rated", "\n".repeat(601));
    assert!(errors("a.ts", &generated).is_empty());
}

#[test]
fn what_must_not_be_published() {
    let machine_path = format!("data = \"/ro{}\"", "ot/data");
    assert_eq!(errors("a.toml", &machine_path).len(), 1);
    assert!(errors("a.md", &format!("https://example.com/ho{}", "me/page")).is_empty());
    let key = format!("-----BE{} RSA PRIVATE {}", "GIN", "KEY-----");
    assert_eq!(errors("a.pem", &key).len(), 1);
    let lock = "      \"resolved\": \"https://registry.example/a.tgz\",";
    assert_eq!(errors("web/package-lock.json", lock).len(), 1);
    assert_eq!(errors("requirements.txt", "--index-url https://pypi.example").len(), 1);
    assert_eq!(errors("Cargo.lock", "source = \"registry+https://crates.example\"").len(), 1);
}

#[test]
fn links_are_found_outside_code() {
    let text = "See [one](a.md#part) and [two](../b.md \"title\"), `[no](x.md)`.\n\
                [web](https://example.com) [here](#part)\n\
                ```\n[no](y.md)\n```\n\
                [three](<c.md>)\n";
    assert_eq!(links(text), [(1, "a.md"), (1, "../b.md"), (6, "c.md")]);
}

#[test]
fn a_file_that_was_deleted_but_is_still_in_git_breaks_no_rule() -> anyhow::Result<()> {
    let root = root()?;
    let mut report = Report::default();
    let paths = ["crates/gone/src/utils.rs", "docs/gone.md", "LICENSE"].map(str::to_owned);
    check_files(&root, &paths, &mut report);
    assert!(report.errors.is_empty(), "{:#?}", report.errors);
    Ok(())
}
