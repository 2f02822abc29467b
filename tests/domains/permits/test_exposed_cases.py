"""Cases of special work are chosen, approved by another, published to all enterprises and to anybody (S2-5b)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.permits.factories import NOW, Crew, crew_of, make_permit
from tests.domains.registry.factories import make_file
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import AuditFinding, ExposedCase, Permit
from quancheng.domains.permits.services import auditing, exposed
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.events.models import Event
from quancheng.kernel.notices.models import Notice

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
@pytest.mark.clause("S1-4h")
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
