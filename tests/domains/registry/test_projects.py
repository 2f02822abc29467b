"""Construction projects by the pages: consultation, checklist, the stop for explosives, trial, completion."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Enterprise, Project, TrialVisit
from quancheng.domains.registry.models.projects import CHECKLIST

pytestmark = pytest.mark.django_db
ALL = {f"ok_{code}": "on" for code, _label in CHECKLIST}


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    client = client_of(district.enterprise)
    client.post("/registry/own/new", {"kind": "depot"})
    return client


@pytest.fixture
def bureau(district: District) -> Client:
    return client_of(district.department)


def enter(own: Client, chemicals: str = "甲醇 260 t") -> Project:
    answer = own.post("/registry/projects/new", {
        "title": "示例罐区扩建", "kind": "extended", "purpose": "storage", "place": "甲街道示例路", "text": "",
        "chemicals": chemicals,
    })  # fmt: skip
    assert answer.status_code == 303, answer.content.decode()[:3000]
    return Project.objects.get()


def act(client: Client, project: Project, name: str, **given: Any) -> Any:
    answer = client.post(f"/registry/projects/{project.pk}", {"act": name, **given})
    project.refresh_from_db()
    return answer


@pytest.mark.clause("S3-3.1.1b")
def test_a_project_goes_through_its_reviews_with_opinions(own: Client, bureau: Client) -> None:
    """A project file runs through condition review, design review, trial and completion, each step with its opinion."""
    project = enter(own)
    consulted = {"on": "2026-08-01", "by": "示例专家组", "text": "可行"}
    assert act(own, project, "consult", **consulted).status_code == 303
    assert act(own, project, "apply", text="申请审查").status_code == 303
    assert act(bureau, project, "check", **ALL).status_code == 303
    assert act(bureau, project, "pass", text="同意").status_code == 303
    assert act(own, project, "apply_design", text="设计专篇已编制").status_code == 303
    assert act(bureau, project, "pass_design", text="同意").status_code == 303
    assert act(own, project, "plan_trial", first="2026-09-01", last="2027-02-28", plan="方案").status_code == 303
    assert act(own, project, "start_trial").status_code == 303
    assert act(own, project, "finish", text="验收报告").status_code == 303
    assert act(bureau, project, "complete", text="核查通过").status_code == 303
    assert (project.status, project.closed_at is not None) == ("DONE", True)
    page = own.get(f"/registry/projects/{project.pk}").content.decode()
    assert "通过条件审查" in page
    assert "可行" in page


@pytest.mark.clause("S1-9d")
def test_no_condition_review_is_passed_without_the_consultation(own: Client, bureau: Client) -> None:
    """Without a consultation record the condition review is refused; with it, it passes."""
    project = enter(own)
    act(own, project, "apply", text="申请审查")
    act(bureau, project, "check", **ALL)
    refused = act(bureau, project, "pass", text="同意")
    assert (refused.status_code, project.status) == (409, "CONDITION")
    assert "没有决策咨询记录" in refused.content.decode()
    act(own, project, "consult", on="2026-08-01", by="示例专家组", text="可行")
    act(bureau, project, "pass", text="同意")
    assert project.status == "DESIGNING"


@pytest.mark.clause("S1-9c")
def test_explosives_stop_a_project_until_a_special_approval_is_entered(own: Client, bureau: Client) -> None:
    """A project with an explosive cannot pass the condition review before its special approval is on file."""
    project = enter(own, "118-96-7 2 t")
    assert project.has_explosives
    act(own, project, "consult", on="2026-08-01", by="示例专家组", text="可行")
    act(own, project, "apply", text="申请审查")
    act(bureau, project, "check", **ALL)
    refused = act(bureau, project, "pass", text="同意")
    assert (refused.status_code, project.status) == (409, "CONDITION")
    assert "没有特别批准文号" in refused.content.decode()
    act(bureau, project, "approve", document="示特批〔2026〕1号")
    act(bureau, project, "pass", text="同意")
    assert project.status == "DESIGNING"


@pytest.mark.clause("S3-4.1b")
def test_each_item_of_the_admission_checklist_is_answered_first(own: Client, bureau: Client) -> None:
    """A storage project passes only when every item of the admission checklist is met; a no needs a word why."""
    project = enter(own)
    act(own, project, "consult", on="2026-08-01", by="示例专家组", text="可行")
    act(own, project, "apply", text="申请审查")
    missing = {key: value for key, value in ALL.items() if key != "ok_distance"}
    silent = act(bureau, project, "check", **missing)
    assert silent.status_code == 422
    assert "不符合的须写明情况" in silent.content.decode()
    act(bureau, project, "check", **missing, note_distance="距学校不足")
    refused = act(bureau, project, "pass", text="同意")
    assert "准入清单还有 1 项" in refused.content.decode()
    assert project.status == "CONDITION"


@pytest.mark.clause("S3-4.1a")
def test_the_net_increase_of_each_chemical_is_shown(district: District, own: Client, bureau: Client) -> None:
    """How many units the district has and what they are built to hold; what the project adds to it, in percent."""
    standing = make_facility(house_actor(), make_unit(house_actor(), Enterprise.objects.get()))
    make_holding(house_actor(), standing, "甲醇", design_t="1300", present_t="900")
    project = enter(own, "甲醇 260 t\n丙酮 12 t")
    page = bureau.get(f"/registry/projects/{project.pk}?tab=chemicals").content.decode()
    assert "现有涉危单位 1 家、重大危险源单元 1 个" in page
    methanol, acetone = (row for row in page.split("<tr>") if "/registry/chemicals/" in row)
    if "丙酮" in methanol:
        methanol, acetone = acetone, methanol
    assert ("1300" in methanol, "净增 20.0%" in methanol) == (True, True)
    assert "全区新增品种" in acetone


@pytest.mark.clause("S3-4.4c")
def test_a_trial_has_its_plan_its_days_and_the_looks_of_the_office(own: Client, bureau: Client) -> None:
    """No trial starts without plan and days; looks at it are recorded and shown; the office may stop it."""
    project = enter(own)
    act(own, project, "consult", on="2026-08-01", by="示例专家组", text="可行")
    act(own, project, "apply", text="申请审查")
    act(bureau, project, "check", **ALL)
    act(bureau, project, "pass", text="同意")
    act(own, project, "apply_design", text="设计")
    act(bureau, project, "pass_design", text="同意")
    early = act(own, project, "start_trial")
    assert "请先登记试生产方案" in early.content.decode()
    assert act(own, project, "plan_trial", first="2026-09-01", last="2028-09-01", plan="方案").status_code == 422
    act(own, project, "plan_trial", first="2026-09-01", last="2027-02-28", plan="方案")
    act(own, project, "start_trial")
    assert project.status == "TRIAL"
    act(bureau, project, "visit", day="2026-09-05", inspectors="甲某、乙某", text="联锁已投用")
    assert TrialVisit.objects.get().text == "联锁已投用"
    page = own.get(f"/registry/projects/{project.pk}?tab=visits").content.decode()
    assert "联锁已投用" in page
    act(bureau, project, "stop_trial", reason="报警未投用")
    assert project.status == "BUILDING"


def test_lines_that_cannot_be_read_are_told_by_number_and_stay_typed(own: Client) -> None:
    answer = own.post("/registry/projects/new", {
        "title": "示例", "kind": "new", "purpose": "storage", "place": "示例路",
        "chemicals": "甲醇 260 t\n没有这种 3 t\n氯 5",
    })  # fmt: skip
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "第2行" in text
    assert "第3行" in text
    assert "没有这种 3 t" in text
    assert not Project.objects.exists()
