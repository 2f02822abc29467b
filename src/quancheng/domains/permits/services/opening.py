"""Pages of permits that need no sign-in, counted by address.

Of screens unknown addresses alone are counted: one that is known asks every four seconds, day and night.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from quancheng.kernel import throttle
from quancheng.kernel.throttle import Bound

_MINUTE = timedelta(minutes=1)


def count_opening(*, place: str, address: str, now: datetime) -> None:
    """Count that an address opened a page that needs no sign-in. :raises TooMany: too often within a minute."""
    throttle.count_use(
        place=f"permits.{place}", address=address, bound=Bound(settings.CODE_RATE, _MINUTE), now=now,
        sentence=_("查询过于频繁，请稍后再试。"), code="permit_busy",
    )  # fmt: skip
