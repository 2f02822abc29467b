"""What of this domain is owed in such numbers that it is counted and not listed on Today."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries.tags import is_beyond_service, list_tags
from quancheng.domains.monitoring.services.sources import KEEP
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.errands import Errand, register

#: A tag that is away so long beyond its planned end is late. [D]
AWAY_LATE = timedelta(days=1)


def _away(actor: Actor, now: datetime) -> QuerySet[Tag]:
    """Tags of the actor's own enterprise under repair beyond their planned end: nothing of them is judged meanwhile."""
    rows = list_tags(actor=actor).filter(is_beyond_service(now=now))
    return rows if actor.has(KEEP) and not actor.supervises else rows.none()


def register_all() -> None:
    """Offer them; called once, when the app is ready."""
    register(Errand(
        "monitoring.service", _("检维修超过预计时间的点位"), "monitoring:tags", "alert", query="overdue=1",
        unit=pgettext_lazy("counted", "个"), open=_away, late=lambda actor, now: _away(actor, now - AWAY_LATE),
    ))  # fmt: skip
