"""One book of both packages. genai-prices leads where it has the model: it has dates, hours and
patterns. litellm adds the other models, and to a model that both price the same, what genai-prices
leaves out: service tiers, regions, units."""

from datetime import datetime, timezone
from decimal import Decimal

import amounts
import genai
import litellm_prices
import names
import packages
from book import Book, active, parent, resolve

FORMAT = 1
TOKENS_BOTH_STATE = ("input", "output")


class Merged:
    """The data, and what the merge saw."""

    def __init__(self):
        self.data = {}
        self.left_out = []
        self.unpriced = []  # litellm keys that state no price above zero
        self.shadowed = []  # litellm keys whose provider and name another key has too
        self.under = {}  # (provider, id) of a genai-prices model: litellm keys that mean it
        self.added = {}  # (provider, id): what litellm added
        self.weekdays = []  # models whose hours got weekdays from litellm


def merge():
    """Reads both packages and merges them."""
    merged = Merged()
    providers, merged.left_out = genai.providers()
    entries = litellm_prices.entries()
    models = [model for provider in providers for model in provider["models"]]
    book = Book({"providers": {p["id"]: p for p in providers}, "models": models})
    placed, own = {}, {}
    for key, entry in entries.items():
        found = litellm_prices.priced(entry)
        if found is None:
            merged.unpriced.append(key)
            continue
        provider, name, regional = names.place(key, entry)
        placed[key] = (provider, name, regional, found)
        known = None if regional else book.stated(provider, [name])
        if known and names.geographic(name) and _elsewhere(known, found):
            known = None
        if known:
            merged.under.setdefault((provider, known["id"]), []).append((key, found))
        elif (provider, name) in own:
            merged.shadowed.append((key, own[provider, name][0], found == own[provider, name][1]))
        else:
            own[provider, name] = (key, found)
    for model in models:
        _enrich(model, merged)
        _prune(model)
    for (provider, name), (_, found) in own.items():
        model = {"provider": provider, "id": name, **found, "source": "litellm"}
        _prune(model)
        models.append(model)
    merged.data = {
        "format": FORMAT,
        "sources": {name: {k: pin[k] for k in ("version", "retrieved", "licence", "url")}
                    for name, pin in sorted(packages.pinned().items())},
        "providers": _providers(providers, own),
        "models": models,
    }
    return merged


def _elsewhere(known, found):
    """Whether genai-prices' pattern takes in a name with a geography whose price it does not have."""
    explicit = known["id"].startswith(("regional.", "global."))
    return not explicit and current(known)["units"] != found["prices"][0]["units"]


def retrieved():
    """Noon of the day on which the packages were taken: what is current there."""
    day = max(pin["retrieved"] for pin in packages.pinned().values())
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=timezone.utc)


def current(model):
    """The price that holds now, whatever the hour."""
    chosen = model["prices"][0]
    for price in model["prices"]:
        if "hours" not in price and active(price, retrieved()):
            chosen = price
    return chosen


def _enrich(model, merged):
    candidates = merged.under.get((model["provider"], model["id"]), [])
    if not candidates:
        return
    now = current(model)
    same = [found for _, found in sorted(candidates, key=lambda c: (c[0] != model["id"], len(c[0]), c[0]))
            if _agree(now["units"], found["prices"][0]["units"])]
    if any("hours" in price for price in model["prices"]):
        _weekdays(model, [found for _, found in candidates], merged)
        return
    if not same:
        return
    found, added = same[0], []
    for usage_type, price in found["prices"][0]["units"].items():
        if usage_type not in now["units"] and price not in ("0", resolve(now["units"], usage_type)):
            now["units"][usage_type] = price
            added.append(usage_type)
    now["units"] = dict(sorted(now["units"].items()))
    tiers = _missing_tiers(model, found, now)
    if tiers:
        model["tiers"] = sorted(tiers + model.get("tiers", []), key=lambda t: (t["tier"], t.get("from", "")))
        added += sorted({f"tier {tier['tier']}" for tier in tiers})
    regions = next((f["regions"] for f in same if "regions" in f), None)
    if regions:
        model["regions"] = regions
        added += [f"region {name}" for name in regions]
    if added:
        model["added"] = added
        merged.added[model["provider"], model["id"]] = added


def _agree(ours, theirs):
    """An output price of zero is how litellm writes that there is no output."""
    return all(ours.get(t, "0") == theirs.get(t, "0") for t in TOKENS_BOTH_STATE)


def _missing_tiers(model, found, now):
    """Tiers that genai-prices does not have, or only from a later date than its price."""
    begin = {"from": now["from"]} if "from" in now else {}
    tiers = []
    for tier in found.get("tiers", []):
        theirs = [t.get("from", "") for t in model.get("tiers", []) if t["tier"] == tier["tier"]]
        if not theirs or min(theirs) > begin.get("from", ""):
            tiers.append({"tier": tier["tier"], **begin, "units": tier["units"], "source": "litellm"})
    return tiers


def _weekdays(model, candidates, merged):
    """genai-prices cannot say on which days hours hold; litellm does, for the same provider."""
    for found in candidates:
        days = {tuple(price["days"]) for price in found["prices"] if "days" in price}
        if (6, 7) in days and (1, 2, 3, 4, 5) in days:
            for price in model["prices"]:
                if "hours" in price:
                    price["days"] = [1, 2, 3, 4, 5]
            merged.weekdays.append(f"{model['provider']}/{model['id']}")
            return


def _prune(model):
    """Leaves out prices that the parent's would stand in for. Where a service tier could change the
    parent's and not this, it stays; reasoning follows the output in every tier (litellm_prices.py)."""
    tiers = model.get("tiers")
    for price in model["prices"]:
        units = price["units"]
        for usage_type in sorted(units, key=lambda t: -t.count("_")):
            above = parent(usage_type)
            if above and (not tiers or usage_type == "output_reasoning"):
                rest = {t: p for t, p in units.items() if t != usage_type}
                if resolve(rest, above) == units[usage_type]:
                    price["units"] = units = rest


def _providers(providers, own):
    found = {}
    for provider in providers:
        found[provider["id"]] = {k: v for k, v in provider.items() if k not in ("id", "models")}
    for name in sorted({provider for provider, _ in own} | set(names.ALIASES)):
        found.setdefault(name, {})
    for name, aliases in names.ALIASES.items():
        found[name]["aliases"] = aliases.split()
    for name, pattern in names.MAKES_FIRST.items():
        found[name]["makes_first"] = pattern
    for name, others in names.FALLBACKS.items():
        if others:
            found[name]["fallback"] = others
    for rank, name in enumerate(names.MAKERS):
        found[name]["maker"] = rank
    return found
