import pytest

import patterns
from literal import Record, assigned


def clause(name, **arguments):
    return Record(name, arguments)


@pytest.mark.parametrize(
    ("given", "expected", "yes", "no"),
    [
        (clause("ClauseEquals", equals="GPT-4"), "=gpt-4", "gpt-4", "gpt-4o"),
        (clause("ClauseStartsWith", starts_with="gpt-"), "^gpt-", "gpt-4", "my-gpt-4"),
        (clause("ClauseEndsWith", ends_with=":free"), "$:free", "a:free", "a:free2"),
        (clause("ClauseContains", contains="sonnet"), "~sonnet", "claude-sonnet", "claude"),
        (clause("ClauseRegex", regex=r"^o[134]"), r"/^o[134]", "o3", "gpt-o3"),
        (clause("ClauseRegex", regex=r"^(?!.*-tts(?:$|-))"), r"!/^(?:.*-tts(?:$|-))", "flash", "flash-tts"),
        (
            clause("ClauseRegex", regex=r"^(?![^/]+/)(?:labs-)?mistral"),
            {"all": [r"!/^[^/]+/", r"/^(?:labs-)?mistral"]},
            "labs-mistral",
            "a/mistral",
        ),
        (
            clause("ClauseOr", or_=[clause("ClauseEquals", equals="a"), clause("ClauseEquals", equals="a")]),
            "=a",
            "a",
            "b",
        ),
        (
            clause("ClauseAnd", and_=[clause("ClauseContains", contains="a"), clause("ClauseContains", contains="b")]),
            {"all": ["~a", "~b"]},
            "ab",
            "a",
        ),
    ],
)
def test_clauses_become_patterns_that_mean_the_same(given, expected, yes, no):
    pattern = patterns.from_clause(given)
    assert pattern == expected
    assert patterns.matches(pattern, yes)
    assert not patterns.matches(pattern, no)


def test_look_around_elsewhere_is_refused():
    with pytest.raises(ValueError, match="look-around"):
        patterns.from_clause(clause("ClauseRegex", regex="a(?=b)"))


def test_data_is_read_without_being_run():
    source = "from x import *\nproviders: list[P] = [P(id='a', when={'k': 'v'}, price=Decimal('0.10'), day=datetime.date(2026, 1, 2))]"
    (provider,) = assigned(source, "providers")
    assert provider.name == "P" and provider["when"] == {"k": "v"}
    assert str(provider["price"]) == "0.10" and provider["day"].isoformat() == "2026-01-02"
    with pytest.raises(ValueError, match="no plain data"):
        assigned("providers = [open('f') + 1]", "providers")
    with pytest.raises(ValueError, match="assigns no"):
        assigned("other = 1", "providers")
