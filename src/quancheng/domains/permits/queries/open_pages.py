"""What who stands at the place learns of a permit by its code: its state now, and no more of people than a surname."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.models import (
    GuardianCheck,
    Part,
    Permit,
    PermitMark,
    PermitPerson,
    PermitScreen,
    PermitSiteCheck,
)
from quancheng.domains.permits.queries.facts import FRESH
from quancheng.domains.permits.queries.loading import is_seal_whole
from quancheng.domains.permits.queries.papers import level_colour, place_of
from quancheng.domains.permits.queries.permits import people_of
from quancheng.kernel.access.actor import Actor

#: Kept with a stop that somebody without an account made at the place: nobody asks who it was.
BY_ANYBODY = "OPEN"
#: Colour of a state by which it is told apart from afar; beside it always stands the word.
GREEN, AMBER, RED, BLUE, GREY = "green", "amber", "red", "blue", "grey"
_TONES = {
    "DRAFT": RED, "REQUESTED": RED, "PREPARING": RED, "APPROVING": RED, "ISSUED": BLUE, "WORKING": GREEN,
    "SUSPENDED": AMBER, "FINISHED": GREY, "ACCEPTED": GREY, "CLOSED": GREY, "CANCELLED": RED, "VOID": RED,
    "EXPIRED": RED,
}  # fmt: skip
_MEANINGS = {
    "ISSUED": gettext_lazy("已签发，还没有开始作业"), "WORKING": gettext_lazy("正在作业，作业票有效"),
    "SUSPENDED": gettext_lazy("作业已暂停，恢复前不得作业"), "FINISHED": gettext_lazy("作业已完工，等待验收"),
    "ACCEPTED": gettext_lazy("作业已验收"), "CLOSED": gettext_lazy("作业票已归档"),
    "CANCELLED": gettext_lazy("作业票已撤销，不得作业"), "VOID": gettext_lazy("作业票已作废，不得作业"),
    "EXPIRED": gettext_lazy("作业票过期作废，不得作业"),
}  # fmt: skip
_NOT_ISSUED = gettext_lazy("作业票没有签发，不得作业")


@dataclass(frozen=True, slots=True)
class Guardians:
    """Who guards, by surname alone, and when he was last found at the place; None: not within the hour."""

    surnames: Sequence[str]
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Live:
    """A permit as anybody at the place reads it."""

    permit: Permit
    tone: str
    #: What the state means for who stands there.
    meaning: str
    level_colour: str
    place: str
    guardians: Guardians
    phone: str


def find_mark(code: str) -> PermitMark | None:
    """The code of a permit that is not in the archive; None for one that never was, and for one that ended."""
    rows = PermitMark.objects.select_related("permit__file__enterprise", "permit__unit", "permit__facility")
    return rows.filter(code=code).exclude(permit__status="CLOSED").first()


def own_page_of(mark: PermitMark, actor: Actor | None, duty: str) -> bool:
    """Whether somebody who is signed in lands on the permit's own page."""
    if actor is None or not actor.has(duty):
        return False
    return Permit.objects.visible_to(actor).filter(pk=mark.permit_id).exists()


def live_of(permit: Permit, now: datetime) -> Live:
    """How a permit stands now. Work past its window is told so before the clock suspends it."""
    is_whole = is_seal_whole(permit, list(people_of(permit)))
    tone, meaning = tone_of(permit, now)
    if not is_whole:
        tone, meaning = RED, _("作业票内容被改动，不得作业")
    return Live(
        permit, tone, meaning, level_colour(permit), place_of(permit), guardians_of(permit, now),
        permit.file.emergency_phone,
    )  # fmt: skip


def tone_of(permit: Permit, now: datetime) -> tuple[str, str]:
    """Colour and meaning of a permit's state at a time."""
    if permit.status == "WORKING" and permit.window_end < now:
        return RED, _("有效期已过，应停止作业")
    if permit.status == "ISSUED" and permit.window_end < now:
        return RED, _("有效期已过，不得作业")
    return _TONES[permit.status], str(_MEANINGS.get(permit.status, _NOT_ISSUED))


def guardians_of(permit: Permit, now: datetime) -> Guardians:
    """Surnames of those who guard now, and when one was last at the place within the hour: by his own look, or
    identified by a check of the place."""
    people = PermitPerson.objects.filter(permit=permit, part=Part.GUARDIAN, ended_at__isnull=True)
    told = [one.person.name[:1] for one in people.select_related("person").order_by("number")]
    return Guardians(told, seen_of([permit], now).get(permit.pk))


def seen_of(permits: Collection[Permit], now: datetime) -> dict[uuid.UUID, datetime]:
    """When those who guard running work now were last at the place, within the hour: whoever came by a hand-over counts
    from it. Two queries."""
    keys = [one.pk for one in permits if one.status == "WORKING"]
    recent = {"permit__in": keys, "checked_at__gt": now - FRESH}
    looks = GuardianCheck.objects.filter(**recent, guardian__ended_at__isnull=True)
    looks = looks.filter(Q(guardian__joined_at__isnull=True) | Q(checked_at__gte=F("guardian__joined_at")))
    found: dict[uuid.UUID, datetime] = dict(looks.values_list("permit").annotate(last=Max("checked_at")))
    came = PermitPerson.objects.filter(
        permit=OuterRef("permit"), part=Part.GUARDIAN, ended_at__isnull=True, joined_at__gt=OuterRef("checked_at")
    )
    checks = PermitSiteCheck.objects.filter(~Exists(came), **recent, found__identified=True)
    for pk, at in checks.order_by("checked_at").values_list("permit", "checked_at"):
        found[pk] = max(at, found.get(pk, at))
    return found


def find_screen(token: str) -> PermitScreen | None:
    """The screen of a token; None for one that never was or was revoked."""
    rows = PermitScreen.objects.filter(token=token, revoked_at__isnull=True)
    return rows.select_related("file__enterprise").first()
