"""The vendors' SDKs behind one face: each asks a question in its own protocol, whole or streamed,
and answers the calls of tools. What comes back is what the SDK's typed client made of it."""

import json
from dataclasses import dataclass, field

import anthropic
import openai
from google import genai
from google.genai import types as gemini

from tracekeep_server import SECRET_KEY

QUESTION = "How is the weather there?"
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
ABOUT = {"name": "get_weather", "description": "The weather at a place."}
RESULT = "sunny, 21 degrees"
TRACE_HEADER = "x-tracekeep-trace-id"


@dataclass
class Answer:
    text: str
    trace_id: str
    calls: list = field(default_factory=list)  # of tools: id, name, arguments
    said: object = None  # the model's turn, as the SDK sends it back

    @property
    def called(self):
        return [(name, arguments) for _, name, arguments in self.calls]


class ChatCompletions:
    """OpenAI's SDK."""

    def __init__(self, url):
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=SECRET_KEY, max_retries=0)

    def ask(self, model, stream=False, tools=False, earlier=None):
        messages = [{"role": "user", "content": QUESTION}]
        if earlier:
            results = [
                {"role": "tool", "tool_call_id": id, "content": RESULT}
                for id, _, _ in earlier.calls
            ]
            messages += [earlier.said, *results]
        more = (
            {"tools": [{"type": "function", "function": {**ABOUT, "parameters": SCHEMA}}]}
            if tools
            else {}
        )
        if not stream:
            raw = self.client.chat.completions.with_raw_response.create(
                model=model, messages=messages, **more
            )
            completion, headers = raw.parse(), raw.headers
        else:
            with self.client.chat.completions.stream(
                model=model, messages=messages, **more
            ) as events:
                completion, headers = events.get_final_completion(), events._response.headers
        message = completion.choices[0].message
        calls = [
            (call.id, call.function.name, json.loads(call.function.arguments))
            for call in message.tool_calls or []
        ]
        assert completion.choices[0].finish_reason == ("tool_calls" if calls else "stop")
        said = message.model_dump(mode="json", exclude_none=True, exclude={"parsed"})
        for call in said.get("tool_calls", []):
            call["function"].pop("parsed_arguments", None)
            call.pop("index", None)
        return Answer(message.content or "", headers[TRACE_HEADER], calls, said)


class Responses:
    """OpenAI's SDK, the newer API."""

    def __init__(self, url):
        self.client = openai.OpenAI(base_url=f"{url}/v1", api_key=SECRET_KEY, max_retries=0)

    def ask(self, model, stream=False, tools=False, earlier=None):
        items = [{"role": "user", "content": QUESTION}]
        if earlier:
            results = [
                {"type": "function_call_output", "call_id": id, "output": RESULT}
                for id, _, _ in earlier.calls
            ]
            items += [*earlier.said, *results]
        tool = {"type": "function", **ABOUT, "parameters": SCHEMA, "strict": False}
        more = {"tools": [tool]} if tools else {}
        if not stream:
            raw = self.client.responses.with_raw_response.create(model=model, input=items, **more)
            response, headers = raw.parse(), raw.headers
        else:
            with self.client.responses.stream(model=model, input=items, **more) as events:
                response, headers = events.get_final_response(), events._response.headers
        assert response.status == "completed"
        calls = [
            (item.call_id, item.name, json.loads(item.arguments))
            for item in response.output
            if item.type == "function_call"
        ]
        without = {"parsed_arguments": True, "content": {"__all__": {"parsed"}}}
        said = [
            item.model_dump(mode="json", exclude_none=True, exclude=without)
            for item in response.output
        ]
        return Answer(response.output_text, headers[TRACE_HEADER], calls, said)


class Messages:
    """Anthropic's SDK."""

    def __init__(self, url):
        self.client = anthropic.Anthropic(base_url=url, api_key=SECRET_KEY, max_retries=0)

    def ask(self, model, stream=False, tools=False, earlier=None):
        messages = [{"role": "user", "content": QUESTION}]
        if earlier:
            results = [
                {"type": "tool_result", "tool_use_id": id, "content": RESULT}
                for id, _, _ in earlier.calls
            ]
            messages += [
                {"role": "assistant", "content": earlier.said},
                {"role": "user", "content": results},
            ]
        more = {"tools": [{**ABOUT, "input_schema": SCHEMA}]} if tools else {}
        asked = {"model": model, "max_tokens": 1000, "messages": messages, **more}
        if not stream:
            raw = self.client.messages.with_raw_response.create(**asked)
            message, headers = raw.parse(), raw.headers
        else:
            with self.client.messages.stream(**asked) as events:
                message, headers = events.get_final_message(), events.response.headers
        text = "".join(block.text for block in message.content if block.type == "text")
        calls = [
            (block.id, block.name, block.input)
            for block in message.content
            if block.type == "tool_use"
        ]
        assert message.stop_reason == ("tool_use" if calls else "end_turn")
        said = [block.model_dump(mode="json", exclude_none=True) for block in message.content]
        return Answer(text, headers[TRACE_HEADER], calls, said)


class GenerateContent:
    """Google's SDK."""

    def __init__(self, url):
        self.client = genai.Client(api_key=SECRET_KEY, http_options={"base_url": url})

    def ask(self, model, stream=False, tools=False, earlier=None):
        contents = [gemini.Content(role="user", parts=[gemini.Part(text=QUESTION)])]
        if earlier:
            contents += [
                earlier.said,
                gemini.Content(role="user", parts=[self._result(call) for call in earlier.calls]),
            ]
        function = {**ABOUT, "parameters_json_schema": SCHEMA}
        config = {"tools": [{"function_declarations": [function]}]} if tools else {}
        asked = {"model": model, "contents": contents, "config": config}
        if stream:
            answers = list(self.client.models.generate_content_stream(**asked))
        else:
            answers = [self.client.models.generate_content(**asked)]
        parts = [part for answer in answers for part in answer.candidates[0].content.parts or []]
        assert answers[-1].candidates[0].finish_reason == gemini.FinishReason.STOP
        text = "".join(part.text for part in parts if part.text and not part.thought)
        functions = [part.function_call for part in parts if part.function_call]
        calls = [(call.id, call.name, call.args or {}) for call in functions]
        headers = {
            name.lower(): value for name, value in answers[0].sdk_http_response.headers.items()
        }
        return Answer(text, headers[TRACE_HEADER], calls, gemini.Content(role="model", parts=parts))

    @staticmethod
    def _result(call):
        id, name, _ = call
        return gemini.Part(
            function_response=gemini.FunctionResponse(id=id, name=name, response={"output": RESULT})
        )


SPEAKERS = {
    "chat completions": ChatCompletions,
    "responses": Responses,
    "messages": Messages,
    "generateContent": GenerateContent,
}
