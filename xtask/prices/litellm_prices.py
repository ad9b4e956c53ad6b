"""What litellm publishes, in the shape of prices.json.

litellm's file has a flat key a price, its calculator (litellm_core_utils/llm_cost_calc/utils.py) the
rules: which key stands in for which, what a service tier changes, where a threshold lies. The rules
are applied here, so that prices.json holds the outcome and no second set of rules.
"""

import json
import re
from decimal import Decimal

import amounts
import packages

FILE = "litellm/model_prices_and_context_window_backup.json"

# Its keys that have thresholds, by our usage type.
WITH_STEPS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "input_cache_read": "cache_read_input_token_cost",
    "input_cache_write": "cache_creation_input_token_cost",
    "input_cache_write_1h": "cache_creation_input_token_cost_above_1hr",
    "input_cache_write_12h": "cache_creation_input_token_cost_above_12hr",
}
LONG_LIVED = ("input_cache_write_1h", "input_cache_write_12h")
FLAT = {
    "input_audio": "input_cost_per_audio_token",
    "input_image": "input_cost_per_image_token",
    "input_video": "input_cost_per_video_token",
    "input_audio_cache_read": "cache_read_input_audio_token_cost",
    "input_image_cache_read": "cache_read_input_image_token_cost",
    "output_audio": "output_cost_per_audio_token",
    "output_image": "output_cost_per_image_token",
    "output_video": "output_cost_per_video_token",
    "output_reasoning": "output_cost_per_reasoning_token",
    "output_citation": "citation_cost_per_token",
    # Not tokens.
    "input_characters": "input_cost_per_character",
    "output_characters": "output_cost_per_character",
    "input_images": "input_cost_per_image",
    "output_images": "output_cost_per_image",
    "input_pixels": "input_cost_per_pixel",
    "output_pixels": "output_cost_per_pixel",
    "input_pages": "ocr_cost_per_page",
    "input_audio_seconds": "input_cost_per_audio_per_second",
    "input_video_seconds": "input_cost_per_video_per_second",
    "output_video_seconds": "output_cost_per_video_per_second",
    "input_text_messages": "input_cost_per_text_message",
    "requests": "input_cost_per_request",
    "map_searches": "google_maps_grounding_cost_per_query",
    "code_executions": "code_interpreter_cost_per_session",
}
# `fast` is litellm's other name of `priority`; the calculator knows that.
TIERS = ("flex", "priority", "balanced", "ultrafast")
STEP = re.compile(r"^(?:input_cost_per_token|output_cost_per_token|cache_read_input_token_cost"
                  r"|cache_creation_input_token_cost(?:_above_12?hr)?)"
                  r"_above_(\d+)(k?)_tokens")
FIREWORKS_CACHED = Decimal("0.5")  # constants.py: FIREWORKS_AI_DEFAULT_CACHE_READ_RATE_RATIO


def entries():
    """Its entries by key, numbers exact as written, the explaining first one left out."""
    found = json.loads(packages.member("litellm", FILE), parse_float=Decimal)
    found.pop("sample_spec")
    return found


def number(entry, key):
    """A price that is stated, as Decimal."""
    value = entry.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return Decimal(value)


def priced(entry):
    """`prices`, `tiers` and `regions` of an entry; None where it states no price above zero."""
    standard = _standard(entry)
    if not any(_above_zero(price) for price in standard.values()):
        return None
    prices = [{"units": _sorted(standard)}]
    off_peak = entry.get("off_peak_pricing")
    if off_peak:
        prices += _off_peak(standard, off_peak)
    found = {"prices": prices}
    tiers = [] if entry.get("tiered_pricing") else _tiers(entry, standard)
    if tiers:
        found["tiers"] = tiers
    regions = _regions(entry)
    if regions:
        found["regions"] = regions
    return found


def _standard(entry):
    if any("input_cost_per_token" in tier for tier in entry.get("tiered_pricing") or []):
        return _tiered(entry) | _others(entry)
    units = _token_units(entry, None)
    if not _above_zero(units.get("output", "0")) and "output_image" in units:
        units["output"] = units["output_image"]
    if entry.get("litellm_provider") == "fireworks_ai" and "input_cache_read" not in units:
        rate = number(entry, "input_cost_per_token")
        if rate is not None:
            units["input_cache_read"] = amounts.of_unit(rate * FIREWORKS_CACHED, "input")
    return units | _others(entry)


def _token_units(entry, tier):
    """Prices of tokens for a service tier: its own keys, and where it has none the standard ones."""
    suffix = f"_{tier}" if tier else ""
    starts = sorted({_start(entry, key) for key in entry if _is_step(entry, key, suffix)})
    units = {}
    for usage_type, key in WITH_STEPS.items():
        base = _first(entry, key + suffix, key)
        current, steps = base, []
        for start, label in starts:
            above = f"{key}_above_{label}_tokens"
            # A long-lived write keeps its price unless its own tier states a higher one.
            standard = above if usage_type not in LONG_LIVED else above + suffix
            stated = _first(entry, above + suffix, standard)
            current = current if stated is None else stated
            if current is not None:
                steps.append((start, amounts.of_unit(current, usage_type)))
        if base is not None:
            units[usage_type] = amounts.ladder(amounts.of_unit(base, usage_type), steps)
        elif steps and usage_type in ("input_cache_read", "input_cache_write"):
            # Below the threshold it costs what input costs.
            plain = units.get("input", "0")
            units[usage_type] = amounts.ladder(plain if isinstance(plain, str) else plain[0], steps)
    for usage_type, key in FLAT.items():
        if usage_type.split("_")[0] in ("input", "output") and "_token" in key:
            stated = _first(entry, key + suffix, key)
            if stated is not None:
                units[usage_type] = amounts.of_unit(stated, usage_type)
    own_output = number(entry, f"output_cost_per_token{suffix}") if tier else None
    own_reasoning = number(entry, f"output_cost_per_reasoning_token{suffix}")
    if own_output is not None and own_reasoning is None and "output_reasoning" in units:
        units["output_reasoning"] = units["output"]
    return units


def _is_step(entry, key, suffix):
    found = STEP.match(key)
    return bool(found) and key[found.end() :] in ("", suffix) and entry[key] is not None


def _start(entry, key):
    found = STEP.match(key)
    start = int(found[1]) * (1000 if found[2] else 1)
    # xAI charges the higher price from the threshold on, all others above it.
    inclusive = entry.get("litellm_provider") == "xai"
    return (start - 1 if inclusive else start), found[1] + found[2]


def _first(entry, *keys):
    return next((value for key in keys if (value := number(entry, key)) is not None), None)


def _tiered(entry):
    """`tiered_pricing`: the whole request has the prices of the range that its input falls into."""
    tiers = sorted((t for t in entry["tiered_pricing"] if "range" in t), key=lambda t: t["range"][0])
    inside = {key for tier in tiers for key in tier}
    stand_ins = {
        "input": ("input_cost_per_token",),
        "output": ("output_cost_per_token",),
        "input_cache_read": ("cache_read_input_token_cost", "input_cost_per_token"),
        "input_cache_write": ("cache_creation_input_token_cost", "input_cost_per_token"),
        "output_reasoning": ("output_cost_per_reasoning_token", "output_cost_per_token"),
    }
    units = {}
    for usage_type, keys in stand_ins.items():
        if keys[0] not in inside:
            continue
        steps = [(int(t["range"][0]), amounts.of_unit(_first(t, *keys) or 0, usage_type)) for t in tiers]
        units[usage_type] = amounts.ladder(steps[0][1], steps[1:])
    if "output" not in units and number(entry, "output_cost_per_token") is not None:
        units["output"] = amounts.of_unit(number(entry, "output_cost_per_token"), "output")
    return units


def _others(entry):
    """Prices of what is not tokens."""
    units = {}
    for usage_type, key in FLAT.items():
        value = number(entry, key)
        if value is not None and "_token" not in key:
            units[usage_type] = amounts.of_unit(value, usage_type)
    units |= _seconds(entry)
    query = number(entry, "input_cost_per_query")
    if query is not None:
        usage_type = "web_searches" if entry.get("mode") == "search" else "rerank_searches"
        units[usage_type] = amounts.of_unit(query, usage_type)
    search = entry.get("search_context_cost_per_query")
    if isinstance(search, dict) and number(search, "search_context_size_medium") is not None:
        medium = number(search, "search_context_size_medium")
        units["web_searches"] = amounts.of_unit(medium, "web_searches")
    # Free because nobody stated it: a token's price stands for these.
    return {usage_type: price for usage_type, price in units.items() if _above_zero(price)}


def _seconds(entry):
    received, made = number(entry, "input_cost_per_second"), number(entry, "output_cost_per_second")
    match entry.get("mode"):
        case "audio_transcription" | "realtime" if number(entry, "input_cost_per_audio_token") is None:
            # Some entries state the same price on both sides; a second of audio is billed once.
            heard = received or made
            return {"input_audio_seconds": amounts.of_unit(heard, "input_audio_seconds")} if heard else {}
        case "audio_speech" if made:
            return {"output_audio_seconds": amounts.of_unit(made, "output_audio_seconds")}
        case "video_generation" if made:
            return {"output_video_seconds": amounts.of_unit(made, "output_video_seconds")}
    return {}


def _off_peak(standard, off_peak):
    """Prices that replace others, thresholds included, in some hours of some days."""
    cheap = dict(standard)
    for usage_type, key in (*WITH_STEPS.items(), ("output_reasoning", FLAT["output_reasoning"])):
        if number(off_peak, key) is not None:
            cheap[usage_type] = amounts.of_unit(number(off_peak, key), usage_type)
    windows = list(off_peak.get("windows") or [])
    if off_peak.get("hours_utc"):
        windows.append({"hours_utc": off_peak["hours_utc"]})
    prices = []
    for window in windows:
        hours = window["hours_utc"]
        price = {"hours": [hours] if isinstance(hours, str) else list(hours)}
        if window.get("weekdays"):
            price["days"] = list(window["weekdays"])
        prices.append(price | {"units": _sorted(cheap)})
    return prices


def _tiers(entry, standard):
    tiers = []
    for name in TIERS:
        if any(key.endswith(f"_{name}") and number(entry, key) is not None for key in entry):
            tiers.append((name, _token_units(entry, name)))
    batch = _batch(entry, standard)
    if batch:
        tiers.append(("batch", batch))
    changed = [(name, {t: p for t, p in units.items() if standard.get(t) != p}) for name, units in tiers]
    return [{"tier": name, "units": _sorted(units)} for name, units in sorted(changed) if units]


def _batch(entry, standard):
    """Batches have keys of their own; cached tokens without one cost what a batch's input costs,
    and output without one costs half."""
    if number(entry, "input_cost_per_token_batches") is None:
        return None
    own = {k.removesuffix("_batches"): v for k, v in entry.items() if k.endswith("_batches")}
    for key in ("output_cost_per_token", "output_cost_per_image_token"):
        if key not in own and number(entry, key) is not None:
            own[key] = number(entry, key) / 2
    units = _token_units(own | {"litellm_provider": entry.get("litellm_provider")}, None)
    for usage_type in standard:
        if usage_type.startswith("input_cache_") and usage_type not in units:
            written = usage_type in LONG_LIVED and "input_cache_write" in units
            units[usage_type] = units["input_cache_write" if written else "input"]
    if "output_reasoning" in standard and "output" in units:
        units["output_reasoning"] = units["output"]
    return units


def _regions(entry):
    """What multiplies the price of tokens, by region; `*` is any region but `global`."""
    regions = {}
    for region in ("eu", "us"):
        factor = number(entry, f"regional_processing_uplift_multiplier_{region}")
        if factor is not None:
            regions[region] = amounts.text(factor)
    factor = number(entry, "regional_endpoint_uplift_multiplier")
    if factor is not None:
        regions["*"] = amounts.text(factor)
    own = entry.get("provider_specific_entry") or {}
    if number(own, "us") is not None:
        regions["us"] = amounts.text(number(own, "us"))
    return regions


def _sorted(units):
    return dict(sorted(units.items()))


def _above_zero(price):
    return any(Decimal(p) > 0 for p in ([price] if isinstance(price, str)
               else [price[0], *(step[1] for step in price[1:])]))
