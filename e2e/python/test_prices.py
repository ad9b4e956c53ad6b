"""Costs: for every model of the price book and random usage, what POST /api/models/cost answers is
what genai-prices and litellm compute, or a difference that price_differences.json lists.

Counts of Tracekeep are disjoint; both packages count cached, audio and reasoning tokens within input
and output, so they are added up for them. Both leave their amounts unrounded, Tracekeep rounds each
usage type to twelve digits: that, and the float of neither, is the tolerance.
"""

import json
import random
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from genai_prices import Usage, calc_price
from genai_prices.data import providers

import litellm_formula

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "xtask" / "prices"))

import packages  # noqa: E402

SEED = 20261122
PER_REQUEST = 2_000
ROUNDING = Decimal("0.5e-12")
# 02:30 on a Wednesday: within the hours of every provider that has any. Later than the last tier
# that genai-prices dates; the others are before, between and after its dates of standard prices.
WEDNESDAY = datetime(2026, 11, 18, 2, 30, tzinfo=timezone.utc)
MOMENTS = [
    datetime(2024, 1, 1, 12, tzinfo=timezone.utc),
    datetime(2025, 8, 15, 2, tzinfo=timezone.utc),
    datetime(2026, 8, 20, 20, tzinfo=timezone.utc),
    WEDNESDAY,
]
TOKENS = ["input", "input_cache_read", "input_cache_write", "input_cache_write_1h", "input_audio", "input_image",
          "output", "output_reasoning", "output_audio", "output_image"]
GENAI = {
    "input_cache_read": "cache_read_tokens", "input_cache_write_1h": "cache_write_1h_tokens",
    "input_audio": "input_audio_tokens", "input_image": "input_image_tokens",
    "output_reasoning": "output_reasoning_tokens", "output_audio": "output_audio_tokens",
    "output_image": "output_image_tokens", "web_searches": "web_searches",
}
TIERS = {"batch": {"processing": "batch"}, "priority": {"service_tier": "priority"}, "flex": {"service_tier": "flex"}}
# What a usage type's price may come from, the type itself first: docs/prices.md.
LINES = {name: [name, "input" if name.startswith("input") else "output"] for name in TOKENS}
LINES["input_cache_write_1h"].insert(1, "input_cache_write")
LINES["web_searches"] = ["web_searches"]


@pytest.fixture(scope="module")
def book():
    data = json.loads((ROOT / "crates/prices/data/prices.json").read_text())
    return {(model["provider"], model["id"]): model for model in data["models"]}


@pytest.fixture(scope="module")
def differences():
    return json.loads((ROOT / "e2e/python/price_differences.json").read_text())


def counts(choose, names):
    """Random counts, small and large, of a random choice of types; never nothing."""
    chosen = [name for name in names if choose.random() < 0.55] or names[:1]
    return {name: choose.randrange(1, choose.choice([3_000, 400_000])) for name in chosen}


def ask(server, cases):
    """What the server says of each case's `call`."""
    answers = []
    for begin in range(0, len(cases), PER_REQUEST):
        items = [case["call"] for case in cases[begin : begin + PER_REQUEST]]
        reply = requests.post(server.url + "/api/models/cost", json={"items": items}, headers=server.headers, timeout=60)
        assert reply.status_code == 200, reply.text
        # Exact: a float would lose digits of large amounts.
        answers += json.loads(reply.text, parse_float=Decimal)["items"]
    return answers


def wrong(cases, answers):
    """Cases whose cost is another than the package's."""
    for case, answer in zip(cases, answers, strict=True):
        ours = Decimal(answer["cost"]["total_cost"]) if answer["cost"] else None
        allowed = ROUNDING * len(case["call"]["usage"]) + abs(case["expected"]) * Decimal("1e-9")
        if ours is None or abs(ours - case["expected"]) > allowed:
            yield f"{case['call']}: {ours}, expected {case['expected']} ({answer['priceId']})"


def check(server, cases, at_least):
    assert len(cases) >= at_least, f"only {len(cases)} cases were made"
    found = list(wrong(cases, ask(server, cases)))
    assert not found, f"{len(found)} of {len(cases)} differ:\n" + "\n".join(found[:20])


def test_every_model_costs_what_genai_prices_computes(server, book):
    choose = random.Random(SEED)
    cases = []
    for provider in providers:
        for model in provider.models:
            name = a_name(provider, model)
            # A free-of-units entry costs 0 there and is unknown here.
            if name is None or not any(price["units"] for price in book[provider.id, model.id]["prices"]):
                continue
            ours = book[provider.id, model.id]
            added = ours.get("added", [])
            # litellm adds prices that genai-prices does not have: nothing that hangs on one is counted.
            names = [t for t in [*TOKENS, "web_searches"] if not set(LINES[t]) & set(added)]
            asked = [(at, None) for at in MOMENTS]
            asked += [(WEDNESDAY, tier) for tier in TIERS if f"tier {tier}" not in added or dated(ours, tier)]
            for at, tier in asked:
                usage = {"input": 5, "output": 7} | counts(choose, names)
                expected = of_genai(provider, name, usage, at, tier)
                call = {"provider": provider.id, "model": name, "usage": usage, "at": at.isoformat()}
                if tier:
                    call["serviceTier"] = tier
                if expected is not None and priced(ours, usage):
                    cases.append({"call": call, "expected": expected})
    check(server, cases, at_least=9_000)


def dated(model, tier):
    """Whether genai-prices' own price of a tier has begun by the moments at which tiers are asked."""
    return any(t["tier"] == tier and t.get("source") != "litellm" for t in model["tiers"])


def priced(model, usage):
    """Whether anything that was used has a price at all times: else the cost is unknown."""
    return all(any(set(LINES[t]) & set(price["units"]) for t in usage) for price in model["prices"])


def a_name(provider, model):
    """A name that means the model to genai-prices."""
    names = [model.id]
    pending = [model.match]
    while pending:
        clause = pending.pop(0)
        names += [text for text in (getattr(clause, kind, None) for kind in ("equals", "starts_with")) if text]
        pending += getattr(clause, "or_", []) + getattr(clause, "and_", [])
    return next((name for name in names if provider.find_model(name) is model), None)


def of_genai(provider, name, usage, at, tier):
    sums = {side: sum(n for t, n in usage.items() if t.startswith(side)) for side in ("input", "output")}
    theirs = {GENAI[t]: n for t, n in usage.items() if t in GENAI}
    written = usage.get("input_cache_write", 0) + usage.get("input_cache_write_1h", 0)
    # It wants to be told that none of the cached tokens are audio or images.
    none = {"cache_audio_read_tokens": 0, "cache_image_read_tokens": 0, "cache_audio_write_tokens": 0,
            "cache_image_write_tokens": 0, "cache_audio_write_1h_tokens": 0, "cache_image_write_1h_tokens": 0}
    counted = Usage(
        input_tokens=sums["input"], output_tokens=sums["output"], cache_write_tokens=written, **theirs, **none
    )
    try:
        found = calc_price(counted, name, provider_id=provider.id, genai_request_timestamp=at,
                           price_context=TIERS.get(tier))
    except ValueError as error:
        # Types that overlap in a way for which it has no unit, such as reasoning in audio.
        assert "Missing" in str(error), (provider.id, name, usage, error)
        return None
    return found.total_price


def litellm_entries():
    path = "litellm/model_prices_and_context_window_backup.json"
    found = json.loads(packages.member("litellm", path), parse_float=Decimal)
    found.pop("sample_spec")
    return found


def test_every_model_costs_what_litellm_computes(server, differences):
    choose = random.Random(SEED)
    cases = []
    for key, entry in litellm_entries().items():
        listed = different(differences, key)
        if "*" in listed or entry.get("mode") not in (None, "chat", "completion", "responses", "embedding"):
            continue
        # A fee for each request would be in every cost.
        if "requests" in listed:
            continue
        names = [t for t in TOKENS if not set(LINES[t]) & listed]
        for tier in (None, None, *(t for t in ("flex", "priority") if any(k.endswith(f"_{t}") for k in entry))):
            cases += of_litellm(choose, key, entry, names, tier)
        if "input_cost_per_token_batches" in entry:
            plain = ("input", "input_cache_read", "input_cache_write", "output", "output_reasoning")
            cases += of_litellm(choose, key, entry, [t for t in plain if t in names], "batch")
    check(server, cases, at_least=7_000)


def different(differences, key):
    """Usage types of an entry that are listed, of whichever tier."""
    reasons = differences["litellm"].get(key, {})
    assert set(reasons) <= set(differences["reasons"]), f"{key} has a reason that is not explained"
    return {listed.rpartition(":")[2] for types in reasons.values() for listed in types}


def of_litellm(choose, key, entry, names, tier):
    usage = counts(choose, names) if names else {}
    # Without a price for requests: litellm charges that apart. Without input it looks into no tier.
    if not any(t.startswith("input") for t in usage) or "input_cost_per_request" in entry:
        return []
    expected = litellm_formula.cost(entry, usage, tier)
    call = {"provider": entry["litellm_provider"], "model": key, "usage": usage, "at": WEDNESDAY.isoformat()}
    if tier:
        call["serviceTier"] = tier
    # Nothing of it has a price: litellm says 0.
    return [{"call": call, "expected": expected}] if expected else []


def test_what_is_not_tokens_costs_what_litellm_states(server, differences):
    units = {"input_images": "input_cost_per_image", "output_images": "output_cost_per_image",
             "input_pages": "ocr_cost_per_page", "input_characters": "input_cost_per_character"}
    choose = random.Random(SEED)
    cases = []
    for key, entry in litellm_entries().items():
        listed = different(differences, key)
        for usage_type, field in units.items():
            if entry.get(field) and not {"*", usage_type} & listed and "input_cost_per_request" not in entry:
                count = choose.randrange(1, 50)
                call = {"provider": entry["litellm_provider"], "model": key, "usage": {usage_type: count},
                        "at": WEDNESDAY.isoformat()}
                cases.append({"call": call, "expected": count * Decimal(entry[field])})
    check(server, cases, at_least=300)


def test_what_nobody_prices_is_unknown(server, differences):
    unpriced = [key for key, reasons in differences["litellm"].items() if "unpriced" in reasons]
    entries = litellm_entries()
    cases = [{"call": {"provider": entries[key].get("litellm_provider"), "model": key, "usage": {"input": 5}}}
             for key in unpriced]
    answers = ask(server, cases)
    zero = [case["call"] for case, answer in zip(cases, answers, strict=True)
            if answer["cost"] and Decimal(answer["cost"]["total_cost"]) == 0]
    assert len(cases) > 100
    assert not zero, zero[:20]
