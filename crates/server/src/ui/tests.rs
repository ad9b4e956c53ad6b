#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_page_says_where_it_takes_otlp_over_grpc() {
    for (address, wanted) in [
        ("127.0.0.1:14417", "<code>127.0.0.1:14417</code>"),
        ("[::1]:4317", "<code>[::1]:4317</code>"),
        ("0.0.0.0:14417", "<code><span data-host>127.0.0.1</span>:14417</code>"),
        ("[::]:4317", "<code><span data-host>127.0.0.1</span>:4317</code>"),
    ] {
        let page = page(address.parse().unwrap());
        assert_eq!(page.matches(wanted).count(), 1, "{wanted} is not in the page of {address}");
        assert!(!page.contains(OTLP_GRPC));
    }
}
