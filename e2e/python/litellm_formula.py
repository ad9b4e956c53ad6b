"""What litellm's `cost_per_token` computes, from its own price file.

litellm itself takes 400 MB of other packages to import, so its file is read from the wheel that
`xtask prices` pins, and its formula is written down here once more, key by key as litellm has it
(litellm_core_utils/llm_cost_calc/utils.py: generic_cost_per_token; cost_calculator.py:
batch_cost_calculator). It shares nothing with xtask/prices/litellm_prices.py, which makes prices of
the same keys.
"""

import re
from decimal import Decimal

PLAIN = ("input_cost_per_token", "output_cost_per_token", "cache_creation_input_token_cost", "cache_read_input_token_cost")
HOUR = "cache_creation_input_token_cost_above_1hr"
ABOVE = re.compile(r"_above_(\d+k?)_tokens(.*)$")


def cost(entry, usage, tier=None):
    """Dollars of disjoint usage types; of batches where `tier` says so."""
    if tier == "batch":
        return _batch(entry, usage)
    prompt = sum(count for name, count in usage.items() if name.startswith("input"))
    rates = _rates(entry, prompt, tier)
    total = Decimal(0)
    for name, count in usage.items():
        total += count * _rate(entry, rates, name, tier)
    return total


def _rate(entry, rates, name, tier):
    modality = {
        "input_audio": "input_cost_per_audio_token", "input_image": "input_cost_per_image_token",
        "output_audio": "output_cost_per_audio_token", "output_image": "output_cost_per_image_token",
    }
    match name:
        case "input" | "output" | "input_cache_read" | "input_cache_write" | "input_cache_write_1h":
            return rates[name]
        case "input_audio" | "input_image":
            found = _get(entry, modality[name], tier)
            return rates["input"] if found is None else found
        case "output_audio" | "output_image":
            found = entry.get(modality[name])
            return rates["output"] if found is None else Decimal(found)
        case "output_reasoning":
            return _reasoning(entry, rates, tier)
    raise ValueError(f"litellm counts no {name}")


def _reasoning(entry, rates, tier):
    if rates.get("tiered"):
        return rates["output_reasoning"]
    key = "output_cost_per_reasoning_token"
    if tier and entry.get(f"{key}_{tier}") is not None:
        return Decimal(entry[f"{key}_{tier}"])
    if tier and entry.get(f"output_cost_per_token_{tier}") is not None:
        return rates["output"]
    return rates["output"] if entry.get(key) is None else Decimal(entry[key])


def _get(entry, key, tier):
    for name in ([f"{key}_{tier}"] if tier else []) + [key]:
        if entry.get(name) is not None:
            return Decimal(entry[name])
    return None


def _rates(entry, prompt, tier):
    tiers = [t for t in entry.get("tiered_pricing") or [] if "range" in t]
    if tiers and prompt > 0:
        chosen = next((t for t in tiers if t["range"][0] < prompt <= t["range"][1]), tiers[-1])
        if "input_cost_per_token" in chosen:
            return _of_range(entry, chosen)
    rates = {key: _get(entry, key, tier) for key in PLAIN}
    rates[HOUR] = _get(entry, HOUR, tier)
    if not rates["output_cost_per_token"] and entry.get("output_cost_per_image_token") is not None:
        rates["output_cost_per_token"] = Decimal(entry["output_cost_per_image_token"])
    for threshold, label in sorted(_thresholds(entry, tier)):
        inclusive = entry.get("litellm_provider") == "xai"
        if prompt > threshold or (inclusive and prompt == threshold):
            for key in PLAIN:
                found = _get(entry, f"{key}_above_{label}_tokens", tier)
                rates[key] = rates[key] if found is None else found
            own = f"{HOUR}_above_{label}_tokens" + (f"_{tier}" if tier else "")
            if entry.get(own) is not None:
                rates[HOUR] = Decimal(entry[own])
    plain = rates["input_cost_per_token"] or Decimal(0)
    read = rates["cache_read_input_token_cost"]
    if read is None and entry.get("litellm_provider") == "fireworks_ai" and entry.get("input_cost_per_token") is not None:
        read = Decimal(entry["input_cost_per_token"]) / 2
    write = plain if rates["cache_creation_input_token_cost"] is None else rates["cache_creation_input_token_cost"]
    return {
        "input": plain, "output": rates["output_cost_per_token"] or Decimal(0),
        "input_cache_read": plain if read is None else read, "input_cache_write": write,
        "input_cache_write_1h": write if rates[HOUR] is None else rates[HOUR],
    }


def _thresholds(entry, tier):
    found = set()
    for key, value in entry.items():
        above = ABOVE.search(key)
        if above and value is not None and key.startswith(PLAIN) and above[2] in ("", f"_{tier}"):
            found.add((int(above[1].rstrip("k")) * (1000 if "k" in above[1] else 1), above[1]))
    return found


def _of_range(entry, chosen):
    plain = Decimal(chosen["input_cost_per_token"])
    output = Decimal(chosen.get("output_cost_per_token", entry.get("output_cost_per_token") or 0))
    write = Decimal(chosen.get("cache_creation_input_token_cost", plain))
    return {
        "tiered": True, "input": plain, "output": output, "input_cache_write": write, "input_cache_write_1h": write,
        "input_cache_read": Decimal(chosen.get("cache_read_input_token_cost", plain)),
        "output_reasoning": Decimal(chosen.get("output_cost_per_reasoning_token", output)),
    }


def _batch(entry, usage):
    """Of text alone: litellm bills cached tokens without a batch price as a batch's input."""
    prompt = sum(count for name, count in usage.items() if name.startswith("input"))
    rates = {}
    for key in PLAIN:
        rates[key] = entry.get(f"{key}_batches")
        for threshold, label in sorted((t, l) for t, l in _batch_thresholds(entry, key)):
            if prompt > threshold or (entry.get("litellm_provider") == "xai" and prompt == threshold):
                rates[key] = entry[f"{key}_above_{label}_tokens_batches"]
    plain = Decimal(rates["input_cost_per_token"])
    output = rates["output_cost_per_token"]
    output = Decimal(entry.get("output_cost_per_token") or 0) / 2 if output is None else Decimal(output)
    prices = {"input": plain, "output": output, "output_reasoning": output}
    for name, key in (("input_cache_read", PLAIN[3]), ("input_cache_write", PLAIN[2])):
        prices[name] = plain if rates[key] is None else Decimal(rates[key])
    return sum((count * prices[name] for name, count in usage.items()), Decimal(0))


def _batch_thresholds(entry, prefix):
    for key, value in entry.items():
        found = re.fullmatch(re.escape(prefix) + r"_above_(\d+)(k?)_tokens_batches", key)
        if found and value is not None:
            yield int(found[1]) * (1000 if found[2] else 1), found[1] + found[2]
