"""What regulators learned, entered by their office: classes, online courses, practice on site."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Education, Programme, RegulatorFile, StudyRecord, StudyWay
from quancheng.domains.training.queries.study import STUDY
from quancheng.domains.training.services.courses import note_on
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Membership

_HALF = Decimal("0.5")


def record_study(
    *, actor: Actor, place: Membership, programme: Programme, way: str, title: str, given_by: str, held_date: date,
    hours: Decimal, score: int | None, proof_number: str, now: datetime, client_id: uuid.UUID | None = None,
) -> StudyRecord:  # fmt: skip
    """Enter what a colleague learned, e.g. the completion of an online course.

    :raises NotPermitted: another office's. :raises Invalid: by field. :raises Conflict: the proof was entered already.
    """
    _require_office(actor, place)
    wrong: dict[str, Text] = {}
    for name, value in (("title", title), ("given_by", given_by)):
        if not clean(value):
            wrong[name] = _("请填写此项。")
    if way not in StudyWay.values:
        wrong["way"] = _("没有这个选项。")
    if not programme.is_for_regulators:
        wrong["programme"] = _("请选择监管人员的培训大纲。")
    if held_date > Calendar().local_date(now):
        wrong["held_date"] = _("完成日期不能晚于今天。")
    if hours <= 0 or hours > 200 or hours % _HALF:
        wrong["hours"] = _("学时应大于0，最小单位为0.5。")
    if score is not None and not 0 <= score <= 100:
        wrong["score"] = _("成绩应为0至100。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        try:
            with transaction.atomic():
                row = StudyRecord.objects.create(
                    owner_org_id=place.organisation_id, area_id=place.organisation.area_id, reach="chain",
                    user_id=place.user_id, programme=programme, way=way, title=clean(title)[:160],
                    given_by=clean(given_by)[:120], held_date=held_date, hours=hours, score=score,
                    proof_number=clean(proof_number)[:60], entered_by_id=actor.user_id, created_at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            raise Conflict(fields={"proof_number": _("该结业证明已登记。")}) from twice
        note_on(actor, "training.study.enter", row, now, {"programme": programme.code, "hours": str(hours)})
        return row.pk

    body = {
        "of": place.pk, "programme": programme.code, "way": way, "title": title, "day": held_date, "hours": hours,
        "score": score, "proof": proof_number,
    }  # fmt: skip
    with transaction.atomic():
        pk, _new = once(
            actor=actor, client_id=client_id, act="training.study.enter", body=body, now=now, make=make
        )
    return StudyRecord.objects.get(pk=pk)


def strike_study(*, actor: Actor, study: StudyRecord, reason: str, now: datetime) -> None:
    """Strike out what was entered wrongly; it stays to be read.

    :raises Invalid: no reason. :raises StaleState: struck out already.
    """
    actor.require(STUDY)
    if actor.organisation_id != study.owner_org_id:
        raise NotPermitted
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明作废原因。")})
    with transaction.atomic():
        rows = StudyRecord.objects.filter(pk=study.pk, struck_at__isnull=True)
        if not rows.update(struck_at=now, struck_reason=clean(reason)[:200]):
            raise StaleState(_("该记录已作废。"))
        note_on(actor, "training.study.strike", study, now, {"reason": clean(reason)[:200]})


def keep_file(*, actor: Actor, place: Membership, known: Mapping[str, Any], now: datetime) -> RegulatorFile:
    """Keep when a colleague was appointed, his education and what he studies for (S5-T18).

    :raises Invalid: by field.
    """
    _require_office(actor, place)
    wrong: dict[str, Text] = {}
    if known["education"] not in Education.values:
        wrong["education"] = _("没有这个选项。")
    if known["appointed_date"] > Calendar().local_date(now):
        wrong["appointed_date"] = _("任监管岗位日期不能晚于今天。")
    if known["studying"] and known["studying_until"] is None:
        wrong["studying_until"] = _("请填写预计毕业日期。")
    order = list(Education.values)
    if known["studying"] and not wrong and order.index(known["studying"]) <= order.index(known["education"]):
        wrong["studying"] = _("在读学历应高于现有学历。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        row, _new = RegulatorFile.objects.update_or_create(
            user_id=place.user_id, defaults={
                **known, "major": clean(known["major"])[:60], "owner_org_id": place.organisation_id,
                "area_id": place.organisation.area_id, "reach": "chain", "updated_at": now,
            }
        )  # fmt: skip
        note_on(actor, "training.regulator.keep", row, now, {"fields": sorted(known)})
    return row


def _require_office(actor: Actor, place: Membership) -> None:
    actor.require(STUDY)
    if not actor.supervises or actor.organisation_id != place.organisation_id:
        raise NotPermitted(_("学习记录由本人所在单位登记。"), code="other_organisation")
