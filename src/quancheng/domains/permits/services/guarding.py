"""While work runs (过程监护): guardians look, hand over, count who is inside; a third party observes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import (
    GuardianCheck,
    HandOver,
    Part,
    Permit,
    PermitObserver,
    PermitPerson,
    SpaceEntry,
)
from quancheng.domains.permits.queries.guardian_items import items_of
from quancheng.domains.permits.queries.guarding import next_look
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.alarms import settle_refused
from quancheng.domains.permits.services.checking import (
    act_on,
    held,
    locked,
    note,
    require_own,
    require_pass,
    require_state,
    require_stopping_office,
)
from quancheng.domains.permits.services.staying import note_out
from quancheng.domains.permits.services.upward import tell_ticket
from quancheng.domains.permits.services.working import stop
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.names import clean
from quancheng.standards.gb30871.watching import Item

#: What is asked of whoever comes: certificates, education, health, other work.
_OF_PEOPLE = ("C-08", "C-09", "C-10", "C-11", "C-12", "C-27", "C-28", "C-29")
MOST_TOOLS = 500
#: States in which somebody may be inside still: what a phone tells late is true whatever became of the permit.
INSIDE_OF = (
    "PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED", "FINISHED", "ACCEPTED", "CLOSED", "VOID", "EXPIRED",
)  # fmt: skip
#: States in which a look that was made while work ran still finds its place.
LOOKED_AT = ("WORKING", "SUSPENDED", "FINISHED")


def look(
    *, actor: Actor, permit: Permit, guardian: PermitPerson, items: Mapping[str, bool | None], now: datetime,
    remark: str = "", at: datetime | None = None, device_at: datetime | None = None, is_heard: bool = False,
    asked: Sequence[Item] | None = None,
) -> GuardianCheck:  # fmt: skip
    """A guardian's look at running work, item by item. One that is not as it should be stops the work at once (4.10).

    :param at: when he looked, where a phone tells it later, perhaps of work that stands by now; ``device_at`` that
        time by its clock. :param is_heard: what is missing on its form keeps it from nothing: a bad one from a phone,
        whose permit may have changed meanwhile; what it tells of no list is kept as it told it. :param asked: the list
        by which he looked, where that may be another than the permit's.
    :raises Invalid: an item is missing, is none of this kind, or is wrong and nobody said how; not a guardian of it.
    """
    require_own(actor, permit.file, WORK)
    asked = items_of(permit, now) if asked is None else asked
    wanted = {one.key for one in asked}
    words = clean(remark)[:500]
    wrong: dict[str, Text] = {key: _("请逐项检查。") for key in wanted - set(items)}
    # What is asked of every kind concerns every job.
    common = [one.key for one in asked if one.kind == "*"]
    wrong |= {f"item_{key}": _("请逐项检查。") for key in common if items.get(key, 0) is None}
    if set(items) - wanted:
        wrong["items"] = _("没有这个选项。")
    # Who handed over since was guardian when he looked.
    has_left = guardian.ended_at is not None and (at is None or guardian.ended_at < at)
    if guardian.permit_id != permit.pk or guardian.part != Part.GUARDIAN or has_left:
        wrong["guardian"] = _("请选择现任监护人。")
    kept = wanted | set(items) if is_heard else wanted
    bad = sorted(key for key, value in items.items() if value is False)
    if bad and not words:
        wrong["remark"] = _("有不符合项的，请说明情况和处置。")
    if is_heard and guardian.permit_id == permit.pk and guardian.part == Part.GUARDIAN:
        wrong = {}
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        held = locked(permit, *(("WORKING",) if at is None else LOOKED_AT))
        made = GuardianCheck.objects.create(
            permit=permit, guardian=guardian, items={key: items.get(key) for key in sorted(kept)}, is_good=not bad,
            remark=words, by_user_id=actor.user_id, checked_at=at or now,
        )  # fmt: skip
        due = next_look(held, at or now)
        if due is None or due > now:
            Permit.objects.filter(pk=permit.pk).update(guard_told_at=None)
        note(actor, "permits.guard.look", permit, now, {"good": not bad, "bad": bad})
        if bad and held.status == "WORKING":
            names = {one.key: one.text.zh for one in asked}
            found = "监护检查不符合：" + "、".join(names.get(key, key) for key in bad)
            stop(held, "VIOLATION", now, found, device_at=device_at)
    permit.refresh_from_db()
    return made


def hand_over(
    *, actor: Actor, permit: Permit, part: str, person: Person, briefing: str, now: datetime,
    outgoing: PermitPerson | None = None, tasks: Collection[str] = (), educated_on: date | None = None,
    medical_on: date | None = None, exam_score: Decimal | None = None, experience_years: Decimal | None = None,
) -> HandOver:  # fmt: skip
    """Replace or add a guardian or worker of an issued permit while no work runs (T18): who comes is certified and
    briefed. The leader of the work stays: another needs a new permit.

    :raises StaleState: work runs, or has not been issued. :raises Refused: who comes may not do it.
    :raises Invalid: by field. :raises Conflict: he is on it as that already.
    """
    require_own(actor, permit.file, WORK)
    words = clean(briefing)[:1000]
    wrong: dict[str, Text] = {}
    if part not in (Part.GUARDIAN, Part.WORKER):
        wrong["part"] = _("没有这个选项。")
    if not words:
        wrong["briefing"] = _("请填写此项。")
    if person.file_id != permit.file_id or person.left_date is not None:
        wrong["person"] = _("请选择本单位在岗人员。")
    if wrong:
        raise Invalid(fields=wrong)
    made: list[HandOver] = []

    def do() -> None:
        require_state(permit, "ISSUED", "SUSPENDED")
        present = PermitPerson.objects.filter(permit=permit, part=part, ended_at__isnull=True)
        if outgoing is not None and not present.filter(pk=outgoing.pk).exists():
            raise Invalid(fields={"outgoing": _("请选择作业票上同一身份的人员。")})
        # Of two permits that take the same person at once the second sees the first.
        list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk=person.pk))
        number = max(PermitPerson.objects.filter(permit=permit).values_list("number", flat=True), default=0) + 1
        try:
            with transaction.atomic():
                incoming = PermitPerson.objects.create(
                    permit=permit, person=person, part=part, number=number, tasks=sorted(tasks), joined_at=now,
                    educated_on=educated_on, medical_on=medical_on, exam_score=exam_score,
                    experience_years=experience_years, sealed_name=person.name, sealed_identity=person.id_index,
                )  # fmt: skip
        except IntegrityError as twice:
            raise Conflict(_("该人员已在作业票上，或已有作业负责人。")) from twice
        if outgoing is not None:
            PermitPerson.objects.filter(pk=outgoing.pk).update(ended_at=now)
        require_pass(load_rows(permit), "start", "hand_over", now, actor=actor, only=_OF_PEOPLE)
        made.append(HandOver.objects.create(
            permit=permit, outgoing=outgoing, incoming=incoming, briefing=words, by_user_id=actor.user_id,
            by_name=actor.name, handed_at=now,
        ))  # fmt: skip
        facts = {"part": part, "in": person.pk, "out": outgoing.person_id if outgoing else None}
        note(actor, "permits.person.hand_over", permit, now, facts)
        tell_ticket(permit=permit, by=actor.name, now=now)
        settle_refused(permit=permit, move="hand_over", now=now)

    body = {"part": part, "person": str(person.pk), "outgoing": str(outgoing.pk) if outgoing else ""}
    act_on(actor=actor, permit=permit, name="hand_over", body=body, now=now, client_id=None, do=do)
    return made[0]


def enter_space(
    *, actor: Actor, permit: Permit, person: PermitPerson, tools: int, now: datetime, at: datetime | None = None
) -> SpaceEntry:
    """Somebody goes into a confined space, with so many tools (6.8 c).

    :param at: when he went in, where a phone tells it later: he is inside, whether he might or not.
    :raises Invalid: nobody of this permit's crew. :raises Conflict: he is inside, or it is full.
    """
    require_own(actor, permit.file, WORK)
    wrong: dict[str, Text] = {}
    has_left = at is None and person.ended_at is not None
    if person.permit_id != permit.pk or person.part == Part.GUARDIAN or has_left:
        wrong["person"] = _("请选择作业票上的作业人员。")
    if not 0 <= tools <= MOST_TOOLS:
        wrong["tools"] = _("应在%(least)s到%(most)s之间。") % {"least": 0, "most": MOST_TOOLS}
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        held = locked(permit, *(("WORKING",) if at is None else INSIDE_OF))
        inside = SpaceEntry.objects.filter(permit=permit, left_at__isnull=True)
        if inside.filter(person=person).exists():
            raise Conflict(_("该人员已在空间内。"))
        most = held.work.get("people_inside")
        if at is None and most is not None and inside.count() >= most:
            raise Conflict(_("空间内已有%(count)s人，达到票面人数。") % {"count": inside.count()})
        made = SpaceEntry.objects.create(permit=permit, person=person, tools_in=tools, entered_at=at or now)
        note(actor, "permits.space.enter", permit, now, {"person": person.person_id, "tools": tools})
    return made


def leave_space(
    *, actor: Actor, permit: Permit, entry: SpaceEntry, tools: int, now: datetime, at: datetime | None = None
) -> SpaceEntry:
    """Somebody comes out, with so many tools; also while work stands, and of a permit that is void by now.

    :param at: when he came out, where a phone tells it later. :raises Conflict: he is out already.
    """
    require_own(actor, permit.file, WORK)
    if not 0 <= tools <= MOST_TOOLS:
        raise Invalid(fields={"tools": _("应在%(least)s到%(most)s之间。") % {"least": 0, "most": MOST_TOOLS}})
    with transaction.atomic():
        held_now = locked(permit, *INSIDE_OF)
        rows = SpaceEntry.objects.filter(pk=entry.pk, permit=permit, left_at__isnull=True)
        if rows.update(left_at=at or now, tools_out=tools) != 1:
            raise Conflict(_("该人员已离开。"))
        note(actor, "permits.space.leave", permit, now, {"person": entry.person.person_id, "tools": tools})
        note_out(held_now, now)
    entry.refresh_from_db()
    return entry


def observe(*, actor: Actor, permit: Permit, org_name: str, name: str, now: datetime) -> PermitObserver:
    """Send a third party to stand by at the work: the enterprise, or an office that supervises it (S1-4c).

    :raises NotPermitted: neither. :raises Invalid: no words. :raises StaleState: it has ended.
    """
    require_sends(actor, permit)
    if actor.organisation_id is None:
        raise NotPermitted
    words = {"org_name": clean(org_name)[:120], "name": clean(name)[:60]}
    if empty := [key for key, value in words.items() if not value]:
        raise Invalid(fields={key: _("请填写此项。") for key in empty})
    with transaction.atomic():
        locked(permit, "PREPARING", "APPROVING", "ISSUED", "WORKING", "SUSPENDED")
        made = PermitObserver.objects.create(
            permit=permit, assigned_by_org_id=actor.organisation_id, assigned_by=actor.name, assigned_at=now, **words
        )
        note(actor, "permits.observer.assign", permit, now, {"org": words["org_name"]})
    return made


def report_observation(
    *, actor: Actor, permit: Permit, observer: PermitObserver, result: str, is_good: bool, now: datetime
) -> PermitObserver:
    """What the third party saw, told by who sent it. What is wrong stops running work.

    :raises NotPermitted: sent by another. :raises Conflict: reported already.
    """
    require_sends(actor, permit)
    if observer.assigned_by_org_id != actor.organisation_id:
        raise NotPermitted
    words = clean(result)[:1000]
    if not words:
        raise Invalid(fields={"result": _("请填写此项。")})
    told: dict[str, Any] = {"result": words, "is_good": is_good, "reported_at": now}
    with transaction.atomic():
        row = held(permit.pk)
        if PermitObserver.objects.filter(pk=observer.pk, reported_at__isnull=True).update(**told) != 1:
            raise Conflict(_("旁站情况已报告。"))
        note(actor, "permits.observer.report", permit, now, {"good": is_good})
        if not is_good and row.status == "WORKING":
            stop(row, "VIOLATION", now, "第三方旁站发现问题：" + words)
    observer.refresh_from_db()
    return observer


def require_sends(actor: Actor, permit: Permit) -> None:
    """:raises NotPermitted: neither the enterprise nor an office that stops work."""
    if actor.organisation_id == permit.file_id:
        require_own(actor, permit.file, WORK)
        return
    require_stopping_office(actor)
