"""The committed data is what the pinned packages give, and holds what the crate relies on."""

import json

import pytest

import generate
from book import Book


@pytest.fixture(scope="module")
def data():
    return json.loads((generate.ROOT / generate.DATA).read_text())


def test_the_committed_files_are_those_of_the_pinned_packages():
    stale = [path for path, text in generate.files().items() if (generate.ROOT / path).read_text() != text]
    assert not stale, "run `xtask prices` and look at the change"


def test_ids_are_unique_and_found(data):
    ids = [(model["provider"], model["id"].lower()) for model in data["models"]]
    assert len(ids) == len(set(ids))
    book = Book(data)
    lost = [key for key, model in book.exact.items() if book.find(*key)[0] is not model]
    assert not lost


def test_no_alias_is_another_provider(data):
    ids = set(data["providers"])
    seen = {}
    for provider, facts in data["providers"].items():
        for alias in facts.get("aliases", []):
            assert alias == alias.lower()
            assert alias not in ids, f"{alias} of {provider} is a provider"
            assert seen.setdefault(alias, provider) == provider, f"{alias} is of two providers"
        assert set(facts.get("fallback", [])) <= ids


def test_services_that_opentelemetry_names_are_known(data):
    book = Book(data)
    for name, expected in {
        "openai": "openai", "azure.ai.openai": "azure", "azure.ai.inference": "azure_ai", "aws.bedrock": "aws",
        "gcp.vertex_ai": "google", "gcp.gemini": "google", "gcp.gen_ai": "google", "anthropic": "anthropic",
        "cohere": "cohere", "deepseek": "deepseek", "groq": "groq", "ibm.watsonx.ai": "watsonx",
        "mistral_ai": "mistral", "moonshot_ai": "moonshotai", "perplexity": "perplexity", "x_ai": "x-ai",
    }.items():
        assert book.provider(name) == expected, name
