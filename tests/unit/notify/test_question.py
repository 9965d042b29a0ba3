"""Asked over HTTP, against a real server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.unit.notify.receiver import receiver
from watchkeeper.notify import question
from watchkeeper.notify.command import Stopped
from watchkeeper.notify.question import Post, abandoned_when
from watchkeeper.notify.sender import DeliveryError
from watchkeeper.notify.signature import verify

NOW = 1_700_000_000.5


class Slow(BaseHTTPRequestHandler):
    """A byte each 50 ms, for ever."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
        """Say nothing."""


@contextmanager
def slow() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def post(url: str, secret: str = "key", private: bool = True, timeout: float = 10) -> Post:
    return Post(url, secret=secret, private=private, timeout=timeout, clock=lambda: NOW)


def test_it_is_posted_signed_and_answered() -> None:
    with receiver(200) as server:
        assert post(server.url)(b"{}", "k1") == b"secret"
    (got,) = server.received
    assert (got.body, got.headers["idempotency-key"]) == (b"{}", "k1")
    signed = (got.headers["watchkeeper-timestamp"], got.headers["watchkeeper-signature"])
    assert verify("key", "k1", *signed, got.body, NOW)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_anything_but_2xx_is_no_answer(status: int) -> None:
    with receiver(200) as trap, receiver(status, elsewhere=trap.url) as server:
        with pytest.raises(DeliveryError, match=str(status)):
            post(server.url)(b"{}", "k")
        assert trap.received == []


def test_the_rules_on_addresses_are_those_of_notices() -> None:
    with receiver(200) as trap, pytest.raises(DeliveryError, match="private address"):
        post(trap.url, private=False)(b"{}", "k")
    assert trap.received == []


def test_an_answer_that_trickles_or_swells_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with slow() as url:
        with pytest.raises(DeliveryError, match="no answer within 1 s"):
            post(url, timeout=1)(b"{}", "k")
        monkeypatch.setattr(question, "LARGEST_ANSWER", 3)
        with pytest.raises(DeliveryError, match="more than"):
            post(url)(b"{}", "k")


def test_whoever_must_stop_waits_no_longer() -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with slow() as url, pytest.raises(Stopped):
        abandoned_when(stop.is_set, post(url, timeout=5))(b"{}", "k")


def test_what_is_waited_for_comes_through() -> None:
    with receiver(200, 500) as server:
        asked = abandoned_when(lambda: False, post(server.url))
        assert asked(b"{}", "k") == b"secret"
        with pytest.raises(DeliveryError, match="500"):
            asked(b"{}", "k")
