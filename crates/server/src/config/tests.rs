#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn our_own_variables_come_first() {
    let variable = |name: &str| match name {
        "TRACEKEEP_INIT_PROJECT_ID" => Some("ours".to_owned()),
        "LANGFUSE_INIT_PROJECT_ID" => Some("theirs".to_owned()),
        "LANGFUSE_INIT_PROJECT_PUBLIC_KEY" => Some("pk-lf-1".to_owned()),
        "TRACEKEEP_INIT_ORG_ID" => Some(String::new()),
        _ => None,
    };
    let init = init(variable);
    assert_eq!(init.project_id.as_deref(), Some("ours"));
    assert_eq!(init.public_key.as_deref(), Some("pk-lf-1"));
    assert_eq!(init.org_id, None);
}

#[test]
fn the_command_line_is_well_formed() {
    use clap::CommandFactory as _;
    Cli::command().debug_assert();
    let cli = Cli::try_parse_from(["tracekeep", "serve", "--listen", "127.0.0.1:0"]).unwrap();
    assert!(matches!(cli.command, Command::Serve(config) if config.listen.port() == 0));
}
