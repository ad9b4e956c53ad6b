from datetime import datetime, timezone
from decimal import Decimal

import pytest

from book import Book, active, cost, parent, resolve

NOON = datetime(2026, 11, 18, 12, tzinfo=timezone.utc)


def model(**facts):
    return {"provider": "p", "id": "m", "source": "litellm", "prices": [{"units": {"input": "2", "output": "8"}}]} | facts


def total(model, usage, at=NOON, **options):
    found = cost(model, usage, at, **options)
    return None if found is None else sum(found.values())


def test_a_type_falls_back_to_its_parent_and_never_to_zero():
    assert parent("input_cache_write_1h") == "input_cache_write"
    assert parent("input_anything") == "input"
    assert parent("input_images") is None
    assert resolve({"input": "2"}, "input_cache_write_1h") == "2"
    assert total(model(), {"output_reasoning": 1_000_000}) == 8
    assert total(model(), {"web_searches": 5}) is None


def test_the_last_price_that_holds_counts():
    dated = model(prices=[{"units": {"input": "2"}}, {"from": "2026-11-18", "units": {"input": "1"}}])
    million = {"input": 1_000_000}
    assert total(dated, million, datetime(2026, 11, 17, 23, 59, 59, tzinfo=timezone.utc)) == 2
    assert total(dated, million, datetime(2026, 11, 18, tzinfo=timezone.utc)) == 1


@pytest.mark.parametrize(("hour", "expected"), [(15, False), (16, True), (23, True), (0, True), (1, False)])
def test_hours_go_past_midnight(hour, expected):
    assert active({"hours": ["16:00-01:00"]}, datetime(2026, 11, 18, hour, tzinfo=timezone.utc)) == expected


def test_rounding_is_half_to_even_once_a_type():
    tiny = model(prices=[{"units": {"input": "0.0000005", "output": "0.0000015"}}])
    assert cost(tiny, {"input": 1, "output": 1}, NOON) == {"input": Decimal(0), "output": Decimal("2e-12")}


def test_a_borrowed_price_has_no_tiers_and_no_regions():
    rich = model(tiers=[{"tier": "batch", "units": {"input": "1"}}], regions={"eu": "1.1"})
    million = {"input": 1_000_000}
    assert total(rich, million, tier="batch", region="eu-west-1") == Decimal("1.1")
    assert total(rich, million, tier="batch", region="eu", borrowed=True) == 2


def test_an_exact_id_goes_before_a_pattern_and_a_region_before_both():
    loose = model(id="loose", match="~gpt")
    book = Book({"providers": {"p": {"aliases": ["pp"]}},
                 "models": [loose, model(id="gpt-1"), model(id="eu/gpt-1")]})
    found = lambda name, region=None: book.find("PP", name, region)[0]["id"]
    assert found("gpt-2") == "loose"
    assert found("gpt-1") == "gpt-1"
    assert found("pp/gpt-1") == "gpt-1"
    assert found("gpt-1-latest") == "loose"
    assert found("gpt-1", "EU") == "eu/gpt-1"
    assert book.find("p", "other") is None
