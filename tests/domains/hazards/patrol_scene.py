"""A village in the first street with its grid officer, places and a route, by the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.hazards.test_findings import upload
from tests.factories import NOW, District, make_actor, make_area, make_org

from quancheng.domains.hazards.models import Finding, Patrol, PatrolClue, PatrolPlace, PatrolRoute
from quancheng.domains.hazards.services import findings, patrol_clues, patrols
from quancheng.domains.hazards.services import patrol_places as services
from quancheng.domains.hazards.services.learning import LessonSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.services import generate_rule

TODAY = NOW.date()


@dataclass
class Village:
    """A village of the first street; ``officer`` is its grid officer."""

    district: District
    org: Organisation
    officer: Actor

    def place(self, name: str = "示例村废品收购站", **known: Any) -> PatrolPlace:
        given: dict[str, Any] = {"name": name, "type": "scrap", "address": "村东头", **known}
        return services.enter_place(actor=self.officer, owner=self.org, known=given, now=NOW)

    def route(self, *places: PatrolPlace, cycle: str = "workdays", now: datetime = NOW) -> PatrolRoute:
        spec = services.RouteSpec(
            name="东线", places=places, officers=[self.officer.user_id or self.org.pk], cycle=cycle,
            starts_date=now.date(),
        )  # fmt: skip
        return services.enter_route(actor=self.officer, owner=self.org, spec=spec, now=now)

    def due(self, route: PatrolRoute, *, now: datetime = NOW) -> Patrol:
        """What the schedule owes of a route by now, the newest."""
        assert route.rule_id is not None
        generate_rule(rule_id=route.rule_id, now=now)
        found = Patrol.objects.filter(route=route).order_by("-due_date").first()
        assert found is not None
        return found

    def clue(self, place: PatrolPlace, kind: str = "danger", text: str = "院内堆放废油桶", **more: Any) -> PatrolClue:
        spec = patrol_clues.ClueSpec(kind=kind, text=text, **more)
        return patrol_clues.raise_clue(actor=self.officer, place=place, spec=spec, now=NOW)

    def walk(self, route: PatrolRoute, result: str = "fine", *, now: datetime = NOW, **known: Any) -> Patrol:
        """Every place with the same result."""
        visits = [
            patrols.VisitSpec(place=stop.place_id, result=result, **known) for stop in route.stops.order_by("position")
        ]
        return patrols.record_walk(actor=self.officer, route=route, spec=patrols.WalkSpec(visits=visits), now=now)


def make_village(district: District, name: str = "上柳村") -> Village:
    area = make_area(name, level="village", parent=district.street_area)
    org = make_org(f"甲街道{name}村民委员会", kind="village", area=area, parent=district.town_org)
    return Village(district, org, make_actor(org, "village.officer", name="示例网格员"))


def put_right(district: District, *, closed: bool = False) -> Finding:
    """A general danger of the first enterprise that is said to be put right, or off its list."""
    file = own_file(district)
    row = make_finding(district.enterprise, file, name="防火堤有孔洞")
    worker = make_actor(district.enterprise_org, "enterprise.worker")
    findings.grade_finding(
        actor=district.enterprise, row=row, criterion="", grade="general", rectifier=worker.user_id, deadline=None,
        cause="", now=NOW,
    )  # fmt: skip
    plan = {"measures": "封堵", "person": "示例甲", "money": 100, "emergency_plan": "现场处置", "due_date": TODAY}
    findings.plan_finding(actor=worker, row=row, plan=plan, now=NOW)
    findings.finish_finding(
        actor=worker, row=row, result="已封堵", lesson=LessonSpec(), photos=[upload(worker, 7)], now=NOW
    )
    if closed:
        findings.accept_finding(actor=district.enterprise, row=row, comment="合格", now=NOW)
    return row
