"""Grid patrols in the demo: places and routes of a village, some weeks of walks, clues in every state, re-checks.

Everything is invented and entered through the services, at the days on which it is said to have happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from PIL import Image

from quancheng.domains.hazards.models import Patrol, PatrolClue, PatrolPlace, PatrolRoute
from quancheng.domains.hazards.queries import patrols as queries
from quancheng.domains.hazards.services import findings
from quancheng.domains.hazards.services import patrol_clues as clues
from quancheng.domains.hazards.services import patrol_places as places
from quancheng.domains.hazards.services import patrol_rechecks as rechecks
from quancheng.domains.hazards.services import patrols as services
from quancheng.domains.registry.demo_parts import TOWN, Desk, spot
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.files.services import Taken, receive_file
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.services import generate_rule

#: Days before today on which the village began.
_BEGAN = 28
#: Name, type, address, metres east and north of the middle of the town, who answers there.
_PLACES = (
    ("上柳村粮油加工坊", "factory", "上柳村一组路东", (1420, 380), "郗远帆"),
    ("上柳村旧粮站库房", "warehouse", "上柳村村委会北侧", (1560, 450), "邬静之"),
    ("上柳村七组老屋", "old_house", "上柳村七组12号", (1690, 700), ""),
    ("上柳村废品收购站", "scrap", "上柳村村口西侧", (1380, 560), "隗启明"),
    ("上柳村五金日杂店", "small_shop", "上柳村商业街3号", (1500, 520), "谌望舒"),
    ("上柳村运输队柴油自用点", "chemical_user", "上柳村村口停车场", (1620, 520), "阚砚秋"),
    ("上柳村宴席灶燃料使用点", "chemical_user", "上柳村文化大院后厨", (1480, 610), "逄临风"),
)  # fmt: skip
#: Route, its places, its cycle.
_ROUTES = (
    ("上柳村东线", (0, 1, 4, 5), "workdays"),
    ("上柳村西线", (2, 3, 6), "weekly"),
)
#: Days before today on which nobody walked the daily route; of three together one is a working day.
_SKIPPED = (17, 16, 15, 1)
#: Days before today, place, kind, what was found, what becomes of it.
_CLUES = (
    (26, 1, "danger", "库房内有两处插座未固定，线头裸露", "done"),
    (21, 5, "major", "停车场内私设柴油罐，紧邻民房", "found"),
    (17, 3, "illegal", "收购报废气瓶并现场切割", "transferred_done"),
    (14, 4, "danger", "门口堆放纸箱，疑似占用消防通道", "nothing"),
    (8, 6, "danger", "后厨燃料桶与灶具同室存放", "taken"),
    (7, 0, "danger", "加工坊二层堆放空桶，标签不清", "sent"),
    (2, 4, "illegal", "五金店售卖散装稀释剂", "raised"),
)  # fmt: skip
#: Dangers that are said to be put right, and what is said to have been done.
_RIGHT = (("停车场灭火器压力不足", "已更换灭火器"), ("柴油罐旁堆放轮胎", "已清理并划出禁放区"))


def load(desk: Desk) -> None:
    """The village began four weeks ago; clues are found on the walks of the daily route, or told by themselves."""
    grid, town = desk.actor("village1"), desk.actor("town")
    village = Organisation.objects.select_related("area").get(pk=desk.district.organisations["VILLAGE1"].pk)
    rows = [_place(desk, grid, village, one) for one in _PLACES]
    _link(desk, town, rows[5])
    routes = [
        places.enter_route(
            actor=grid, owner=village, now=desk.ago(_BEGAN), spec=places.RouteSpec(
                name=name, places=[rows[number] for number in chosen], officers=[UUID(str(grid.user_id))], cycle=cycle,
                starts_date=desk.date_in(-_BEGAN),
            ),
        )
        for name, chosen, cycle in _ROUTES
    ]  # fmt: skip
    told = {days: (rows[number], kind, text) for days, number, kind, text, _ends in _CLUES}
    for days in range(_BEGAN, 0, -1):
        for route in routes:
            _walk(desk, grid, route, days, told.get(days))
    for days, number, kind, text, ends in _CLUES:
        row = PatrolClue.objects.filter(place=rows[number], text=text).first()
        if row is None:
            spec = clues.ClueSpec(kind=kind, text=text, photos=(_photo(desk, grid, desk.ago(days)),))
            row = clues.raise_clue(actor=grid, place=rows[number], spec=spec, now=desk.ago(days, hour=3))
        _play(desk, town, row, days, ends)
    _send(desk, town, grid)
    services.lapse_patrols(now=desk.district.now)
    for route in routes:
        generate_rule(rule_id=_rule(route), now=desk.district.now)


def _place(
    desk: Desk, grid: Actor, village: Organisation, one: tuple[str, str, str, tuple[int, int], str]
) -> PatrolPlace:
    name, kind, address, at, person = one
    lon, lat = spot(TOWN, at)
    known = {"name": name, "type": kind, "address": address, "lon": lon, "lat": lat, "person": person}
    return places.enter_place(actor=grid, owner=village, known=known, now=desk.ago(_BEGAN + 2))


def _link(desk: Desk, town: Actor, row: PatrolPlace) -> None:
    """The place at which an enterprise with a file works, as the town knows."""
    file = Enterprise.objects.filter(enterprise__name=row.name, merged_into__isnull=True).first()
    if file is not None:
        places.change_place(actor=town, row=row, version=row.version, changes={"file": file}, now=desk.ago(_BEGAN + 1))


def _walk(
    desk: Desk, grid: Actor, route: PatrolRoute, days: int, told: tuple[PatrolPlace, str, str] | None
) -> None:
    """What was due on a day is walked in the morning, but for the days on which nobody went."""
    generate_rule(rule_id=_rule(route), now=desk.ago(days))
    row = Patrol.objects.select_related("route").filter(route=route, due_date=desk.date_in(-days), status="DUE").first()
    if row is None or (days in _SKIPPED and route.cycle == "workdays"):
        return
    at = desk.ago(days, hour=3)
    visits = []
    for number, stop in enumerate(queries.stops_of(route)):
        place, when = stop.place, at - timedelta(minutes=40 - 9 * number)
        near = {"lon": _shifted(place.lon), "lat": place.lat} if place.lon is not None else {}
        result, note, kind = "fine", "", ""
        photos: tuple[UUID, ...] = ()
        if told is not None and told[0].pk == place.pk:
            result, kind, note, photos = "clue", told[1], told[2], (_photo(desk, grid, when),)
        elif (days + number) % 11 == 0:
            result, note = "not_entered", "大门上锁，电话联系不上负责人"
        visits.append(services.VisitSpec(
            place=place.pk, result=result, note=note, kind=kind, at=when, photos=photos, **near
        ))  # fmt: skip
    spec = services.WalkSpec(visits=visits, note="按路线巡查" if days % 5 else "巡查并张贴用火用电提示")
    services.record_walk(actor=grid, route=route, spec=spec, now=at, patrol=row)


def _play(desk: Desk, town: Actor, row: PatrolClue, days: int, ends: str) -> None:
    """A clue as far as it has come."""
    at = desk.ago(days, hour=6)
    if ends == "raised":
        return
    if ends == "nothing":
        clues.answer_clue(actor=town, row=row, text="现场核实，纸箱当日已清走，通道畅通", is_nothing=True, now=at)
        return
    if ends in ("sent", "transferred_done"):
        office = desk.actor("msb" if ends == "transferred_done" else "emb")
        receiver = Organisation.objects.get(pk=str(office.organisation_id))
        reason = "属特种设备、经营秩序监管职责" if ends == "transferred_done" else "涉及危险化学品包装物，请核查"
        clues.transfer_clue(actor=town, row=row, receiver=receiver, reason=reason, now=at)
        if ends == "transferred_done":
            clues.take_clue(actor=office, row=row, now=desk.ago(days - 1))
            clues.answer_clue(actor=office, row=row, is_nothing=False, now=desk.ago(days - 3),
                              text="已查扣报废气瓶11只，责令停止切割，移交有资质单位处置")  # fmt: skip
        return
    clues.take_clue(actor=town, row=row, now=at)
    if ends == "done":
        clues.answer_clue(actor=town, row=row, is_nothing=False, now=desk.ago(days - 2),
                          text="已督促更换插座、线路穿管固定，现场复查合格")  # fmt: skip
    elif ends == "found" and row.place.file is not None:
        clues.find_danger(actor=town, row=row, name="停车场内柴油罐与民房间距不足", type="safety", is_major=True,
                          now=desk.ago(days - 1))  # fmt: skip
    elif ends == "found":
        clues.answer_clue(actor=town, row=row, is_nothing=False, now=desk.ago(days - 1),
                          text="已责令清空并拆除柴油罐")  # fmt: skip


def _send(desk: Desk, town: Actor, grid: Actor) -> None:
    """Two dangers of the village's fuel store are said to be put right: one was seen not to be, one is to be seen."""
    file = Enterprise.objects.filter(enterprise__name=_PLACES[5][0], merged_into__isnull=True).first()
    if file is None:
        return
    head = desk.employ("fuel.head", file, "队长", ("enterprise.head",))
    safety = desk.employ("fuel", file, "安全员", ("enterprise.safety",))
    for number, (name, done) in enumerate(_RIGHT):
        spec = findings.FindingSpec(name=name, place="停车场", type="fire", photos=(_photo(desk, head, desk.ago(9)),))
        row = findings.report_finding(actor=head, file=file, spec=spec, now=desk.ago(9))
        findings.grade_finding(actor=head, row=row, criterion="", grade="general", rectifier=safety.user_id,
                               deadline=desk.date_in(-4), cause="日常检查不到位", now=desk.ago(9, hour=4))  # fmt: skip
        plan = {"measures": done, "person": "安全员", "money": 300, "emergency_plan": "现场处置方案",
                "due_date": desk.date_in(-4)}  # fmt: skip
        findings.plan_finding(actor=safety, row=row, plan=plan, now=desk.ago(8))
        findings.finish_finding(actor=safety, row=row, result=done, lesson=None, now=desk.ago(5),
                                photos=[_photo(desk, safety, desk.ago(5))])  # fmt: skip
        made = rechecks.assign_recheck(
            actor=town, finding=row, officer=grid.user_id, due_date=desk.date_in(-2 + 4 * number),
            ask="到场看整改是否到位，拍照", now=desk.ago(4),
        )  # fmt: skip
        if number == 0:
            rechecks.answer_recheck(
                actor=grid, row=made, seen="not_done", text="灭火器仍在原处，压力表指针在红区",
                photos=(_photo(desk, grid, desk.ago(3)),), now=desk.ago(3, hour=4),
            )  # fmt: skip


def _rule(route: PatrolRoute) -> UUID:
    return UUID(str(route.rule_id))


def _shifted(lon: Decimal | None) -> Decimal | None:
    """Some metres beside the place, as devices tell it."""
    return None if lon is None else lon + Decimal("0.0002")


def _photo(desk: Desk, who: Actor, at: datetime) -> UUID:
    """A picture of plain colour, said to be one: the demo shows no real place. Each is of a colour of its own."""
    number = desk.count()
    picture = BytesIO()
    Image.new("RGB", (320, 240), (90 + number // 150, 90 + number % 150, 90)).save(picture, format="JPEG")
    picture.seek(0)
    taken = Taken(at=at - timedelta(minutes=2))
    return receive_file(actor=who, content=picture, name="示例照片.jpg", now=at, taken=taken).pk
