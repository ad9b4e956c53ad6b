"""The pattern language of prices.json, which docs/prices.md describes.

A pattern is a text whose first character says how it compares with a lower-case name:
`=` equal, `^` begins, `$` ends, `~` contains, `/` regular expression found in it; `!` before one of
these turns it round. A list is any of its patterns, {"all": [...]} all of them.
"""

import re


def from_clause(clause):
    """The pattern of a clause of genai-prices."""
    match clause.name:
        case "ClauseEquals":
            return "=" + clause["equals"].lower()
        case "ClauseStartsWith":
            return "^" + clause["starts_with"].lower()
        case "ClauseEndsWith":
            return "$" + clause["ends_with"].lower()
        case "ClauseContains":
            return "~" + clause["contains"].lower()
        case "ClauseRegex":
            return _regex(clause["regex"])
        case "ClauseOr":
            return _any([from_clause(item) for item in clause["or_"]])
        case "ClauseAnd":
            return {"all": [from_clause(item) for item in clause["and_"]]}
    raise ValueError(f"unknown clause {clause.name}")


def _any(patterns):
    flat = [item for p in patterns for item in (p if isinstance(p, list) else [p])]
    unique = list(dict.fromkeys(flat)) if all(isinstance(p, str) for p in flat) else flat
    return unique if len(unique) > 1 else unique[0]


def _regex(regex):
    """Rust's engine has no look-ahead: one at the very beginning is a pattern of its own."""
    if not regex.startswith("^(?!"):
        if "(?!" in regex or "(?=" in regex or "(?<" in regex:
            raise ValueError(f"look-around in {regex}")
        return "/" + regex
    depth = 0
    for at, character in enumerate(regex):
        if regex[at - 1] == "\\":
            continue
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and at > 0:
            inside, rest = regex[4:at], regex[at + 1 :]
            unless = "!/^" + (f"(?:{inside})" if "|" in inside else inside)
            return {"all": [unless, "/^" + rest]} if rest else unless
    raise ValueError(f"unbalanced {regex}")


def matches(pattern, text):
    """Whether a lower-case text matches; what crates/prices/src/pattern.rs does."""
    if isinstance(pattern, list):
        return any(matches(item, text) for item in pattern)
    if isinstance(pattern, dict):
        return all(matches(item, text) for item in pattern["all"])
    kind, rest = pattern[0], pattern[1:]
    match kind:
        case "!":
            return not matches(rest, text)
        case "=":
            return text == rest
        case "^":
            return text.startswith(rest)
        case "$":
            return text.endswith(rest)
        case "~":
            return rest in text
        case "/":
            return re.search(rest, text) is not None
    raise ValueError(f"unknown pattern {pattern}")
