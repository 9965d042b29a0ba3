"""Posts a notice to an HTTP receiver.

Signed (see `signature.py`), with the notice's id as idempotency key, without following redirects, within ten seconds.
Any 2xx means taken. The answer's body is neither read nor shown.
"""

from __future__ import annotations

from collections.abc import Callable

import httpx

from watchkeeper.notify.address import Resolve, find_endpoint, resolve_host
from watchkeeper.notify.sender import DeliveryError, Parcel
from watchkeeper.notify.signature import sign

TIMEOUT = 10.0
USER_AGENT = "watchkeeper"


class Webhook:
    """A sender. `clock` gives Unix seconds; `secret` may be empty, then nothing is signed."""

    def __init__(
        self, url: str, *, secret: str, private: bool, clock: Callable[[], float], resolve: Resolve = resolve_host
    ) -> None:
        self._url, self._secret, self._private = url, secret, private
        self._clock, self._resolve = clock, resolve

    def __call__(self, parcel: Parcel) -> None:
        endpoint = find_endpoint(self._url, private=self._private, resolve=self._resolve)
        body = parcel.body.encode()
        headers = headers_of(parcel.id, body, self._secret, int(self._clock())) | {"host": endpoint.authority}
        # trust_env off: a proxy from the environment would connect to an address that nobody checked.
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            status = _post(client, endpoint.url, body, headers, endpoint.host)
        if not 200 <= status < 300:
            raise DeliveryError(f"The receiver {endpoint.host!r} answered {status}.")


def headers_of(message_id: str, body: bytes, secret: str, now: int) -> dict[str, str]:
    """The headers of a message: its id as idempotency key, and its signature where there is a `secret`."""
    headers = {
        "content-type": "application/json",
        "user-agent": USER_AGENT,
        "idempotency-key": message_id,
        "watchkeeper-id": message_id,
        "watchkeeper-timestamp": str(now),
    }
    if secret:
        headers["watchkeeper-signature"] = sign(secret, message_id, now, body)
    return headers


def _post(client: httpx.Client, url: str, body: bytes, headers: dict[str, str], host: str) -> int:
    """The status of the answer; the connection is closed before its body is read."""
    try:
        with client.stream("POST", url, content=body, headers=headers, extensions={"sni_hostname": host}) as response:
            return response.status_code
    except httpx.TimeoutException as error:
        raise DeliveryError(f"The receiver {host!r} did not answer within {TIMEOUT:.0f} s.") from error
    except httpx.HTTPError as error:
        raise DeliveryError(f"The receiver {host!r} cannot be reached ({type(error).__name__}).") from error
