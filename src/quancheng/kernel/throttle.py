"""How often an address used what is open to everybody: counted in one place, refused above a bound.

The count slides: a use counts for exactly so long, and what is refused does not count. Of the address only a keyed
digest is kept, for two days. Failed sign-ins are another matter: they count when they failed (``people.signing``).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from quancheng.kernel.access.models import AddressUse
from quancheng.kernel.errors import Text, TooMany
from quancheng.kernel.vault import services as vault

#: One subscriber of IPv6 has a whole network of this length.
_SUBSCRIBER = 64


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many uses within so long."""

    most: int
    within: timedelta


def count_use(
    *, place: str, address: str | None, bound: Bound, now: datetime, about: str = "", together: Bound | None = None,
    sentence: Text = "", code: str = "too_many",
) -> None:  # fmt: skip
    """Count one use of a place by an address, in a transaction of its own where the caller has none.

    Of two at once the second counts the first.

    :param place: what is used, e.g. ``registry.apply``. :param about: which of its things, where each counts for
        itself; of an address of IPv6 all count together, since its subscriber has as many as he likes.
    :param together: of everybody at that place. :param sentence: what who is refused reads.
    :raises TooMany: this address, or everybody together, uses it too often.
    """
    digest = vault.keyed(_key(place, address or "", about))
    with transaction.atomic():
        if together is not None:
            _wait_for(place)
        _wait_for(digest)
        uses = AddressUse.objects.filter(place=place)
        mine = uses.filter(address_digest=digest, at__gt=now - bound.within)
        if mine[: bound.most].count() >= bound.most or (
            together is not None and uses.filter(at__gt=now - together.within)[: together.most].count() >= together.most
        ):
            raise TooMany(sentence or TooMany.default_message, code=code)
        AddressUse.objects.create(place=place, address_digest=digest, at=now)


def _key(place: str, address: str, about: str) -> str:
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return f"{place} {address} {about}"
    if isinstance(read, ipaddress.IPv6Address):
        return f"{place} {ipaddress.ip_network((read, _SUBSCRIBER), strict=False)}"
    return f"{place} {read} {about}"


def _wait_for(what: str) -> None:
    """One at a time until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"throttle {what}"])
