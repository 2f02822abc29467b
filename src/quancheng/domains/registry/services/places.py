"""Sensitive places entered and changed; the exposed population that follows from them, accepted by the keeper."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.geometry import read_ring
from quancheng.domains.registry.kinds import PlaceKind
from quancheng.domains.registry.models import Enterprise, SensitivePlace
from quancheng.domains.registry.queries.places import exposed_of
from quancheng.domains.registry.services.enterprises import change_enterprise, require_keeper
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.once import once

KEEP = "registry.places.keep"
#: What may be said of a place.
FIELDS = (
    "kind", "name", "area", "address", "lon", "lat", "boundary", "population", "source", "source_date",
)  # fmt: skip

#: Hears that a place was written, in its transaction, and when.
Listener = Callable[[datetime], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Called by rooms above, when the apps get ready: what lies around enterprises goes on from there."""
    _listeners.append(listener)


def enter_place(
    *, actor: Actor, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> SensitivePlace:
    """Enter a place.

    :param known: of :data:`FIELDS`. :raises Invalid: by field. :raises NotPermitted: it lies outside the actor's area.
    :raises Conflict: it is entered already.
    """
    actor.require(KEEP)
    given = _checked(actor, known, None, now)

    def make() -> uuid.UUID:
        made = _once(lambda: SensitivePlace.objects.create(**given, **_keys(given), created_at=now, updated_at=now))
        _record(actor, "registry.place.enter", made, now, _facts(given))
        return uuid.UUID(str(made.pk))

    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.place.enter", body=_facts(given), now=now, make=make
        )
    return SensitivePlace.objects.get(pk=pk)


def change_place(
    *, actor: Actor, place: SensitivePlace, version: int, changes: Mapping[str, Any], now: datetime
) -> SensitivePlace:
    """Change what stands of a place. No enterprise's population follows by itself: its keeper accepts it.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(KEEP)
    given = _checked(actor, changes, place, now)
    changed = {name: value for name, value in given.items() if getattr(place, name) != value}
    if not changed:
        return place
    with transaction.atomic():
        standing = SensitivePlace.objects.filter(pk=place.pk, version=version, ended_date__isnull=True)
        keys = _keys(given) if "name" in changed else {}
        won = _once(lambda: standing.update(**changed, **keys, version=F("version") + 1, updated_at=now))
        if not won:
            raise StaleState
        before = _facts({name: getattr(place, name) for name in changed})
        _record(actor, "registry.place.change", place, now, {"before": before, "after": _facts(changed)})
    return SensitivePlace.objects.get(pk=place.pk)


def end_place(*, actor: Actor, place: SensitivePlace, now: datetime) -> None:
    """The place is no longer there; the row stays with the day. :raises StaleState: it is ended already."""
    actor.require(KEEP)
    _require_covered(actor, place.area)
    with transaction.atomic():
        standing = SensitivePlace.objects.filter(pk=place.pk, ended_date__isnull=True)
        if not standing.update(ended_date=Calendar().local_date(now), version=F("version") + 1, updated_at=now):
            raise StaleState(_("该敏感目标已撤销。"))
        _record(actor, "registry.place.end", place, now, {"name": place.name})


def accept_population(
    *, actor: Actor, file: Enterprise, version: int, expected: int, now: datetime
) -> Enterprise:  # fmt: skip
    """Take the population of the sensitive places within 500 m for the enterprise's own (GB 18218-2018, 4.3.3).

    :param expected: the sum that the keeper saw and agreed to.
    :raises Conflict: a place near it was not counted, or the enterprise has no point.
    :raises StaleState: the sum is another by now, or the file was changed.
    """
    require_keeper(actor, file)
    exposed = exposed_of(file)
    if exposed is None:
        raise Conflict(_("请先填写企业的经纬度或厂区边界。"))
    if exposed.uncounted:
        names = "、".join(one.place.name for one in exposed.uncounted[:5])
        raise Conflict(_("以下敏感目标还没有人数，不能合计：%(names)s。") % {"names": names})
    if exposed.total != expected:
        raise StaleState(_("周边敏感目标刚有变化，请刷新后重新核对。"))
    named = "、".join(one.place.name for one in exposed.counted)
    source = _("敏感目标登记") + (f"：{named}" if named else "")
    changes = {
        "exposed_population": exposed.total, "exposed_date": Calendar().local_date(now),
        "exposed_source": source if len(source) <= 120 else f"{source[:119]}…",
    }  # fmt: skip
    return change_enterprise(actor=actor, file=file, version=version, changes=changes, now=now)


def _checked(actor: Actor, known: Mapping[str, Any], before: SensitivePlace | None, now: datetime) -> dict[str, Any]:
    given = {name: known[name] for name in FIELDS if name in known}
    wrong: dict[str, Text] = {}
    for name, limit in (("name", 120), ("address", 200), ("source", 120)):
        if name in given:
            given[name] = clean(given[name] or "")
            if len(given[name]) > limit:
                wrong[name] = _("不超过%(limit)s个字。") % {"limit": limit}
    for name in ("name", "area", "lon", "lat", "source", "source_date"):
        if given.get(name, getattr(before, name, None)) in (None, ""):
            wrong[name] = _("请填写此项。")
    if given.get("kind", getattr(before, "kind", "")) not in PlaceKind.values:
        wrong["kind"] = _("请选择类别。")
    for name, most in (("lon", 180), ("lat", 90)):
        if given.get(name) is not None and abs(given[name]) > most:
            wrong[name] = _("经度在-180到180之间，纬度在-90到90之间。")
    if given.get("boundary") is not None and read_ring(given["boundary"]) is None:
        wrong["boundary"] = _("边界须为GeoJSON面（Polygon），至少三个顶点。")
    if (day := given.get("source_date")) is not None and day > Calendar().local_date(now):
        wrong["source_date"] = _("数据日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    _require_covered(actor, given.get("area") or (before and before.area))
    if before is not None:
        _require_covered(actor, before.area)
    return given


def _require_covered(actor: Actor, area: Any) -> None:
    if not (actor.is_system or actor.whole_district or area.path.startswith(actor.area_path)):
        raise NotPermitted(_("只能登记本辖区内的敏感目标。"))


def _keys(given: Mapping[str, Any]) -> dict[str, str]:
    return {"pinyin": pinyin_key(given["name"]), "initials": initials(given["name"])}


def _facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """As the journal keeps it: the area by its identifier, days as text."""
    return {
        name: value.pk if name == "area" else value.isoformat() if isinstance(value, date) else value
        for name, value in given.items()
    }


def _once(write: Any) -> Any:
    try:
        with transaction.atomic():
            return write()
    except IntegrityError as twice:
        sentence = _("该镇街已登记同名敏感目标。")
        raise Conflict(sentence, fields={"name": sentence}) from twice


def _record(actor: Actor, act: str, place: SensitivePlace, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(actor=actor, act=act, subject_type="registry.place", subject_id=place.pk, facts=facts, now=now)
    for listener in _listeners:
        listener(now)
