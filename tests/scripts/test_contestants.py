"""What the benchmark reads from a stream, from a server that speaks both shapes."""

import http.server
import itertools
import json
import threading
import types

import pytest

from scripts import contestants, tab_bench


class Slow(http.server.BaseHTTPRequestHandler):
    """Six pieces of text; the usage says 11 tokens, as pieces and tokens need not be the same."""

    pieces = 6

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        for _ in range(self.pieces):
            text = {"text": "x"} if self.path == "/v1/completions" else {"delta": {"content": "x"}}
            self.event({"choices": [text]})
        self.event({"choices": [], "usage": {"completion_tokens": 11}})
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, data: object) -> None:
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


@pytest.fixture
def port():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("path", ["/v1/completions", "/v1/chat/completions"])
def test_first_text_and_rate_are_read_from_either_shape_of_stream(port, path, monkeypatch):
    # A clock that ticks at each line, empty ones too: asked at 0 s, pieces at 1, 3 and so on up to 11 s, so
    # ten tokens follow the first in 10 s.
    monkeypatch.setattr(contestants, "time", types.SimpleNamespace(perf_counter=itertools.count().__next__))
    assert contestants.answer(port, path, {}) == contestants.Answer(first_s=1, rate=1, tokens=11, seconds=11)


def test_an_answer_in_one_piece_has_no_rate_and_says_so(port, monkeypatch):
    monkeypatch.setattr(Slow, "pieces", 1)
    with pytest.raises(ValueError, match=r"answered with 1 pieces of text, at least 2 expected"):
        contestants.answer(port, "/v1/completions", {})


def test_a_server_that_refuses_is_no_answer(port, monkeypatch):
    def refuse(self):
        self.send_error(503, "no noodles")

    monkeypatch.setattr(Slow, "do_POST", refuse)
    with pytest.raises(ValueError, match=rf"^/v1/completions on port {port} answered 503: b'"):
        contestants.answer(port, "/v1/completions", {})


def test_a_server_that_never_comes_is_given_up_with_its_address():
    port = contestants.free_port()
    with pytest.raises(TimeoutError, match=rf"^http://127.0.0.1:{port}/health did not answer within 0 s$"):
        contestants.seconds_until(f"http://127.0.0.1:{port}/health", 0.2)


def test_the_tab_is_judged_by_pairs_and_by_its_longest_task():
    decode, task = tab_bench.measured([(9.0, 10.0), (1.9, 2.0), (5.0, 5.0)], [70.0, 201.0])
    assert (decode.value, decode.peer_value, decode.ratio, decode.ok) == (5.0, 5.0, 0.95, True)
    assert (task.value, task.goal, task.ok) == (201.0, "at most 200 ms", False)
    decode, task = tab_bench.measured([(9.0, 10.0)], [])
    assert (decode.ok, task.value, task.ok) == (False, 0.0, True)
