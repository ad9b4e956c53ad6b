#![allow(clippy::unwrap_used)]

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::*;

fn millis(retry: Retry, next: u32, kind: ErrorKind, asked: Option<u64>) -> Option<u128> {
    let asked = asked.map(Duration::from_secs);
    let pause = retry.pause(next, kind, asked, &mut StdRng::seed_from_u64(7));
    pause.map(|pause| pause.as_millis())
}

#[test]
fn pauses_double_with_half_of_each_by_chance() {
    let retry = Retry { most: 9, ..Retry::default() };
    for (next, full) in [(1, 500), (2, 1_000), (3, 2_000), (9, 20_000)] {
        let pause = millis(retry, next, ErrorKind::Overloaded, None).unwrap();
        assert!((full / 2..=full).contains(&pause), "attempt {next}: {pause} ms");
    }
}

#[test]
fn what_the_provider_asks_for_is_kept_to() {
    let pause = millis(Retry::default(), 1, ErrorKind::RateLimited, Some(3)).unwrap();
    assert!((3_000..=3_300).contains(&pause), "{pause} ms");
    assert_eq!(millis(Retry::default(), 1, ErrorKind::RateLimited, Some(3_600)), None);
}

#[test]
fn no_pause_is_too_long_to_be_reckoned_with() {
    for asked in [Duration::MAX, Duration::from_secs(18_000_000_000_000_000_000)] {
        let kind = ErrorKind::RateLimited;
        let mut rng = StdRng::seed_from_u64(7);
        assert_eq!(Retry::default().pause(1, kind, Some(asked), &mut rng), None);
        let patient = Retry { most: 2, pause: Duration::MAX, longest: Duration::MAX };
        assert!(patient.pause(1, kind, Some(asked), &mut rng).unwrap() >= asked);
        assert!(patient.pause(1, kind, None, &mut rng).unwrap() >= Duration::MAX / 2);
    }
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    let wrong = [
        ErrorKind::BadRequest,
        ErrorKind::Unauthenticated,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
    ];
    for kind in wrong {
        assert_eq!(millis(Retry::default(), 1, kind, None), None, "{kind:?}");
    }
    assert_eq!(millis(Retry::default(), 3, ErrorKind::Overloaded, None), None);
    assert_eq!(millis(Retry::NONE, 1, ErrorKind::Overloaded, None), None);
}

#[test]
fn the_headers_are_read_in_all_their_forms() {
    let asked = |name: &'static str, value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_after(&headers, 1_000_000_000)
    };
    assert_eq!(asked("retry-after-ms", "1500"), Some(Duration::from_millis(1_500)));
    assert_eq!(asked("retry-after", " 2 "), Some(Duration::from_secs(2)));
    let date = "Sun, 09 Sep 2001 01:46:50 GMT";
    assert_eq!(asked("retry-after", date), Some(Duration::from_secs(10)));
    assert_eq!(asked("retry-after", "Sun, 09 Sep 2001 01:00:00 GMT"), Some(Duration::ZERO));
    let day = Some(Duration::from_secs(86_400));
    assert_eq!(asked("retry-after", "86400"), day);
    assert_eq!(asked("retry-after", "86401"), day);
    assert_eq!(asked("retry-after", "18000000000000000000"), day);
    assert_eq!(asked("retry-after-ms", "18000000000000000000"), day);
    assert_eq!(asked("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"), day);
    for wrong in ["soon", "-1", "NaN", "1e400"] {
        assert_eq!(asked("retry-after", wrong), None, "{wrong}");
    }
}
