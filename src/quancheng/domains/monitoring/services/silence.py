"""What keeps an alarm silent now (停报): a shelf, out of service, or a rule of the design."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from quancheng.domains.monitoring.models import (
    AlarmCondition,
    AlarmHold,
    Comparison,
    SuppressionRule,
    Tag,
    TagStatus,
)
from quancheng.domains.monitoring.queries.readings import StoreAway, last_of, ms_of
from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.errors import StaleState
from quancheng.kernel.loops.services import move
from quancheng.standards.signals import quality as qualities

HOUSE = system_actor("monitoring", "monitoring.hold")
#: No rule of the design silences these (monitoring 2.6).
NEVER_SUPPRESSED = (
    "flammable", "toxic", "oxygen", "voc", "analyser", "gas_imaging", "acoustic_leak", "gas_under_deck", "seal_fire",
    "fire", "smoke", "overfill",
)  # fmt: skip
#: What of another tag silences: its limits, never that its signal is away or stuck.
_SILENCING = ("LL", "L", "H", "HH", "ROC")
#: A store that did not answer is left alone for so long: nothing is silenced meanwhile.
_PAUSE_S = 60.0
#: A value may be so old at least: switches tell themselves seldom.
_OLDEST_S = 300.0
_away_until = 0.0
#: When (ms), value and quality.
Value = tuple[int, float, int]


def nothing(number: int) -> Value | None:
    """Nobody in this process judges readings."""
    return None


#: What a process of processors knows of a tag by its number: the store comes behind what was judged, and a rule that
#: asked it would silence by the value of before.
judged: Callable[[int], Value | None] = nothing


def standing_hold(tag: Tag, kind: str, *, now: datetime) -> AlarmHold | None:
    """The shelf or taking out of service that stands over a condition of a tag."""
    found = AlarmHold.objects.filter(tag=tag, status="STANDING", until__gt=now).filter(Q(type=kind) | Q(type=""))
    return found.order_by("-until").first()


def standing_rule(tag: Tag, kind: str) -> SuppressionRule | None:
    """The rule of the design that holds now. Where the other tag cannot be read nothing is silenced."""
    if is_never_suppressed(tag):
        return None
    rules = SuppressionRule.objects.filter(tag=tag, ended_at__isnull=True).filter(Q(type=kind) | Q(type=""))
    for rule in rules.select_related("by_tag"):
        if _holds(rule):
            return rule
    return None


def is_never_suppressed(tag: Tag) -> bool:
    """Whether no rule of the design may silence a tag: detectors of gas, leaks, fire and smoke."""
    return tag.kind in NEVER_SUPPRESSED or tag.parameter in NEVER_SUPPRESSED


def settling(tag: Tag) -> timedelta:
    """How long a tag has to come back by itself once a rule of the design holds no more: a pump that has just started
    draws no current yet."""
    return timedelta(seconds=max(5.0, tag.on_delay_s + tag.off_delay_s))


def silenced_by(tag: Tag, kind: str, *, now: datetime) -> AlarmHold | SuppressionRule | None:
    """What keeps a condition of a tag silent; None where it is to be told."""
    return standing_hold(tag, kind, now=now) or standing_rule(tag, kind)


def _holds(rule: SuppressionRule) -> bool:
    global _away_until
    if rule.by_tag.status != TagStatus.LIVE:
        return False
    if rule.comparison == Comparison.ACTIVE:
        return AlarmCondition.objects.filter(tag=rule.by_tag_id, is_active=True, type__in=_SILENCING).exists()
    last = judged(rule.by_tag.number)
    if last is None and time.monotonic() >= _away_until:
        try:
            found = last_of([rule.by_tag]).get(rule.by_tag.number)
        except StoreAway:
            _away_until = time.monotonic() + _PAUSE_S
        else:
            last = None if found is None else (ms_of(found.at), found.value, found.quality)
    if last is None or rule.value is None:
        return False
    at_ms, value, quality = last
    # What was told long ago says nothing of now.
    old_ms = 1000 * max(_OLDEST_S, 3 * rule.by_tag.stale_after_s)
    if not qualities.counts_as_data(quality) or ms_of(timezone.now()) - at_ms > old_ms:
        return False
    return value <= rule.value if rule.comparison == Comparison.AT_MOST else value >= rule.value


def end_once(tag: Tag, kind: str, *, at: datetime, now: datetime) -> None:
    """End what was shelved until the next return to normal."""
    holds = AlarmHold.objects.filter(tag=tag, status="STANDING", is_once=True).filter(Q(type=kind) | Q(type=""))
    for hold in holds:
        # Somebody may have ended it this moment: then it is done.
        with contextlib.suppress(StaleState):
            move(actor=HOUSE, row=hold, name="expire", changes={"ended_at": now}, facts={"cleared_at": at}, now=now)
