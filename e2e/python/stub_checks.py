"""Whether a request is one that a provider takes, by its own SDK's typed models where there are
such.

Bedrock's are in botocore, which also says whether a request is signed rightly. Cohere's SDK has no
model of a request: its fields and Mistral's are listed, and `test_vendor_clients.py` holds the lists
and the answers to both SDKs.
"""

import json
import re
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from typing import Any, Literal

import pydantic
from anthropic.types.message_count_tokens_params import MessageCountTokensParams
from anthropic.types.message_create_params import MessageCreateParams
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session
from botocore.validate import ParamValidator
from google.genai import types as gemini
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParams
from openai.types.embedding_create_params import EmbeddingCreateParams
from openai.types.image_generate_params import ImageGenerateParams
from openai.types.responses.response_create_params import ResponseCreateParams

AWS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "not-a-secret", "region": "us-east-1"}
# Anthropic's SDK of today sends a bearer; the header of before goes on to count.
KEY_HEADERS = {"anthropic": ["x-api-key", "authorization"], "gemini": ["x-goog-api-key"]}
PARAMS = {
    "chat": CompletionCreateParams,
    "responses": ResponseCreateParams,
    "embeddings": EmbeddingCreateParams,
    "images": ImageGenerateParams,
    "speech": SpeechCreateParams,
    "messages": MessageCreateParams,
    "count_tokens": MessageCountTokensParams,
}
# By operation: the fields that a form must have.
FORMS = {
    "transcriptions": {"model", "file"},
    "translations": {"model", "file"},
    "image_edits": {"prompt", "image"},
    "image_variations": {"image"},
}
# The version of the API before the SDK's, and the fields that it has besides.
OLD_ANTHROPIC = "2023-06-01"
OLD_ANTHROPIC_FIELDS = {"temperature", "top_p", "top_k"}
# Another field is refused with 422.
MISTRAL_FIELDS = set(
    "model messages temperature top_p max_tokens stream stop random_seed metadata response_format"
    " tools tool_choice presence_penalty frequency_penalty n prediction parallel_tool_calls"
    " reasoning_effort prompt_mode guardrails prompt_cache_key service_tier safe_prompt".split()
)
MISTRAL_EMBEDDING_FIELDS = set(
    "model input metadata output_dimension output_dtype encoding_format".split()
)


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")


class GeminiRequest(gemini._common.BaseModel):
    """The body of generateContent: the SDK has types for its parts only."""

    contents: list[gemini.Content]
    system_instruction: gemini.Content | None = None
    tools: list[gemini.Tool] | None = None
    tool_config: gemini.ToolConfig | None = None
    safety_settings: list[gemini.SafetySetting] | None = None
    generation_config: gemini.GenerationConfig | None = None
    cached_content: str | None = None
    service_tier: str | None = None
    labels: dict[str, str] | None = None


class GeminiEmbedding(gemini._common.BaseModel):
    model: str
    content: gemini.Content
    task_type: str | None = None
    title: str | None = None
    output_dimensionality: int | None = None


class GeminiEmbeddings(gemini._common.BaseModel):
    requests: list[GeminiEmbedding] = pydantic.Field(max_length=100)


class GeminiOneEmbedding(GeminiEmbedding):
    model: str | None = None


class CohereMessage(Strict):
    role: Literal["user", "assistant", "system", "tool"]
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    tool_plan: str | None = None
    tool_call_id: str | None = None
    citations: list[dict[str, Any]] | None = None


class CohereChat(Strict):
    model: str
    messages: list[CohereMessage]
    stream: bool = False
    tools: list[dict[str, Any]] | None = None
    strict_tools: bool | None = None
    tool_choice: Literal["REQUIRED", "NONE"] | None = None
    response_format: dict[str, Any] | None = None
    safety_mode: Literal["CONTEXTUAL", "STRICT", "OFF"] | None = None
    max_tokens: int | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    k: int | None = None
    p: float | None = None
    logprobs: bool | None = None
    thinking: dict[str, Any] | None = None
    documents: list[Any] | None = None
    citation_options: dict[str, Any] | None = None
    priority: int | None = None


class CohereEmbed(Strict):
    model: str
    input_type: Literal["search_document", "search_query", "classification", "clustering", "image"]
    texts: list[str] | None = pydantic.Field(None, max_length=96)
    inputs: list[dict[str, Any]] | None = None
    embedding_types: list[str] | None = None
    output_dimension: int | None = None
    max_tokens: int | None = None
    truncate: Literal["NONE", "START", "END"] | None = None
    priority: int | None = None


class InvokedCohereEmbed(CohereEmbed):
    """In Bedrock the model is in the address."""

    model: None = None


class Titan(Strict):
    inputText: str
    dimensions: Literal[256, 512, 1024] | None = None
    normalize: bool | None = None
    embeddingTypes: list[str] | None = None


MODELS = {
    "gemini": GeminiRequest,
    "gemini_count": None,
    "gemini_embed": GeminiEmbeddings,
    "gemini_embed_one": GeminiOneEmbedding,
    "cohere": CohereChat,
    "cohere_embed": CohereEmbed,
}


def problem(call, takes_unknown_fields):
    """Why the provider would not take the call; None if it would."""
    try:
        check_headers(call)
        if call.operation in FORMS:
            check_form(call)
        elif call.operation == "invoke":
            model = Titan if "titan" in call.model else InvokedCohereEmbed
            model.model_validate_json(call.body)
            check_signature(call)
        elif call.operation == "converse":
            check_converse(call)
            check_signature(call)
        elif call.operation in PARAMS:
            check_params(call, "ignore" if takes_unknown_fields else "forbid")
        elif model := MODELS[call.operation]:
            model.model_validate_json(call.body)
    except (ValueError, TypeError, KeyError) as error:
        return f"{call.provider} {call.operation}: {error}"
    return None


def check_headers(call):
    """Who asks is said as that provider wants it; what is meant for Tracekeep alone stays here."""
    names = KEY_HEADERS.get(call.provider, ["authorization"])
    if sum(name in call.headers for name in names) != 1:
        raise ValueError(f"one of the headers {names} is expected")
    for name, value in call.headers.items():
        if name.startswith("x-tracekeep-") or "sk-tk-" in value:
            raise ValueError(f"the header {name} is Tracekeep's own")
    if call.provider == "anthropic" and "anthropic-version" not in call.headers:
        raise ValueError("the header anthropic-version is missing")
    if call.operation not in FORMS and call.headers.get("content-type") != "application/json":
        raise ValueError(f"the content type is {call.headers.get('content-type')}")


def check_params(call, extra):
    given = json.loads(call.body)
    if call.provider == "mistral":
        is_embedding = call.operation == "embeddings"
        unknown = set(given) - (MISTRAL_EMBEDDING_FIELDS if is_embedding else MISTRAL_FIELDS)
        if unknown:
            raise ValueError(f"Mistral refuses the fields {unknown}")
        # What remains is OpenAI's, but for its own names.
        given = {name: value for name, value in given.items() if name != "tool_choice"}
        extra = "ignore"
    if call.headers.get("anthropic-version") == OLD_ANTHROPIC:
        given = {name: value for name, value in given.items() if name not in OLD_ANTHROPIC_FIELDS}
    walk(adapter(PARAMS[call.operation], extra).validate_python([given]))


@cache
def adapter(params, extra):
    """Of a list of them: a dictionary type alone takes no config."""
    return pydantic.TypeAdapter(list[params], config=pydantic.ConfigDict(extra=extra))


def walk(value):
    """Iterables are validated as they are read."""
    if isinstance(value, dict):
        value = value.values()
    elif isinstance(value, str | bytes) or not isinstance(value, Iterator | list | tuple):
        return
    for element in value:
        walk(element)


def check_form(call):
    fields = {name.removesuffix("[]") for name in call.form()}
    if missing := FORMS[call.operation] - fields:
        raise ValueError(f"the form has no {missing}")


def form(content_type, body):
    """The fields of a form as another reader than the gateway's finds them."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    fields = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        # Binary parts come back as they were: the parser keeps line ends.
        value = part.get_payload(decode=True)
        fields.setdefault(name, []).append((part.get_filename(), value))
    return fields


@cache
def bedrock():
    session = Session()
    return session.get_service_model("bedrock-runtime")


def check_converse(call):
    operation = bedrock().operation_model("ConverseStream" if call.stream else "Converse")
    given = {"modelId": call.model, **json.loads(call.body)}
    report = ParamValidator().validate(given, operation.input_shape)
    if report.has_errors():
        raise ValueError(report.generate_report())


def check_signature(call):
    """The signature again, with botocore, of what is said to be signed."""
    given = call.headers["authorization"]
    signed = re.search(r"SignedHeaders=([^, ]+)", given)[1].split(";")
    for name in ["host", "x-amz-date"]:
        if name not in signed:
            raise ValueError(f"{name} is not signed")
    credentials = Credentials(AWS["access_key_id"], AWS["secret_access_key"])
    signer = SigV4Auth(credentials, "bedrock", AWS["region"])
    headers = {name: call.headers[name] for name in signed}
    url = f"http://{call.headers['host']}{call.path}"
    request = AWSRequest("POST", url, headers, call.body)
    request.context["timestamp"] = call.headers["x-amz-date"]
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    expected = signer.signature(to_sign, request)
    if f"Signature={expected}" not in given:
        raise ValueError(f"the signature is {given}, expected {expected}")
