"""The demo's simulated sites (演示信号): which enterprise has which; sources and tags, entered by its own people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone

from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmHold,
    Comparison,
    PartnerRole,
    Source,
    SuppressionRule,
    Tag,
    TagStatus,
)
from quancheng.domains.monitoring.services.sources import enter_source, renew_secret
from quancheng.domains.monitoring.services.suppression import enter_rule
from quancheng.domains.monitoring.services.tag_pairs import is_compared
from quancheng.domains.monitoring.services.tags import end_tag, enter_tag
from quancheng.domains.registry.kinds import FacilityKind, Kind
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership
from quancheng.runtime.place import Place
from quancheng.standards.signals.alarms import TRAVEL_FACTOR
from quancheng.stream.simulator.district import plan_site
from quancheng.stream.simulator.site import Simulation, SitePlan
from quancheng.stream.simulator.tags import Tag as SimulatedTag
from quancheng.stream.simulator.ways import Line

#: What an enterprise of a kind is simulated as; those of other kinds send nothing.
SITES: Mapping[str, str] = {
    Kind.PETROL_STATION: "petrol", Kind.GAS_FILLING: "gas", Kind.DEPOT: "tank_farm", Kind.PRODUCER: "toxic_store",
    Kind.TRADER_STORAGE: "warehouse", Kind.PIPELINE: "valve_station",
}  # fmt: skip
#: Sites of each kind.
MOST_OF_A_KIND = 1
#: Kinds of tags by the unit in which the simulator tells them; what is in none of them is an analysis.
_KINDS = {
    "mm": "level", "Cel": "temperature", "kPa": "pressure", "Pa": "pressure", "m3/h": "flow", "kg/h": "flow",
    "L/min": "flow", "%LEL": "flammable", "mg/m3": "toxic", "%vol": "oxygen", "ppm": "voc", "%RH": "humidity",
    "A": "electrical", "V": "electrical", "ohm": "electrical", "rpm": "speed", "mm/s": "vibration", "1": "ratio",
    "bool": "discrete", "t": "quantity",
}  # fmt: skip
_MEDIA = {"chlorine": "7782-50-5", "ammonia": "7664-41-7", "petrol": "8006-61-9", "gas": "74-98-6"}
#: Detectors of gas are in calibration for so long, so that permits may take their readings.
_CALIBRATED = timedelta(days=200)
_GATEWAY = {"name": "模拟采集网关", "kind": "gateway", "forms": ["json"]}
_SYSTEM = {"name": "模拟仓储系统", "kind": "system", "forms": ["json"]}
_ENVIRONMENT = {"name": "模拟油气回收数采仪", "kind": "station", "forms": ["hj212"]}
_SECRETS = "simulated-sources"
#: What is at a kind of sites besides its own source, so that the demo lives on every door: the sites of a kind that
#: post batches over HTTP; and tags that a station of HJ 212 tells, by the end of their codes, with their factors.
_BY_HTTP = "warehouse"
_STATION_AT = "petrol"
_STATION = {"VRU.AT1.PV": "a24088", "VR.PT1.PV": "YZ01"}


@dataclass(frozen=True, slots=True)
class Sites:
    """Simulated sites, and the lines by which they reach the gateway."""

    plans: list[SitePlan]
    lines: list[Line]

    @classmethod
    def ready(cls, *, seed: int, ports: Mapping[str, int]) -> Sites:
        """The sites of this demo; what is missing of them is entered, and secrets that are not kept are made anew.

        :param ports: of the gateway's doors.
        """
        found = cls([], [])
        for file, plan in _plans(seed):
            actor = _head(file)
            if actor is None:
                continue
            door = "http" if plan.kind == _BY_HTTP else "mqtt"
            source = _source(actor, file, f"GW-{plan.code}", _SYSTEM if door == "http" else _GATEWAY)
            found.plans.append(plan)
            found.lines.append(
                Line(plan.code, "127.0.0.1", ports[door], source.code, _secret(actor, source), door=door)
            )
            told, station = {}, None
            if plan.kind == _STATION_AT:
                told = {f"{plan.code}.{end}": factor for end, factor in _STATION.items()}
                known = _ENVIRONMENT | {"mn": f"990102{plan.code}0000000"[:24].ljust(24, "0")}
                station = _source(actor, file, f"ST-{plan.code}", known)
                found.lines.append(
                    Line(plan.code, "127.0.0.1", ports["hj212"], station.code, _secret(actor, station), door="hj212",
                         mn=station.mn, names=told)
                )  # fmt: skip
            _enter_tags(actor, file, source, plan, station=station, told=told)
        return found


def _secret(actor: Actor, source: Source) -> str:
    place = Place.current()
    kept = _kept(place)
    if source.code not in kept or not source.is_open:
        kept[source.code] = renew_secret(actor=actor, row=source, now=timezone.now())
        _keep(place, kept)
    return kept[source.code]


def _plans(seed: int) -> Iterator[tuple[Enterprise, SitePlan]]:
    """Enterprises with what stands there, always the same ones."""
    numbers: dict[str, int] = {}
    for file in Enterprise.objects.filter(kind__in=SITES, merged_into__isnull=True).order_by("created_at", "pk"):
        kind = SITES[file.kind]
        if numbers.get(kind, 0) < MOST_OF_A_KIND and _head(file) is not None:
            numbers[kind] = numbers.get(kind, 0) + 1
            yield file, plan_site(kind, numbers[kind], seed=seed)


def _head(file: Enterprise) -> Actor | None:
    rows = Membership.objects.current().filter(organisation=file.pk, roles__code="enterprise.head")
    row = rows.select_related("user", "organisation__area").order_by("pk").first()
    return None if row is None else actor_for(row, now=timezone.now())


def _source(actor: Actor, file: Enterprise, code: str, known: Mapping[str, Any]) -> Source:
    row = Source.objects.filter(code=code).select_related("file").first()
    if row is not None:
        return row
    return enter_source(actor=actor, file=file, code=code, known=known, now=timezone.now())


def _enter_tags(
    actor: Actor, file: Enterprise, source: Source, plan: SitePlan, *, station: Source | None, told: Mapping[str, str]
) -> None:
    known = set(Tag.objects.filter(source__in=[one for one in (source, station) if one]).values_list("code", flat=True))
    simulated = Simulation([plan], seed=1, start_ms=0).tags
    places = _places(file, simulated)
    # What is compared with another comes after it.
    for tag in sorted(simulated, key=lambda one: bool(one.spec.partner)):
        if tag.code not in known:
            partner = _partner(tag, simulated)
            of: dict[str, Any] = {"source": source, "facility": places.get(_part(tag))}
            if station is not None and tag.code in told:
                of |= {"source": station, "key": f"{told[tag.code]}-Rtd"}
            of |= {} if partner is None else _compared(tag, Tag.objects.get(code=partner.code))
            enter_tag(actor=actor, file=file, code=tag.code, known=_known(tag) | of, now=timezone.now())
    _replace_planned(actor, places.values(), [one for one in (source, station) if one is not None])
    _enter_rules(actor, file, plan)


def _partner(tag: SimulatedTag, simulated: Iterable[SimulatedTag]) -> SimulatedTag | None:
    """The tag of the same part with which one is compared."""
    beside = (one for one in simulated if _part(one) == _part(tag) and one.spec.row == tag.spec.partner)
    return next(beside, None)


def _compared(tag: SimulatedTag, partner: Tag) -> dict[str, Any]:
    apart, follows = tag.spec.limit("DEV"), tag.spec.limit("DISC")
    if follows is not None:
        return {"partner": partner, "partner_as": PartnerRole.COMMAND, "travel_s": follows.at / TRAVEL_FACTOR}
    if apart is None:
        return {}
    delay_s = tag.spec.on_delay_s
    return {"partner": partner, "partner_as": PartnerRole.SENSOR, "apart_limit": apart.at, "apart_delay_s": delay_s}


def _part(tag: SimulatedTag) -> str:
    """Which part of its site a tag is at: the second of the four parts of its code."""
    return tag.code.split(".")[1]


def _places(file: Enterprise, simulated: Iterable[SimulatedTag]) -> dict[str, Facility]:
    """At which registered tanks the simulated ones stand, in the order of both; of more parts than tanks the last
    stand for themselves."""
    tanks = Facility.objects.filter(unit__file=file, kind=FacilityKind.TANK, decommissioned_date__isnull=True)
    parts = dict.fromkeys(_part(tag) for tag in simulated if _known(tag)["parameter"] == "level")
    return dict(zip(parts, tanks.order_by("unit__code", "code", "pk"), strict=False))


def _replace_planned(actor: Actor, places: Iterable[Facility], sources: Sequence[Source]) -> None:
    """Tags that were planned at these tanks and that no device tells end, since the simulated gateway tells them now;
    those of which an alarm or a hold stands are left to whoever works on it."""
    planned = Tag.objects.filter(facility__in=list(places), status=TagStatus.LIVE).exclude(source__in=sources)
    planned = planned.exclude(pk__in=Alarm.objects.exclude(status="CLOSED").values("tag"))
    planned = planned.exclude(pk__in=AlarmHold.objects.filter(status__in=("ASKED", "STANDING")).values("tag"))
    # Who names a partner ends before it.
    for row in planned.select_related("file").order_by(F("partner").asc(nulls_last=True), "pk"):
        if not is_compared(row):
            end_tag(actor=actor, row=row, reason="改由模拟采集网关采集", now=timezone.now())


def _enter_rules(actor: Actor, file: Enterprise, plan: SitePlan) -> None:
    """Limits that stand only under a condition (earthing while the hose is connected) are silent while it does not
    hold: a rule of the design for each."""
    simulated = Simulation([plan], seed=1, start_ms=0).tags
    conditional = {tag.code: tag for tag in simulated if tag.spec.condition}
    ruled = SuppressionRule.objects.filter(tag__code__in=conditional, ended_at__isnull=True)
    for code in sorted(set(conditional) - set(ruled.values_list("tag__code", flat=True))):
        others = [one.code for one in simulated if one.spec.row == conditional[code].spec.condition]
        beside = [one for one in others if one.split(".")[:2] == code.split(".")[:2]] or others
        tag, by_tag = (Tag.objects.select_related("file").get(code=one) for one in (code, beside[0]))
        enter_rule(
            actor=actor, tag=tag, by_tag=by_tag, comparison=Comparison.AT_MOST, value=0.0,
            reason="设计：条件成立时该报警才有意义", now=timezone.now(),
        )  # fmt: skip


def _known(tag: SimulatedTag) -> dict[str, Any]:
    """What the register takes of a simulated tag."""
    spec = tag.spec
    # A valve tells its position as a number; it is compared with what it is told.
    kind = {"roof.TILT": "position", "farm.XV": "discrete"}.get(spec.row) or _KINDS.get(spec.unit, "analyser")
    unit = "bool" if kind == "discrete" else spec.unit if kind != "analyser" else ""
    told: dict[str, Any] = {
        "name": spec.name.zh if unit else f"{spec.name.zh}（{spec.unit}）", "name_en": spec.name.en, "kind": kind,
        "unit": unit, "parameter": "level" if spec.row.endswith((".LT", ".LT2")) else "",
        "medium": _MEDIA.get(spec.row.partition(".")[0], "") if kind in ("toxic", "flammable") else "",
        "calibrated_until": timezone.localdate() + _CALIBRATED if kind in ("toxic", "flammable", "oxygen") else None,
        "range_lo": spec.span[0], "range_hi": spec.span[1], "deadband": spec.deadband, "on_delay_s": spec.on_delay_s,
        "off_delay_s": spec.off_delay_s, "scan_s": spec.scan_s or 3_600, "is_by_exception": spec.mode != "periodic",
        "priority": spec.priority, "is_critical": spec.is_safety_critical,
    }  # fmt: skip
    for limit in spec.limits:
        if limit.type in ("LL", "L", "H", "HH"):
            told[limit.type.lower()] = limit.at
        elif limit.type == "BOOL":
            told[("hh" if limit.priority == 1 else "h") if limit.at else "l"] = limit.at
    return told


def _kept(place: Place) -> dict[str, str]:
    return dict(json.loads(place.known_secret(_SECRETS) or "{}"))


def _keep(place: Place, kept: Mapping[str, str]) -> None:
    """Only a demo keeps secrets of sources: nobody else's devices can be asked for theirs."""
    path = place.secrets / _SECRETS
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(dict(kept), file)
