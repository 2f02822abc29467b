"""This domain's part of the demo district: sources, and tags made from templates.

Everything is invented and entered by the people of the demo through the services. No source has a secret: devices get
theirs from whoever tries them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from django.db.models import Q

from quancheng.domains.monitoring import demo_alarms, demo_detectors
from quancheng.domains.monitoring.models import Source, Tag
from quancheng.domains.monitoring.queries.coverage import of_hazards
from quancheng.domains.monitoring.queries.functions import items_of, list_functions
from quancheng.domains.monitoring.services.functions import judge_item, set_state
from quancheng.domains.monitoring.services.holds import HoldSpec, allow_hold, ask_hold
from quancheng.domains.monitoring.services.retrofits import tell_retrofit
from quancheng.domains.monitoring.services.sources import enter_source
from quancheng.domains.monitoring.services.tag_templates import Pick, enter_from_template, prefix_of
from quancheng.domains.monitoring.services.tags import change_tag, put_into_service
from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise, Facility
from quancheng.domains.training.queries.operators import HAZARD
from quancheng.kernel.access.actor import Actor
from quancheng.standards.lists.processes import key_processes
from quancheng.standards.signals import tags

#: Days ago on which the sources were entered.
_DAYS = 70
#: Enterprises without an account whose sources the office entered.
_BY_OFFICE = 8
_CLASSES = ("petrol_station", "gas_filling", "depot", "fine_chemical", "pharmaceutical", "trader_storage", "user")

Wanted = tuple[str, Mapping[str, float]]


def _of(*codes: str, **more: Mapping[str, float]) -> tuple[Wanted, ...]:
    return (*((code, {}) for code in codes), *((code.replace("_", "."), known) for code, known in more.items()))


_FUEL = _of("LT1x.PV", "WT1x.PV", "TT1x.PV", "LD1x.X", "PT1x.PV", "LEL.m")
_FORECOURT = _of("ESD.X", "GND.X", "PUMP.I", "NZL.n.F")
_LPG = _of("LPG.LT", "LPG.PT", "LPG.TT", "GDS.n", "ESD.X")
_LNG = _of("LNG.LT", "LNG.PT", "LNG.TT", "GDS.n", "FLM.n")
_TANK = _of("FR.LT", "FR.LT2", "FR.TT.n", "DIKE.LEL.n", "XV.n.CMD", "XV.n")
_STORE = _of("TH.RH", "LEL", "SMK", "SMK.HEAT", TH_T={"class_low": 0.0})
_CHLORINE = _of("CL.GDS.n", "DP.ROOM", "SCR.FAN", "DIKE.HTD")
_REACTOR = _of(R1_TT={"set": 60.0, "mtsr": 90.0}, R1_PT={"relief": 600.0}, R1_II={"normal": 20.0})


def load(district: District) -> None:
    """The enterprises with accounts first, then some of those that the office keeps."""
    desk = Desk(district)
    own = {one.pk: number for number, one in enumerate(district.enterprises, 1)}
    files = Enterprise.objects.filter(life="operating", merged_into__isnull=True, kind__in=_CLASSES)
    kept = 0
    for file in files.order_by("kind", "enterprise__pinyin"):
        if file.pk in own:
            number = own[file.pk]
            who = desk.actor(f"enterprise{number}")
            source = _enter(desk, who, file, number)
            if source is not None:
                _repair(desk, who, desk.actor(f"enterprise{number}.head"), source)
        elif kept < _BY_OFFICE and file.units.filter(ended_date__isnull=True).exists():
            kept += 1
            _enter(desk, desk.actor("officer"), file, 100 + kept)
    _retrofits(desk, own)
    _hazard_retrofits(desk, own)
    _functions(desk)
    for file in files.filter(pk__in=[key for key, number in own.items() if number == 1]):
        demo_detectors.load(desk, file, 1)
    demo_alarms.load(desk)


def _functions(desk: Desk) -> None:
    """One function is accepted with its evidence, of another an item was not met."""
    who = desk.actor("officer")
    for area, result in (("graded", "met"), ("warning", "unmet")):
        row = list_functions(actor=who).filter(area=area).order_by("position", "pk")[0]
        for item in items_of(row, actor=who):
            judge_item(
                actor=who, row=row, version=row.version, item_id=item.pk, result=result,
                checked_date=desk.date_in(-12), now=desk.ago(12),
                evidence="演示验收：现场抽查两家企业，查看页面和记录。",
            )  # fmt: skip
        if result == "met":
            set_state(actor=who, row=row, version=row.version, state="accepted", note="", now=desk.ago(11))


def _retrofits(desk: Desk, own: Mapping[uuid.UUID, int]) -> None:
    """Enterprises with key processes tell how far their automation is: one plan, then the work that goes on."""
    rows = Facility.objects.filter(processes__overlap=list(key_processes()), unit__file__in=list(own))
    for row in rows.select_related("unit__file__enterprise").order_by("code", "pk"):
        who = desk.actor(f"enterprise{own[row.unit.file_id]}")
        for days, state in ((65, "planned"), (20, "running")):
            for process in row.processes:
                known = {
                    "state": state, "paper": "全流程自动化改造方案（示〔2026〕3号）", "paper_date": desk.date_in(-70),
                    "finish_date": desk.date_in(120), "note": "安全仪表系统随本次改造增设",
                }  # fmt: skip
                tell_retrofit(actor=who, facility=row, process=process, known=known, now=desk.ago(days))


def _hazard_retrofits(desk: Desk, own: Mapping[uuid.UUID, int]) -> None:
    """The first tank farm that is a major hazard was automatic from the start, the next is being worked at."""
    rows = Facility.objects.filter(
        of_hazards(), ~Q(processes__overlap=list(key_processes())), kind="tank", unit__file__in=list(own)
    )
    found = list(rows.select_related("unit__file__enterprise").order_by("unit__file__pinyin", "code", "pk")[:2])
    for row, state in zip(found, ("built_in", "running"), strict=False):
        known = {
            "state": state, "paper": "罐区自动化设计专篇（示〔2025〕8号）", "paper_date": desk.date_in(-200),
            "finish_date": desk.date_in(90) if state == "running" else None, "note": "",
        }  # fmt: skip
        who = desk.actor(f"enterprise{own[row.unit.file_id]}")
        tell_retrofit(actor=who, facility=row, process=HAZARD, known=known, now=desk.ago(30))


def _enter(desk: Desk, who: Actor, file: Enterprise, number: int) -> Source | None:
    places = [(place, *found) for place in _places(file) if (found := _template(file, place)) is not None]
    if not places:
        return None
    at = desk.ago(_DAYS)
    source = enter_source(
        actor=who, file=file, code=f"GW-{number:03d}-01", now=at,
        known={"name": "采集网关", "kind": "gateway", "forms": ["json", "sparkplug"]},
    )  # fmt: skip
    # At every other one the last of several places is not connected yet.
    for place, template, wanted in places[:-1] if len(places) > 2 and number % 2 == 0 else places:
        made = enter_from_template(
            actor=who, facility=place, prefix=prefix_of(place), source=source, picks=list(_picks(template, wanted)),
            now=at,
        )  # fmt: skip
        _calibrate(desk, who, made)
    return source


def _places(file: Enterprise) -> Sequence[Facility]:
    rows = Facility.objects.filter(
        unit__file=file, unit__ended_date__isnull=True, decommissioned_date__isnull=True
    )
    return list(rows.select_related("unit__file__enterprise").order_by("unit__code", "code", "pk"))


def _template(file: Enterprise, place: Facility) -> tuple[str, tuple[Wanted, ...]] | None:
    """Which template fits a facility, and what of it."""
    if file.kind == "petrol_station":
        return {"tank": ("petrol_station", _FUEL), "dispenser": ("petrol_station", _FORECOURT)}.get(place.kind)
    if place.kind == "tank" and file.kind == "gas_filling":
        return ("gas_station", _LNG if place.temp_c is not None else _LPG)
    if place.kind in ("bay", "cylinders"):
        names = set(place.holdings.filter(ended_date__isnull=True).values_list("chemical__cas", flat=True))
        return ("chlorine_ammonia_store", _CHLORINE) if "7782-50-5" in names else ("warehouse", _STORE)
    tank = (*_TANK, *_of("N2.PT")) if place.inerting == "yes" else _TANK
    return {"tank": ("tank_farm", tank), "reactor": ("batch_reactor", _REACTOR)}.get(place.kind)


def _picks(template: str, wanted: Sequence[Wanted]) -> Iterator[Pick]:
    by_code = {one.code: one for one in tags.templates(template)}
    for code, known in wanted:
        yield Pick(by_code[code], known)


def _calibrate(desk: Desk, who: Actor, made: Sequence[Tag]) -> None:
    """Detectors of gas are calibrated each year; of some the certificate has just ended."""
    for place, row in enumerate(one for one in made if one.kind in ("flammable", "toxic")):
        ends = desk.date_in(-6 if (row.number + place) % 5 == 0 else 30 + 20 * (row.number % 12))
        change_tag(
            actor=who, row=row, version=row.version, known={"calibrated_until": ends}, now=desk.ago(_DAYS - 1)
        )


def _repair(desk: Desk, who: Actor, second: Actor, source: Source) -> None:
    """The first detector whose certificate has ended is away to be calibrated; two persons let its alarms rest."""
    late = Tag.objects.filter(source=source, calibrated_until__lt=desk.date_in(0)).order_by("code").first()
    if late is None:
        return
    until, now = desk.district.now + timedelta(days=5), desk.ago(0)
    spec = HoldSpec(
        kind="oos", reason="送检定", until=until, ticket="JX-0107", measure="便携式检测仪每2小时巡测一次并记录"
    )
    allow_hold(actor=second, row=ask_hold(actor=who, tag=late, spec=spec, now=now), now=now)
    put_into_service(actor=who, row=late, reason="送检定", until=until, now=now)
