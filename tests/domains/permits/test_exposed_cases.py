"""Cases of special work are chosen, approved by another, published to all enterprises and to anybody (S2-5b)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.permits.factories import NOW, Crew, crew_of, make_permit
from tests.domains.permits.isolation_factories import planned
from tests.domains.registry.factories import make_file
from tests.domains.training.factories import make_person
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import (
    AuditFinding,
    ExposedCase,
    GasTest,
    Permit,
    PermitMeasure,
    PermitSiteCheck,
    PersonalLock,
)
from quancheng.domains.permits.services import auditing, exposed
from quancheng.domains.training.models import Person
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.models import Event
from quancheng.kernel.notices.models import Notice
from quancheng.kernel.people.models import Organisation, OrganisationAlias
from quancheng.standards.gb32100 import check_character, organisation_check_character

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=40)
SAID = {
    "title": "清罐作业没有取样分析", "what": "作业人员进入受限空间前没有取样分析，监护人离开现场。",
    "rule": "GB 30871-2022 6.3", "outcome": "责令停止作业，记入违章记录。",
}  # fmt: skip


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: LATER)


def found_at(district: District) -> tuple[AuditFinding, Crew, Actor, Actor]:
    """A finding of a permit, its crew, who writes at the office and who approves there."""
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    auditing.audit_permit(permit=permit, moment="NIGHT", now=LATER)
    finding = AuditFinding.objects.filter(permit=permit).order_by("rule").first()
    assert finding is not None
    office = Permit.objects.get(pk=permit.pk).file.supervisor
    writer = make_actor(office, "department.officer")
    head = make_actor(office, "department.head")
    return finding, crew, writer, head


@pytest.mark.clause("S2-5b")
def test_a_case_is_written_approved_by_another_published_to_all_and_withdrawn(district: District) -> None:
    finding, crew, writer, head = found_at(district)
    other = make_file(district.department, area=district.street_area, kind="depot", name="示例邻居仓储有限公司")
    neighbour = make_actor(other.enterprise, "enterprise.safety")
    office, boss, own, next_door = client_of(writer), client_of(head), client_of(crew.safety), client_of(neighbour)
    new = reverse("permits:exposed_case_new", args=[finding.pk])
    assert new in office.get(reverse("permits:finding", args=[finding.pk])).content.decode()
    chosen = reverse("permits:findings") + "?unexposed=1"
    assert reverse("permits:finding", args=[finding.pk]) in office.get(chosen).content.decode()
    assert set(office.post(new, {**SAID, "outcome": ""}).context["form"].errors) == {"outcome"}
    refused = office.post(new, {**SAID, "what": f"{crew.worker.name}没有系安全带"})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"what"}
    assert "不公开人员姓名" in refused.content.decode()
    name = finding.permit.file.enterprise.name
    unnamed = office.post(new, {**SAID, "what": f"{name}没有取样"})
    assert set(unnamed.context["form"].errors) == {"what"}
    assert office.post(new, SAID).status_code in (302, 303)
    case = ExposedCase.objects.get()
    page = reverse("permits:exposed_case", args=[case.pk])
    assert (case.status, case.is_named, case.code[:2]) == ("DRAFT", False, "BG")
    assert office.post(new, SAID).status_code == 409, "one case a finding"
    assert own.get(page).status_code == next_door.get(page).status_code == 404, "not before it is published"
    assert Client().get(f"/cases/{case.pk}").status_code == 404
    edit = reverse("permits:exposed_case_edit", args=[case.pk])
    assert office.post(edit, {**SAID, "title": "清罐作业没有分析"}).status_code in (302, 303)
    assert office.post(page, {"act": "submit"}).status_code in (302, 303)
    assert office.post(edit, SAID).status_code == 409
    assert office.post(page, {"act": "publish"}).status_code == 403, "the duty is the head's"
    assert boss.post(page, {"act": "publish"}).status_code in (302, 303)
    case.refresh_from_db()
    assert (case.status, case.published_at, case.title) == ("PUBLISHED", LATER, "清罐作业没有分析")

    # Everybody reads it, nobody whose it is; the enterprises of the area are told.
    for _again in range(2):
        exposed.hear_published(Event.objects.get(kind="permits.case.publish"), LATER)
    told = Notice.objects.filter(kind="permits.case")
    assert told.count() == told.values("user_id").distinct().count(), "each once"
    assert {crew.safety.user_id, neighbour.user_id} <= set(told.values_list("user_id", flat=True))
    for client in (own, next_door):
        shown = client.get(page).content.decode()
        assert "清罐作业没有分析" in shown
        assert client is own or name not in shown
        assert reverse("permits:finding", args=[finding.pk]) not in shown
    rest = next_door.get("/api/v1/permits/exposed-cases").json()
    assert [(one["title"], one["enterprise"]) for one in rest["items"]] == [("清罐作业没有分析", "")]
    assert name not in next_door.get(f"/api/v1/permits/exposed-cases/{case.pk}").content.decode()
    anybody = Client().get(f"/cases/{case.pk}").content.decode()
    assert "监护人离开现场" in anybody
    assert name not in anybody
    assert "清罐作业没有分析" in Client().get("/cases").content.decode()
    english = Client().get("/cases", {"lang": "en"}).content.decode()
    assert "Cases of special work" in english

    assert boss.post(page, {"act": "withdraw", "reason": ""}).status_code == 422
    assert office.post(page, {"act": "withdraw", "reason": "事实有误"}).status_code == 403
    assert boss.post(page, {"act": "withdraw", "reason": "事实有误"}).status_code in (302, 303)
    assert Client().get(f"/cases/{case.pk}").status_code == 404
    assert own.get(page).status_code == 404
    assert "事实有误" in office.get(page).content.decode()
    assert reverse("permits:finding", args=[finding.pk]) in office.get(chosen).content.decode()
    assert office.post(new, SAID).status_code in (302, 303), "it may be written anew"


def test_nobody_approves_what_he_submitted_and_a_named_enterprise_is_shown(district: District) -> None:
    finding, _crew, _writer, head = found_at(district)
    boss = client_of(head)
    new = reverse("permits:exposed_case_new", args=[finding.pk])
    assert boss.post(new, {**SAID, "is_named": "on"}).status_code == 303
    page = reverse("permits:exposed_case", args=[ExposedCase.objects.get().pk])
    assert boss.post(page, {"act": "submit"}).status_code == 303
    assert boss.post(page, {"act": "publish"}).status_code == 403
    second = client_of(make_actor(finding.permit.file.supervisor, "department.head"))
    assert second.post(page, {"act": "publish"}).status_code == 303
    assert finding.permit.file.enterprise.name in Client().get("/cases").content.decode()


def written(finding: AuditFinding, writer: Actor, **known: str) -> tuple[ExposedCase, str]:
    """A case and its page."""
    assert client_of(writer).post(reverse("permits:exposed_case_new", args=[finding.pk]), {**SAID, **known}
                                  ).status_code == 303  # fmt: skip
    case = ExposedCase.objects.get(finding=finding)
    return case, reverse("permits:exposed_case", args=[case.pk])


def test_neither_who_wrote_a_case_nor_who_changed_it_publishes_it(district: District) -> None:
    finding, _crew, writer, head = found_at(district)
    second, third = (make_actor(finding.permit.file.supervisor, "department.head") for _ in range(2))
    office, boss, other = client_of(writer), client_of(head), client_of(second)
    case, page = written(finding, head)
    edit = reverse("permits:exposed_case_edit", args=[case.pk])
    assert other.post(edit, {**SAID, "title": "改过的标题"}).status_code == 303
    assert office.post(page, {"act": "submit"}).status_code == 303
    for one in (boss, other):
        refused = one.post(page, {"act": "publish"})
        assert refused.status_code == 403
        assert "审批并发布" not in one.get(page).content.decode()
    assert client_of(third).post(page, {"act": "publish"}).status_code == 303
    case.refresh_from_db()
    assert (case.status, case.title) == ("PUBLISHED", "改过的标题")


def test_dropping_a_finding_takes_its_case_along_published_or_not(district: District) -> None:
    finding, crew, writer, head = found_at(district)
    other = AuditFinding.objects.filter(permit=finding.permit).exclude(pk=finding.pk).order_by("rule")[0]
    office, boss = client_of(writer), client_of(head)
    public, page = written(finding, writer)
    assert office.post(page, {"act": "submit"}).status_code == 303
    assert boss.post(page, {"act": "publish"}).status_code == 303
    assert Client().get(f"/cases/{public.pk}").status_code == 200
    draft, _page = written(other, writer)
    for one in (finding, other):
        at = reverse("permits:finding", args=[one.pk])
        assert office.post(at, {"act": "drop", "text": "核实后不成立"}).status_code == 303
    public.refresh_from_db()
    draft.refresh_from_db()
    assert (public.status, public.reason, draft.status) == ("WITHDRAWN", "核实后不成立", "DROPPED")
    assert Client().get(f"/cases/{public.pk}").status_code == 404
    assert client_of(crew.safety).get(page).status_code == 404
    assert "核实后不成立" in office.get(page).content.decode()


def test_nobody_who_had_to_do_with_the_permit_is_named_however_his_name_is_spaced(district: District) -> None:
    finding, crew, writer, _head = found_at(district)
    permit = finding.permit
    GasTest.objects.filter(permit=permit).update(analyst="欧阳分析")
    PermitMeasure.objects.filter(permit=permit).update(confirmed_name="章确认")
    PermitSiteCheck.objects.filter(permit=permit).update(by_name="郝核查（代甄本人）")
    locker = make_person(district, order=990, staff_no="L990", name="童上锁")
    point = planned(crew)
    PersonalLock.objects.create(
        point=point, permit=permit, person=locker, lock_no="L1", hung_by="苗登记", hung_at=LATER
    )
    new = reverse("permits:exposed_case_new", args=[finding.pk])
    office = client_of(writer)
    spaced = " ".join(crew.worker.name)
    for name in ("欧阳分析", "欧 阳 分析", "章确认", "郝核查", "甄本人", "童上锁", "苗登记", spaced):
        refused = office.post(new, {**SAID, "outcome": f"对{name}进行了教育"})
        assert refused.status_code == 422, name
        assert set(refused.context["form"].errors) == {"outcome"}


def test_a_name_is_looked_for_at_publishing_too_also_when_the_permit_is_gone(district: District) -> None:
    finding, _crew, writer, head = found_at(district)
    office, boss = client_of(writer), client_of(head)
    GasTest.objects.filter(permit=finding.permit).update(analyst="欧阳分析")
    case, page = written(finding, writer)
    assert "欧阳分析" not in json.dumps(case.hidden, ensure_ascii=False)
    edit = reverse("permits:exposed_case_edit", args=[case.pk])
    # Somebody came to the permit after the case was written.
    ExposedCase.objects.filter(pk=case.pk).update(outcome="晚来某已受教育")
    PermitMeasure.objects.filter(permit=finding.permit).update(confirmed_name="晚来某")
    assert office.post(page, {"act": "submit"}).status_code == 303
    refused = boss.post(page, {"act": "publish"})
    assert refused.status_code == 409
    assert "处理结果" in refused.content.decode()
    assert boss.post(page, {"act": "return", "reason": "有姓名"}).status_code == 303
    # The permit's time is over: what was kept still tells.
    ExposedCase.objects.filter(pk=case.pk).update(finding=None)
    assert office.post(edit, {**SAID, "outcome": "欧阳 分析已受教育"}).status_code == 422
    ExposedCase.objects.filter(pk=case.pk).update(outcome="欧阳分析已受教育")
    assert office.post(page, {"act": "submit"}).status_code == 303
    assert boss.post(page, {"act": "publish"}).status_code == 409
    assert boss.post(page, {"act": "return", "reason": "有姓名"}).status_code == 303
    assert office.post(edit, SAID).status_code == 303
    assert office.post(page, {"act": "submit"}).status_code == 303
    assert boss.post(page, {"act": "publish"}).status_code == 303


def test_an_enterprise_that_is_not_named_is_known_by_nothing_else_either(district: District) -> None:
    finding, crew, writer, _head = found_at(district)
    permit, org = finding.permit, finding.permit.file.enterprise
    Organisation.objects.filter(pk=org.pk).update(short_name="示例短名")
    OrganisationAlias.objects.create(organisation=org, name="老厂别名")
    Permit.objects.filter(pk=permit.pk).update(work_unit="示例检修工程公司")
    Person.objects.filter(pk=crew.worker.pk).update(employer_name="示例劳务公司")
    new = reverse("permits:exposed_case_new", args=[finding.pk])
    office = client_of(writer)
    words = (org.name, "示例短名", "老厂别名", "示例检修工程公司", "示例 劳务公司", permit.number)
    for word in words:
        refused = office.post(new, {**SAID, "what": f"{word}没有取样"})
        assert refused.status_code == 422, word
        assert "不公开企业名称" in refused.content.decode()
    assert office.post(new, {**SAID, "what": "示例检修工程公司没有取样", "is_named": "on"}).status_code == 303


def test_older_cases_stand_on_further_pages(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quancheng.domains.permits.views.exposed._ROWS", 1)
    finding, _crew, writer, head = found_at(district)
    rows = AuditFinding.objects.filter(permit=finding.permit).order_by("rule")[:2]
    for number, one in enumerate(rows):
        _case, page = written(one, writer, title=f"第{number}个")
        assert client_of(writer).post(page, {"act": "submit"}).status_code == 303
        assert client_of(head).post(page, {"act": "publish"}).status_code == 303
    shown = [Client().get("/cases", {"page": page}).content.decode() for page in ("", "2", "x")]
    assert [sum(f"第{number}个" in one for number in (0, 1)) for one in shown] == [1, 1, 1]
    assert shown[0] != shown[1]
    assert "较早的案例" in shown[0]
    assert "较新的案例" in shown[1]


def test_telling_all_enterprises_asks_no_more_for_many_than_for_few(
    district: District, django_assert_max_num_queries: Any
) -> None:
    finding, _crew, writer, head = found_at(district)
    for number in range(8):
        own = f"MA10B{number:03}"
        own = f"91990102{own}{organisation_check_character(own)}"
        file = make_file(district.department, area=district.street_area, name=f"示例{number}号仓储有限公司",
                         code=f"{own}{check_character(own)}")  # fmt: skip
        make_actor(file.enterprise, "enterprise.safety")
    _case, page = written(finding, writer)
    assert client_of(writer).post(page, {"act": "submit"}).status_code == 303
    assert client_of(head).post(page, {"act": "publish"}).status_code == 303
    event = Event.objects.get(kind="permits.case.publish")
    with django_assert_max_num_queries(12):
        exposed.hear_published(event, LATER)
    assert Notice.objects.filter(kind="permits.case").count() >= 8


def test_a_finding_that_was_dropped_is_published_by_nobody(district: District) -> None:
    finding, _crew, writer, head = found_at(district)
    office, boss = client_of(writer), client_of(head)
    assert office.post(reverse("permits:exposed_case_new", args=[finding.pk]), SAID).status_code == 303
    page = reverse("permits:exposed_case", args=[ExposedCase.objects.get().pk])
    assert office.post(page, {"act": "submit"}).status_code == 303
    AuditFinding.objects.filter(pk=finding.pk).update(status="DROPPED")
    assert boss.post(page, {"act": "publish"}).status_code == 409
    assert client_of(_crew.safety).get(reverse("permits:exposed_case_new", args=[finding.pk])).status_code == 403


def test_the_open_pages_are_counted(district: District, settings: object) -> None:
    settings.CODE_RATE = 2  # type: ignore[attr-defined]
    visitor = Client()
    assert [visitor.get("/cases").status_code for _ in range(3)] == [200, 200, 429]
