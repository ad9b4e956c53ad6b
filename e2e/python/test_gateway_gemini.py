"""Google's SDK for Python, unchanged but for its base address and key."""

import json

import pytest
import requests
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from stub_answers import Reply, recording
from stub_providers import KEYS
from tracekeep_server import SECRET_KEY

FLASH = "gemini-2.5-flash"
TRACE = "x-tracekeep-trace-id"


class City(BaseModel):
    name: str
    people: int


def trace_id(answer):
    return {name.lower(): value for name, value in answer.sdk_http_response.headers.items()}[TRACE]


def test_an_answer_and_its_trace(gateway, gemini_client, stub):
    config = {
        "system_instruction": "Be brief.",
        "temperature": 0.25,
        "thinking_config": {"thinking_budget": 128},
    }
    answer = gemini_client.models.generate_content(
        model=FLASH, contents="Why is the sky blue?", config=config
    )
    assert answer.text == "Because of Rayleigh scattering."
    recorded = recording("generate_content/responses/plain.json").body
    assert (
        answer.usage_metadata
        == types.GenerateContentResponse.model_validate_json(recorded).usage_metadata
    )
    assert stub.last.headers["x-goog-api-key"] == KEYS["gemini"]
    assert stub.last.json()["generationConfig"]["temperature"] == 0.25

    trace = gateway.ended(trace_id(answer))["trace"]
    assert (trace["model_id"], trace["provider"], trace["status"]) == (FLASH, "gemini", "success")
    assert (trace["system_prompt"], trace["response_content"]) == (
        "Be brief.",
        "Because of Rayleigh scattering.",
    )
    assert trace["tokens_used"]["input"] == 1000


def test_a_stream_and_its_trace(gateway, gemini_client, stub):
    answers = list(gemini_client.models.generate_content_stream(model=FLASH, contents="Why?"))
    parts = [part for answer in answers for part in answer.candidates[0].content.parts]
    assert [part.text for part in parts if part.thought] == ["The user asks about light."]
    assert (
        "".join(part.text for part in parts if not part.thought)
        == "Because of Rayleigh scattering."
    )
    trace = gateway.ended(trace_id(answers[0]))["trace"]
    assert trace["streaming_enabled"] is True
    assert "Because of Rayleigh scattering." in trace["response_content"]
    assert trace["tokens_used"]["output"] == 26


def test_an_answer_is_parsed_into_a_model(gemini_client, stub):
    answer = json.loads(recording("generate_content/responses/plain.json").body)
    answer["candidates"][0]["content"]["parts"] = [{"text": '{"name": "Rome", "people": 2746984}'}]
    stub.will(Reply.json(answer))
    config = {"response_mime_type": "application/json", "response_schema": City}
    answer = gemini_client.models.generate_content(model=FLASH, contents="Rome?", config=config)
    assert answer.parsed == City(name="Rome", people=2746984)


def test_functions_are_called_by_the_sdk_itself(gemini_client, stub):
    """Its automatic function calling asks again with what our Python function returns."""
    asked = []

    def get_weather(city: str, days: int) -> str:
        """The weather at a place."""
        asked.append((city, days))
        return "sunny"

    def get_time() -> str:
        """The time."""
        return "noon"

    answer = gemini_client.models.generate_content(
        model=FLASH, contents="Weather in Rome?", config={"tools": [get_weather, get_time]}
    )
    assert asked == [("Rome", 2)]
    assert answer.text == "Because of Rayleigh scattering."
    assert len(stub.calls) == 2
    # Google refuses a turn of its model without the signature that it gave.
    assert b"thoughtSignature" in stub.last.body


def test_a_chat_goes_on(gemini_client, stub):
    chat = gemini_client.chats.create(model=FLASH)
    assert chat.send_message("Why?").text == "Because of Rayleigh scattering."
    assert [answer.text for answer in chat.send_message_stream("And?")][
        -2
    ] == "Rayleigh scattering."
    assert [content["role"] for content in stub.last.json()["contents"]] == [
        "user",
        "model",
        "user",
    ]


ERRORS = [(400, "key", errors.ClientError), (429, "quota", errors.ClientError)]


@pytest.mark.parametrize(("status", "name", "error"), ERRORS)
def test_an_error_is_the_providers_own(gemini_client, stub, status, name, error):
    recorded = json.loads(recording(f"generate_content/errors/{name}.json").body)
    stub.will(Reply.json(recorded, status))
    with pytest.raises(error) as raised:
        gemini_client.models.generate_content(model=FLASH, contents="Hi")
    assert (raised.value.code, raised.value.status) == (status, recorded["error"]["status"])
    assert raised.value.details == recorded


def test_an_overloaded_provider_is_a_server_error(gemini_client, stub):
    body = {"error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}}
    stub.will(Reply.json(body, 503))
    with pytest.raises(errors.ServerError, match="The model is overloaded"):
        gemini_client.models.generate_content(model=FLASH, contents="Hi")


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_of_the_address(gateway, stub, version):
    options = {"base_url": gateway.url, "api_version": version}
    with genai.Client(api_key=SECRET_KEY, http_options=options) as client:
        assert (
            client.models.generate_content(model=FLASH, contents="Hi").text
            == "Because of Rayleigh scattering."
        )


def test_a_wrong_key_is_refused_in_googles_shape(gateway, stub):
    with genai.Client(api_key="sk-tk-wrong-9137", http_options={"base_url": gateway.url}) as client:
        with pytest.raises(errors.ClientError) as raised:
            client.models.generate_content(model=FLASH, contents="Hi")
    assert raised.value.code == 401
    assert "9137" not in str(raised.value)
    assert stub.calls == []


def test_embeddings_pass(gateway, gemini_client, stub):
    config = {"task_type": "RETRIEVAL_QUERY", "output_dimensionality": 2}
    asked = {"contents": ["a", "b"], "config": config}
    answer = gemini_client.models.embed_content(model="gemini-embedding-001", **asked)
    assert [embedding.values for embedding in answer.embeddings] == [[0.25, -0.5], [0.125, 1.0]]
    sent = json.loads(recording("generate_content/requests/embed.json").body)["body"]
    assert stub.last.json() == sent
    assert stub.last.headers["x-goog-api-key"] == KEYS["gemini"]
    detail = gateway.ended(trace_id(answer))
    (span,) = detail["spans"]
    assert (span["kind"], span["model"], span["usage_input"]) == (
        "EMBEDDING",
        "gemini-embedding-001",
        2,
    )
    assert json.loads(span["input"]) == sent["requests"]
    # The address names the provider: the body is changed only where it names the model.
    gemini_client.models.embed_content(model="gemini/gemini-embedding-001", **asked)
    assert (stub.last.model, stub.last.json()) == ("gemini-embedding-001", sent)


def test_one_content_is_embedded(gateway, stub):
    url = f"{gateway.url}/v1beta/models/gemini-embedding-001:embedContent"
    body = b'{ "content":{"parts":[{"text":"a"}]} , "outputDimensionality":2}'
    headers = {"x-goog-api-key": SECRET_KEY, "content-type": "application/json"}
    reply = requests.post(url, data=body, headers=headers, timeout=30)
    assert reply.json() == {"embedding": {"values": [0.25, -0.5]}}
    assert (stub.last.operation, stub.last.body) == ("gemini_embed_one", body)
    (span,) = gateway.ended(reply.headers[TRACE])["spans"]
    assert (span["kind"], span["status"]) == ("EMBEDDING", "success")


@pytest.mark.parametrize("model", [FLASH, f"gemini/{FLASH}"])
def test_tokens_are_counted_and_not_traced(gemini_client, stub, model):
    counted = gemini_client.models.count_tokens(model=model, contents="Hi")
    assert counted.total_tokens == 31
    assert (stub.last.operation, stub.last.model) == ("gemini_count", FLASH)
    headers = {name.lower() for name in counted.sdk_http_response.headers}
    assert TRACE not in headers


@pytest.mark.parametrize("model", ["openai/gpt-4o", "demo/fast"])
def test_who_counts_no_tokens_says_so(gemini_client, stub, model):
    with pytest.raises(errors.ClientError, match="does not speak this API") as raised:
        gemini_client.models.count_tokens(model=model, contents="Hi")
    assert raised.value.code == 400
    assert stub.calls == []


def test_an_unknown_verb_tells_those_that_are_known(gateway, stub):
    url = f"{gateway.url}/v1beta/models/{FLASH}:predict"
    reply = requests.post(url, json={}, headers={"x-goog-api-key": SECRET_KEY}, timeout=30)
    assert reply.status_code == 404
    for verb in ["generateContent", "embedContent", "countTokens"]:
        assert verb in reply.json()["error"]["message"]


class TestDemo:
    """The built-in models, which need no provider."""

    def test_fast(self, gemini_client, stub):
        stream = gemini_client.models.generate_content_stream(
            model="demo/fast", contents="How do I bake bread?"
        )
        answers = list(stream)
        assert "How do I bake bread" in "".join(answer.text or "" for answer in answers)
        assert answers[-1].usage_metadata.candidates_token_count > 20
        assert stub.calls == []

    def test_tools(self, gemini_client):
        def get_weather(city: str) -> dict:
            """The weather at a place."""
            return {"temperature": 21, "city": city}

        answer = gemini_client.models.generate_content(
            model="demo/tools",
            contents="What is the weather in Lisbon?",
            config={"tools": [get_weather]},
        )
        assert "I looked it up" in answer.text

    def test_fail(self, gemini_client):
        with pytest.raises(errors.ServerError) as raised:
            gemini_client.models.generate_content(model="demo/fail", contents="Hi")
        assert raised.value.code == 503
