"""What becomes of calls that still run when the server is stopped."""

import threading

import openai

from stub_answers import End, Reply, recording
from tracekeep_server import SECRET_KEY, Server

HI = [{"role": "user", "content": "Say hi."}]


def test_calls_that_still_run_are_cut_off_and_say_so(providers, stub, tmp_path):
    text = recording("chat_completions/streams/openai_text.sse")
    stub.will(lambda call: text.first(2).but(end=End.HANG) if call.stream else Reply.nothing())
    server = Server(tmp_path, providers.environment(), providers.settings())
    server.start()
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=SECRET_KEY, max_retries=0)
    told = {}

    def ask(name, **fields):
        # Ids of the caller's own, as an answer that never comes tells none.
        headers = {"x-tracekeep-trace-id": f"the {name} one"}
        try:
            answer = client.chat.completions.create(
                model="gpt-4o", messages=HI, extra_headers=headers, **fields
            )
            told[name] = list(answer)
        except Exception as error:  # whatever breaks off is kept
            told[name] = error

    calls = [
        threading.Thread(target=ask, args=("whole",)),
        threading.Thread(target=ask, args=("streamed",), kwargs={"stream": True}),
    ]
    try:
        for call in calls:
            call.start()
        while len(stub.calls) < 2:
            assert any(call.is_alive() for call in calls), told
        server.stop()
        for call in calls:
            call.join(10)
            assert not call.is_alive()
        assert told["whole"].status_code == 503 and "stopping" in str(told["whole"])
        assert isinstance(told["streamed"], Exception), "half an answer must not look whole"
        server.start()
        for name in told:
            trace = server.trace(f"the {name} one")["trace"]
            assert (trace["status"], trace["error_code"]) == ("error", "stopping"), name
    finally:
        server.kill()
