"""The rules of crates/prices once more, slow and obvious: the generator looks up with them what a
package's name means in the merged data, and the tests hold the data to the packages with them.

What each rule says, and why, stands in docs/prices.md.
"""

import re
from datetime import datetime, timezone
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import amounts
from patterns import matches

# A usage type without a price of its own costs what its parent costs.
PARENTS = {
    "input_cache_read": "input",
    "input_cache_write": "input",
    "input_cache_write_5m": "input_cache_write",
    "input_cache_write_1h": "input_cache_write",
    "input_cache_write_12h": "input_cache_write",
    "input_audio_cache_read": "input_cache_read",
    "input_image_cache_read": "input_cache_read",
    "input_video_cache_read": "input_cache_read",
    "input_audio_seconds": "audio_seconds",
    "output_audio_seconds": "audio_seconds",
    "input_annotated_pages": "input_pages",
}
# What these end in is counted, but not in tokens: nothing stands in for them.
NO_TOKENS = ("_seconds", "_images", "_characters", "_pixels", "_pages", "_messages", "_searches")
COMPACT_DATE = re.compile(r"[-@](20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")
SNAPSHOT = re.compile(r"(?:[-@](?:20\d{6}|20\d{2}-\d{2}-\d{2}|latest|default)|:latest)$")
MONEY = Decimal(1).scaleb(-12)


def parent(usage_type):
    """What stands in for a type without a price, if anything does."""
    if usage_type in PARENTS:
        return PARENTS[usage_type]
    if is_tokens(usage_type):
        side = usage_type.split("_")[0]
        return side if side != usage_type else None
    return None


def is_tokens(usage_type):
    """Whether a type counts tokens that a model read or wrote."""
    return usage_type.split("_")[0] in ("input", "output") and not usage_type.endswith(NO_TOKENS)


class Book:
    """Merged data, with its look-ups."""

    def __init__(self, data):
        self.providers = data["providers"]
        self.aliases = {}
        for name, provider in self.providers.items():
            for alias in (name, *provider.get("aliases", [])):
                self.aliases.setdefault(alias.lower(), name)
        self.exact, self.patterns, self.ids = {}, {}, {}
        for model in data["models"]:
            if "match" not in model:
                self.exact[model["provider"], model["id"]] = model
                continue
            self.patterns.setdefault(model["provider"], []).append((model["match"], model))
            self.ids.setdefault((model["provider"], model["id"].lower()), model)

    def provider(self, name):
        """The provider that a name means."""
        name = name.strip().lower()
        for candidate in (name, name.split(".")[0], name.split("-")[0]):
            if candidate in self.aliases:
                return self.aliases[candidate]
        return next(
            (p for p, facts in self.providers.items() if "named" in facts and matches(facts["named"], name)), None
        )

    def find(self, provider, model, region=None):
        """The model that a name means at a provider, and whether another provider's stands in."""
        model = model.strip().lower()
        known = self.provider(provider) if provider else None
        if known:
            return self._at(known, model, region)
        prefix, slash, rest = model.partition("/")
        if slash and prefix in self.aliases:
            found = self._at(self.aliases[prefix], rest, region)
            if found:
                return found
        for name, facts in self.providers.items():
            if "makes_first" in facts and matches(facts["makes_first"], model):
                return self._at(name, model, region)
        for name, facts in self.providers.items():
            if "makes" in facts and matches(facts["makes"], model):
                return self._at(name, model, region)
        for name in (name for name, facts in self.providers.items() if "maker" in facts):
            found = self._own(name, [model], region)
            if found:
                return found, False
        return None

    def _at(self, provider, model, region):
        prefix, slash, rest = model.partition("/")
        names = [model]
        if slash and self.aliases.get(prefix) == provider:
            names.append(rest)
        if model.startswith(("models/", "publishers/")):
            names.append(model.rpartition("models/")[2])
        found = self._own(provider, names, region)
        if found:
            return found, False
        for other in self.providers[provider].get("fallback", []):
            found = self._own(other, names, None)
            if found:
                return found, True
        return None

    def _own(self, provider, names, region):
        without = [SNAPSHOT.sub("", name) for name in names]
        return self.stated(provider, names, region) or self.stated(provider, without, region)

    def stated(self, provider, names, region=None):
        """A provider's own model of one of these names, a date written either way."""
        dashed = [COMPACT_DATE.sub(lambda m: f"-{m[1]}-{m[2]}-{m[3]}", name) for name in names]
        names = list(dict.fromkeys((*names, *dashed)))
        regional = [f"{region}/{name}".lower() for name in names] if region else []
        for exact in (*regional, *names):
            if (provider, exact) in self.exact:
                return self.exact[provider, exact]
        for name in names:
            for pattern, found in self.patterns.get(provider, []):
                if matches(pattern, name):
                    return found
        return next((self.ids[provider, name] for name in names if (provider, name) in self.ids), None)


def units_at(model, at, tier=None, borrowed=False):
    """Prices by type at a moment (an aware datetime)."""
    chosen = model["prices"][0]
    for price in model["prices"]:
        if active(price, at):
            chosen = price
    units = dict(chosen["units"])
    if tier and not borrowed:
        units |= _tier_units(model, tier, at)
    return units


def _tier_units(model, tier, at):
    names = [tier, "priority"] if tier == "fast" else [tier]
    for name in names:
        found = [t for t in model.get("tiers", []) if t["tier"] == name and active(t, at)]
        if found:
            return found[-1]["units"]
    return {}


def active(price, at):
    """Whether a price's date, hours and days hold at a moment."""
    at = at.astimezone(timezone.utc)
    if "from" in price and at < datetime.fromisoformat(price["from"]).replace(tzinfo=timezone.utc):
        return False
    if "days" in price and at.isoweekday() not in price["days"]:
        return False
    if "hours" not in price:
        return True
    now = at.strftime("%H:%M")
    for hours in price["hours"]:
        begin, end = hours.split("-")
        if begin < end and begin <= now < end or begin >= end and (now >= begin or now < end):
            return True
    return False


def resolve(units, usage_type):
    """The price of a type, its own or else its parents'."""
    while usage_type is not None and usage_type not in units:
        usage_type = parent(usage_type)
    return units.get(usage_type)


def cost(model, usage, at, tier=None, region=None, borrowed=False):
    """Dollars by usage type; None where nothing that was used has a price."""
    units = units_at(model, at, tier, borrowed)
    input_tokens = sum(n for t, n in usage.items() if is_tokens(t) and t.startswith("input"))
    factor = Decimal(1) if borrowed else _factor(model, region)
    parts = {}
    usage = dict(usage)
    if "requests" in units and (usage or len(units) == 1):
        usage.setdefault("requests", 1)
    with localcontext() as context:
        context.prec = 60
        for usage_type, count in usage.items():
            price = resolve(units, usage_type)
            if price is None:
                continue
            if count > 0:
                count = max(count, model.get("least", {}).get(usage_type, 0))
            amount = amounts.at(price, input_tokens)
            if is_tokens(usage_type) and factor != 1:
                amount = (amount * factor).quantize(MONEY, ROUND_HALF_EVEN)
            parts[usage_type] = (count * amount / amounts.per(usage_type)).quantize(MONEY, ROUND_HALF_EVEN)
    return parts or None


def _factor(model, region):
    regions = model.get("regions", {})
    if not region or region.lower() == "global":
        return Decimal(1)
    region = region.lower()
    for name in (region, region.split("-")[0], "*"):
        if name in regions:
            return Decimal(regions[name])
    return Decimal(1)
