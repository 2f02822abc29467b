"""What detectors of lightning tell (雷电预警仪) warns the work in the open of their enterprises."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Tag, TagStatus
from quancheng.domains.monitoring.queries import readings
from quancheng.domains.monitoring.queries.alarm_terms import Terms, terms_at
from quancheng.domains.monitoring.services.one_by_one import each
from quancheng.domains.permits.services.detected_weather import Detected, tell_detected
from quancheng.standards.signals import quality
from quancheng.stream.store.times import moment

_COLOURS = ("red", "orange", "yellow")


def watch_lightning(*, now: datetime) -> int:
    """Raise, keep up and raise higher the warnings of every detector of lightning by what it told in the last minutes.
    They end by themselves, so many quiet minutes after the last of their level. Returns how many detectors warn.

    :raises StoreAway: the store does not answer.
    """
    rows = Tag.objects.filter(kind="lightning", status=TagStatus.LIVE).select_related(
        "file__enterprise", "file__area", "file__owner_org"
    )
    tags, terms = list(rows.order_by("pk")), terms_at(now)
    # As long as a warning holds after its trigger: a run may be late or fail, and messages too.
    back = timedelta(minutes=terms.lightning_calm_minutes)
    if not tags:
        return 0
    _step, found = readings.page_of(
        tags, begin=now - back, end=now + timedelta(seconds=1), step_s=0, after=None, most=0, points=0
    )
    by_number: dict[int, list[tuple[datetime, float]]] = {}
    for row in found:
        if quality.counts_as_data(int(row["quality"])):
            by_number.setdefault(int(row["tag"]), []).append((moment(int(row["at"])), float(row["value"])))
    return each(tags, lambda tag: _warn(tag, by_number.get(tag.number, []), terms, now), what="warning of lightning")


def colour_of(tag: Tag, value: float, terms: Terms) -> str:
    """Of which colour a value warns; empty: of none. A distance warns by being small, a field by being strong."""
    for colour in _COLOURS:
        if tag.unit == "km" and 0 <= value <= getattr(terms, f"lightning_{colour}_km"):
            return colour
        if tag.unit == "kV/m" and abs(value) >= getattr(terms, f"lightning_{colour}_kv_m"):
            return colour
    return ""


def _warn(tag: Tag, told: list[tuple[datetime, float]], terms: Terms, now: datetime) -> bool:
    last: dict[str, tuple[datetime, float]] = {}
    for at, value in told:
        if colour := colour_of(tag, value, terms):
            last[colour] = max(last.get(colour, (at, value)), (at, value))
    calm = timedelta(minutes=terms.lightning_calm_minutes)
    for colour, (at, value) in last.items():
        if at + calm > now:
            text = _("%(tag)s 测得 %(value)s %(unit)s") % {"tag": tag.name, "value": f"{value:g}", "unit": tag.unit}
            tell_detected(
                detected=Detected(
                    file=tag.file, kind="LIGHTNING", colour=colour.upper(), detector=tag.code, at=min(at, now),
                    until=at + calm, text=text,
                ),
                now=now,
            )  # fmt: skip
    return bool(last)
