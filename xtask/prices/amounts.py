"""Prices as text: US dollars for a million units, or for an hour where the unit is the second."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

DIGITS = Decimal(1).scaleb(-12)  # a price is exact to 10^-12 dollars for a million units
PER_SECONDS = 3600
PER_OTHERS = 1_000_000


def per(usage_type):
    """How many units a price is for."""
    return PER_SECONDS if usage_type.endswith("_seconds") else PER_OTHERS


def text(amount):
    """All digits, no exponent, no trailing zeros. Digits past the twelfth are noise of binary floats."""
    with localcontext() as context:
        context.prec = 60
        shown = f"{Decimal(amount).quantize(DIGITS, ROUND_HALF_EVEN):f}"
    shown = shown.rstrip("0").rstrip(".")
    return shown or "0"


def of_unit(amount, usage_type):
    """The text of a price that is stated for one unit."""
    return text(Decimal(amount) * per(usage_type))


def ladder(base, steps):
    """A price: a text, or a list of the text and [tokens, text] for each threshold."""
    kept = []
    for start, price in steps:
        if price != (kept[-1][1] if kept else base):
            kept.append([start, price])
    return [base, *kept] if kept else base


def at(price, input_tokens):
    """The Decimal that holds at this size of the request's input."""
    if isinstance(price, str):
        return Decimal(price)
    found = price[0]
    for start, above in price[1:]:
        if input_tokens > start:
            found = above
    return Decimal(found)
