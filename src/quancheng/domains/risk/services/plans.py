"""Plans of a site (厂区平面图) taken in, scaled and drawn on, by whoever keeps the risk list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.kinds import Shape
from quancheng.domains.risk.models import PlanMark, RiskObject, RiskUnit, SitePlan
from quancheng.domains.risk.plan_geometry import BadShape, Point, check_shape
from quancheng.domains.risk.queries.plans import is_newest, newest_before
from quancheng.domains.risk.services.keeping import change_row, end_row, enter_row, note, require_keeper
from quancheng.domains.risk.services.pictures import hold_sheet, taken_in
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.names import clean

_WRONG_SHAPES: dict[str, Any] = {
    "unreadable": lambda: _("请写作“横坐标,纵坐标”，各点用空格隔开，例如 120,80 300,80 300,200。"),
    "outside": lambda: _("有的点在图外。"),
    "corners": lambda: _("区域至少要三个角；只画一个位置时填一个点。"),
    "many": lambda: _("一个区域最多200个角。"),
    "crosses": lambda: _("区域的边互相交叉或重叠，请按顺序沿边界取点。"),
    "flat": lambda: _("区域太小，看不出来。"),
}


def shape_fault(code: str) -> str:
    """What is wrong with a shape, as a sentence."""
    return str(_WRONG_SHAPES[code]())


def add_plan(
    *, actor: Actor, file: Enterprise, name: str, edition: date, upload: UploadedFile, now: datetime,
    scale: tuple[Sequence[Point], Decimal] | None = None, takes_over: bool = True, client_id: uuid.UUID | None = None,
) -> SitePlan:  # fmt: skip
    """Take in a plan, or a new edition of the plan of that name.

    :param upload: a picture, or a PDF whose first page is drawn. :param scale: two points and the metres between.
    :param takes_over: what is drawn on the edition before is drawn on this one as well, where it lies within it.
    :raises Invalid: by field. :raises Conflict: this edition stands already.
    """
    require_keeper(actor, file)
    name = clean(name)
    wrong: dict[str, Text] = {}
    if not name or len(name) > 80:
        wrong["name"] = _("请填写名称，最多80个字。")
    if edition > Calendar().local_date(now):
        wrong["edition"] = _("版本日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with taken_in(actor=actor, upload=upload, now=now) as sheet:
        _check_scale(scale, sheet.width_px, sheet.height_px)
        fresh: list[SitePlan] = []

        def make() -> SitePlan:
            row = SitePlan.objects.create(
                file=file, **file.row_scope(), name=name, edition_date=edition, width_px=sheet.width_px,
                height_px=sheet.height_px, scale_points=None if scale is None else [list(one) for one in scale[0]],
                scale_m=None if scale is None else scale[1], created_at=now,
            )  # fmt: skip
            fresh.append(row)
            return row

        body = {"name": name, "edition": edition, "digest": sheet.source.original_digest}
        with transaction.atomic():
            pk = enter_row(
                actor=actor, act="risk.plan.add", file=file, body=body, now=now, client_id=client_id, make=make,
                twice=("edition", _("该平面图已有这一天的版本。")),
            )  # fmt: skip
            row = SitePlan.objects.select_related("file__enterprise").get(pk=pk)
            if fresh:
                hold_sheet(actor=actor, row=row, sheet=sheet, now=now)
                if takes_over:
                    _take_over(row, now)
    return row


def set_scale(
    *, actor: Actor, row: SitePlan, points: Sequence[Point] | None, metres: Decimal | None, version: int, now: datetime
) -> None:
    """Set or take away the two known points.

    :raises Invalid: by field. :raises StaleState: somebody saved meanwhile.
    """
    require_keeper(actor, row.file)
    scale = None if points is None or metres is None else (points, metres)
    _check_scale(scale, row.width_px, row.height_px)
    kept = None if scale is None else [list(one) for one in scale[0]]
    with transaction.atomic():
        change_row(actor=actor, act="risk.plan.scale", file_id=row.file_id, row=row, version=version,
                   changes={"scale_points": kept, "scale_m": None if scale is None else scale[1]}, now=now,
                   twice=("scale_points", ""))  # fmt: skip


def end_plan(*, actor: Actor, row: SitePlan, reason: str, now: datetime) -> None:
    """Take an edition back: from today on the one before it is shown. :raises Invalid: no reason."""
    require_keeper(actor, row.file)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销的理由。")})
    with transaction.atomic():
        end_row(actor=actor, act="risk.plan.end", file_id=row.file_id, row=row, now=now,
                day=Calendar().local_date(now), reason=clean(reason)[:300])  # fmt: skip


def draw_mark(
    *, actor: Actor, plan: SitePlan, subject_id: uuid.UUID, points: Sequence[Point], now: datetime
) -> PlanMark:
    """Draw an object or a unit on a plan, or draw it anew: one point, or the corners of an area.

    :raises Invalid: by field: no shape, or nothing of this enterprise's list.
    :raises StaleState: a newer edition stands, and this one is only read.
    """
    require_keeper(actor, plan.file)
    _need_newest(plan)
    try:
        shape = check_shape(points, width=plan.width_px, height=plan.height_px)
    except BadShape as bad:
        raise Invalid(fields={"points": shape_fault(bad.code)}) from bad
    drawn = [list(one) for one in shape]
    subject = _subject(plan, subject_id)
    values = {"shape": Shape.POINT if len(drawn) == 1 else Shape.AREA, "points": drawn, "changed_at": now}
    with transaction.atomic():
        _hold_plan(plan)
        try:
            with transaction.atomic():
                made, _new = PlanMark.objects.update_or_create(plan=plan, **subject, defaults=values)
        except IntegrityError as again:
            raise StaleState(_("他人刚刚画了此项，请刷新后核对再改。")) from again
        note(actor, "risk.plan.draw", plan.file_id, plan, now, {"subject": subject_id, "points": drawn})
    return made


def erase_mark(*, actor: Actor, plan: SitePlan, mark: PlanMark, now: datetime) -> None:
    """Take a drawing off the plan. :raises StaleState: a newer edition stands, or it is gone already."""
    require_keeper(actor, plan.file)
    _need_newest(plan)
    subject, drawn = mark.unit_id or mark.object_id, mark.points
    with transaction.atomic():
        _hold_plan(plan)
        if not PlanMark.objects.filter(pk=mark.pk, plan=plan).delete()[0]:
            raise StaleState(_("他人刚刚擦除了此项。"))
        note(actor, "risk.plan.erase", plan.file_id, plan, now, {"subject": subject, "points": drawn})


# Parts -------------------------------------------------------------------------------------------------------------


def _need_newest(plan: SitePlan) -> None:
    if plan.ended_date is not None or not is_newest(plan):
        raise StaleState(_("这是旧版平面图，只能查阅；请在最新版本上画。"))


def _hold_plan(plan: SitePlan) -> None:
    SitePlan.objects.select_for_update(no_key=True).get(pk=plan.pk)


def _subject(plan: SitePlan, subject_id: uuid.UUID) -> dict[str, Any]:
    unit = RiskUnit.objects.filter(
        pk=subject_id, object__file=plan.file_id, ended_date__isnull=True, object__ended_date__isnull=True
    ).first()
    if unit is not None:
        return {"unit": unit}
    found = RiskObject.objects.filter(pk=subject_id, file=plan.file_id, ended_date__isnull=True).first()
    if found is None:
        raise Invalid(fields={"subject": _("请选择本企业风险清单中的对象或单元。")})
    return {"object": found}


def _check_scale(scale: tuple[Sequence[Point], Decimal] | None, width: int, height: int) -> None:
    if scale is None:
        return
    points, metres = scale
    wrong: dict[str, Text] = {}
    inside = all(0 <= x <= width and 0 <= y <= height for x, y in points)
    if len(points) != 2 or not inside or points[0] == points[1]:
        wrong["scale_points"] = _("请填写图内两个不同的点。")
    if not Decimal("0.01") <= metres <= 100_000:
        wrong["scale_m"] = _("距离应在0.01米至100000米之间。")
    if wrong:
        raise Invalid(fields=wrong)


def _take_over(row: SitePlan, now: datetime) -> None:
    """Draw on a new edition what is drawn on the one before it and still stands."""
    before = newest_before(row)
    if before is None:
        return
    taken = []
    for mark in before.marks.select_related("object", "unit__object"):
        holder = mark.unit.object if mark.unit is not None else mark.object
        ended = holder is None or holder.ended_date is not None or (mark.unit is not None and mark.unit.ended_date)
        inside = all(x <= row.width_px and y <= row.height_px for x, y in mark.points)
        if not ended and inside:
            taken.append(PlanMark(plan=row, object_id=mark.object_id, unit_id=mark.unit_id, shape=mark.shape,
                                  points=mark.points, changed_at=now))  # fmt: skip
    PlanMark.objects.bulk_create(taken)


