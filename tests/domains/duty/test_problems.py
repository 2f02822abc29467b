"""Problem lists: seven sections, each required; four eyes; the same problem looked for elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.duty.models import Problem
from quancheng.domains.duty.services import problems as services
from quancheng.domains.duty.services.problems import ProblemSpec
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
LATER = date(2030, 3, 31)


@pytest.fixture
def district() -> District:
    return make_district()


def make_problem(district: District, **given: Any) -> Problem:
    """A problem that the office found at the first enterprise on 2026-09-01."""
    fields: dict[str, Any] = {
        "title": "可燃气体报警器未接入控制系统",
        "text": "储罐区三处报警器未接入控制系统。",
        "unit": district.enterprise_org,
        "source": "联合检查",
        "found_date": date(2026, 9, 1),
        **given,
    }
    return services.report_problem(actor=fields.pop("actor", district.director), spec=ProblemSpec(**fields), now=NOW)


def assigned(district: District) -> Problem:
    """A problem in the hands of the enterprise where it was found."""
    problem = make_problem(district)
    given: dict[str, Any] = {"actor": district.director, "problem": problem, "now": NOW}
    services.enlist(**given)
    services.write_section(**given, name="state_cause", text="点检制度未落实。")
    services.write_section(**given, name="plan_measure", text="全部接入并试验。")
    return services.assign_problem(**given, org=district.enterprise_org, due_date=LATER)


def verified(district: District) -> Problem:
    problem = assigned(district)
    evidence = [make_file(district.enterprise)]
    services.rectify(actor=district.enterprise, problem=problem, result="已接入。", evidence=evidence, now=NOW)
    return services.verify_problem(actor=district.director, problem=problem, accept=True, reason="", now=NOW)


def act(client: Client, problem: Problem, name: str, **given: Any) -> int:
    url = reverse("duty:problem", args=[problem.pk])
    return client.post(url, {"act": name, "client_id": str(uuid7()), **given}).status_code


@pytest.mark.clause("S4-A2.2.2a")
def test_a_town_takes_a_problem_through_all_seven_mechanisms_and_no_section_may_be_left_out(
    district: District,
) -> None:
    head = make_actor(district.town_org, "town.head")
    town, enterprise = client_of(head), client_of(district.enterprise)
    answer = town.post(
        reverse("duty:problem_new"),
        {"title": "通道堵塞", "text": "装卸区消防通道堵塞。", "list": "safety", "industry": "chemicals",
         "unit": str(district.enterprise_org.pk), "source": "巡查", "found_date": "2026-09-01"},
    )  # fmt: skip
    assert answer.status_code == 303
    problem = Problem.objects.get()
    assert enterprise.get(answer["Location"]).status_code == 404
    steps: list[tuple[Client, str, dict[str, Any]]] = [
        (town, "enlist", {}),
        (town, "state_cause", {"cause": "无人巡查。"}),
        (town, "plan_measure", {"measure": "清理并划线。"}),
        (town, "assign", {"org": str(district.enterprise_org.pk), "due_date": "2030-03-31", "person": "某甲"}),
        (enterprise, "rectify", {"result": "已清理。", "evidence": SimpleUploadedFile("照片.txt", b"clear")}),
        (town, "verify", {"reason": ""}),
        (town, "compare", {"analogy": "已排查辖区同类单位，未发现同类问题。"}),
        (town, "root", {"root_measure": "纳入每日巡查清单。"}),
        (town, "analyse", {"analysis": "装卸区管理薄弱，列入下季度重点。"}),
        (town, "close", {}),
    ]
    optional = {"verify", "enlist", "close"}
    for who, name, given in steps:
        if name not in optional:
            assert act(who, problem, name) == 422, f"{name} without its section"
        assert act(who, problem, name, **given) == 303, name
    problem.refresh_from_db()
    assert problem.is_closed
    written = (problem.cause, problem.measure, problem.result, problem.analogy, problem.root_measure, problem.analysis)
    assert all(written)
    acts = list(JournalEntry.objects.filter(subject_id=problem.pk).values_list("act", flat=True))
    assert len(acts) == 12  # the entry, ten moves, and the file that they hold
    assert "duty.problem.root" in acts


@pytest.mark.clause("S3-7.1")
def test_problems_are_listed_by_town_and_by_industry_with_their_owner(district: District) -> None:
    problem = assigned(district)
    make_problem(district, title="管道老化", unit=district.other_enterprise_org, industry="gas")
    client = client_of(district.director)
    url = reverse("duty:problems")
    town = client.get(url, {"town": district.street_area.path}).content.decode()
    assert problem.title in town
    assert district.enterprise_org.label in town
    assert "管道老化" not in town
    gas = client.get(url, {"industry": "gas"}).content.decode()
    assert "管道老化" in gas
    assert problem.title not in gas
    own = client_of(district.town).get(url).content.decode()
    assert problem.title in own
    assert "管道老化" not in own


def test_whoever_rectified_may_not_verify(district: District) -> None:
    head = make_actor(district.town_org, "town.head")
    problem = make_problem(district, actor=head, unit=district.town_org)
    given: dict[str, Any] = {"actor": head, "problem": problem, "now": NOW}
    services.enlist(**given)
    services.write_section(**given, name="state_cause", text="因")
    services.write_section(**given, name="plan_measure", text="措施")
    services.assign_problem(**given, org=district.town_org, due_date=LATER)
    services.rectify(**given, result="已改", evidence=[make_file(head)])
    with pytest.raises(NotPermitted):
        services.verify_problem(**given, accept=True, reason="")
    colleague = make_actor(district.town_org, "town.officer")
    services.verify_problem(actor=colleague, problem=problem, accept=True, reason="", now=NOW)
    assert problem.status == "VERIFIED"


def test_a_problem_sent_back_is_the_units_again_with_the_reason(district: District) -> None:
    problem = assigned(district)
    evidence = [make_file(district.enterprise)]
    services.rectify(actor=district.enterprise, problem=problem, result="已改", evidence=evidence, now=NOW)
    with pytest.raises(Invalid):
        services.verify_problem(actor=district.director, problem=problem, accept=False, reason=" ", now=NOW)
    services.verify_problem(actor=district.director, problem=problem, accept=False, reason="仍有一处未接入", now=NOW)
    item = WorkItem.objects.open().get(subject_id=problem.pk)
    assert (item.owner_org, item.duty) == (district.enterprise_org, "duty.problems.rectify")
    page = client_of(district.enterprise).get(reverse("duty:problem", args=[problem.pk])).content.decode()
    assert "仍有一处未接入" in page


def test_the_analogous_check_opens_the_problem_at_similar_units_and_waits_for_them(district: District) -> None:
    problem = verified(district)
    given: dict[str, Any] = {"actor": district.director, "problem": problem, "now": NOW}
    services.compare(**given, text="乙公司同样未接入。", units=[district.other_enterprise_org, district.enterprise_org])
    child = Problem.objects.get(parent=problem)
    assert (child.unit, child.status, child.area) == (
        district.other_enterprise_org, "FOUND", district.other_street_area,
    )  # fmt: skip
    services.write_section(**given, name="root", text="纳入设计审查。")
    services.write_section(**given, name="analyse", text="集中在老旧储罐区。")
    with pytest.raises(StaleState):
        services.end_problem(**given, name="close")
    services.end_problem(actor=district.director, problem=child, name="discard", reason="核实后不属实", now=NOW)
    services.end_problem(**given, name="close")
    assert problem.is_closed


def test_an_enterprise_sees_its_problem_only_once_it_has_to_act(district: District) -> None:
    assert list(Problem.objects.visible_to(district.enterprise)) == []
    problem = assigned(district)
    assert list(Problem.objects.visible_to(district.enterprise)) == [problem]
    assert list(Problem.objects.visible_to(district.other_enterprise)) == []


def test_a_problem_found_tomorrow_is_refused(district: District) -> None:
    with pytest.raises(Invalid) as refused:
        make_problem(district, found_date=date(2026, 9, 9))
    assert set(refused.value.fields) == {"found_date"}


def test_the_status_sheet_of_a_meeting_lists_open_problems(district: District) -> None:
    problem = assigned(district)
    client = client_of(district.director)
    answer = client.post(
        reverse("duty:meeting_new"),
        {"title": "调度会", "kind": "dispatch", "due_date": "2030-03-31", "orgs": [str(district.town_org.pk)]},
    )
    page = client.get(answer["Location"]).content.decode()
    assert problem.code in page
    assert "研究未销号问题 1 项" in page
