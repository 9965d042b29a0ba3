"""Where a notification may go.

The receiver's address is set by whoever administers the machine (a setting, never the API), so a private address is
allowed unless `webhook_private` forbids it: most receivers live on one. Never allowed are addresses that no receiver
has: link-local ones (where cloud machines keep their credentials), multicast, unspecified and reserved ones. A name is
resolved once and the connection goes to the address that was checked, so a name cannot answer differently later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence

import httpx
import msgspec

from watchkeeper.notify.sender import DeliveryError

Resolve = Callable[[str, int], Sequence[str]]
"""(host, port) to IP addresses as text; raises OSError."""

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_IPV4_IN_IPV6 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"))


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A checked receiver: connect to `ip`, and say `host` in the Host header and in TLS."""

    scheme: str
    host: str
    ip: str
    port: int
    path: str

    @property
    def url(self) -> str:
        """The address to connect to."""
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"{self.scheme}://{ip}:{self.port}{self.path}"

    @property
    def authority(self) -> str:
        """The Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


_DEFAULT_PORTS = {"http": 80, "https": 443}


def resolve_host(host: str, port: int) -> list[str]:
    """The host's addresses, by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def find_endpoint(url: str, *, private: bool, resolve: Resolve = resolve_host) -> Endpoint:
    """The checked receiver behind `url`. Raises DeliveryError if it is not allowed or cannot be found."""
    scheme, host, port, path = _split(url)
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"The receiver {host!r} cannot be found.") from error
    if not addresses:
        raise DeliveryError(f"The receiver {host!r} has no address.")
    for address in addresses:
        _check(host, address, private=private)
    return Endpoint(scheme=scheme, host=host, ip=addresses[0], port=port, path=path)


def _split(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path, read by the client that will connect, so that both read it alike."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise DeliveryError("The receiver's address is no valid URL.") from error
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host or parsed.userinfo:
        raise DeliveryError("The receiver's address must be http:// or https://, without user name.")
    path = parsed.raw_path.decode("ascii") or "/"
    return parsed.scheme, parsed.host, parsed.port or _DEFAULT_PORTS[parsed.scheme], path


def _check(host: str, address: str, *, private: bool) -> None:
    ip = _plain(ipaddress.ip_address(address.partition("%")[0]))
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or (ip.is_reserved and not ip.is_loopback):
        raise DeliveryError(f"The receiver {host!r} leads to {ip}, where no receiver can be.")
    if any(ip in network for network in _IPV4_IN_IPV6):
        raise DeliveryError(f"The receiver {host!r} leads to {ip}, which hides another address.")
    if not private and (ip.is_private or ip.is_loopback or not ip.is_global or ip in _SHARED):
        raise DeliveryError(f"The receiver {host!r} leads to the private address {ip}; webhook_private is false.")


def _plain(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An IPv4 address that is written as IPv6, as itself."""
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return mapped or ip
