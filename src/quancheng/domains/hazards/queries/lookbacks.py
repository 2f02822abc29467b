"""Reads of looks back: what may set one off, the chain of records by time, conclusions as far as one may see."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet

from quancheng.domains.hazards.models import (
    CheckRecord,
    CheckStatus,
    Conclusion,
    Finding,
    HandOver,
    Listing,
    Lookback,
    LookbackCause,
    MajorReport,
    Recheck,
    Resumption,
)
from quancheng.domains.hazards.models.listings import LISTED
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of, plain
from quancheng.kernel.errors import NotFound
from quancheng.kernel.loops.models import MoveRecord
from quancheng.standards.hidden_dangers.clearing import MISSED_DAYS, LookbackFacts, lookback_triggers
from quancheng.standards.wording import Text

#: Records of checks that one chain holds at most, the newest.
MOST_CHECKS = 60


@dataclass(frozen=True, slots=True)
class Step:
    """One record of the chain. ``values`` are what its digest is taken of."""

    kind: str
    pk: uuid.UUID
    at: datetime
    said: Text
    values: dict[str, Any]

    @property
    def digest(self) -> str:
        return digest_of(self.values)


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that sets a look back off: a code of ``clearing.TRIGGERS`` and which event it was."""

    trigger: str
    event: str


def causes_of(row: Finding, *, today: date) -> list[Cause]:
    """What sets a look back at this danger off and was not used for one before; accidents are told by hand."""
    calendar = Calendar()
    normal = normal_before(row)
    listing = Listing.objects.filter(finding=row, status__in=LISTED, term_date__lt=today).order_by("pk").first()
    fake = Finding.objects.filter(reopens=row).order_by("pk").first()
    repeats = repeats_of(row)
    facts = LookbackFacts(
        is_major=row.is_major, found=calendar.local_date(row.found_at),
        last_normal=calendar.local_date(normal.at) if normal else None, is_listed_overdue=listing is not None,
        is_falsely_closed=fake is not None, repeats=len(repeats),
    )  # fmt: skip
    events = {
        "missed": str(normal.pk) if normal else "",
        "listed_overdue": f"{listing.code} {listing.term_date}" if listing else "",
        "false_closing": fake.code if fake else "", "repeated": repeats[-1] if repeats else "",
    }  # fmt: skip
    used = set(LookbackCause.objects.filter(finding=row).values_list("trigger", "event"))
    found = [Cause(code, events[code]) for code in lookback_triggers(facts)]
    return [one for one in found if (one.trigger, one.event) not in used]


def normal_before(row: Finding) -> CheckRecord | None:
    """The last check of the same measure, or else of the same unit, that said normal within 30 days before."""
    rows = CheckRecord.objects.filter(file=row.file_id, status=CheckStatus.NORMAL, at__lte=row.found_at)
    rows = rows.filter(at__gte=row.found_at - timedelta(days=MISSED_DAYS + 1))
    if row.measure_id is not None:
        rows = rows.filter(measure=row.measure_id)
    elif row.unit_id is not None:
        rows = rows.filter(unit=row.unit_id)
    else:
        return None
    return rows.order_by("-at", "pk").first()


def repeats_of(row: Finding) -> list[str]:
    """Codes of the dangers that repeat one another down to this one, the earliest first, without the first of all."""
    found: list[str] = []
    present: Finding | None = row
    while present is not None and present.is_repeat and len(found) < 20:
        found.insert(0, present.code)
        present = present.repeat_of
    return found


def chain_of(row: Finding) -> list[Step]:
    """What is on record of how the danger was looked for, found, reported and followed, by time."""
    steps: list[Step] = []
    since = row.found_at - timedelta(days=92)
    checks = CheckRecord.objects.filter(file=row.file_id, at__range=(since, row.found_at))
    if row.measure_id is not None or row.unit_id is not None:
        checks = checks.filter(Q(measure=row.measure_id) if row.measure_id else Q(unit=row.unit_id))
    else:
        checks = checks.none()
    for check in checks.order_by("-at", "pk")[:MOST_CHECKS]:
        status = CheckStatus(check.status).label
        said = Text(f"排查：{check.person_name}，{status}", f"check by {check.person_name}: {check.status}")
        steps.append(Step("check", check.pk, check.at, said, _values_of_check(check)))
    for kind, subject in _subjects(row):
        records = MoveRecord.objects.filter(subject_type=subject.row_type(), subject_id=subject.pk)
        for one in records.select_related("organisation").order_by("at", "pk"):
            move = subject.loop.moves.get(one.move)
            label = str(move.label) if move else "登记"
            who = f"{one.organisation.name if one.organisation else ''}{one.actor_name}"
            said = Text(f"{_KINDS[kind].zh}：{who}，{label}", f"{_KINDS[kind].en}: {who}, {one.move or 'enter'}")
            steps.append(Step(kind, one.pk, one.at, said, _values_of_move(one)))
    return sorted(steps, key=lambda one: (one.at, str(one.pk)))


def _values_of_check(check: CheckRecord) -> dict[str, Any]:
    return plain({"content": check.content, "status": check.status, "note": check.note, "at": check.at,
                  "person": check.person_id, "photos": list(check.photos),
                  "received": check.received_at})  # fmt: skip


def _values_of_move(record: MoveRecord) -> dict[str, Any]:
    return plain({"move": record.move, "from": record.source, "to": record.target, "user": record.user_id,
                  "at": record.at, "given": record.given})  # fmt: skip


_KINDS = {
    "finding": Text("隐患", "danger"), "report": Text("重大隐患报告", "report"), "recheck": Text("复查", "recheck"),
    "listing": Text("挂牌督办", "listing"), "hand_over": Text("移送", "handing over"),
    "resumption": Text("复产申请", "resumption"), "earlier": Text("上一次同类隐患", "the one before"),
}  # fmt: skip


def _subjects(row: Finding) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = [("finding", row)]
    if row.repeat_of is not None:
        found.append(("earlier", row.repeat_of))
    found += [("report", one) for one in MajorReport.objects.filter(finding=row).order_by("pk")]
    found += [("recheck", one) for one in Recheck.objects.filter(finding=row).order_by("pk")]
    found += [("listing", one) for one in Listing.objects.filter(finding=row).order_by("pk")]
    found += [("hand_over", one) for one in HandOver.objects.filter(finding=row).order_by("pk")]
    found += [("resumption", one) for one in Resumption.objects.filter(finding=row).order_by("pk")]
    return found


def list_lookbacks(*, actor: Actor) -> QuerySet[Lookback]:
    """Looks back that the actor may see, open ones first."""
    rows = Lookback.objects.visible_to(actor).select_related("file__enterprise", "file__area", "finding", "owner_org")
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("created_at").desc(), "pk")


def get_lookback(*, actor: Actor, lookback_id: uuid.UUID) -> Lookback:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_lookbacks(actor=actor).filter(pk=lookback_id).first()
    if found is None:
        raise NotFound
    return found


def conclusions_of(row: Lookback, *, actor: Actor) -> Sequence[Conclusion]:
    """Conclusions: all for who conducts it; for who is blamed his own, once they were approved."""
    rows = row.conclusions.select_related("org").order_by("made_at", "pk")
    if not actor.is_system and actor.organisation_id != row.owner_org_id:
        rows = rows.filter(org=actor.organisation_id) if row.status == "APPROVED" else rows.none()
    return list(rows)


def causes_told(row: Lookback) -> Sequence[LookbackCause]:
    """What set it off."""
    return list(row.causes.order_by("pk"))


def changed_since(row: Lookback) -> list[str]:
    """Ids of frozen records that are gone or read otherwise now; empty where all stand as they were.

    Each is read by its own key: what came to the chain since, or counts to it no longer, changes none of them.
    """
    checks = [one["id"] for one in row.frozen if one["kind"] == "check"]
    moves = [one["id"] for one in row.frozen if one["kind"] != "check"]
    now = {str(one.pk): digest_of(_values_of_check(one)) for one in CheckRecord.objects.filter(pk__in=checks)}
    now |= {str(one.pk): digest_of(_values_of_move(one)) for one in MoveRecord.objects.filter(pk__in=moves)}
    return [one["id"] for one in row.frozen if now.get(one["id"]) != one["digest"]]


def lookbacks_of(row: Finding, *, actor: Actor) -> Sequence[Lookback]:
    """Looks back at one danger, as far as the actor may see them."""
    return list(list_lookbacks(actor=actor).filter(finding=row))
