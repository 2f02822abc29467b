"""Planning zones (规划分区): entered, followed by a new edition when the plan changes, ended, taken from a file."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.points import System, converted, point_fault
from quancheng.domains.risk.models import PlanningZone
from quancheng.domains.risk.zone_geometry import MOST_CORNERS, BadPolygon, check_ring, polygon_of, read_ring
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach, subject_type_of
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once
from quancheng.standards.risk.layout import zone_kinds

KEEP = "risk.zones.keep"
#: At each edition that begins or ends.
CHANGED = "risk.zone.changed"
FIELDS = (
    "code", "name", "kind", "polygon", "document", "document_no", "from_date", "population_day", "population_night",
    "population_source", "population_date",
)  # fmt: skip
MOST_BYTES, MOST_FEATURES = 5 * 1024 * 1024, 1000
#: Corners of all zones of a file: to look at them takes seconds, not minutes. [D]
MOST_FILE_CORNERS = 20_000
_MOST_PEOPLE = 10_000_000
_LENGTHS = {"code": 40, "name": 120, "document": 200, "document_no": 80, "population_source": 120}
_NEEDED = {
    "code": gettext_lazy("请填写分区编号。"), "name": gettext_lazy("请填写分区名称。"),
    "document": gettext_lazy("请填写规划文件。"),
}  # fmt: skip


def may_keep_zone(actor: Actor, zone: PlanningZone) -> bool:
    """Whether the actor may end a zone that he sees or give it a new edition: the department that answers for it."""
    return actor.has(KEEP) and (zone.owner_org_id == actor.organisation_id or actor.is_system)


def put_zone(
    *, actor: Actor, known: Mapping[str, Any], system: str, now: datetime, client_id: uuid.UUID | None = None
) -> PlanningZone:
    """Enter a zone, or a new edition of the zone under that code: the one before ends the day before it.

    :param known: of :data:`FIELDS`; the polygon is GeoJSON in ``system``.
    :raises Invalid: by field. :raises NotPermitted: another department answers for it.
    :raises Conflict: somebody entered the same code at the same time.
    """
    actor.require(KEEP)
    given = _given(known, system, now)

    def make() -> uuid.UUID:
        return _enter(actor, given, now)

    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="risk.zone.put", body=given, now=now, make=make)
    return PlanningZone.objects.select_related("owner_org").get(pk=pk)


def end_zone(
    *, actor: Actor, zone: PlanningZone, day: date, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> PlanningZone:
    """Let the newest edition end on its last day: the ground is planned for nothing any more.

    :raises Invalid: by field. :raises StaleState: it has ended already.
    """
    if not may_keep_zone(actor, zone):
        raise NotPermitted
    said = clean(reason)[:300]
    wrong: dict[str, Text] = {}
    if not said:
        wrong["reason"] = _("请写明原因。")
    if day < zone.from_date:
        wrong["day"] = _("不能早于生效日期%(day)s。") % {"day": zone.from_date}
    if wrong:
        raise Invalid(fields=wrong)

    def do() -> None:
        standing = PlanningZone.objects.filter(pk=zone.pk, to_date__isnull=True)
        if not standing.update(to_date=day, end_reason=said):
            raise StaleState(_("该分区已失效。"))
        zone.refresh_from_db()
        _tell(actor, "risk.zone.end", zone, now, {"to": day, "reason": said})

    act_once(actor=actor, row=zone, act="risk.zone.end", body={"day": day, "reason": said}, now=now,
             client_id=client_id, do=do)  # fmt: skip
    return zone


def read_zone_file(content: bytes) -> list[dict[str, Any]]:
    """What a GeoJSON file says, feature by feature: those of :data:`FIELDS` that differ, as told.

    :raises Invalid: it is no collection of features.
    """
    try:
        features = json.loads(content)["features"]
        if not isinstance(features, list) or not features or not all(isinstance(one, dict) for one in features):
            raise ValueError("no features")
    except (ValueError, KeyError, TypeError, RecursionError) as bad:
        raise Invalid(fields={"geojson": _("读不出GeoJSON（FeatureCollection），请检查文件。")}) from bad
    if len(features) > MOST_FEATURES:
        raise Invalid(fields={"geojson": _("一个文件最多%(count)s个分区。") % {"count": MOST_FEATURES}})
    corners = sum(_corners(feature.get("geometry")) for feature in features)
    if corners > MOST_FILE_CORNERS:
        said = {"count": corners, "most": MOST_FILE_CORNERS}
        sentence = _("文件共有%(count)s个顶点，最多%(most)s个；请简化边界或分成几个文件导入。") % said
        raise Invalid(fields={"geojson": sentence})
    rows = []
    for feature in features:
        said = feature.get("properties")
        said = said if isinstance(said, dict) else {}
        code, name, kind = ("" if said.get(each) is None else str(said[each]) for each in ("code", "name", "kind"))
        counted = {each: said.get(each) for each in ("population_day", "population_night")}
        rows.append(
            {"code": code, "name": name, "kind": _kind_of(kind), **counted, "polygon": feature.get("geometry")}
        )  # fmt: skip
    return rows


@dataclass(frozen=True, slots=True)
class CheckedZones:
    """A file looked at: its zones as they would be kept, and one sentence a fault that names its feature."""

    zones: Sequence[Mapping[str, Any]]
    faults: Sequence[str]


def check_zones(
    rows: Sequence[Mapping[str, Any]], common: Mapping[str, Any], *, system: str, actor: Actor, now: datetime
) -> CheckedZones:
    """Look at the features of a file, each ring once.

    :param common: of :data:`FIELDS`, what is said once for all.
    """
    zones: list[Mapping[str, Any]] = []
    faults: list[str] = []
    seen: set[str] = set()
    standing = _newest_of({clean(row["code"]) for row in rows})
    for number, row in enumerate(rows, 1):
        sentences: list[Text] = []
        try:
            given = _given({**common, **row}, system, now)
            if (before := standing.get(given["code"])) is not None:
                _refuse_edition(actor, before, given["from_date"])
            zones.append(given)
        except Invalid as refused:
            sentences += refused.fields.values()
        except NotPermitted as refused:
            sentences.append(refused.message)
        if (code := clean(row["code"])) in seen:
            sentences.append(_("文件中分区编号重复。"))
        seen.add(code)
        said = {"number": number, "name": clean(row["name"])[:40] or code[:40] or "—"}
        head = _("第%(number)s个图形“%(name)s”：") % said
        faults += [f"{head}{sentence}" for sentence in sentences]
    return CheckedZones(zones, faults)


def put_zones(
    *, actor: Actor, checked: CheckedZones, now: datetime, client_id: uuid.UUID | None = None
) -> int:
    """Enter the zones of a file, all or none. Returns how many.

    :param checked: of :func:`check_zones`; whether an edition may follow is asked again, the rings are not.
    :raises Invalid: at ``geojson``, the first of its faults.
    """
    actor.require(KEEP)
    if checked.faults:
        raise Invalid(fields={"geojson": checked.faults[0]})

    def make() -> uuid.UUID:
        # By code, so that two files at once wait for each other in one order.
        return [_enter(actor, given, now) for given in sorted(checked.zones, key=lambda one: one["code"])][-1]

    with transaction.atomic():
        once(actor=actor, client_id=client_id, act="risk.zone.import", body={"zones": checked.zones}, now=now,
             make=make)  # fmt: skip
    return len(checked.zones)


def _corners(geometry: Any) -> int:
    """How many corners the outer ring of a feature has, so far as it has one."""
    rings = geometry.get("coordinates") if isinstance(geometry, dict) else None
    return len(rings[0]) if isinstance(rings, list) and rings and isinstance(rings[0], list) else 0


def _kind_of(told: str) -> str:
    """A kind by its code or its name; what is neither stays as it was told."""
    said = clean(told)
    return next((code for code, one in zone_kinds().items() if said in (code, one.name.zh, one.name.en)), said)


def _enter(actor: Actor, given: Mapping[str, Any], now: datetime) -> uuid.UUID:
    """Write an edition; the one before it under its code ends."""
    standing = _newest(given["code"])
    if standing is not None:
        _follow(actor, standing, given["from_date"], now)
    return _make(actor, given, now).pk


def _newest_of(codes: set[str]) -> dict[str, PlanningZone]:
    """The newest edition under each code, ended ones too."""
    rows = PlanningZone.objects.filter(code__in=codes).select_related("owner_org")
    newest = rows.order_by("code", "-from_date", "-entered_at", "-pk").distinct("code")
    return {one.code: one for one in newest}


def _newest(code: str) -> PlanningZone | None:
    rows = PlanningZone.objects.select_for_update(no_key=True, of=("self",)).filter(code=code)
    found: PlanningZone | None = rows.order_by("-from_date", "-entered_at", "-pk").first()
    return found


def _refuse_edition(actor: Actor, standing: PlanningZone, from_date: date) -> None:
    if not may_keep_zone(actor, standing):
        raise NotPermitted(_("该分区由%(org)s维护。") % {"org": standing.owner_org.name})
    if from_date < standing.from_date:
        sentence = _("不能早于现有版本的生效日期%(day)s。") % {"day": standing.from_date}
        raise Invalid(fields={"from_date": sentence})


def _follow(actor: Actor, standing: PlanningZone, from_date: date, now: datetime) -> None:
    """Let an edition end the day before the next one; it may have been ended earlier."""
    _refuse_edition(actor, standing, from_date)
    last = from_date - timedelta(days=1)
    if standing.to_date is None or standing.to_date > last:
        PlanningZone.objects.filter(pk=standing.pk).update(to_date=last, end_reason="")


def _make(actor: Actor, given: Mapping[str, Any], now: datetime) -> PlanningZone:
    if actor.organisation_id is None:
        raise NotPermitted
    try:
        with transaction.atomic():
            zone = PlanningZone.objects.create(
                owner_org_id=actor.organisation_id, reach=Reach.PUBLIC, entered_by=actor.name[:130], entered_at=now,
                **given, **_box(given["polygon"]),
            )  # fmt: skip
    except IntegrityError as twice:
        sentence = _("他人刚刚登记了同一编号的分区，请刷新后核对。")
        raise Conflict(sentence, fields={"code": sentence}) from twice
    facts = {name: given[name] for name in ("code", "name", "kind", "document", "document_no", "from_date")}
    _tell(actor, "risk.zone.put", zone, now, facts)
    return zone


def _box(polygon: Mapping[str, Any]) -> dict[str, float]:
    lons, lats = zip(*polygon["coordinates"][0], strict=True)
    return {"west": min(lons), "south": min(lats), "east": max(lons), "north": max(lats)}


def _tell(actor: Actor, act: str, zone: PlanningZone, now: datetime, facts: Mapping[str, Any]) -> None:
    kind = subject_type_of(zone)
    journal.record(actor=actor, act=act, subject_type=kind, subject_id=zone.pk, facts=dict(facts), now=now)
    publish(CHANGED, zone, actor=actor, now=now)


def _given(known: Mapping[str, Any], system: str, now: datetime) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name, most in _LENGTHS.items():
        given[name] = clean(given[name] or "")
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    wrong |= {name: sentence for name, sentence in _NEEDED.items() if not given[name]}
    if given["kind"] not in zone_kinds():
        wrong["kind"] = _("不认识的规划用途，请从用途清单中选择。")
    if given["from_date"] is None:
        wrong["from_date"] = _("请选择日期。")
    _people(given, wrong, now)
    if (fault := _polygon(given, system)) is not None:
        wrong["polygon"] = fault
    if wrong:
        raise Invalid(fields=wrong)
    return given


def _people(given: dict[str, Any], wrong: dict[str, Text], now: datetime) -> None:
    told = [name for name in ("population_day", "population_night") if given[name] not in (None, "")]
    for name in ("population_day", "population_night"):
        value = given[name] = given[name] if name in told else None
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            wrong[name] = _("人口应为整数。")
        elif value is not None and not 0 <= value <= _MOST_PEOPLE:
            wrong[name] = _("请填写0到%(most)s。") % {"most": _MOST_PEOPLE}
    if told and not given["population_source"]:
        wrong["population_source"] = _("填写人口的，请写明数据来源。")
    if told and given["population_date"] is None:
        wrong["population_date"] = _("填写人口的，请选择数据日期。")
    elif given["population_date"] is not None and given["population_date"] > Calendar().local_date(now):
        wrong["population_date"] = _("数据日期不能晚于今天。")


def _polygon(given: dict[str, Any], system: str) -> Text | None:
    """Turn the polygon into one of CGCS2000, or say what is wrong with it."""
    if system not in System.values:
        return _("请选择坐标系。")
    try:
        ring = read_ring(given["polygon"])
        for number, (lon, lat) in enumerate(ring, 1):
            if (fault := point_fault(lon, lat, system)) is not None:
                return _("第%(corner)s个顶点：%(fault)s") % {"corner": number, "fault": fault}
        ring = [converted(lon, lat, system) for lon, lat in ring]
        check_ring(ring)
    except BadPolygon as bad:
        return polygon_fault(bad)
    given["polygon"] = polygon_of(ring)
    return None


def polygon_fault(bad: BadPolygon) -> Text:
    """What is wrong with a polygon, in words."""
    sentences: dict[str, Text] = {
        "kind": _("应为GeoJSON多边形（Polygon）；多个面请分成多个分区。"),
        "holes": _("多边形不能有内环，请只保留外环。"),
        "numbers": _("第%(corner)s个顶点不是经纬度（十进制度）。") % {"corner": bad.corner},
        "unclosed": _("多边形没有闭合，最后一个顶点应与第一个相同。"),
        "corners": _("多边形至少三个顶点。"),
        "many": _("多边形最多%(count)s个顶点。") % {"count": MOST_CORNERS},
        "crosses": _("多边形的边互相交叉或重合。"),
    }
    return sentences[bad.code]
