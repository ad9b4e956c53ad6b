"""What genai-prices publishes, in the shape of prices.json."""

from datetime import date

import amounts
import packages
import patterns
from literal import Record, assigned

# Its name of a price: ours, and what makes it one for a million units (or for an hour).
UNITS = {
    "input_mtok": ("input", 1),
    "output_mtok": ("output", 1),
    "cache_read_mtok": ("input_cache_read", 1),
    "cache_write_mtok": ("input_cache_write", 1),
    "cache_write_5m_mtok": ("input_cache_write_5m", 1),
    "cache_write_1h_mtok": ("input_cache_write_1h", 1),
    "input_audio_mtok": ("input_audio", 1),
    "input_image_mtok": ("input_image", 1),
    "input_video_mtok": ("input_video", 1),
    "cache_audio_read_mtok": ("input_audio_cache_read", 1),
    "cache_image_read_mtok": ("input_image_cache_read", 1),
    "output_audio_mtok": ("output_audio", 1),
    "output_image_mtok": ("output_image", 1),
    "output_video_mtok": ("output_video", 1),
    "output_reasoning_mtok": ("output_reasoning", 1),
    "output_citation_mtok": ("output_citation", 1),
    "input_mchars": ("input_characters", 1),
    "input_text_messages_kcount": ("input_text_messages", 1000),
    "audio_hours": ("audio_seconds", 1),
    "input_audio_hours": ("input_audio_seconds", 1),
    "output_audio_hours": ("output_audio_seconds", 1),
    "input_document_kpages": ("input_pages", 1000),
    "input_annotated_document_kpages": ("input_annotated_pages", 1000),
    "rerank_searches_kcount": ("rerank_searches", 1000),
    "web_searches_kcount": ("web_searches", 1000),
    "social_searches_kcount": ("social_searches", 1000),
    "storage_searches_kcount": ("storage_searches", 1000),
    "code_executions_kcount": ("code_executions", 1000),
    "requests_kcount": ("requests", 1000),
}

# What makes a variant apply: ours is the service tier alone.
TIERS = {
    ("processing", "batch"): "batch",
    ("service_tier", "priority"): "priority",
    ("service_tier", "flex"): "flex",
    ("service_tier", "fast"): "fast",
    ("speed", "fast"): "fast",
}

# Written into the code of genai-prices (types.py, ModelInfo.calc_price), not into its data.
GROQ_LEAST = {"audio_seconds": 10, "input_audio_seconds": 10}
GROQ_WHISPER = ("whisper-large-v3", "whisper-large-v3-turbo")


def providers():
    """Its providers in its order, with `models`; and what was left out, as lines."""
    left_out = []
    raw = assigned(packages.member("genai-prices", "genai_prices/data.py"), "providers")
    return [_provider(provider, left_out) for provider in raw], left_out


def _provider(raw, left_out):
    provider = {"id": raw["id"], "name": raw["name"]}
    for ours, theirs in (("named", "provider_match"), ("makes", "model_match")):
        if raw.get(theirs):
            provider[ours] = patterns.from_clause(raw[theirs])
    if raw.get("fallback_model_providers"):
        provider["fallback"] = raw["fallback_model_providers"]
    provider["models"] = [_model(raw["id"], model, left_out) for model in raw["models"]]
    return provider


def _model(provider, raw, left_out):
    model = {"provider": provider, "id": raw["id"], "match": patterns.from_clause(raw["match"])}
    prices = raw["prices"]
    if isinstance(prices, Record):
        prices = [{"prices": prices}]
    model["prices"] = [_conditional(item) for item in prices]
    tiers = _tiers(f"{provider}/{raw['id']}", raw.get("price_variants") or [], left_out)
    if tiers:
        model["tiers"] = tiers
    if provider == "groq" and raw["id"] in GROQ_WHISPER:
        model["least"] = GROQ_LEAST
    model["source"] = "genai-prices"
    return model


def _conditional(raw):
    price = {}
    constraint = raw.get("constraint")
    if constraint is not None and constraint.name == "StartDateConstraint":
        price["from"] = constraint["start_date"].isoformat()
    elif constraint is not None:
        begin, end = constraint["start_time"], constraint["end_time"]
        price["hours"] = [f"{begin:%H:%M}-{end:%H:%M}"]
    price["units"] = units(raw["prices"])
    return price


def units(raw):
    """Prices by usage type."""
    found = {}
    for key, value in raw.items():
        usage_type, factor = UNITS[key]
        if isinstance(value, Record):
            steps = sorted((tier["start"], tier["price"]) for tier in value["tiers"])
            steps = [(start, amounts.text(price * factor)) for start, price in steps]
            found[usage_type] = amounts.ladder(amounts.text(value["base"] * factor), steps)
        elif value is not None:
            found[usage_type] = amounts.text(value * factor)
    return dict(sorted(found.items()))


def _tiers(model, variants, left_out):
    """Of variants for the same tier the first that is active wins, for each unit by itself: so at
    each date that something changes the whole is written down."""
    by_tier = {}
    for variant in variants:
        ((key, value),) = variant["when"].items()
        found = units(variant["prices"])
        if not found:
            continue
        if (key, value) not in TIERS:
            left_out.append(f"`{model}`: prices for {key} = {value}")
            continue
        constraint = variant.get("constraint")
        begin = constraint["start_date"] if constraint else date.min
        by_tier.setdefault(TIERS[key, value], []).append((begin, found))
    tiers = []
    for tier, found in sorted(by_tier.items()):
        for moment in sorted({begin for begin, _ in found}):
            merged = {}
            for begin, prices in found:
                if begin <= moment:
                    merged = prices | merged
            start = {} if moment == date.min else {"from": moment.isoformat()}
            tiers.append({"tier": tier, **start, "units": dict(sorted(merged.items()))})
    return tiers
