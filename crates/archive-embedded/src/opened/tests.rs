use super::*;

#[test]
fn the_latest_files_are_remembered_each_once() {
    let opened = Opened::default();
    assert_eq!(opened.names(), None);
    for file in ["a", "b", "a"] {
        opened.note(file.to_owned());
    }
    assert_eq!(opened.names().as_deref(), Some("b, a"));
    for n in 0..2 * MOST {
        opened.note(n.to_string());
    }
    assert_eq!(opened.names().as_deref(), Some("8, 9, 10, 11, 12, 13, 14, 15"));
}
