"""A server between the vendors' SDKs, unchanged, and providers that are stubs on this machine."""

import anthropic
import openai
import pytest
from google import genai

from stub_providers import Stub
from tracekeep_server import SECRET_KEY, running


@pytest.fixture(scope="session")
def providers():
    with Stub() as stub:
        yield stub


@pytest.fixture(scope="module")
def gateway(providers, tmp_path_factory):
    """One server for the tests of a file, with all providers."""
    folder = tmp_path_factory.mktemp("gateway")
    yield from running(folder, providers.environment(), providers.settings())


@pytest.fixture
def stub(providers):
    """The providers, which answer as usual until they are told otherwise. What they refuse fails
    the test."""
    providers.reset()
    yield providers
    assert providers.problems == []


@pytest.fixture
def openai_client(gateway):
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=SECRET_KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def anthropic_client(gateway):
    with anthropic.Anthropic(base_url=gateway.url, api_key=SECRET_KEY, max_retries=0) as client:
        yield client


@pytest.fixture
def gemini_client(gateway):
    with genai.Client(api_key=SECRET_KEY, http_options={"base_url": gateway.url}) as client:
        yield client
