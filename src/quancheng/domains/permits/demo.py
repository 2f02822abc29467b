"""This domain's part of the demo district: a dozen permits of three enterprises over their states.

Two of them are refused for a reason that their pages show: hot work on a pipe rack asked for at too low a level, and a
confined space whose gas nobody tested. Live ones are of kinds that no night or rest day upgrades, so that the demo
loads at any hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from quancheng.domains.permits import demo_audits, demo_exchange, demo_exposed, demo_learning, demo_papers
from quancheng.domains.permits.demo_daily import load_daily
from quancheng.domains.permits.demo_drawings import load_drawing
from quancheng.domains.permits.demo_isolations import load_isolations, plan_plate
from quancheng.domains.permits.demo_readiness import draw, load_readiness, watch_fire
from quancheng.domains.permits.demo_site import load_site, load_weather
from quancheng.domains.permits.models import Permit, PermitPerson
from quancheng.domains.permits.queries.blocks import level_of_permit, next_signature
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.services import drafting, preparing, signing, working
from quancheng.domains.permits.services.checking import Refused
from quancheng.domains.permits.services.positions import Place, Position, place_permit
from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import CertificateKind, Person
from quancheng.domains.training.services.qualifications import enter_qualification, verify_qualification
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.calendar.working import ZONE
from quancheng.standards.gb30871 import tickets, watching

_COMMON: dict[str, Any] = {
    "is_contractor": False, "filing_needed": False, "licence_valid": True, "hazard_place": False, "outdoor": True,
    "needs_plan": False,
    "questions": {
        "height_m": 0, "confined_space": False, "pit_m": 0, "dangerous_area": False, "sparks": False,
        "vehicle_without_arrestor": False, "tool_not_ex": False, "blinds": 0, "temporary_power": False, "lift_t": 0,
        "dig_m": 0, "piling_or_levelling": False, "road_blocked": False,
    },
}  # fmt: skip
_HOT: dict[str, Any] = {
    "hazard_place": False, "on_running_equipment": False, "in_major_hazard_dike": False, "on_pipe_rack": False,
    "outdoor": True, "wind_beaufort": 2, "under_pressure": False,
}  # fmt: skip
_WORK: dict[str, dict[str, Any]] = {
    "HW": {"hot_work": _HOT, "methods": ["GRIND"], "isolations": [], "sections": 1, "in_vessel": False,
           "outer_wall": False, "large": False, "oxygen_service": False, "circumstances": {"held_flammable": False},
           "site": {"explosive_medium": False, "under_pressure": False}},
    "CS": {"isolations": [{"tag": "B-301", "type": "BLIND", "blind_needed": True}], "people_inside": 1,
           "large": False, "circumstances": {"held_toxic_or_flammable": True},
           "site": {"oxygen_ventilation": False}},
    "BL": {"plates": 1, "operations": ["INSERT"]},
    "WH": {"height": {"height_m": 8, "factors": [], "situations": []}, "toxic_place": False,
           "site": {"work_below": False}},
    "LF": {"lifting": {"mass_t": 5, "complex_shape": False, "low_stiffness": False, "slender": False, "precious": False,
                       "special_conditions": False, "dangerous_equipment_near": False},
           "site": {"anchor": "NONE", "cranes": [{"load_t": 5, "capacity_t": 25}]}},
    "TE": {"high_voltage": False, "site": {"generator_fed_in": False, "cable_joints": False}},
    "EX": {"depth_m": 1, "dangerous_lines": False, "departments_concerned": ["FIRE", "POWER"]},
    "RC": {"site": {"traffic_plan": True, "fire_lane": True}},
}  # fmt: skip
_LEVELS = {"HW": "II", "WH": "2", "LF": "3"}
_TASKS = {"HW": "GRIND", "TE": "WORKER", "WH": "INSTALLER", "LF": "SLINGER"}
_FOUND: dict[str, Any] = {
    "weather": {"wind_beaufort": 2, "fog": False, "heavy_snow": False, "rainstorm": False, "rain": False,
                "snow": False},
    "zone": {"locked_by": "", "people": 2, "capacity": 30, "is_banned": False}, "conflicts": [], "identified": True,
    "isolations_verified": True, "other_on_line": False, "site": {
        "manual_log_plan": True, "personal_detectors": True, "under_pressure": False, "oxygen_ventilation": False,
        "work_below": False, "generator_fed_in": False, "cable_joints": False, "fire_lane": True,
    },
}  # fmt: skip
#: States on the way of a permit, in order; others branch off.
_WAY = ("DRAFT", "REQUESTED", "PREPARING", "APPROVING", "ISSUED", "WORKING", "FINISHED", "ACCEPTED", "CLOSED")


@dataclass(frozen=True, slots=True)
class Job:
    """One permit of the demo and how far it came. ``days`` before today it was worked; 0: its window is open now.

    :param emergency: booked on the day itself, and why; all others are booked the day before.
    :param without: what is not prepared: presenting it is refused.
    :param guardian: another than the usual one, who is bound to other running work.
    :param leader: another than the usual one: electricians are led by one of them.
    """

    kind: str
    content: str
    place: str
    worker: str
    state: str
    days: int = 0
    without: str = ""
    guardian: str = ""
    leader: str = ""
    emergency: str = ""
    work: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Crew:
    """Who leads and guards at an enterprise, and what certificates its people get for the permits."""

    leader: str
    guardian: str
    certified: tuple[tuple[str, str], ...]
    jobs: tuple[Job, ...]


_CREWS: dict[int, Crew] = {
    1: Crew("邬长庚", "郦启明", (("郦启明", "OW-GUARD"), ("谌砚秋", "OW-GUARD"), ("巩静之", "OW-TOOLS")), (
        Job("HW", "更换压缩空气管支架", "空压站外墙", "巩静之", "CLOSED", days=6),
        Job("CS", "清理废水收集罐", "污水处理站收集罐内", "隗望舒", "WORKING"),
        Job("BL", "加装进料线盲板", "装卸区进料线", "逄远帆", "ISSUED", guardian="谌砚秋"),
        Job("HW", "管廊打磨除锈", "管廊三层", "巩静之", "DRAFT", work={"hot_work": {**_HOT, "on_pipe_rack": True}}),
    )),
    2: Crew("宓乐山", "谭止水", (("谭止水", "OW-GUARD"), ("褚安然", "OW-SLING")), (
        Job("WH", "更换塔器照明灯", "精馏塔二层平台外侧", "欧一鸣", "CLOSED", days=5),
        Job("LF", "吊装换热器封头", "检修场地", "褚安然", "APPROVING"),
        Job("CS", "检查反应釜内壁", "反应釜R-301内", "褚安然", "PREPARING", without="gas"),
        Job("EX", "开挖电缆沟", "综合楼东侧", "褚安然", "CANCELLED"),
    )),
    3: Crew("简修远", "尹若虚", (("尹若虚", "OW-GUARD"), ("佘念慈", "OW-GUARD"), ("缑文昭", "OW-GUARD")), (
        Job("TE", "检修临时照明接电", "提取车间外配电箱", "厍景明", "WORKING", leader="厍景明",
            emergency="夜间照明线路烧毁，检修现场无法巡检，当班须恢复"),
        Job("RC", "道路修补", "二号门内主干道", "亓向晚", "SUSPENDED", guardian="佘念慈"),
        Job("BL", "拆除蒸汽线盲板", "公用工程管廊", "庾嘉木", "ACCEPTED", guardian="缑文昭"),
        Job("EX", "补种绿化带", "厂前区", "逯怀远", "REQUESTED", guardian="缑文昭"),
    )),
}  # fmt: skip


def load(district: District) -> None:
    """Permits of the enterprises that have accounts and a file; who asks and who approves are two."""
    desk = Desk(district)
    files: dict[int, Enterprise] = {}
    # Before any work, since a warning of the past asks what ran then.
    load_weather(desk)
    for number, crew in _CREWS.items():
        file = Enterprise.objects.filter(pk=district.enterprises[number - 1].pk).first()
        if file is None:
            continue
        safety, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        for name, kind in crew.certified:
            _certify(desk, safety, head, _person(file, name), kind)
        for job in crew.jobs:
            _Run(desk, safety, head, file, crew, job).go()
        demo_papers.show(desk, head, file)
        load_site(desk, file, safety, head)
        load_isolations(desk, file, safety, head)
        load_readiness(desk, file, safety, head)
        if number == min(_CREWS):
            load_drawing(desk, file, safety)
        load_daily(desk, file, safety, head, _FOUND)
        files[number] = file
    demo_audits.load(desk, files)
    demo_exposed.load(desk)
    demo_exchange.load(desk, files)
    demo_learning.load(desk, files)


def _person(file: Enterprise, name: str) -> Person:
    return Person.objects.get(file=file, name=name)


def _certify(desk: Desk, safety: Actor, head: Actor, person: Person, kind: str) -> None:
    first = desk.date_in(-60)
    printed = {
        "number": f"示{kind}{person.staff_no}", "issuer": "本单位培训部门（演示）", "issued_date": first,
        "valid_from": first, "valid_to": first + timedelta(days=364), "recheck_due": None,
    }  # fmt: skip
    row = enter_qualification(
        actor=safety, person=person, kind=CertificateKind.objects.get(code=kind), known=printed, now=desk.ago(59)
    )
    verify_qualification(
        actor=head, row=row, version=row.version, source="own_record", snapshot="考核合格", now=desk.ago(58)
    )


def _stand(permit: Permit) -> Position:
    """Where somebody stands who signs at the place."""
    lon, lat = permit.lon or Decimal(0), permit.lat or Decimal(0)
    return Position(lon=lon, lat=lat, accuracy_m=Decimal(8), age_s=Decimal(5))


class _Run:
    """One job of the demo on its way."""

    def __init__(self, desk: Desk, safety: Actor, head: Actor, file: Enterprise, crew: Crew, job: Job) -> None:
        self.desk, self.safety, self.head, self.file, self.crew, self.job = desk, safety, head, file, crew, job
        if job.days:
            day = Calendar().working_day_on_or_before(desk.date_in(-job.days))
            self.start = datetime.combine(day, time(9), ZONE)
        elif job.kind == "HW":
            day = Calendar().add_working_days(desk.date_in(0), 1)
            self.start = datetime.combine(day, time(9), ZONE)
        else:
            self.start = desk.district.now - timedelta(minutes=40)
        #: Now of the next act: a minute later than the one before.
        self.at = min(self.start, desk.district.now - timedelta(minutes=40))

    def tick(self, minutes: int = 1) -> datetime:
        self.at += timedelta(minutes=minutes)
        return self.at

    def go(self) -> None:
        day_of_work = self.at
        if not self.job.emergency:
            self.at -= timedelta(days=1)
        permit = self._draft()
        state = self.job.state
        reach = {"CANCELLED": "REQUESTED", "SUSPENDED": "WORKING"}.get(state, state)
        for step in _WAY[1 : _WAY.index(reach) + 1]:
            if step == "PREPARING":
                # It was booked the day before, and is prepared on its day.
                self.at = max(self.at, day_of_work + timedelta(minutes=2))
            getattr(self, f"_to_{step.lower()}")(permit)
        if state == "DRAFT":
            # Refused: the page says which level the facts demand.
            with suppress(Refused):
                drafting.submit_permit(actor=self.safety, permit=permit, now=self.tick())
        elif self.job.without:
            with suppress(Refused):
                preparing.present_permit(actor=self.safety, permit=permit, now=self.tick())
        elif state == "CANCELLED":
            working.cancel_permit(actor=self.head, permit=permit, reason="改走桥架，不再开挖", now=self.tick())
        elif state == "SUSPENDED":
            working.suspend_work(actor=self.safety, permit=permit, stop_reason="BREAK", now=self.tick())

    def _draft(self) -> Permit:
        job = self.job
        draft = drafting.Draft(
            kind=job.kind, level=_LEVELS.get(job.kind, ""), place=job.place, content=job.content, apply_unit="设备部",
            work_unit="检修班", window_start=self.start, window_end=self.start + timedelta(hours=6),
            work={**_COMMON, **_WORK[job.kind], **job.work}, unit=demo_papers.unit_of(self.file),
            is_emergency=bool(job.emergency), emergency_reason=job.emergency,
        )  # fmt: skip
        permit = drafting.draft_permit(actor=self.safety, file=self.file, draft=draft, now=self.tick())
        point = {"lon": self.file.lon or Decimal("118.500000"), "lat": self.file.lat or Decimal("37.400000")}
        number = Permit.objects.filter(file=self.file).count()
        # A hundred metres apart, so that no two of them are in each other's way.
        place = Place(lon=point["lon"] + number * Decimal("0.001200"), lat=point["lat"], radius_m=Decimal(3))
        place_permit(actor=self.safety, permit=permit, place=place, now=self.at)
        demo_papers.fill(self.desk, self.safety, permit)
        draw(self.safety, permit, self.at)
        learned = self.desk.date_in(-100)
        people: Sequence[tuple[str, str, Sequence[str]]] = (
            (job.leader or self.crew.leader, "LEADER", ()), (job.guardian or self.crew.guardian, "GUARDIAN", ()),
            (job.worker, "WORKER", [_TASKS.get(job.kind, "WORKER")]),
        )  # fmt: skip
        for name, part, tasks in people:
            figures = {"exam_score": Decimal(92), "experience_years": Decimal(4)} if part == "GUARDIAN" else {}
            drafting.add_person(
                actor=self.safety, permit=permit, person=_person(self.file, name), part=part, tasks=tasks,
                educated_on=learned, medical_on=learned, now=self.at, **figures,
            )  # fmt: skip
        if job.kind == "BL" and job.state == "ISSUED":
            plan_plate(self.safety, permit, self.at)
        return permit

    def _to_requested(self, permit: Permit) -> None:
        drafting.submit_permit(actor=self.safety, permit=permit, now=self.tick())

    def _to_preparing(self, permit: Permit) -> None:
        same: dict[str, Any] = {"actor": self.safety, "permit": permit}
        drafting.take_up(actor=self.head, permit=permit, now=self.tick())
        steps = [
            {"step": "作业前检查", "hazard": "介质残留、能量未隔离", "measure": "隔离、分析合格后作业"},
            {"step": "作业", "hazard": "伤人、着火", "measure": "穿戴防护，监护人全程监护"},
        ]
        people = [self.crew.leader, "当班班长"]
        preparing.analyse(**same, steps=steps, participants=people, now=self.tick())
        for place, row in enumerate(tickets.measures(permit.kind)):
            if row.applies != "other":
                filled = dict.fromkeys(row.parameters, "1")
                at = self.at + timedelta(seconds=5 * place)
                preparing.confirm_measure(**same, code=row.code, applies=True, filled=filled, now=at)
        self.tick()
        preparing.check_site(**same, found=_FOUND, now=self.tick())
        if self.job.without != "gas":
            self.tick()
            for sample in self._samples():
                preparing.enter_gas(**same, sample=sample, now=self.at)
        attended = [one.pk for one in PermitPerson.objects.filter(permit=permit)]
        preparing.brief(
            **same, briefer="当班班长", place=self.job.place, content="作业风险、措施、应急和集合点", attended=attended,
            now=self.tick(),
        )  # fmt: skip

    def _samples(self) -> list[preparing.Sample]:
        same: dict[str, Any] = {
            "sampled_at": self.at, "instrument": "演示-JC-01", "calibration_due": self.desk.date_in(200),
            "analyst": "示例分析人", "point": "作业点",
        }  # fmt: skip
        if self.job.kind == "HW":
            return [preparing.Sample(quantity="COMBUSTIBLE", value=Decimal("0.02"), unit="%VOL", gas="methane", **same)]
        if self.job.kind != "CS":
            return []
        same["position"] = "INSIDE"
        return [
            preparing.Sample(quantity="COMBUSTIBLE", value=Decimal("0.02"), unit="%VOL", gas="methane", **same),
            preparing.Sample(quantity="TOXIC", value=Decimal("1.5"), unit="mg/m3", gas="hydrogen_sulfide", **same),
            preparing.Sample(quantity="OXYGEN", value=Decimal("20.7"), unit="%VOL", gas="oxygen", **same),
        ]

    def _to_approving(self, permit: Permit) -> None:
        preparing.present_permit(actor=self.safety, permit=permit, now=self.tick())

    def _to_issued(self, permit: Permit) -> None:
        for _step in range(20):
            rows = load_rows(permit)
            wanted = next_signature(rows, level_of_permit(rows, self.at))
            if wanted is None:
                return
            part = signing.ON_THE_SPOT.get(wanted.step)
            person = next((one for one in rows.people if one.part == part), None)
            signing.sign_permit(
                actor=self.head, permit=permit, person=person, position=_stand(permit), now=self.tick()
            )

    def _to_working(self, permit: Permit) -> None:
        working.start_work(actor=self.safety, permit=permit, now=self.tick())

    def _to_finished(self, permit: Permit) -> None:
        after = 90 if self.job.days else 2
        working.finish_work(
            actor=self.safety, permit=permit, note="人员、工具已清点，现场已恢复", now=self.tick(after)
        )

    def _to_accepted(self, permit: Permit) -> None:
        after = 31 if self.job.days else 1
        if permit.kind == "HW":
            watch_fire(self.safety, permit, self.at + timedelta(minutes=after), after)
        working.accept_work(
            actor=self.head, permit=permit, note="现场整洁，无遗留", now=self.tick(after), plate_no="示-B-01",
            items={one.key: True for one in watching.acceptance_items(permit.kind)},
        )  # fmt: skip

    def _to_closed(self, permit: Permit) -> None:
        working.close_permit(actor=self.safety, permit=permit, now=self.tick(60))
