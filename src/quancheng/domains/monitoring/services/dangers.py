"""From alarm to hidden danger (报警转隐患): by conditions that stand (monitoring 2.8), and by a person's judgement.

What the clock finds is registered in the name of the office that supervises, which verifies its end: the enterprise
whose alarms they are could else take it back by itself.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services.findings import REPORT, FindingSpec, report_finding
from quancheng.domains.monitoring.models import Alarm, FindingCause, Tag, TagFinding
from quancheng.domains.monitoring.queries.alarm_terms import terms_at
from quancheng.domains.monitoring.queries.dangers import ENDED, Seen, is_open, seen_dangers
from quancheng.domains.monitoring.queries.escalation import steps_at
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar.working import ZONE
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

log = logging.getLogger(__name__)

HOUSE = system_actor("monitoring", REPORT)
#: What a danger by its cause is like, as ``standards.hidden_dangers.kinds`` has it.
_TYPES = {
    FindingCause.INSTRUMENT: "instrument", FindingCause.LOOSENED: "instrument", FindingCause.STANDING: "process",
    FindingCause.REPEATED: "process",
}  # fmt: skip
_LIKE = {
    FindingCause.INSTRUMENT: "condition", FindingCause.LOOSENED: "management", FindingCause.NO_ACTION: "act",
}  # fmt: skip


def look_for_dangers(*, now: datetime) -> int:
    """Register every danger that alarms have become and that nobody registered; how many. May run twice at once."""
    made = 0
    for seen in seen_dangers(terms_at(now), steps_at(now), now=now):
        # One enterprise whose file takes none (merged, say) must not keep the others from theirs.
        try:
            made += _register(seen, now=now)
        except Exception:
            log.exception("no danger was made of tag %s, cause %s", seen.tag.code, seen.cause)
    return made


def _register(seen: Seen, *, now: datetime) -> bool:
    tag = seen.tag
    with transaction.atomic():
        # Two processes that saw the same: the second waits here and finds it registered.
        Tag.objects.select_for_update(no_key=True).filter(pk=tag.pk).values_list("pk").get()
        if is_open(tag, seen.cause):
            return False
        spec = FindingSpec(
            name=f"{tag.name}：{_WORDS[seen.cause]}", description=_told(seen), place=tag.place or tag.name,
            found_at=now, source="other", channel="alarm", type=_TYPES.get(seen.cause, "safety"),
            classification=_LIKE.get(seen.cause, "condition"),
        )  # fmt: skip
        finding = report_finding(actor=_for_office(tag.file), file=tag.file, spec=spec, now=now)
        _link(tag, seen.cause, finding, seen.alarm, now)
    return True


#: Written into the record, which stays Chinese whoever caused the look.
_WORDS = {
    FindingCause.REPEATED: "报警反复发生",
    FindingCause.STANDING: "报警长时间未消除",
    FindingCause.INSTRUMENT: "安全关键仪表故障未修复",
    FindingCause.NO_ACTION: "一级报警确认后未采取措施",
    FindingCause.LOOSENED: "报警限值宽于法定且豁免已到期",
}  # fmt: skip


def _told(seen: Seen) -> str:
    lines = [f"点位：{seen.tag.code} {seen.tag.name}"]
    if seen.alarm is not None:
        lines += [
            f"报警：{seen.alarm.title}",
            f"报警编号：{seen.alarm.pk}",
            f"发生时间：{_local(seen.alarm.raised_at)}",
        ]
    if seen.cause == FindingCause.REPEATED:
        lines.append(f"报警{seen.count}次")
    elif seen.count:
        lines.append(f"已持续{seen.count}小时")
    return "\n".join(lines)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _for_office(file: Enterprise) -> Actor:
    """The house, acting for the office to which the danger is then shown as found by it."""
    office = file.supervisor
    return replace(
        HOUSE, name=office.name, organisation_id=office.pk, organisation_name=office.name, supervises=True,
        whole_district=True,
    )  # fmt: skip


def _link(tag: Tag, cause: str, finding: Finding, alarm: Alarm | None, now: datetime) -> None:
    TagFinding.objects.create(tag=tag, cause=cause, finding=finding, at=now)
    if alarm is not None:
        Alarm.objects.filter(pk=alarm.pk).update(finding=finding, updated_at=now)
        alarm.finding = finding


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerSpec:
    """What a person says of the danger that he sees in an alarm. Photos are keys of uploads."""

    name: str
    description: str = ""
    is_major: bool = False
    photos: Sequence[uuid.UUID] = ()


def may_find(actor: Actor, row: Alarm) -> bool:
    """Whether the actor may make a hidden danger of an alarm, and none of it is open."""
    inside = actor.organisation_id == row.owner_org_id
    is_free = row.finding is None or row.finding.status in ENDED
    duty = "monitoring.answer" if inside else "monitoring.review"
    return is_free and (inside or actor.supervises) and actor.has(duty) and actor.has(REPORT)


def make_finding(
    *, actor: Actor, row: Alarm, spec: DangerSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Finding:
    """A person makes a hidden danger of an alarm: somebody of the enterprise, or of who supervises it.

    :raises Invalid: by field. :raises Conflict: a danger of the alarm is open already.
    :raises NotPermitted: the duty is missing, or the alarm is another enterprise's.
    """
    inside = actor.organisation_id == row.owner_org_id
    actor.require("monitoring.answer" if inside else "monitoring.review")
    if not inside and not actor.supervises:
        raise NotPermitted
    if not clean(spec.name):
        raise Invalid(fields={"name": _("请写明隐患是什么。")})
    told = FindingSpec(
        name=spec.name, description=clean(spec.description) or row.title, place=row.tag.place or row.tag.name,
        found_at=now, source="other", channel="alarm", type="process", is_major=spec.is_major, photos=spec.photos,
    )  # fmt: skip

    def make() -> uuid.UUID:
        row.refresh_from_db()
        if row.finding is not None and row.finding.status not in ENDED:
            raise Conflict(_("该报警已转为隐患%(code)s。") % {"code": row.finding.code})
        finding = report_finding(actor=actor, file=row.file, spec=told, now=now)
        _link(row.tag, FindingCause.BY_HAND, finding, row, now)
        return finding.pk

    with transaction.atomic():
        Tag.objects.select_for_update(no_key=True).filter(pk=row.tag_id).values_list("pk").get()
        body = {"alarm": row.pk, "name": spec.name, "major": spec.is_major}
        act = "monitoring.alarm.find"
        pk, _made = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return Finding.objects.get(pk=pk)
