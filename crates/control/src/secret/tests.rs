#![allow(clippy::unwrap_used)]

use super::*;
use crate::test_support::rng;

#[test]
fn generated_keys_have_the_documented_form() {
    let pair = KeyPair::generate(&mut rng(1));
    let public = pair.public().strip_prefix("pk-tk-").unwrap();
    assert_eq!(public.len(), 36);
    assert!(public.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit()));
    let secret = pair.secret().expose().strip_prefix("sk-tk-").unwrap();
    assert_eq!(secret.len(), 43);
    assert!(secret.bytes().all(|b| b.is_ascii_alphanumeric()));
    assert!(valid::is_key_shaped(pair.public()));
    assert!(valid::is_key_shaped(pair.secret().expose()));
}

#[test]
fn each_draw_is_another_pair() {
    let mut rng = rng(1);
    let (first, second) = (KeyPair::generate(&mut rng), KeyPair::generate(&mut rng));
    assert_ne!(first.public(), second.public());
    assert_ne!(first.secret(), second.secret());
    assert_ne!(first.id(), second.id());
}

#[test]
fn base62_loses_nothing() {
    assert_eq!(base62([0; 32]), "0".repeat(43));
    let mut one = [0; 32];
    one[31] = 1;
    assert_eq!(base62(one), format!("{}1", "0".repeat(42)));
    one[31] = 62;
    assert_eq!(base62(one), format!("{}10", "0".repeat(41)));
    one[31] = 0;
    one[30] = 1;
    // 256 = 4 * 62 + 8
    assert_eq!(base62(one), format!("{}48", "0".repeat(41)));
    // The greatest number still fits: its leading digit is not cut off to zero.
    assert_ne!(base62([255; 32]).as_bytes()[0], b'0');
}

#[test]
fn the_hash_is_sha_256_in_lower_case_hex() {
    // FIPS 180-2, appendix B.1.
    assert_eq!(
        secret_hash("abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn debug_hides_the_secret() {
    let fresh = FreshKeys::generate(&mut rng(1));
    let text = format!("{fresh:?}");
    assert!(text.contains(fresh.pair.public()));
    assert!(!text.contains(fresh.pair.secret().expose()));
}

#[test]
fn a_hint_is_four_characters_unless_that_is_much_of_the_secret() {
    assert_eq!(Secret::new("lf_sk_1234567890".to_owned()).hint(), "7890");
    assert_eq!(Secret::new("12345678".to_owned()).hint(), "");
    assert_eq!(Secret::new("abc".to_owned()).hint(), "");
}

#[test]
fn a_key_cannot_be_its_own_secret() {
    let secret = Secret::new("lf_pk_1234567890".to_owned());
    let error = KeyPair::given(("public_key", secret.expose()), ("secret_key", &secret));
    let message = error.unwrap_err().to_string();
    assert_eq!(message, "secret_key is the same as public_key: choose another");
}
