"""Stoppages and overhauls of units (停用、检修): entered by the enterprise, looked at by the regulator where they are
long or many (停用核查)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import StopReview, UnitStop
from quancheng.domains.hazards.queries.checks import standing_of
from quancheng.domains.hazards.services.check_dues import cover, drop_unopened, make_for
from quancheng.domains.hazards.services.check_tasks import require_keeper
from quancheng.domains.risk.kinds import ObjectKind
from quancheng.domains.risk.models import RiskObject, RiskUnit
from quancheng.domains.risk.services.keeping import note, refuse_guarded
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.standards.risk.check_cycles import Flag, Stop, stop_flags

JUDGE = "hazards.checks.judge"


def stop_unit(
    *, actor: Actor, unit: RiskUnit, begins_at: datetime, ends_at: datetime | None, reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> UnitStop:  # fmt: skip
    """Enter that a unit is stopped or overhauled; the tasks in it are covered, later ones move to its end.

    :raises Invalid: by field; an end that does not lie after the begin, another stoppage at the same time.
    """
    file = unit.object.file
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明停用原因。")
    if ends_at is not None and ends_at <= begins_at:
        wrong["ends_at"] = _("应晚于开始时间。")
    if unit.ended_date is not None:
        wrong["unit"] = _("该单元已撤销。")
    if not wrong and _crosses(unit, begins_at, ends_at):
        wrong["begins_at"] = _("该单元在这段时间已有停用记录。")
    if wrong:
        raise Invalid(fields=wrong)
    body = {"unit": unit.pk, "from": begins_at, "to": ends_at, "reason": clean(reason)[:300]}

    def make() -> uuid.UUID:
        made = UnitStop.objects.create(
            file=file, unit=unit, begins_at=begins_at, ends_at=ends_at, reason=clean(reason)[:300],
            by_name=actor.name, created_at=now,
        )  # fmt: skip
        note(actor, "hazards.stop.enter", file.pk, made, now, body)
        _settle(made, now)
        return made.pk

    with transaction.atomic():
        pk, _fresh = once(actor=actor, client_id=client_id, act="hazards.stop.enter", body=body, now=now, make=make)
    return UnitStop.objects.select_related("unit__object", "file").get(pk=pk)


def change_stop(*, actor: Actor, row: UnitStop, version: int, ends_at: datetime | None, now: datetime) -> UnitStop:
    """Say when a stoppage ends, or ended: what it does not cover any more is owed again.

    :raises Invalid: before its begin. :raises StaleState: somebody saved meanwhile.
    :raises Conflict: another system keeps it.
    """
    require_keeper(actor, row.file)
    refuse_guarded(row, actor)
    if ends_at is not None and ends_at <= row.begins_at:
        raise Invalid(fields={"ends_at": _("应晚于开始时间。")})
    if _crosses(row.unit, row.begins_at, ends_at, besides=row):
        raise Invalid(fields={"ends_at": _("该单元在这段时间已有停用记录。")})
    with transaction.atomic():
        won = UnitStop.objects.filter(pk=row.pk, version=version).update(ends_at=ends_at, version=version + 1)
        if not won:
            raise StaleState(_("他人刚刚修改了此项，请刷新后核对再改。"))
        note(actor, "hazards.stop.change", row.file_id, row, now, {"before": row.ends_at, "after": ends_at})
        row.refresh_from_db()
        _settle(row, now)
    return row


def judge_stop(
    *, actor: Actor, review: StopReview, accepted: bool, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> StopReview:
    """The regulator accepts a stoppage, or objects and asks the enterprise to explain or end it."""
    said = clean(text)[:1000]
    name, given = ("accept", {"comment": said}) if accepted else ("object", {"reason": said})
    changes = {"comment": said, **({"closed_at": now} if accepted else {})}
    move(actor=actor, row=review, name=name, now=now, given=given, changes=changes, client_id=client_id)
    return review


def answer_review(
    *, actor: Actor, review: StopReview, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> StopReview:
    """The enterprise explains; the regulator looks again."""
    said = clean(text)[:1000]
    move(actor=actor, row=review, name="answer", now=now, given={"text": said}, changes={"answer": said},
         client_id=client_id)  # fmt: skip
    return review


def review_stops(*, now: datetime) -> int:
    """What the clock does each night: owe a look at stoppages that have become long or many, and end those that nothing
    calls for any more; returns how many are new."""
    made = 0
    stops = UnitStop.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    waiting = StopReview.objects.filter(closed_at__isnull=True)
    for parent in RiskObject.objects.filter(
        Q(pk__in=stops.values("unit__object")) | Q(pk__in=waiting.values("object"))
    ).select_related("file").order_by("pk"):  # fmt: skip
        with transaction.atomic():
            made += _review(parent, now)
    return made


def _settle(stop: UnitStop, now: datetime) -> None:
    """Instances that have not opened are made anew around it, those that have are covered where it covers them."""
    tasks = standing_of([stop.unit_id])
    drop_unopened([one.pk for one in tasks], now=now)
    make_for(tasks, now=now)
    cover(stop)
    _review(RiskObject.objects.select_related("file").get(pk=stop.unit.object_id), now)


def _review(parent: RiskObject, now: datetime) -> int:
    """Open what the rule calls for and close what it calls for no longer; returns how many are new."""
    house = system_actor("hazards", JUDGE)
    stops = list(UnitStop.objects.filter(unit__object=parent).select_related("unit").order_by("begins_at", "pk"))
    units = parent.units.filter(ended_date__isnull=True).count()
    reviews = list(StopReview.objects.filter(object=parent).order_by("pk"))
    by_stop = {one.stop_id: one for one in reviews if one.stop_id is not None}
    made = 0
    for one in stops:
        flags = stop_flags([_as_stop(one)], units=0, now=now)
        known = by_stop.get(one.pk)
        if flags and known is None:
            _owe(house, parent, one, flags[0], now)
            made += 1
        elif known is not None and known.closed_at is None:
            # One entered after its end covers tasks that were missed: the regulator looks at it all the same.
            is_over = one.ends_at is not None and known.created_at <= one.ends_at <= now
            if is_over or not flags:
                _end(house, known, now)
    if parent.kind != ObjectKind.MAJOR_HAZARD:
        return made
    many = [one for one in stop_flags([_as_stop(one) for one in stops], units=units, now=now) if one.code == "MANY"]
    standing = next((one for one in reviews if one.code == "MANY" and one.closed_at is None), None)
    if many and standing is None and not _accepted(reviews, stops, now):
        _owe(house, parent, None, many[0], now)
        made += 1
    elif not many and standing is not None:
        _end(house, standing, now)
    return made


def _accepted(reviews: Sequence[StopReview], stops: Sequence[UnitStop], now: datetime) -> bool:
    """Whether the regulator accepted since the last of the stoppages that hold now was entered."""
    newest = max((one.created_at for one in stops if _as_stop(one).holds(now)), default=now)
    done = (one.closed_at for one in reviews if one.code == "MANY" and one.status == "ACCEPTED")
    return any(at is not None and at >= newest for at in done)


def _owe(house: Actor, parent: RiskObject, stop: UnitStop | None, flag: Flag, now: datetime) -> None:
    file = parent.file
    name = stop.unit.name if stop is not None else parent.name
    row = StopReview(
        **file.row_scope(owner=file.supervisor_id),
        file=file, object=parent, stop=stop, code=flag.code, title=f"{name}：{flag.text.zh}"[:300],
        text={"zh": flag.text.zh, "en": flag.text.en}, created_at=now,
    )  # fmt: skip
    enter(actor=house, row=row, now=now, facts={"object": parent.pk, "code": flag.code})


def _end(house: Actor, review: StopReview, now: datetime) -> None:
    move(actor=house, row=review, name="end", now=now, given={}, changes={"closed_at": now})


def _as_stop(row: UnitStop) -> Stop:
    return Stop(begins_at=row.begins_at, ends_at=row.ends_at, unit=row.unit.name)


def _crosses(unit: RiskUnit, begins_at: datetime, ends_at: datetime | None, besides: UnitStop | None = None) -> bool:
    rows = UnitStop.objects.filter(unit=unit)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    if ends_at is not None:
        rows = rows.filter(begins_at__lt=ends_at)
    return rows.exclude(ends_at__lte=begins_at).exists()


