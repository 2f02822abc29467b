"""Members sent to enterprises (派遣): named or drawn by lot, what they found, scored, paid."""

from __future__ import annotations

import random
import secrets
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Assignment,
    DiagnosisFinding,
    DiagnosisPart,
    PoolMember,
    Purpose,
    RuleGroup,
)
from quancheng.domains.training.queries.outside_rules import unknown_codes
from quancheng.domains.training.queries.pools import ANSWER, ASSIGN, conflicts_of, in_service
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

WHY = "expert"
#: States in which findings may be entered.
_OPEN = ("ACCEPTED", "DONE")


def candidates(*, actor: Actor, file: Enterprise, field: str, kinds: list[str], day: date) -> list[PoolMember]:
    """Who could be sent: engaged on the day, of the field, without a conflict of interest. In the order of a draw."""
    rows = in_service(PoolMember.objects.visible_to(actor).filter(owner_org=actor.organisation_id), day)
    rows = rows.filter(fields__contains=[field], kind__in=kinds).order_by("pk")
    return [one for one in rows if not conflicts_of(one, file, day)]


def assign_member(
    *, actor: Actor, file: Enterprise, member: PoolMember, purpose: str, field: str, visit_date: date, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Assignment:  # fmt: skip
    """Send a member who is named. :raises Conflict: he must stand back, and why. :raises Invalid: by field."""
    _require(actor, member)
    _check(purpose, field, visit_date, now)
    if field not in member.fields:
        raise Invalid(fields={"field": _("该成员没有这个专业领域。")})
    if not in_service(PoolMember.objects.filter(pk=member.pk), visit_date).exists():
        raise Conflict(_("该成员不在聘期、证书过期或已移出。"))
    if against := conflicts_of(member, file, visit_date):
        raise Conflict(_("须回避：%(reasons)s") % {"reasons": "".join(against)})
    return _enter(actor, file, member, purpose, field, visit_date, now, client_id=client_id)


def draw_members(
    *, actor: Actor, file: Enterprise, purpose: str, field: str, kinds: list[str], number: int, visit_date: date,
    now: datetime, seed: str = "", client_id: uuid.UUID | None = None,
) -> list[Assignment]:  # fmt: skip
    """Draw members by lot of those who could be sent; seed and candidates are kept, so that it can be drawn again.

    :raises Conflict: fewer than are wanted. :raises Invalid: by field.
    """
    actor.require(ASSIGN)
    _check(purpose, field, visit_date, now)
    if not 1 <= number <= 10:
        raise Invalid(fields={"number": _("人数应在1到10之间。")})

    def make() -> uuid.UUID:
        found = candidates(actor=actor, file=file, field=field, kinds=kinds, day=visit_date)
        if len(found) < number:
            told = {"count": len(found), "number": number}
            raise Conflict(_("符合条件且无须回避的只有%(count)s人，不足%(number)s人。") % told)
        drawn = seed or secrets.token_hex(8)
        chosen = random.Random(drawn).sample(found, number)  # noqa: S311 - anybody shall be able to repeat it
        journal.record(
            actor=actor, act="training.assignment.draw", subject_type=Enterprise.row_type(), subject_id=file.pk,
            org_id=actor.organisation_id, now=now,
            facts={"seed": drawn, "candidates": [one.pk for one in found], "chosen": [one.pk for one in chosen]},
        )  # fmt: skip
        rows = [
            _enter(actor, file, one, purpose, field, visit_date, now, seed=drawn, drawn_from=len(found))
            for one in chosen
        ]
        return rows[0].pk

    body = {
        "file": file.pk, "purpose": purpose, "field": field, "kinds": sorted(kinds), "number": number,
        "day": visit_date,
    }  # fmt: skip
    with transaction.atomic():
        act = "training.assignment.draw"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    first = Assignment.objects.get(pk=pk)
    same = {"seed": first.seed, "file": file, "owner_org": first.owner_org_id, "created_at": first.created_at}
    return list(Assignment.objects.filter(**same).order_by("pk"))


def move_assignment(
    *, actor: Actor, row: Assignment, name: str, given: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None = None,
) -> Assignment:  # fmt: skip
    """Make a move: the member answers himself where he has an account, the office writes down the rest.

    :raises NotPermitted: neither. :raises Conflict: an interest arose since he was sent.
    :raises Invalid: hours, score or fee out of range.
    """
    if name in ("accept", "decline", "finish"):
        _require_side(actor, row)
    against = conflicts_of(row.member, row.file, row.visit_date) if name in ("accept", "finish") else []
    if against:
        raise Conflict(_("须回避：%(reasons)s") % {"reasons": "".join(against)})
    said = clean(str(given.get("text") or ""))
    changes: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    if name == "finish":
        changes = {"report": said[:5000], "hours": given.get("hours")}
        if given.get("hours") is None or given["hours"] <= 0:
            wrong["hours"] = _("请填写工作小时。")
        if Calendar().local_date(now) < row.visit_date:
            raise Conflict(_("到场日期还没有到。"))
    elif name == "score":
        changes = {"score": given.get("score"), "opinion": said[:1000]}
        if given.get("score") is None or not 0 <= given["score"] <= 100:
            wrong["score"] = _("评分应在0到100之间。")
    elif name == "pay":
        changes = {"fee_yuan": given.get("fee_yuan"), "cost_yuan": given.get("cost_yuan") or 0}
        if given.get("fee_yuan") is None or given["fee_yuan"] < 0:
            wrong["fee_yuan"] = _("请填写劳务费，不能为负数。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {key: value for key, value in given.items() if value not in (None, "")}
    return move(actor=actor, row=row, name=name, now=now, given=told, changes=changes, client_id=client_id)


def add_finding(
    *, actor: Actor, row: Assignment, part: str, field: str, place: str, text: str, basis: str, advice: str,
    is_major: bool, now: datetime, client_id: uuid.UUID | None = None,
) -> DiagnosisFinding:  # fmt: skip
    """What was found, of design or of operation. :raises Conflict: not accepted, or scored. :raises Invalid."""
    _require_side(actor, row)
    wrong: dict[str, Text] = {}
    if part not in DiagnosisPart.values:
        wrong["part"] = _("请选择设计或运行。")
    if unknown_codes(RuleGroup.FIELD, [field]):
        wrong["field"] = _("请选择专业领域。")
    needed = {
        "place": (place, _("请填写部位。")), "text": (text, _("请写明问题。")), "advice": (advice, _("请写明建议。")),
    }  # fmt: skip
    wrong |= {name: said for name, (value, said) in needed.items() if not clean(value)}
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        locked = Assignment.objects.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)
        if locked.status not in _OPEN:
            raise Conflict(_("接受派遣之后、评分之前才能登记问题。"))
        made = DiagnosisFinding.objects.create(
            assignment=row, part=part, field=field, place=clean(place)[:120], text=clean(text)[:1000],
            basis=clean(basis)[:300], advice=clean(advice)[:1000], is_major=is_major, entered_at=now,
            by_name=actor.name,
        )  # fmt: skip
        journal.record(
            actor=actor, act="training.assignment.finding", subject_type=Assignment.row_type(), subject_id=row.pk,
            org_id=row.owner_org_id, facts={"part": part, "major": is_major}, now=now,
        )  # fmt: skip
        return made.pk

    body = {"row": str(row.pk), "part": part, "field": field, "place": place, "text": text, "advice": advice}
    with transaction.atomic():
        act = "training.assignment.finding"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return DiagnosisFinding.objects.get(pk=pk)


def _enter(
    actor: Actor, file: Enterprise, member: PoolMember, purpose: str, field: str, visit_date: date, now: datetime, *,
    seed: str = "", drawn_from: int = 0, client_id: uuid.UUID | None = None,
) -> Assignment:  # fmt: skip
    name = file.enterprise.name if file.enterprise else ""
    row = Assignment(
        **file.row_scope(owner=actor.organisation_id), file=file, member=member, purpose=purpose, field=field,
        visit_date=visit_date, seed=seed, drawn_from=drawn_from, title=f"{member.name}：{name}"[:200], created_at=now,
    )  # fmt: skip
    with transaction.atomic():
        made: Assignment = enter(
            actor=actor, row=row, now=now, client_id=client_id,
            facts={"member": member.pk, "file": file.pk, "purpose": purpose, "field": field, "seed": seed},
        )  # fmt: skip
        if member.user_id is not None:
            share(actor=actor, row=made, why=WHY, now=now, to_user=member.user_id)
    return made


def _require(actor: Actor, member: PoolMember) -> None:
    actor.require(ASSIGN)
    if member.owner_org_id != actor.organisation_id:
        raise NotPermitted


def _require_side(actor: Actor, row: Assignment) -> None:
    """The member himself, or the office that sends him."""
    actor.require(ANSWER)
    mine = row.member.user_id is not None and row.member.user_id == actor.user_id
    if not mine and actor.organisation_id != row.owner_org_id:
        raise NotPermitted


def _check(purpose: str, field: str, visit_date: date, now: datetime) -> None:
    wrong: dict[str, Text] = {}
    if purpose not in Purpose.values:
        wrong["purpose"] = _("请选择任务。")
    if unknown_codes(RuleGroup.FIELD, [field]):
        wrong["field"] = _("请选择专业领域。")
    if visit_date < Calendar().local_date(now):
        wrong["visit_date"] = _("到场日期不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
