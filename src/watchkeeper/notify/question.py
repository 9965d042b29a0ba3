"""The extension point for those who answer: a question is a function from a body to an answer, or DeliveryError.

Over HTTP it is posted as a notice is (signed, no redirects, checked address), and the answer is read up to a bound. The
same body has the same key, so a receiver that has seen it may answer from memory.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait

import httpx

from watchkeeper.notify.address import Resolve, find_endpoint, resolve_host
from watchkeeper.notify.command import LARGEST_ANSWER, Stopped
from watchkeeper.notify.sender import DeliveryError
from watchkeeper.notify.webhook import headers_of

_LOOK_SECONDS = 0.1
Question = Callable[[bytes, str], bytes]
"""(body, its key) to the answer. Raises DeliveryError, or Stopped."""


class Post:
    """Asks `url`. `clock` gives Unix seconds; `secret` may be empty, then nothing is signed; `timeout` in seconds."""

    def __init__(
        self,
        url: str,
        *,
        secret: str,
        private: bool,
        timeout: float,
        clock: Callable[[], float] = time.time,
        resolve: Resolve = resolve_host,
    ) -> None:
        self._url, self._secret, self._private, self._timeout = url, secret, private, timeout
        self._clock, self._resolve = clock, resolve

    def __call__(self, body: bytes, key: str) -> bytes:
        """What the receiver answers to `body`."""
        endpoint = find_endpoint(self._url, private=self._private, resolve=self._resolve)
        headers = headers_of(key, body, self._secret, int(self._clock()))
        headers |= {"host": endpoint.authority, "accept-encoding": "identity"}
        try:
            # trust_env off: a proxy from the environment would connect to an address that nobody checked.
            with (
                httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "POST", endpoint.url, content=body, headers=headers, extensions={"sni_hostname": endpoint.host}
                ) as response,
            ):
                if not 200 <= response.status_code < 300:
                    raise DeliveryError(f"The rater {endpoint.host!r} answered {response.status_code}.")
                return self._read(response, endpoint.host)
        except httpx.TimeoutException as error:
            raise self._late(endpoint.host) from error
        except httpx.HTTPError as error:
            raise DeliveryError(f"The rater {endpoint.host!r} cannot be reached ({type(error).__name__}).") from error

    def _read(self, response: httpx.Response, host: str) -> bytes:
        deadline, answer = time.monotonic() + self._timeout, bytearray()
        for piece in response.iter_raw():
            answer += piece
            if len(answer) > LARGEST_ANSWER:
                raise DeliveryError(f"The rater {host!r} answered with more than {LARGEST_ANSWER >> 20} MiB.")
            if time.monotonic() > deadline:
                raise self._late(host)
        return bytes(answer)

    def _late(self, host: str) -> DeliveryError:
        return DeliveryError(f"The rater {host!r} gave no answer within {self._timeout:g} s.")


def abandoned_when(stopped: Callable[[], bool], question: Question) -> Question:
    """`question`, whose answer is not waited for any longer once `stopped` says so (Stopped is raised then)."""

    def ask(body: bytes, key: str) -> bytes:
        answer: Future[bytes] = Future()
        threading.Thread(target=_fulfil, args=(answer, question, body, key), name="question", daemon=True).start()
        while not stopped():
            wait([answer], _LOOK_SECONDS)
            if answer.done():
                return answer.result()
        raise Stopped

    return ask


def _fulfil(answer: Future[bytes], question: Question, body: bytes, key: str) -> None:
    try:
        answer.set_result(question(body, key))
    except BaseException as error:  # noqa: BLE001 (it is raised where the answer is waited for)
        answer.set_exception(error)
