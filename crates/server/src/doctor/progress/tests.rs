use super::*;

#[test]
fn what_was_read_is_said_once_a_gibibyte() {
    let mut said = Vec::new();
    let mut say = |words: &str| said.push(words.to_owned());
    let mut progress = Progress::new(&mut say);
    for _ in 0..5 {
        progress.add(STEP / 2);
    }
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("1.0 GiB read so far; --quick"), "{said:?}");
    assert!(said[1].starts_with("2.0 GiB read so far; --quick"), "{said:?}");
}
