"""A town with two villages, another town's village, a member of its committee, and the staff that its charts name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories import NOW, client_of, house_actor, make_actor, make_area, make_org

from quancheng.domains.duty.models import DraftTask, Plan, Task
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.services import create_group

PLAN = Path(__file__).resolve().parents[2] / "cases" / "plans" / "town_parts_charts" / "plan.txt"
#: The pages act today, so the document is made to be of this year.
YEAR = timezone.localdate().year
VILLAGES = ("银杏村民委员会", "石桥社区居民委员会")


@dataclass
class Town:
    """The town, its own people and the clients of those who act in tests."""

    org: Organisation
    villages: list[Organisation]
    other_village: Organisation
    police: Organisation
    head: Actor
    officer: Actor
    #: The officers whom the charts name, by name.
    staff: dict[str, Actor]
    client: Client
    url: str = ""

    @property
    def plan(self) -> Plan:
        return Plan.objects.get(owner_org=self.org)

    def task(self, words: str, *, in_chart: bool) -> Task:
        """The one task of the plan whose text begins with the words."""
        return Task.objects.get(plan=self.plan, in_chart=in_chart, text__regex=rf"^(?:\d\.*)?{words}")


def make_town() -> Town:
    district = make_area(home=True)
    area = make_area("云溪镇", level="street", parent=district)
    other = make_area("松岭镇", level="street", parent=district)
    org = make_org("云溪镇人民政府", kind="town", area=area, general=True, aliases=("镇应急办", "镇安委办", "镇建管办"))
    villages = [make_org(name, kind="village", area=area, parent=org) for name in VILLAGES]
    far = make_org("松岭村民委员会", kind="village", area=other)
    police = make_org("云溪派出所", area=area)
    create_group(actor=house_actor(), name="各村（社区）", kinds=["village"], now=NOW)
    create_group(actor=house_actor(), name="镇安委会各成员单位", members=[police], now=NOW)
    head = make_actor(org, "town.head", name="尉迟远")
    staff = {name: make_actor(org, "town.officer", name=name) for name in ("甄一鸣", "荀乐山", "闻人静", "边知行")}
    return Town(org, villages, far, police, head, staff["边知行"], staff, client_of(head))


def post(town: Town, act: str, **given: str | list[str]) -> None:
    """An act on the review page that must succeed."""
    answer = town.client.post(town.url, {"act": act, **given})
    assert answer.status_code in (200, 302, 303), answer.content.decode()[:2000]


def import_plan(town: Town, text: str | None = None) -> Plan:
    """The plan pasted into the import page; it waits for review."""
    words = (PLAN.read_text() if text is None else text).replace("2026", str(YEAR))
    answer = town.client.post(reverse("duty:import"), {"text": words, "kind": "key_points"})
    assert answer.status_code == 303, answer.content.decode()[:2000]
    town.url = answer["Location"]
    return town.plan


def split_and_commit(town: Town) -> Plan:
    """Review as the town does: paragraphs that a chart divides into their sentences, then all confirmed and issued."""
    for draft in DraftTask.objects.filter(plan=town.plan).order_by("order"):
        draft.refresh_from_db()
        carried = draft.content.get("carried_by")
        if carried and len(carried) > 1 and not draft.content.get("row"):
            answer = town.client.post(
                town.url, {"act": "sentences", "draft": str(draft.pk), "version": str(draft.version)}
            )
            assert answer.status_code in (303, 422)
    post(town, "lead_rest", leads="云溪镇人民政府")
    post(town, "confirm_all", seen=[f"{one.pk}:{one.version}" for one in town.plan.drafts.all()])
    post(town, "commit", client_id="0199c0de-0000-7000-8000-000000000001")
    return town.plan
