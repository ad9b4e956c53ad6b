#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn keys_are_8_to_200_visible_ascii_characters() {
    for good in ["lf_sk_1234567890", "12345678", "~!@#$%^&*()", &"k".repeat(200)] {
        check_secret_key("secret_key", good).unwrap();
        assert!(is_key_shaped(good));
    }
    for bad in ["", "1234567", "with space", "tab\tbetween", "schlüssel", &"k".repeat(201)] {
        check_secret_key("secret_key", bad).unwrap_err();
        assert!(!is_key_shaped(bad));
    }
}

#[test]
fn a_short_key_is_refused_by_field_with_the_remedy_and_without_the_key() {
    let error = check_secret_key("TRACEKEEP_INIT_PROJECT_SECRET_KEY", "hunter2").unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("TRACEKEEP_INIT_PROJECT_SECRET_KEY has only 7 characters"));
    assert!(message.contains("at least 8"));
    assert!(!message.contains("hunter2"));
}

#[test]
fn only_a_secret_key_may_have_a_colon() {
    check_secret_key("secret_key", "abcd:efgh").unwrap();
    check_public_key("public_key", "abcd:efgh").unwrap_err();
    check_public_key("public_key", "pk-lf-1234567890").unwrap();
}

#[test]
fn ids_cannot_leave_their_folder() {
    for good in ["p", "my-project", "Team_1.prod", "cm2x9z3yr0001"] {
        check_id("project_id", good).unwrap();
    }
    for bad in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "ä", &"x".repeat(101)] {
        check_id("project_id", bad).unwrap_err();
    }
}

#[test]
fn names_need_a_character_and_notes_do_not() {
    check_name("name", "Größe & Co").unwrap();
    check_name("name", "  ").unwrap_err();
    check_name("name", "line\nbreak").unwrap_err();
    check_note("note", "").unwrap();
    check_note("note", &"x".repeat(201)).unwrap_err();
}

#[test]
fn names_of_providers_and_of_virtual_models_are_checked() {
    for good in ["openai", "a", "my_own-2", &"p".repeat(50)] {
        check_provider_name("name", good).unwrap();
    }
    for bad in ["", "demo", "OpenAI", "a.b", "a/b", &"p".repeat(51)] {
        check_provider_name("name", bad).unwrap_err();
    }
    for good in ["smart", "GPT-5.1:fast_2", &"m".repeat(100)] {
        check_model_name("name", good).unwrap();
    }
    for bad in ["", "a/b", "a b", &"m".repeat(101)] {
        check_model_name("name", bad).unwrap_err();
    }
}
