"""Members of the pool (专家库成员): engaged, changed, their interests, their years, excluded."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    AppraisalResult,
    InterestKind,
    MemberKind,
    PoolAppraisal,
    PoolInterest,
    PoolMember,
    RuleGroup,
)
from quancheng.domains.training.queries.outside_rules import figures, unknown_codes
from quancheng.domains.training.queries.pools import KEEP, duty_of
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean, pinyin_key
from quancheng.kernel.once import once
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.models import User
from quancheng.kernel.vault import services as vault

FIELDS = (
    "kind", "name", "unit_name", "unit_code", "title", "fields", "letter", "term_from", "term_to", "certificate",
    "certificate_to", "scope",
)  # fmt: skip
_LIMITS = {"name": 120, "unit_name": 120, "unit_code": 18, "title": 120, "letter": 60, "certificate": 80, "scope": 300}


def engage_member(
    *, actor: Actor, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> PoolMember:
    """Engage somebody, or an agency, with letter and term.

    :param known: :data:`FIELDS`, ``phone`` and ``username`` (of his account) where there are any.
    :raises NotPermitted: no office. :raises Invalid: by field. :raises Conflict: the letter is in use.
    """
    _require(actor)
    given = _checked(known)
    owner = actor.organisation_id
    if owner is None:
        raise NotPermitted

    def make() -> uuid.UUID:
        row = PoolMember(owner_org_id=owner, reach=Reach.PUBLIC, created_at=now, updated_at=now, **given)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            sentence = _("该聘书编号已使用。")
            raise Conflict(sentence, fields={"letter": sentence}) from twice
        note(actor, "training.pool.engage", row, now, {"kind": row.kind, "letter": row.letter, "until": row.term_to})
        return row.pk

    body = {name: given[name] for name in FIELDS if name in given}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="training.pool.engage", body=body, now=now, make=make)
    return PoolMember.objects.get(pk=pk)


def change_member(
    *, actor: Actor, row: PoolMember, version: int, known: Mapping[str, Any], now: datetime
) -> None:
    """Change what is told, or engage again with another letter and term. An empty telephone number stays.

    :raises StaleState: changed since it was read.
    """
    _require(actor, row)
    given = _checked(known)
    if not known.get("phone"):
        given.pop("phone", None)
    with transaction.atomic():
        try:
            with transaction.atomic():
                won = PoolMember.objects.filter(pk=row.pk, version=version).update(
                    **given, version=F("version") + 1, updated_at=now
                )
        except IntegrityError as twice:
            sentence = _("该聘书编号已使用。")
            raise Conflict(sentence, fields={"letter": sentence}) from twice
        if not won:
            raise StaleState
        note(actor, "training.pool.change", row, now, {"letter": given["letter"], "until": given["term_to"]})


def declare_interest(
    *, actor: Actor, member: PoolMember, file: Enterprise, kind: str, until_date: date | None, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PoolInterest:  # fmt: skip
    """An interest is declared: by the office, or by the member himself. :raises Invalid: no such kind."""
    if member.user_id is None or member.user_id != actor.user_id:
        _require(actor, member)
    if kind not in InterestKind.values:
        raise Invalid(fields={"kind": _("请选择回避情形。")})

    def make() -> uuid.UUID:
        made = PoolInterest.objects.create(
            member=member, file=file, kind=kind, until_date=until_date, declared_at=now
        )
        note(actor, "training.pool.interest", member, now, {"kind": kind, "file": file.pk})
        return made.pk

    body = {"member": member.pk, "file": file.pk, "kind": kind, "until": until_date}
    with transaction.atomic():
        act = "training.pool.interest"
        pk, _new = once(actor=actor, client_id=client_id, act=act, body=body, now=now, make=make)
    return PoolInterest.objects.get(pk=pk)


def appraise(
    *, actor: Actor, member: PoolMember, year: int, result: str, reward: str, now: datetime
) -> PoolAppraisal:
    """The year of a member, on what he did in it. Below the figure of the settings he leaves the pool.

    :raises Conflict: it was appraised. :raises Invalid: by field; a poor year whose average is not.
    """
    _require(actor, member)
    today = Calendar().local_date(now)
    done = duty_of(member, year)
    least = figures()["exclude_below"]
    is_poor = done.average is not None and done.average < least
    wrong: dict[str, Text] = {}
    if not 2000 <= year <= today.year:
        wrong["year"] = _("年度不能晚于今年。")
    if result not in AppraisalResult.values:
        wrong["result"] = _("请选择考核结果。")
    elif is_poor and result != AppraisalResult.POOR:
        told = {"average": done.average, "least": least}
        wrong["result"] = _("平均分%(average)s低于%(least)s分，应为不合格。") % told
    if not clean(reward):
        wrong["reward"] = _("请写明奖励或处理。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = PoolAppraisal.objects.create(
                    member=member, year=year, count=done.count, average=done.average, result=result,
                    reward=clean(reward)[:500], by_name=actor.name, at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            raise Conflict(_("该年度已考核。")) from twice
        note(actor, "training.pool.appraise", member, now, {"year": year, "result": result})
        if is_poor:
            reason = _("%(year)s年度平均分%(average)s，考核不合格") % {"year": year, "average": done.average}
            _exclude(actor, member, reason, now)
    return made


def exclude_member(*, actor: Actor, row: PoolMember, reason: str, now: datetime) -> None:
    """He leaves the pool and is drawn no more. :raises StaleState: he left."""
    _require(actor, row)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明理由。")})
    with transaction.atomic():
        _exclude(actor, row, clean(reason), now)


def _exclude(actor: Actor, row: PoolMember, reason: str, now: datetime) -> None:
    won = PoolMember.objects.filter(pk=row.pk, excluded_at__isnull=True).update(
        excluded_at=now, excluded_reason=reason[:300], version=F("version") + 1, updated_at=now
    )
    if not won:
        raise StaleState(_("该成员已移出。"))
    note(actor, "training.pool.exclude", row, now, {})


def note(actor: Actor, act: str, row: PoolMember, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=PoolMember.row_type(), subject_id=row.pk, org_id=row.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip


def _require(actor: Actor, row: PoolMember | None = None) -> None:
    actor.require(KEEP)
    if not actor.supervises or (row is not None and row.owner_org_id != actor.organisation_id):
        raise NotPermitted


def _checked(known: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name, most in _LIMITS.items():
        given[name] = clean(known.get(name) or "")[:most]
    wrong: dict[str, Text] = {}
    if given["kind"] not in MemberKind.values:
        wrong["kind"] = _("请选择类别。")
    if not given["name"]:
        wrong["name"] = _("请填写姓名（机构名称）。")
    if not given["letter"]:
        wrong["letter"] = _("请填写聘书编号。")
    if not given["fields"] or unknown_codes(RuleGroup.FIELD, given["fields"]):
        wrong["fields"] = _("请选择专业领域。")
    try:
        given["unit_code"] = check_credit_code(given["unit_code"]) or ""
    except Invalid as refused:
        wrong["unit_code"] = refused.fields["credit_code"]
    first, last = given["term_from"], given["term_to"]
    if first is None or last is None or last < first:
        wrong["term_to"] = _("请填写聘期，止不能早于起。")
    if given["kind"] == MemberKind.AGENCY:
        needed = {"scope": _("请填写资质业务范围。"), "certificate": _("请填写资质证书编号。")}
        wrong |= {name: said for name, said in needed.items() if not given[name]}
    username = (known.get("username") or "").strip()
    given["user"] = User.objects.filter(username=username).first() if username else None
    if username and given["user"] is None:
        wrong["username"] = _("没有这个账号。")
    try:
        phone = known.get("phone") or ""
        given["phone"] = vault.seal(vault.PHONE, vault.check_phone(phone)) if phone else ""
    except Invalid as refused:
        wrong |= refused.fields
    if wrong:
        raise Invalid(fields=wrong)
    given["fields"] = sorted(set(given["fields"]))
    return {**given, "pinyin": pinyin_key(given["name"])[:800]}
