"""The demo's census (摸底): rounds accepted, handed in, going on and late; its clues."""

from __future__ import annotations

from datetime import timedelta

from quancheng.domains.registry.demo_parts import TOWN, Desk, spot
from quancheng.domains.registry.models import Census, CensusArea, Clue, Enterprise
from quancheng.domains.registry.queries.census import unseen_of
from quancheng.domains.registry.services import census, clues, merging
from quancheng.domains.registry.services.census import CensusSpec, FoundSpec
from quancheng.domains.registry.services.clues import ClueSpec
from quancheng.domains.registry.services.enterprises import EnterpriseSpec, enter_enterprise
from quancheng.kernel.people.models import Organisation

#: Streets that go round: place in the demo's list of streets, and within how many days of the start.
_ROUNDS = ((7, 20), (6, 25), (TOWN, 60), (5, 30))

_QUESTIONS = (
    "是否使用、储存醇基燃料", "储存地点和最大存量", "供应单位名称", "有无可燃气体报警装置", "从业人员是否经过培训",
)  # fmt: skip


def load(desk: Desk) -> None:
    """Opened forty days ago by the committee's office."""
    row = _opened(desk)
    harbour, bridge, town = (_place(row, desk, street) for street in (7, 6, TOWN))
    _round(desk, harbour, "street8", 30, gone=("青岚区老灶饭店",))
    census.submit_area(
        actor=desk.actor("street8"), place=harbour, text="沿江餐饮、码头逐户走访，均已登记。", gap_reason="",
        now=desk.ago(27),
    )  # fmt: skip
    _round(desk, bridge, "street7", 24)
    census.submit_area(
        actor=desk.actor("street7"), place=bridge, text="货场、市场逐户走访完毕。", gap_reason="", now=desk.ago(20)
    )
    census.judge_area(actor=desk.actor("officer"), place=bridge, name="accept", reason="", now=desk.ago(18))
    _found(desk, town)
    _clues(desk)
    _double(desk)
    _villages(desk)


def _opened(desk: Desk) -> Census:
    officer, at = desk.actor("officer"), desk.ago(40)
    first = at.date()
    spec = CensusSpec(
        title="醇基燃料和无证场所摸底",
        basis="《危险化学品安全管理条例》；青安办〔2026〕演示7号",
        period_from=first,
        period_to=first + timedelta(days=70),
        kinds=("alcohol_fuel", "unlicensed", "city_gas", "user"),
        questions=_QUESTIONS,
    )
    row = census.open_census(actor=officer, spec=spec, now=at)
    for street, days in _ROUNDS:
        key = "TOWN" if street == TOWN else f"STREET{street + 1}"
        org = Organisation.objects.select_related("area").get(pk=desk.district.organisations[key].pk)
        census.assign_areas(
            actor=officer, census=row, orgs=[org], due_date=first + timedelta(days=days), now=desk.ago(39)
        )
    return census.start_census(actor=officer, census=row, now=desk.ago(38))


def _place(row: Census, desk: Desk, street: int) -> CensusArea:
    return CensusArea.objects.select_related("census", "area", "org").get(census=row, area=desk.area(street))


def _round(desk: Desk, place: CensusArea, username: str, days: int, *, gone: tuple[str, ...] = ()) -> None:
    for file in list(unseen_of(place)):
        name = str(file.enterprise)
        result, note = ("changed", "已改用电炉，燃料罐待拆除") if name in gone else ("met", "")
        census.record_visit(
            actor=desk.actor(username), place=place, file=file, result=result, note=note, evidence=[],
            now=desk.ago(days),
        )  # fmt: skip


def _found(desk: Desk, town: CensusArea) -> None:
    """The town is under way: it found a shop that nobody knew."""
    lon, lat = spot(TOWN, (-430, 90))
    spec = FoundSpec(
        name="柳溪集市无名换罐点",
        kind="unlicensed",
        area=desk.area(TOWN),
        address="柳溪镇集市西口铁皮棚",
        text="醇基燃料桶装8只，约1.2吨，无证照、无灭火器",
        known={"lon": lon, "lat": lat},
    )
    who, at = desk.actor("town"), desk.ago(3)
    census.record_found(
        actor=who, place=town, spec=spec, evidence=[desk.paper(who, "现场记录", at)], now=at
    )  # fmt: skip


def _clues(desk: Desk) -> None:
    """A place known since the spring is given time for its licences; a store on the coast was handed to the harbour."""
    file = Enterprise.objects.get(pk=desk.files["塘口村无证柴油储油点"].pk)
    lon, lat = spot(TOWN, (800, 900))
    spec = ClueSpec(
        title="塘口村柴油储油点", area=desk.area(TOWN), address="柳溪镇塘口村停车场",
        text="地面油罐一只，柴油约4吨，对外加油", lon=lon, lat=lat, file=file,
    )  # fmt: skip
    clue = clues.report_clue(actor=desk.actor("town"), spec=spec, evidence=[], now=desk.ago(30))
    bureau = desk.actor("emb")
    _step(desk, clue, "verify", "现场属实：油罐、加油机各一，停车场自用和对外混用。", 27)
    clues.judge_clue(
        actor=bureau, clue=clue, name="legalize", text="停止对外加油；限期改为撬装自用设施并办理手续，逾期取缔。",
        due_date=(desk.ago(0) + timedelta(days=20)).date(), now=desk.ago(25),
    )  # fmt: skip
    lon, lat = spot(6, (-500, 600))
    old = Enterprise.objects.get(pk=desk.files["石桥旧货场无证瓶装气储存点"].pk)
    spec = ClueSpec(
        title="石桥旧货场瓶装气", area=desk.area(6), address="石桥街道旧货场内",
        text="液化气瓶30余只，露天堆放", lon=lon, lat=lat, file=old,
    )  # fmt: skip
    gas = clues.report_clue(actor=desk.actor("street7"), spec=spec, evidence=[], now=desk.ago(22))
    to = Organisation.objects.get(pk=desk.district.organisations["HUB"].pk)
    clues.judge_clue(
        actor=bureau, clue=gas, name="hand_over", text="瓶装燃气由住建部门依法查处。", to_org=to, now=desk.ago(19)
    )
    clues.judge_clue(actor=desk.actor("hub"), clue=gas, name="take_on", text="", now=desk.ago(18))


def _step(desk: Desk, clue: Clue, name: str, text: str, days: int) -> None:
    clues.judge_clue(actor=desk.actor("emb"), clue=clue, name=name, text=text, now=desk.ago(days))


def _double(desk: Desk) -> None:
    """The supply station was entered a second time under its former name; the office joined the two."""
    officer, at = desk.actor("officer"), desk.ago(15)
    kept = Enterprise.objects.get(pk=desk.files["临澜明焰醇基燃料供应站"].pk)
    known = {"address": kept.address, "lon": kept.lon, "lat": kept.lat, "staff_count": 3}
    spec = EnterpriseSpec("望江码头燃料行", "", "unlicensed", desk.area(7), known=known)
    double = enter_enterprise(actor=officer, spec=spec, now=desk.ago(16))
    merging.merge_files(
        actor=officer, kept=kept, double=double, reason="同一地址、同一经营者，旧字号，2025年更名。", now=at
    )


#: Places in the first village of the town: name, class, address, metres east and north of the middle of the town.
_IN_VILLAGE = (
    ("上柳村农机合作社", "user", "上柳村村委会东侧院", (1500, 400)),
    ("上柳村运输队柴油自用点", "user", "上柳村村口停车场", (1620, 520)),
    ("上柳村宴席灶醇基燃料使用点", "alcohol_fuel", "上柳村文化大院后厨", (1480, 610)),
)


def _villages(desk: Desk) -> None:
    """A second census, which the grid officers of two villages go round: the first has met one of three so far."""
    officer, town, at = desk.actor("officer"), desk.actor("town"), desk.ago(12)
    orgs = [
        Organisation.objects.select_related("area").get(pk=desk.district.organisations[key].pk)
        for key in ("VILLAGE1", "VILLAGE2")
    ]
    for name, kind, address, where in _IN_VILLAGE:
        lon, lat = spot(TOWN, where)
        known = {"address": address, "lon": lon, "lat": lat}
        entered = EnterpriseSpec(name, desk.district.credit_code(), kind, orgs[0].area, known=known)
        enter_enterprise(actor=town, spec=entered, now=desk.ago(70))
    spec = CensusSpec(
        title="村居散存油品和醇基燃料摸底", basis="青安办〔2026〕演示19号", period_from=at.date(),
        period_to=at.date() + timedelta(days=40),
    )  # fmt: skip
    row = census.open_census(actor=officer, spec=spec, now=at)
    due = at.date() + timedelta(days=25)
    census.assign_areas(actor=officer, census=row, orgs=orgs, due_date=due, now=desk.ago(11))
    census.start_census(actor=officer, census=row, now=desk.ago(11))
    place = CensusArea.objects.select_related("census", "area", "org").get(census=row, area=orgs[0].area)
    met = unseen_of(place).get(enterprise__name=_IN_VILLAGE[0][0])
    census.record_visit(
        actor=desk.actor("village1"), place=place, file=met, result="met", note="", evidence=[], now=desk.ago(2)
    )
