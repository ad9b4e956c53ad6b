use super::*;

#[test]
fn a_panic_stays_where_it_was() {
    assert_eq!(unharmed("nothing", || 7), Some(7));
    assert_eq!(unharmed("a test", || -> u32 { panic!("on purpose") }), None);
}
