"""The stubs of Cohere and Mistral are held to these vendors' own SDKs: what an SDK sends they accept,
and what they answer, streams included, its typed client reads. Through the gateway Mistral's SDK works
too, as it speaks chat completions."""

import cohere
import pytest
from mistralai.client import Mistral
from mistralai.client import models as mistral_models

from stub_providers import KEYS
from tracekeep_server import SECRET_KEY

HI = [{"role": "user", "content": "Say hi."}]
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather at a place.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
COMMAND = "command-a-03-2025"
MISTRAL = "mistral-large-latest"


@pytest.fixture
def cohere_client(stub):
    return cohere.ClientV2(api_key=KEYS["cohere"], base_url=stub.base("cohere"))


@pytest.fixture
def mistral_client(stub):
    url = stub.base("mistral").removesuffix("/v1")
    with Mistral(api_key=KEYS["mistral"], server_url=url) as client:
        yield client


class TestCohere:
    def test_an_answer(self, cohere_client):
        answer = cohere_client.chat(model=COMMAND, messages=HI, temperature=0.5, max_tokens=20)
        thinking, text = answer.message.content
        assert (thinking.type, text.type) == ("thinking", "text")
        assert thinking.thinking and text.text
        assert answer.usage.tokens.input_tokens > 0

    def test_a_stream(self, cohere_client):
        events = list(cohere_client.chat_stream(model=COMMAND, messages=HI))
        text = "".join(
            event.delta.message.content.text or ""
            for event in events
            if event.type == "content-delta"
        )
        assert text
        assert events[-1].type == "message-end" and events[-1].delta.usage is not None

    def test_tools(self, cohere_client):
        answer = cohere_client.chat(model=COMMAND, messages=HI, tools=[TOOL])
        assert answer.message.tool_calls[0].function.name

    def test_vectors(self, cohere_client):
        answer = cohere_client.embed(
            model="embed-multilingual-v3.0",
            texts=["a", "b"],
            input_type="search_document",
            embedding_types=["float"],
        )
        assert len(answer.embeddings.float_) == 2


class TestMistral:
    def test_an_answer(self, mistral_client):
        answer = mistral_client.chat.complete(model=MISTRAL, messages=HI, temperature=0.5)
        assert answer.choices[0].message.content
        assert answer.usage.total_tokens > 0

    def test_a_stream(self, mistral_client):
        text = "".join(
            event.data.choices[0].delta.content or ""
            for event in mistral_client.chat.stream(model=MISTRAL, messages=HI)
            if event.data.choices
        )
        assert text

    def test_tools(self, mistral_client):
        answer = mistral_client.chat.complete(model=MISTRAL, messages=HI, tools=[TOOL])
        assert answer.choices[0].message.tool_calls[0].function.name

    def test_vectors(self, mistral_client):
        answer = mistral_client.embeddings.create(model="mistral-embed", inputs=["a", "b"])
        assert [item.index for item in answer.data] == [0, 1]
        assert answer.usage.prompt_tokens > 0

    def test_through_the_gateway(self, gateway, stub):
        with Mistral(api_key=SECRET_KEY, server_url=gateway.url) as client:
            answer = client.chat.complete(model=f"mistral/{MISTRAL}", messages=HI)
            assert answer.choices[0].message.content
            events = client.chat.stream(model=f"mistral/{MISTRAL}", messages=HI)
            assert any(event.data.choices for event in events)

    def test_what_the_gateway_sends_is_a_request_of_its_sdk(self, gateway, anthropic_client, stub):
        """Translated from another API: the SDK's own type reads it, and knows each field."""
        anthropic_client.messages.create(
            model=f"mistral/{MISTRAL}",
            max_tokens=64,
            stop_sequences=["END"],
            system="Be brief.",
            messages=HI,
            tools=[{"name": "get_weather", "input_schema": {"type": "object", "properties": {}}}],
        )
        sent = stub.last.json()
        request = mistral_models.ChatCompletionRequest.model_validate(sent)
        known = {field.alias or name for name, field in type(request).model_fields.items()}
        assert set(sent) <= known | set(type(request).model_fields), set(sent) - known
        assert request.messages[0].role == "system"
        assert request.max_tokens == 64
