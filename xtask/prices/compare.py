"""Where litellm's prices and the merged book differ, and why."""

import litellm_prices
from book import Book, resolve, units_at
from merge import retrieved

# Reasons, as they stand in price_differences.json and in the report.
REASONS = {
    "genai-leads": "genai-prices has the model and states another price; its price has a date and a source",
    "genai-tier": "genai-prices has this service tier of the model and states another price",
    "no-tier": "the packages disagree about the standard price, so litellm's service tier is not taken over",
    "zero": "litellm states zero, which it also writes for what it does not know",
    "only-genai": "genai-prices states a price, litellm none, so the parent's price stands in there",
    "only-litellm": "litellm states a price, genai-prices none; not taken over, as their other prices differ",
    "two-keys": "two keys of litellm mean the same provider and model; the first one is used",
    "other-model": "the name means a model of another provider here",
    "unpriced": "litellm states no price above zero",
    "hours": "genai-prices has hours for the model, and its prices are used",
}
TIERS = (None, "batch", "flex", "priority", "ultrafast")


def differences(merged):
    """By litellm key, by reason: usage types, with `tier:` before them for service tiers."""
    book = Book(merged.data)
    found = {}
    two_keys = {key for key, _, same in merged.shadowed if not same}
    for key, entry in litellm_prices.entries().items():
        theirs = litellm_prices.priced(entry)
        if theirs is None:
            found[key] = {"unpriced": ["*"]}
            continue
        hit = book.find(entry.get("litellm_provider"), key)
        if hit is None:
            raise ValueError(f"litellm's `{key}` is not found in the merged book")
        reasons = _of_key(key, theirs, hit, two_keys)
        if reasons:
            found[key] = reasons
    return found


def _of_key(key, theirs, hit, two_keys):
    ours, borrowed = hit
    reasons = {}
    theirs = {"id": key, **theirs}
    for tier in TIERS:
        left = units_at(ours, retrieved(), tier, borrowed)
        right = units_at(theirs, retrieved(), tier)
        for usage_type in sorted(set(left) | set(right)):
            a, b = resolve(left, usage_type), resolve(right, usage_type)
            if a != b:
                why = _why(ours, usage_type, tier, (left, right), key in two_keys)
                # A tier repeats what the standard price already says.
                if tier and any(usage_type in listed for listed in reasons.values()):
                    continue
                reasons.setdefault(why, []).append(f"{tier}:{usage_type}" if tier else usage_type)
    return reasons


def _why(ours, usage_type, tier, units, two_keys):
    left, right = units
    if ours["source"] == "litellm":
        return "two-keys" if two_keys else "other-model"
    if any("hours" in price for price in ours["prices"]):
        return "hours"
    if tier:
        return "genai-tier" if any(t["tier"] == tier for t in ours.get("tiers", [])) else "no-tier"
    if right.get(usage_type) == "0":
        return "zero"
    if usage_type not in right:
        return "only-genai"
    return "genai-leads" if usage_type in left else "only-litellm"
