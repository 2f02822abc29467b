"""People from outside come in after four unified steps, and the gate says every reason why not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.training.factories import make_certificate, make_person, own_file, role
from tests.domains.training.outside_scene import TODAY, admit, contract, make_contractor, outsider
from tests.factories import NOW, District, client_of, make_actor, make_district, make_file

from quancheng.domains.training.models import ContractorFinding, EntryStep, GatePass, Person, StepKind
from quancheng.domains.training.queries.entries import list_on_site, may_enter
from quancheng.domains.training.services import entries as services
from quancheng.domains.training.services import persons
from quancheng.domains.training.services.contractors.finding import look_at
from quancheng.domains.training.services.forgetting import forget
from quancheng.kernel.errors import Conflict, NotPermitted
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None, monkeypatch: pytest.MonkeyPatch) -> District:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    made = make_district()
    own_file(made)
    return made


def codes(person: Person, day: date = TODAY) -> list[str]:
    fresh = Person.objects.select_related("file").get(pk=person.pk)
    return [one.code for one in may_enter(fresh, day).grounds]


def step(district: District, person: Person, kind: str, **known: Any) -> EntryStep:
    given = {
        "done_date": TODAY, "plant_hours": 8, "area_hours": 4, "work_area": "罐区", "score": 80, "responsible": "某甲",
        "is_passed": True, "note": "逐项检查", **known,
    }  # fmt: skip
    return services.record_step(
        actor=district.enterprise, person=person, kind=kind, known=given, files=[make_file(district.enterprise)],
        now=NOW,
    )  # fmt: skip


def register(district: District, person: Person, trade: str = "", area: str = "罐区") -> None:
    services.register_entry(
        actor=district.enterprise, person=person, trade=role(trade) if trade else None, work_area=area, zones="",
        now=NOW,
    )  # fmt: skip


def ready(district: District, person: Person, trade: str = "") -> None:
    register(district, person, trade)
    for kind in StepKind.values:
        step(district, person, kind)


@pytest.mark.clause("S2-9")
@pytest.mark.parametrize(
    "employment", ["contractor", "third_party", "outsourced", "leased", "dispatched", "temporary", "flexible"]
)
def test_nobody_from_outside_enters_before_the_four_steps_stand(
    district: District, own: Client, employment: str
) -> None:
    company = make_contractor(district)
    admit(district, company)
    person = outsider(district, company, employment=employment)
    listed = own.get(reverse("training:entries"), {"employment": employment}).content.decode()
    assert person.name in listed
    assert "0 / 4" in listed
    gate = reverse("training:gate")
    body = {"card": person.staff_no, "direction": "in", "gate": "北门"}
    answer = own.post(gate, body)
    assert answer.status_code == 409
    for said in ("统一培训", "统一责任", "统一检查", "统一考核"):
        assert f"未完成“{said}”" in answer.content.decode()
    assert own.post(reverse("training:entry_register", args=[person.pk]), {"work_area": "罐区"}).status_code == 303
    paper = SimpleUploadedFile("责任书.txt", "安全责任书".encode(), content_type="text/plain")
    told: dict[str, dict[str, Any]] = {
        "training": {"plant_hours": "8", "area_hours": "4", "work_area": "罐区", "score": "80"},
        "responsibility": {"responsible": "设备部某甲", "files": paper},
        "inspection": {"is_passed": "on", "note": "工机具、防护用品"},
        "assessment": {"is_passed": "on", "note": "进场考核"},
    }
    for place, (kind, given) in enumerate(told.items(), start=1):
        assert own.post(gate, body).status_code == 409
        done = own.post(reverse("training:entry_step", args=[person.pk, kind]), {"done_date": TODAY, **given})
        assert done.status_code == 303
        assert f"{place} / 4" in own.get(reverse("training:entries")).content.decode()
    assert own.post(gate, body).status_code == 303
    office = client_of(district.officer).get(reverse("training:entry", args=[person.pk])).content.decode()
    assert "可以入厂" in office
    assert GatePass.objects.filter(is_allowed=False).count() == 5


def test_hours_marks_and_what_was_not_passed_refuse_as_they_were_entered(district: District) -> None:
    company = make_contractor(district)
    admit(district, company)
    person = outsider(district, company)
    ready(district, person)
    assert codes(person) == []
    step(district, person, "training", plant_hours=7.5, area_hours=3, score=79)
    assert codes(person) == ["plant_hours", "area_hours", "exam"]
    step(district, person, "training")
    step(district, person, "inspection", is_passed=False)
    assert codes(person) == ["step_inspection"]


def test_steps_count_a_year_and_less_after_half_a_year_away_or_in_another_area(district: District) -> None:
    company = make_contractor(district)
    row = admit(district, company)
    type(row).objects.filter(pk=row.pk).update(valid_to=date(2030, 1, 1), agreement_to=date(2030, 1, 1))
    person = outsider(district, company)
    ready(district, person)
    assert codes(person, date(2027, 3, 8)) == []
    assert codes(person, date(2027, 3, 9)) == ["away"]
    later = NOW.replace(month=12)
    services.pass_gate(actor=district.enterprise, person=person, direction="in", gate="", now=later)
    assert codes(person, date(2027, 3, 9)) == []
    assert codes(person, date(2027, 6, 9)) == ["away"]
    assert codes(person, date(2027, 9, 7)) == ["away"]
    assert codes(person, date(2027, 9, 8)) == ["over", "away"]
    register(district, person, area="装置区")
    assert codes(person) == ["area"]


def test_trade_and_company_are_asked_at_the_gate(district: District) -> None:
    company = make_contractor(district)
    person = outsider(district, company)
    ready(district, person, "welder")
    assert codes(person) == ["not_admitted", "certificate"]
    row = admit(district, company)
    contract(district, row)
    look_at(file=row.file, now=NOW)
    assert [one.code for one in ContractorFinding.objects.all()] == ["uncertified"]
    make_certificate(district, person)
    assert codes(person) == []
    look_at(file=row.file, now=NOW)
    assert not ContractorFinding.objects.filter(cleared_date__isnull=True).exists()
    persons.leave_person(actor=district.enterprise, person=person, left_date=TODAY, reason="完工", now=NOW)
    assert codes(person, TODAY + timedelta(days=1)) == ["left"]


def test_who_is_in_is_counted_and_nobody_is_kept_in(district: District, own: Client) -> None:
    company = make_contractor(district)
    admit(district, company)
    first, second = outsider(district, company), outsider(district, company, order=2)
    ready(district, first)
    for one in (first, second):
        own.post(reverse("api:pass_gate"), {"person_id": str(one.pk), "direction": "in"}, "application/json")
    assert [one.pk for one in list_on_site(actor=district.officer)] == [first.pk]
    answer = own.get(reverse("api:list_outsiders"), {"on_site": "true", "total": "true"}).json()
    assert (answer["total"], answer["items"][0]["is_in"]) == (1, True)
    denied = own.get(reverse("api:check_gate"), {"card": second.staff_no}).json()
    assert (denied["allowed"], denied["grounds"][0]["code"]) == (False, "no_entry")
    made = own.post(
        reverse("api:pass_gate"), {"person_id": str(second.pk), "direction": "out"}, "application/json"
    ).json()
    assert made["is_allowed"] is True
    own.post(reverse("training:gate"), {"card": first.staff_no, "direction": "out"})
    assert list_on_site(actor=district.officer).count() == 0
    entry = JournalEntry.objects.get(act="training.gate.refuse")
    assert second.name not in str(entry.facts)
    assert own.get(reverse("training:on_site")).status_code == 200
    assert own.get(reverse("training:gate_passes"), {"refused": "1"}).content.decode().count(second.name) == 1


def test_the_card_is_for_whoever_keeps_and_its_code_says_nothing_of_the_person(district: District, own: Client) -> None:
    company = make_contractor(district)
    admit(district, company)
    person = outsider(district, company)
    card = reverse("training:entry_card", args=[person.pk])
    assert own.get(card).status_code == 404
    ready(district, person)
    page = own.get(card).content.decode()
    assert "data:image/png;base64" in page
    assert client_of(district.officer).get(card).status_code == 403
    assert client_of(district.other_enterprise).get(card).status_code == 404
    code = person.site_entry.card
    gate = reverse("training:gate")
    assert person.name in own.get(gate, {"card": code}).content.decode()
    assert own.get(gate, {"card": "无此卡"}).status_code == 404
    assert client_of(district.other_enterprise).get(gate, {"card": code}).status_code == 404
    worker = make_actor(district.enterprise_org, "enterprise.worker")
    assert client_of(worker).get(gate, {"card": code}).status_code == 403


def test_own_staff_needs_no_steps_and_a_file_with_steps_is_not_taken_back(district: District) -> None:
    staff = make_person(district, order=9)
    assert codes(staff) == []
    with pytest.raises(Conflict):
        register(district, staff)
    person = outsider(district, make_contractor(district))
    with pytest.raises(NotPermitted):
        services.register_entry(
            actor=district.other_enterprise, person=person, trade=None, work_area="罐区", zones="", now=NOW
        )
    step(district, person, "inspection")
    with pytest.raises(Conflict):
        persons.remove_person(actor=district.enterprise, person=person, now=NOW)
    forget([person])
    assert not EntryStep.objects.exists()
