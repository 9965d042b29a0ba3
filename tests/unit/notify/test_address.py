"""No address that a receiver cannot have is ever connected to, however it is written."""

from __future__ import annotations

import pytest

from watchkeeper.notify.address import find_endpoint, resolve_host
from watchkeeper.notify.sender import DeliveryError

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "240.0.0.1",
        "255.255.255.255",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_never_allowed(address: str) -> None:
    with pytest.raises(DeliveryError):
        find_endpoint("https://hook.example/x", private=True, resolve=lambda *_: [address])


PRIVATE = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "fd00::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_a_setting(address: str) -> None:
    assert find_endpoint("http://hook.example/", private=True, resolve=lambda *_: [address]).ip == address
    with pytest.raises(DeliveryError, match="private address"):
        find_endpoint("http://hook.example/", private=False, resolve=lambda *_: [address])


def test_one_bad_address_among_good_ones_is_enough() -> None:
    with pytest.raises(DeliveryError):
        find_endpoint("https://hook.example/", private=False, resolve=lambda *_: [PUBLIC, "10.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://localhost./",
        "http://[::ffff:7f00:1]/",
        "http://[::1]/",
    ],
)
def test_loopback_in_disguise_is_seen_through(url: str) -> None:
    with pytest.raises(DeliveryError):
        find_endpoint(url, private=False, resolve=resolve_host)


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://a/", "http://", "http://user@a/", "http://a:b@a/", "file:///etc/passwd", "http://[::1/"]
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(DeliveryError):
        find_endpoint(url, private=True, resolve=lambda *_: [PUBLIC])


def test_the_name_is_resolved_once_and_the_checked_address_used() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    endpoint = find_endpoint("https://hook.example:8443/a?b=c", private=False, resolve=lambda *_: next(answers))
    assert endpoint.url == f"https://{PUBLIC}:8443/a?b=c"
    assert endpoint.authority == "hook.example:8443"


def test_default_ports_and_ipv6() -> None:
    endpoint = find_endpoint("http://[2606:2800:220:1::1]/", private=False, resolve=lambda host, _: [host])
    assert endpoint.url == "http://[2606:2800:220:1::1]:80/"
    assert endpoint.authority == "[2606:2800:220:1::1]"


@pytest.mark.parametrize("answer", [OSError("no"), UnicodeError("no")])
def test_a_name_that_is_not_found(answer: Exception) -> None:
    def fails(host: str, port: int) -> list[str]:
        raise answer

    with pytest.raises(DeliveryError, match="cannot be found"):
        find_endpoint("http://nowhere.example/", private=True, resolve=fails)


def test_a_name_without_addresses() -> None:
    with pytest.raises(DeliveryError, match="no address"):
        find_endpoint("http://nowhere.example/", private=True, resolve=lambda *_: [])
