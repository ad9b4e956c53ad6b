use super::*;

const NOW: Micros = Micros(1_800_000_000_000_000);

fn project(id: &str, retention_days: i64) -> Project {
    Project {
        id: id.to_owned(),
        org_id: "o".to_owned(),
        name: "n".to_owned(),
        retention_days,
        created_at: 0,
    }
}

#[test]
fn each_project_keeps_its_own_days_as_of_the_last_look() {
    let retention = Retention::new(&[project("a", 1), project("b", 90)]);
    assert_eq!(retention.keeps_from("a", NOW), NOW.plus(-Micros::DAY));
    assert_eq!(retention.keeps_from("b", NOW), NOW.plus(-90 * Micros::DAY));
    retention.learn(&[project("a", 7), project("c", i64::MAX)]);
    assert_eq!(retention.keeps_from("a", NOW), NOW.plus(-7 * Micros::DAY));
    assert!(retention.keeps_from("c", NOW) < Micros::EARLIEST);
}

#[test]
fn a_project_that_is_not_known_keeps_everything() {
    assert_eq!(Retention::default().keeps_from("new", NOW), Micros::EARLIEST);
}
