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
fn secrets_are_masked_and_so_is_what_is_not_known_to_be_none() {
    let variables = [
        ("HOME", "here"),
        ("LANGFUSE_INIT_PROJECT_ID", "p \"1\""),
        ("TRACEKEEP_INIT_ORG_ID", ""),
        ("TRACEKEEP_INIT_PROJECT_SECRET_KEY", "sk-tk-1"),
        ("TRACEKEEP_INIT_PROJECT_SECRET", "sk-tk-1"),
    ];
    let variables: [(OsString, OsString); 5] =
        variables.map(|(name, value)| (name.into(), value.into()));
    let expected = [
        ("LANGFUSE_INIT_PROJECT_ID", "\"p \\\"1\\\"\"".to_owned()),
        ("TRACEKEEP_INIT_PROJECT_SECRET_KEY", "***".to_owned()),
        ("TRACEKEEP_INIT_PROJECT_SECRET", "***".to_owned()),
    ];
    assert_eq!(shown(&variables), expected);
}
