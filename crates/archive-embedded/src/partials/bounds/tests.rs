use tracekeep_model::Micros;

use super::*;

#[test]
fn rows_lie_inside_outside_or_on_the_edge_of_a_time() {
    let time = TimeRange { from: Micros(10), to: Micros(20) };
    for (rows, wanted) in [
        (Some((10, 19)), Place::Inside),
        (Some((12, 12)), Place::Inside),
        (Some((10, 20)), Place::Edge),
        (Some((9, 19)), Place::Edge),
        (Some((9, 20)), Place::Edge),
        (Some((0, 10)), Place::Edge),
        (Some((19, 40)), Place::Edge),
        (Some((0, 9)), Place::Outside),
        (Some((20, 40)), Place::Outside),
        (None, Place::Edge),
    ] {
        assert_eq!(place(time, rows), wanted, "{rows:?}");
    }
}
