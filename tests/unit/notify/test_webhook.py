"""Against a real receiver: signed, no redirects, the answer's body never shown."""

from __future__ import annotations

import socket

import pytest

from tests.unit.notify.receiver import receiver
from watchkeeper.notify.sender import DeliveryError, Parcel
from watchkeeper.notify.signature import verify
from watchkeeper.notify.webhook import Webhook

NOW = 1_700_000_000.5
PARCEL = Parcel(id="a1-firing", target="webhook", body='{"schema": "é"}')


def webhook(url: str, secret: str = "key", private: bool = True) -> Webhook:
    return Webhook(url, secret=secret, private=private, clock=lambda: NOW)


def test_it_is_posted_and_signed() -> None:
    with receiver(204) as server:
        webhook(server.url)(PARCEL)
    (got,) = server.received
    assert got.path == "/hook?a=b"
    assert got.body == PARCEL.body.encode()
    assert got.headers["idempotency-key"] == got.headers["watchkeeper-id"] == PARCEL.id
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"].startswith("127.0.0.1:")
    signed = (got.headers["watchkeeper-timestamp"], got.headers["watchkeeper-signature"])
    assert verify("key", PARCEL.id, *signed, got.body, NOW)


def test_without_a_secret_nothing_is_signed() -> None:
    with receiver(200) as server:
        webhook(server.url, secret="")(PARCEL)
    assert "watchkeeper-signature" not in server.received[0].headers


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_anything_but_2xx_is_no_delivery_and_the_body_is_not_shown(status: int) -> None:
    with receiver(status) as server, pytest.raises(DeliveryError) as error:
        webhook(server.url)(PARCEL)
    assert str(status) in str(error.value)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    refused = pytest.raises(DeliveryError, match=str(status))
    with receiver(200) as trap, receiver(status, elsewhere=trap.url) as server, refused:
        webhook(server.url)(PARCEL)
    assert trap.received == []


def test_private_receivers_can_be_forbidden() -> None:
    with receiver(200) as trap, pytest.raises(DeliveryError, match="private address"):
        webhook(trap.url, private=False)(PARCEL)
    assert trap.received == []


def test_a_receiver_that_is_down() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(DeliveryError, match="cannot be reached"):
            webhook(url)(PARCEL)
