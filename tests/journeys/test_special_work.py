"""In real browsers: special-grade hot work in a tank area on a holiday, from its request to the archive. Other work is
found, a gas alarm stops it, a regulator draws it at random and looks at it on the spot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect
from tests.domains.monitoring.alarm_scene import raised
from tests.domains.permits.factories import Crew, crew_of
from tests.domains.registry.factories import make_unit
from tests.factories import District, client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, Watched, watched_page
from tests.support.hands import PANEL, Hands, fill

from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.domains.permits.models import Permit, SpotCheck
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.standards.gb30871 import tickets, watching
from quancheng.standards.gb30871.audit.spot import questions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: 08:30 of National Day in Shanghai.
SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
#: The work is booked on the day before.
BOOKED = MORNING - timedelta(hours=16)
PLACE = {"latitude": 37.4, "longitude": 118.50002, "accuracy": 8}
class Site(Hands):
    """The pages of one permit, as its people use them."""

    def __init__(self, seen: Watched, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(seen, server, monkeypatch, BOOKED)
        self.permit = Permit()
        self.names = 0

    @property
    def url(self) -> str:
        return f"/permits/{self.permit.pk}"

    def state(self, wanted: str) -> None:
        self.permit.refresh_from_db()
        assert self.permit.status == wanted

    def do(self, name: str, *, minutes: float = 1, **typed: Any) -> None:
        self.wait(minutes)
        self.act(self.url, name, **typed)

    def sign(self, act: str = "sign") -> None:
        """The next signature, on the spot: position, and where somebody signs without an account a name by finger."""
        self.wait(1)
        self.goto(f"{self.url}?act={act}")
        self.page.get_by_role("button", name="获取当前位置").click()
        expect(self.page.get_by_text("已定位")).to_be_visible()
        box = self.page.locator("canvas[data-signature]").bounding_box()
        assert box is not None
        self.names += 1
        mouse = self.page.mouse
        mouse.move(box["x"] + 10, box["y"] + 10)
        mouse.down()
        for n in range(16):
            mouse.move(box["x"] + 10 + n * 12, box["y"] + (20 if n % 2 else 60 + self.names), steps=2)
        mouse.up()
        self.sent()


#: What the request says of the work; every question of the related permits is answered.
TOLD = {
    **{f"hot_work__{name}": "0" for name in ("hazard_place", "on_running_equipment", "on_pipe_rack", "under_pressure")},
    "hot_work__in_major_hazard_dike": "1", "hot_work__outdoor": "1", "in_vessel": "0", "outer_wall": "0", "large": "0",
    "sections": "1", "circumstances__held_flammable": "0", "oxygen_service": "0", "site__explosive_medium": "0",
    "site__under_pressure": "0", "needs_plan": "1", "is_contractor": "0", "licence_valid": "1", "filing_needed": "0",
    **{f"questions__{name}": "0" for name in (
        "height_m", "confined_space", "pit_m", "dangerous_area", "sparks", "vehicle_without_arrestor", "tool_not_ex",
        "blinds", "temporary_power", "lift_t", "dig_m", "piling_or_levelling", "road_blocked",
    )},
}  # fmt: skip


def request(site: Site, crew: Crew, unit: Any) -> None:
    """The request, typed; who works, leads and guards; where."""
    typed = {
        "content": "焊补泄压管支架", "place": "罐区防火堤内T-101南侧", "unit": str(unit.pk), "apply_unit": "储运部",
        "work_unit": "检修班", "level": "S", "window_start": "2026-10-01T09:00",
        "window_end": "2026-10-01T16:30", "methods": ["GRIND"], "no_isolation": True, **TOLD,
    }  # fmt: skip
    site.send("/permits/new/HW", **typed)
    site.permit = Permit.objects.get(content="焊补泄压管支架")
    for person, part, more in (
        (crew.leader, "LEADER", {}), (crew.worker, "WORKER", {"tasks": ["GRIND"]}),
        (crew.guardian, "GUARDIAN", {"exam_score": "92", "experience_years": "4"}),
    ):  # fmt: skip
        known = {"educated_on": "2026-03-02", "medical_on": "2026-03-02", **more}
        site.send(f"{site.url}/people/new", person=str(person.pk), part=part, **known)
    site.goto(f"{site.url}/place")
    site.page.get_by_role("button", name="获取当前位置").click()
    expect(site.page.get_by_label("作业点经度")).to_have_value("118.500020")
    fill(site.page, "main form", radius_m="3")
    site.page.locator("main .qc-form-actions button").click()
    site.page.wait_for_url(lambda url: not url.endswith("/place"))


FOUND = {
    "zone_state": "CLEAR", "zone__people": "3", "zone__capacity": "20", "zone__is_banned": "0", "other_work": "NONE",
    "identified": "1", "isolations_verified": "1", "weather__wind_beaufort": "2", "site__under_pressure": "0",
    "leader_on_site": "1", "site__camera_online": "1", "site__camera_ex_rated": "1", "site__detector_paired": "1",
}  # fmt: skip
GAS = {
    "quantity": "COMBUSTIBLE", "gas": "methane", "unit": "%VOL", "position": "OUTSIDE", "point": "动火点",
    "instrument": "JC-01", "calibration_due": "2027-01-01", "analyst": "某分析人",
}  # fmt: skip


def sample(site: Site, value: str, phase: str = "PRE") -> None:
    site.wait(1)
    local = site.now.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    site.do("gas", minutes=0, value=value, phase=phase, sampled_at=local, **GAS)


def prepare(site: Site, crew: Crew, plan: Path) -> None:
    """What is done before anybody signs."""
    site.do("submit")
    site.now = MORNING
    site.enter(crew.head)
    site.do("take_up")
    site.enter(crew.safety)
    site.do("analysis", steps="打磨 | 火花飞溅 | 设接火盆，专人监护", participants="某负责人\n某班长")
    for row in tickets.measures("HW"):
        if row.applies != "other":
            figures = dict.fromkeys(row.parameters, "2")
            site.send(f"{site.url}/measures/{row.code}", applies="1", **figures)
    site.do("plan", plan=plan)
    site.do("site", **FOUND)
    sample(site, "0.05")
    people = [str(one.pk) for one in site.permit.people.all()]
    site.do("briefing", briefer="某班长", place="储运部现场", content="火花、着火、撤离", attended=people)


@pytest.mark.clause("S1-4a")
def test_special_hot_work_on_a_holiday_from_request_to_archive(
    browser: Browser, live_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    district = make_district()
    crew: Crew = crew_of(district)
    unit = make_unit(district.enterprise, crew.leader.file)
    plan = tmp_path / "作业方案.png"
    Image.new("RGB", (60, 40), "white").save(plan)
    with watched_page(browser, size=DESK) as desk:
        desk.context.grant_permissions(["geolocation"])
        desk.context.set_geolocation(PLACE)
        site = Site(desk, live_server, monkeypatch)
        site.enter(crew.safety)
        request(site, crew, unit)
        # A holiday: the permit must be approved one level up, and it says so before anybody is asked.
        site.goto(f"{site.url}?tab=blocks")
        expect(site.page.get_by_text("节假日、公休日、夜间或特殊时段动火未升级管理")).to_be_visible()
        site.look("special-work-holiday-refused")
        site.send(f"{site.url}/change", is_upgraded=True)
        prepare(site, crew, plan)
        site.do("present")
        site.state("APPROVING")
    with watched_page(browser, size=PHONE) as phone:
        phone.context.grant_permissions(["geolocation"])
        phone.context.set_geolocation(PLACE)
        site.move_to(phone)
        site.enter(crew.head)
        steps = []
        while site.permit.status == "APPROVING" and len(steps) < 12:
            site.sign()
            site.permit.refresh_from_db()
            steps.append(site.permit.signatures.latest("signed_at").step)
        assert steps[-2:] == ["CHIEF_ON_DUTY", "APPROVER"], "on a holiday the chief or leader on duty signs too"
        site.sign("verify")
        site.look("special-work-issued")
        _meets_other_work(site, crew)
        _stopped_by_gas(site, crew, unit)
        _drawn_at_random(site, district)
        site.enter(crew.safety)
        site.do("finish", note="已清理现场")
        site.wait(31)
        site.enter(crew.head)
        site.do("accept", note="无残火", **{f"item_{one.key}": "1" for one in watching.acceptance_items("HW")})
        site.enter(crew.safety)
        site.do("close")
        site.look("special-work-closed")
    site.state("CLOSED")
    page = client_of(district.department).get(f"{site.url}?tab=signatures").content.decode()
    assert "某主要负责人" in page


def _meets_other_work(site: Site, crew: Crew) -> None:
    """A shift tells that it takes samples beside the work: it is not begun until that is over."""
    site.enter(crew.safety)
    local = [(site.now + timedelta(hours=n)).astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") for n in (0, 1)]
    site.send(
        "/permits/operations/new", activity="SAMPLING", place="T-101采样口", starts_at=local[0], ends_at=local[1],
        lon="118.500050", lat="37.400000", contact="当班5频道",
    )  # fmt: skip
    operation = site.page.url
    site.wait(1)
    site.goto(f"{site.url}?act=start")
    site.seen.expected.add(409)
    site.page.locator(f"{PANEL} .qc-form-actions button").click()
    expect(site.page.locator(PANEL)).to_contain_text("C-22")
    site.look("special-work-meets-other-work")
    site.goto(operation.removeprefix(site.server.url) + "?act=end")
    site.sent()
    # Not before its window, which begins at nine.
    site.wait(14)
    site.do("start")
    site.state("WORKING")


def _stopped_by_gas(site: Site, crew: Crew, unit: Any) -> None:
    """A gas detector of the unit alarms: the work stands, and goes on after a new look and a new test."""
    known = {"name": "罐区可燃气体探测器", "kind": "flammable", "h": 25.0, "hh": 50.0, "priority": 1, "unit": "%LEL",
             "range_lo": 0.0, "range_hi": 100.0, "unit_place": unit}  # fmt: skip
    tag = enter_tag(actor=crew.safety, file=site.permit.file, code="AT-101", known=known, now=site.now)
    raised(tag, "H", at=site.now, value=31)
    for one in Delivery.objects.filter(done_at=None):
        deliver(event_id=one.event_id, subscriber=one.subscriber, now=site.now)
    site.state("SUSPENDED")
    site.goto(site.url)
    site.look("special-work-stopped-by-gas")
    site.do("site", **FOUND)
    sample(site, "0.04", "RESUME")
    site.do("resume")
    site.state("WORKING")


def _drawn_at_random(site: Site, district: District) -> None:
    """The office draws work that runs and answers the list of questions on the spot."""
    office = make_actor(site.permit.file.supervisor, "department.officer", "town.officer", "office.officer")
    site.enter(office)
    site.goto("/permits/spot-checks/draws/new")
    site.page.locator("main .qc-form-actions button").click()
    expect(site.page.locator("h1")).to_contain_text("随机抽取")
    check = SpotCheck.objects.get(permit=site.permit)
    site.wait(2)
    site.goto(f"/permits/spot-checks/{check.pk}/on-site")
    for one in questions("HW"):
        site.page.locator(f'input[name="answer_{one.code}"][value="YES"]').check()
    site.page.get_by_role("button", name="提交抽查结果").click()
    expect(site.page.get_by_text("已抽查").first).to_be_visible()
    site.look("special-work-drawn")
