"""Where requests of ours may go: to receivers of webhooks, to a provider of identities.

Asked when an address is entered and again at each request, and the address that was judged is the one connected to, so
that a name which changes its meaning in between gains nothing.

Refused: this machine, loopback, link-local and every other address that is not public, unless the operator named its
network for that purpose (:class:`Allowed`); and our own engines even then.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from quancheng.kernel.errors import Invalid

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


class RefusedAddress(Invalid):
    """No request of ours may go there (422)."""

    code = "refused_address"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, fields={"url": sentence})


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the operator allows beside public addresses over HTTPS: networks (CIDR), and plain HTTP."""

    networks: Sequence[str] = ()
    insecure: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged: connect to ``ip``, speak to ``host``."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    ip: str


def judge(url: str, allowed: Allowed) -> Target:
    """Read, resolve and judge an address.

    :raises RefusedAddress: malformed, not HTTPS, unknown name, or any of its addresses is not allowed.
    """
    scheme, host, port, path = _read(url, allowed)
    addresses = resolve(host, port)
    if not addresses:
        raise RefusedAddress(_("找不到该主机名。"))
    for address in addresses:
        _refuse_unless_allowed(address, port, allowed)
    return Target(url, scheme, host, port, path, str(addresses[0]))


def judge_host(host: str, port: int, allowed: Allowed) -> str:
    """The same for what is no web address: the address to connect to.

    :raises RefusedAddress: unknown name, or any of its addresses is not allowed.
    """
    addresses = resolve(host, port) if host and host.isprintable() and not any(map(str.isspace, host)) else []
    if not addresses:
        raise RefusedAddress(_("找不到该主机名。"))
    for address in addresses:
        _refuse_unless_allowed(address, port, allowed)
    return str(addresses[0])


def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, in the resolver's order; empty where there is none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    # A link-local address carries its interface after a percent sign.
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def _read(url: str, allowed: Allowed) -> tuple[str, str, int, str]:
    bad = RefusedAddress(_("请填写完整的网址，例如 https://host.example/path 。"))
    if any(mark.isspace() or not mark.isprintable() for mark in url) or "\\" in url:
        raise bad
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad from None
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise bad
    if parts.scheme not in (("https", "http") if allowed.insecure else ("https",)):
        raise RefusedAddress(_("须使用 https 网址。"))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80), path


def _refuse_unless_allowed(address: Address, port: int, allowed: Allowed) -> None:
    real = _plain(address)
    if (str(real), port) in _engines():
        raise RefusedAddress(_("不能使用本系统自身服务的地址。"))
    if any(real in network for network in _networks(real, allowed)):
        return
    if not real.is_global or real.is_multicast or real.is_unspecified:
        raise RefusedAddress(_("该地址不是公网地址；确需使用内网地址的，请由运维人员将其网段列入允许范围。"))
    if is_own(real):
        raise RefusedAddress(_("不能使用本机地址。"))


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address.teredo is not None:
            return address.teredo[1]
        if address in _TRANSLATED:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _networks(address: Address, allowed: Allowed) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for text in allowed.networks:
        network = ipaddress.ip_network(text, strict=False)
        if network.version == address.version:
            yield network


def is_own(address: Address) -> bool:
    """Whether this machine has the address: only then can a socket be bound to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def _engines() -> set[tuple[str, int]]:
    """Address and port of every engine of ours that is reached by network."""
    database = settings.DATABASES["default"]
    known = [
        _database_place(database),
        *(_place(getattr(settings, name, "")) for name in ("NATS_URL", "TELEMETRY_URL")),
    ]
    found: set[tuple[str, int]] = set()
    for host, port in filter(None, known):
        found.update((str(_plain(address)), port) for address in resolve(host, port))
    return found


def _database_place(database: dict[str, object]) -> tuple[str, int] | None:
    host = str(database.get("HOST") or "")
    if not host or host.startswith("/"):
        return None
    return host, int(str(database.get("PORT") or 5432))


def _place(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port) if parts.hostname and parts.port else None
    except ValueError:
        return None
