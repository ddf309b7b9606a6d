"""URLs, IP addresses, CIDRs, as Kubernetes has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import function

if TYPE_CHECKING:
    from collections.abc import Callable

_BAD_URL = re.compile(r"[\x00-\x20\x7f]|%(?![0-9a-fA-F]{2})")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*")
_PATH_SAFE = "/:@$&+,;=!'()*~-._%"


class Address:
    """An IP address."""

    __slots__ = ("address",)
    kind = "ip"

    def __init__(self, address: IPv4Address | IPv6Address) -> None:
        self.address = address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and other.address == self.address

    def __hash__(self) -> int:
        return hash(self.address)

    def __str__(self) -> str:
        return str(self.address)


class Block:
    """A block of IP addresses, with the address it was written with."""

    __slots__ = ("address", "network")
    kind = "cidr"

    def __init__(self, address: IPv4Address | IPv6Address, network: IPv4Network | IPv6Network) -> None:
        self.address = address
        self.network = network

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and (other.address, other.network) == (self.address, self.network)

    def __hash__(self) -> int:
        return hash((self.address, self.network))

    def __str__(self) -> str:
        return f"{self.address}/{self.network.prefixlen}"


@dataclass(frozen=True)
class Url:
    """A URL."""

    kind: ClassVar[str] = "url"
    scheme: str
    host: str
    hostname: str
    port: str
    path: str
    query: str


def _ip(text: str) -> Address:
    try:
        address = ip_address(text)
    except ValueError:
        address = None
    if address is None or "%" in text or (isinstance(address, IPv6Address) and address.ipv4_mapped):
        message = f"`{text[:60]}` is no IP address"
        raise EvaluationError(message)
    return Address(address)


def _cidr(text: str) -> Block:
    address, slash, length = text.partition("/")
    if slash and re.fullmatch(r"0|[1-9]\d{0,2}", length, re.ASCII):
        try:
            one = _ip(address).address
            return Block(one, ip_network(text, strict=False))
        except (ValueError, EvaluationError):
            pass
    message = f"`{text[:60]}` is no CIDR"
    raise EvaluationError(message)


def _url(text: str) -> Url:
    failure = EvaluationError(f"`{text[:60]}` is no URL")
    plain, _, _ = text.partition("#")
    scheme, colon, rest = plain.partition(":")
    is_absolute = bool(colon and _SCHEME.fullmatch(scheme))
    if _BAD_URL.search(plain) or not (is_absolute or plain.startswith("/")) or (is_absolute and not rest):
        raise failure
    try:
        parts = urlsplit(plain)
        port = str(parts.port) if parts.port is not None else ""
    except ValueError:
        raise failure from None
    host = parts.netloc.rpartition("@")[2]
    name = host[: -len(port) - 1] if port else host.removesuffix(":")
    return Url(
        parts.scheme, host, name.removeprefix("[").removesuffix("]"), port, quote(parts.path, safe=_PATH_SAFE),
        parts.query,
    )  # fmt: skip


def _is(text: str, read: Callable[[str], object]) -> bool:
    try:
        read(text)
    except EvaluationError:
        return False
    return True


def _query(url: Url) -> dict[str, list[str]]:
    return parse_qs(url.query, keep_blank_values=True)


def _family(one: Address) -> int:
    return one.address.version


def _is_global(one: Address) -> bool:
    address = one.address
    is_broadcast = str(address) == "255.255.255.255"
    return not (
        address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local or is_broadcast
    )


def _is_local_multicast(one: Address) -> bool:
    address = one.address
    if isinstance(address, IPv4Address):
        return address in ip_network("224.0.0.0/24")
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 0x02


def _has_ip(block: Block, one: Address) -> bool:
    return one.address.version == block.network.version and one.address in block.network


def _has_block(block: Block, other: Block) -> bool:
    return (
        other.network.version == block.network.version
        and other.address in block.network
        and block.network.prefixlen <= other.network.prefixlen
    )


def _masked(block: Block) -> Block:
    return Block(block.network.network_address, block.network)


FUNCTIONS = (
    function("url(string)", _url),
    function("isURL(string)", lambda text: _is(text, _url)),
    function("url . getScheme()", lambda url: url.scheme),
    function("url . getHost()", lambda url: url.host),
    function("url . getHostname()", lambda url: url.hostname),
    function("url . getPort()", lambda url: url.port),
    function("url . getEscapedPath()", lambda url: url.path),
    function("url . getQuery()", _query),
    function("ip(string)", _ip),
    function("isIP(string)", lambda text: _is(text, _ip)),
    function("ip.isCanonical(string)", lambda text: str(_ip(text)) == text),
    function("ip . family()", _family),
    function("ip . isUnspecified()", lambda one: one.address.is_unspecified),
    function("ip . isLoopback()", lambda one: one.address.is_loopback),
    function("ip . isLinkLocalMulticast()", _is_local_multicast),
    function("ip . isLinkLocalUnicast()", lambda one: one.address.is_link_local),
    function("ip . isGlobalUnicast()", _is_global),
    function("cidr(string)", _cidr),
    function("isCIDR(string)", lambda text: _is(text, _cidr)),
    function("cidr . containsIP(string)", lambda block, text: _has_ip(block, _ip(text))),
    function("cidr . containsIP(ip)", _has_ip),
    function("cidr . containsCIDR(string)", lambda block, text: _has_block(block, _cidr(text))),
    function("cidr . containsCIDR(cidr)", _has_block),
    function("cidr . ip()", lambda block: Address(block.address)),
    function("cidr . masked()", _masked),
    function("cidr . prefixLength()", lambda block: block.network.prefixlen),
)
