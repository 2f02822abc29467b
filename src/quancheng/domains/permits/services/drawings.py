"""Drawings of pipes (管道仪表流程图) taken in, and points placed upon them, by whoever keeps the register."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import DrawingSpot, IsolationPoint, PipeDrawing
from quancheng.domains.permits.queries.drawings import fitting, is_newest, newest_before, spots_of
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import faults_of_place, require_own
from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.domains.risk.services.pictures import hold_sheet, taken_in
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once


def add_drawing(
    *, actor: Actor, file: Enterprise, number: str, title: str, edition: date, upload: UploadedFile, now: datetime,
    unit: Unit | None = None, takes_over: bool = True, client_id: uuid.UUID | None = None,
) -> PipeDrawing:  # fmt: skip
    """Take in a drawing, or a new edition of the drawing of that number.

    :param upload: a picture, or a PDF whose first page is drawn.
    :param takes_over: points that lie on the edition before lie on this one as well, where it has room for them.
    :raises Invalid: by field. :raises Conflict: this edition stands already.
    """
    require_own(actor, file, WORK)
    told = _told(number, title)
    wrong: dict[str, Text] = {name: _("请填写此项。") for name, value in told.items() if not value}
    if edition > Calendar().local_date(now):
        wrong["edition"] = _("版本日期不能晚于今天。")
    wrong |= faults_of_place(file, unit)
    if wrong:
        raise Invalid(fields=wrong)
    with taken_in(actor=actor, upload=upload, now=now) as sheet:

        def make() -> uuid.UUID:
            try:
                with transaction.atomic():
                    row = PipeDrawing.objects.create(
                        **file.row_scope(), file=file, unit=unit, **told, edition_date=edition, added_by=actor.name,
                        added_at=now, width_px=sheet.width_px, height_px=sheet.height_px,
                    )  # fmt: skip
            except IntegrityError as twice:
                sentence = _("该图号已有这一天的版本。")
                raise Conflict(sentence, fields={"edition": sentence}) from twice
            hold_sheet(actor=actor, row=row, sheet=sheet, now=now)
            taken = _take_over(actor, row, now) if takes_over else 0
            _note(actor, "add", row, now, {**body, "taken_over": taken})
            return row.pk

        body = {**told, "edition": edition, "unit": unit and unit.pk, "digest": sheet.source.original_digest}
        with transaction.atomic():
            pk, _made = once(
                actor=actor, client_id=client_id, act="permits.drawing.add", body={**body, "file": file.pk}, now=now,
                make=make,
            )  # fmt: skip
    return PipeDrawing.objects.select_related("file__enterprise", "unit").get(pk=pk)


def change_drawing(
    *, actor: Actor, drawing: PipeDrawing, title: str, unit: Unit | None, version: int, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PipeDrawing:  # fmt: skip
    """Write title and unit anew; number, day and picture are what makes an edition.

    :raises Invalid: by field; at ``unit`` also where a point of another unit lies upon it.
    :raises StaleState: it ended, or was changed since it was read.
    """
    require_own(actor, drawing.file, WORK)
    name = clean(title)[:120]
    wrong: dict[str, Text] = {} if name else {"title": _("请填写此项。")}
    wrong |= faults_of_place(drawing.file, unit)
    if wrong:
        raise Invalid(fields=wrong)

    def do() -> None:
        if drawing.ended_date is not None or drawing.version != version:
            raise StaleState(_("他人刚刚修改或撤销了此项，请刷新后核对再改。"))
        if unit is not None and (others := [str(one.point) for one in spots_of(drawing) if _strays(one, unit.pk)]):
            told = {"tags": _("、").join(others[:10])}
            raise Invalid(fields={"unit": _("图上有其他单元的隔离点，请先取下：%(tags)s") % told})
        PipeDrawing.objects.filter(pk=drawing.pk).update(title=name, unit=unit, version=version + 1)
        _note(actor, "change", drawing, now, {"title": name, "unit": unit and unit.pk})

    return _act(actor, drawing, "change", {"title": name, "unit": unit and unit.pk}, now, client_id, do)


def end_drawing(
    *, actor: Actor, drawing: PipeDrawing, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> PipeDrawing:
    """Take an edition out of use; it stays to be read. :raises Invalid: no reason. :raises StaleState: it is out."""
    require_own(actor, drawing.file, WORK)
    words = clean(reason)[:300]
    if not words:
        raise Invalid(fields={"reason": _("请写明撤销的理由。")})

    def do() -> None:
        if drawing.ended_date is not None:
            raise StaleState(_("此项已撤销。"))
        day = Calendar().local_date(now)
        PipeDrawing.objects.filter(pk=drawing.pk).update(ended_date=day)
        _note(actor, "end", drawing, now, {"on": day, "reason": words})

    return _act(actor, drawing, "end", {"reason": words}, now, client_id, do)


def place_point(
    *, actor: Actor, drawing: PipeDrawing, point_id: uuid.UUID, x: int, y: int, now: datetime,
    client_id: uuid.UUID | None = None,
) -> PipeDrawing:  # fmt: skip
    """Say where a point lies on a drawing, or say it anew.

    :raises Invalid: by field: outside of the picture; no point of this enterprise (and unit) that did not end.
    :raises StaleState: the drawing ended, or a newer edition stands.
    """
    require_own(actor, drawing.file, WORK)
    if not (0 <= x <= drawing.width_px and 0 <= y <= drawing.height_px):
        size = {"width": drawing.width_px, "height": drawing.height_px}
        raise Invalid(fields={"points": _("该位置在图外，图幅为%(width)s × %(height)s像素。") % size})

    def do() -> None:
        _require_newest(drawing)
        point = fitting(drawing).filter(pk=point_id).first()
        if point is None:
            raise Invalid(fields={"point": _("请选择本单位（图纸有单元的，为该单元）未解除的隔离点。")})
        # The drawing is locked: nobody places the same point at once.
        DrawingSpot.objects.update_or_create(
            drawing=drawing, point=point, defaults={"x": x, "y": y, "set_by": actor.name, "set_at": now}
        )
        _note(actor, "place", drawing, now, {"point": point.pk, "tag": point.tag, "x": x, "y": y})

    return _act(actor, drawing, "place", {"point": point_id, "x": x, "y": y}, now, client_id, do)


def take_off(
    *, actor: Actor, drawing: PipeDrawing, point_id: uuid.UUID, now: datetime, client_id: uuid.UUID | None = None
) -> PipeDrawing:
    """Take a point off a drawing. :raises StaleState: it is off, or the drawing is no more the newest edition."""
    require_own(actor, drawing.file, WORK)

    def do() -> None:
        _require_newest(drawing)
        spot = DrawingSpot.objects.filter(drawing=drawing, point=point_id).select_related("point").first()
        if spot is None:
            raise StaleState(_("该隔离点已不在图上。"))
        spot.delete()
        told = {"point": point_id, "tag": spot.point.tag, "x": spot.x, "y": spot.y}
        _note(actor, "take_off", drawing, now, told)

    return _act(actor, drawing, "take_off", {"point": point_id}, now, client_id, do)


def take_off_strayed(*, actor: Actor, point: IsolationPoint, unit_id: uuid.UUID | None, now: datetime) -> None:
    """In the caller's transaction: a point that was written anew leaves the drawings of units in which it is not."""
    for spot in DrawingSpot.objects.filter(point=point).exclude(drawing__unit=None).select_related("drawing"):
        if unit_id is not None and spot.drawing.unit_id != unit_id:
            spot.delete()
            _note(actor, "take_off", spot.drawing, now, {"point": point.pk, "tag": point.tag, "unit": unit_id})


# Parts ----------------------------------------------------------------------------------------------------------------


def _told(number: str, title: str) -> dict[str, Any]:
    return {"number": clean(number)[:80], "title": clean(title)[:120]}


def _strays(spot: DrawingSpot, unit: uuid.UUID) -> bool:
    return not spot.point.is_closed and spot.point.unit_id not in (None, unit)


def _require_newest(drawing: PipeDrawing) -> None:
    if drawing.ended_date is not None:
        raise StaleState(_("该图纸已撤销，只能查阅。"))
    if not is_newest(drawing):
        raise StaleState(_("这是旧版图纸，只能查阅；请在最新版本上标注。"))


def _take_over(actor: Actor, row: PipeDrawing, now: datetime) -> int:
    """Place upon a new edition what lies on the one before it and did not end; how many."""
    before = newest_before(row)
    if before is None:
        return 0
    fits = set(fitting(row).values_list("pk", flat=True))
    taken = [
        DrawingSpot(drawing=row, point_id=one.point_id, x=one.x, y=one.y, set_by=actor.name, set_at=now)
        for one in spots_of(before)
        if one.point_id in fits and one.x <= row.width_px and one.y <= row.height_px
    ]
    DrawingSpot.objects.bulk_create(taken)
    return len(taken)


def _act(
    actor: Actor, drawing: PipeDrawing, name: str, body: Mapping[str, Any], now: datetime,
    client_id: uuid.UUID | None, do: Callable[[], object],
) -> PipeDrawing:  # fmt: skip
    act_once(
        actor=actor, row=drawing, act=f"permits.drawing.{name}", body=body, now=now, client_id=client_id, do=do
    )
    return drawing


def _note(actor: Actor, name: str, row: PipeDrawing, now: datetime, facts: Mapping[str, Any]) -> None:
    """The journal's entry of an act on a drawing, in the enterprise's own chain."""
    journal.record(
        actor=actor, act=f"permits.drawing.{name}", subject_type=subject_type_of(row), subject_id=row.pk,
        org_id=row.file_id, facts=facts, now=now,
    )  # fmt: skip
