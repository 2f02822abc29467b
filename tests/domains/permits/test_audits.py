"""The audit of permits: at issue, start and close, what it finds, and how that is put right."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from tests.domains.permits.factories import NOW, crew_of, make_permit
from tests.domains.permits.test_spot import photo
from tests.domains.risk.test_following import handed, other_office
from tests.factories import District, client_of, make_actor, make_district

from quancheng.domains.permits.models import (
    AuditFinding,
    AuditRuleChange,
    Permit,
    PermitAudit,
    PermitPerson,
    PermitViolation,
)
from quancheng.domains.permits.queries import audits as queries
from quancheng.domains.permits.queries.audit_statistics import judge_enterprise, statistics
from quancheng.domains.permits.services import audit_findings, auditing, working
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.events.models import Event
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=40)


@pytest.fixture
def district() -> District:
    return make_district()


def audited(permit: Permit, moment: str = "NIGHT", now=LATER) -> PermitAudit:
    row = auditing.audit_permit(permit=permit, moment=moment, now=now)
    assert row is not None
    return row


def test_every_move_that_matters_is_followed_by_an_audit(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    for event in Event.objects.filter(subject_id=permit.pk).order_by("at", "pk"):
        auditing.hear_permit(event, LATER)
    runs = PermitAudit.objects.filter(permit=permit).order_by("audited_at", "pk")
    assert [one.moment for one in runs] == ["ISSUE", "START"]
    assert [one.is_newest for one in runs] == [False, True]
    newest = runs[1]
    assert "A-071" in newest.passed, "the gas of a confined space is judged from the start on"
    assert "A-071" not in runs[0].passed


def test_a_draft_is_not_audited_and_a_run_that_finds_the_same_is_no_new_one(district: District) -> None:
    permit = make_permit(district, "CS", to="PREPARING")
    assert auditing.audit_permit(permit=permit, moment="NIGHT", now=LATER) is None
    other = make_permit(district, "WH", crew=crew_of(district, "WH", order=730))
    first = audited(other)
    again = audited(other, now=LATER + timedelta(hours=1))
    assert again.pk == first.pk
    assert again.confirmed_at == LATER + timedelta(hours=1)
    assert auditing.audit_all(now=LATER + timedelta(hours=2)) == 1


def test_a_finding_is_sent_to_the_enterprise_once_with_its_limit(district: District) -> None:
    permit = make_permit(district, "HW")
    audited(permit)
    found = {one.rule: one for one in AuditFinding.objects.filter(permit=permit)}
    # All measures were confirmed by one person at one moment, and the analysis has one step.
    assert {"A-016", "A-025"} <= set(found)
    one = found["A-025"]
    assert (one.status, one.severity, one.alarm) == ("PUSHED", "M", "90")
    assert one.answer_by == one.found_at + timedelta(hours=24)
    assert one.owner_org_id == permit.file.supervisor_id
    audited(permit, now=LATER + timedelta(hours=5))
    assert AuditFinding.objects.filter(permit=permit, rule="A-025").count() == 1


@pytest.mark.clause("S1-4d")
def test_violations_are_held_against_permit_person_and_contractor_and_counted(
    district: District
) -> None:
    crew = crew_of(district, "HW")
    for number in range(2):
        permit = make_permit(district, "HW", crew=crew)
        Permit.objects.filter(pk=permit.pk).update(work={**permit.work, "is_contractor": True})
        permit.refresh_from_db()
        audited(permit, now=LATER + timedelta(days=number))
        finding = AuditFinding.objects.get(permit=permit, rule="A-025")
        worker = PermitPerson.objects.get(permit=permit, part="WORKER")
        client = client_of(crew.safety)
        url = reverse("permits:finding", args=[finding.pk])
        answer = client.post(url, {"act": "violation", "person": worker.pk, "note": "扣分并重新培训"})
        assert answer.status_code == 303
        working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    rows = list(PermitViolation.objects.filter(rule="A-025"))
    assert {one.person_id for one in rows} == {crew.worker.pk}
    assert {one.contractor for one in rows} == {"检修班"}
    client = client_of(district.town)
    page = client.get(reverse("permits:violations"), {"q": crew.worker.name, "again": "1"}).content.decode()
    assert crew.worker.name in page
    told = queries.list_violations(actor=district.town).filter(rule="A-025")
    newest = told[0]
    assert (newest.by_person, newest.by_rule) == (2, 2)
    assert newest.by_contractor >= 2, "all that the contractor did in the year"
    assert crew.worker.name not in str(list(Event.objects.values_list("facts", flat=True)))


def test_the_enterprise_puts_right_and_the_office_closes(district: District) -> None:
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    audited(permit)
    finding = AuditFinding.objects.get(permit=permit, rule="A-025")
    url = reverse("permits:finding", args=[finding.pk])
    client = client_of(crew.safety)
    assert client.post(url, {"act": "receive"}).status_code == 303
    assert client.post(url, {"act": "answer", "text": ""}).status_code == 422
    assert client.post(url, {"act": "answer", "text": "已逐项重新确认"}).status_code == 303
    finding.refresh_from_db()
    assert (finding.status, finding.answer) == ("RECHECK", "已逐项重新确认")
    office = make_actor(permit.file.supervisor, "department.officer", "town.officer")
    client = client_of(office)
    assert client.post(url, {"act": "return", "text": "缺照片"}).status_code == 303
    client = client_of(crew.safety)
    client.post(url, {"act": "answer", "text": "补照片"})
    client = client_of(office)
    assert client.post(url, {"act": "close", "text": "属实"}).status_code == 303
    finding.refresh_from_db()
    assert finding.status == "CLOSED"
    assert finding.closed_at is not None


def test_critical_findings_stop_work_that_runs_at_once(district: District) -> None:
    crew = crew_of(district, "CS")
    permit = make_permit(district, "CS", crew=crew, to="WORKING")
    # Somebody changed what was signed behind the house's back: A-011 is critical.
    Permit.objects.filter(pk=permit.pk).update(content="另一项工作")
    permit.refresh_from_db()
    row = audited(permit)
    permit.refresh_from_db()
    assert (row.worst, permit.status, permit.stop_reason) == ("C", "SUSPENDED", "VIOLATION")
    finding = AuditFinding.objects.get(permit=permit, rule="A-011")
    assert finding.answer_by == finding.found_at + timedelta(hours=2)


def test_the_office_sets_rules_and_what_was_judged_stays(district: District) -> None:
    permit = make_permit(district, "HW")
    before = audited(permit)
    assert "A-025" in before.failed
    url = reverse("permits:audit_rule", args=["A-025"])
    given = {"severity": "M", "valid_from": "2022-10-01", "reason": "试运行", "param_rows": "3", "param_least_s": "30"}
    client = client_of(district.enterprise)
    assert client.get(url).status_code == 403
    client = client_of(district.director)
    assert client.post(url, {**given, "reason": ""}).status_code == 422
    assert client.post(url, {**given, "valid_to": "2020-01-01"}).status_code == 422
    assert client.post(url, given).status_code == 303  # is_on not ticked: off
    after = audited(permit, now=LATER + timedelta(hours=1))
    assert "A-025" not in after.failed
    before.refresh_from_db()
    assert "A-025" in before.failed
    assert after.score == before.score + 15 or before.score == 0
    assert "试运行" in client.get(url).content.decode()
    with pytest.raises(Invalid):
        audit_findings.set_rule(
            actor=district.director, code="A-025", is_on=True, severity="M", params={"nonsense": "1"},
            valid_from=date(2022, 10, 1), valid_to=None, reason="x", now=NOW,
        )  # fmt: skip


def test_statistics_add_up_and_every_number_opens_its_rows(district: District) -> None:
    crew = crew_of(district, "HW")
    for _n in range(2):
        permit = make_permit(district, "HW", crew=crew)
        audited(permit)
        working.void_permit(actor=crew.head, permit=permit, event="WORK_CHANGED", reason="重办", now=LATER)
    first, last = queries.month_of(date(2026, 9, 1))
    told = statistics(actor=district.director, first=first, last=last, now=LATER)
    assert (told.whole.audited, told.whole.failing) == (2, 2)
    assert dict(told.rules)["A-025"] == 2
    assert told.enterprises[0].key == district.enterprise_org.pk
    assert told.whole.index is not None
    client = client_of(district.director)
    page = client.get(reverse("permits:audit_statistics"), {"day": "2026-09-08"}).content.decode()
    assert "A-025" in page
    assert "rule=A-025" in page
    rows = client.get(reverse("permits:audits"), {"rule": "A-025", "work_from": "2026-09-01", "work_to": "2026-09-30"})
    assert rows.status_code == 200
    assert rows.content.decode().count("A-025") >= 2
    one = client.get(reverse("permits:audit_enterprise", args=[district.enterprise_org.pk]), {"day": "2026-09-08"})
    assert "E-01" in one.content.decode()
    verdicts = {each.code: each.outcome for each in judge_enterprise(file=permit.file, now=LATER)}
    assert verdicts["E-01"] == "FAIL"
    assert verdicts["E-04"] == "NO_DATA"


def test_the_page_of_an_audit_shows_why_with_clause_and_the_sum(district: District) -> None:
    permit = make_permit(district, "HW")
    row = audited(permit)
    client = client_of(district.department)
    page = client.get(reverse("permits:audit", args=[row.pk])).content.decode()
    assert "A-025" in page
    assert "GB 30871-2022" in page
    assert f"{row.score}" in page
    for tab in ("unknown", "passed", "findings", "runs"):
        assert client.get(reverse("permits:audit", args=[row.pk]), {"tab": tab}).status_code == 200
    assert client.post(reverse("permits:audit", args=[row.pk]), {"act": "again"}).status_code == 303


def test_open_findings_go_on_with_the_office_that_leads_the_enterprise_now(district: District) -> None:
    permit = make_permit(district, "CS")
    audited(permit)
    before, lead = permit.file.supervisor, other_office(district)
    open_ones = AuditFinding.objects.filter(permit=permit, closed_at__isnull=True)
    dropped = open_ones.order_by("pk").first()
    assert dropped is not None
    office = make_actor(before, "department.officer", "town.officer", "office.officer")
    audit_findings.act_on_finding(actor=office, row=dropped, name="drop", text="误报", now=LATER)
    handed(district.enterprise, permit.file, lead)
    assert set(open_ones.values_list("owner_org", flat=True)) == {lead.organisation_id}
    dropped.refresh_from_db()
    assert dropped.owner_org_id == before.pk, "what it judged stays its own"


def test_a_neighbour_sees_neither_audit_nor_finding(district: District) -> None:
    permit = make_permit(district, "HW")
    row = audited(permit)
    finding = AuditFinding.objects.filter(permit=permit).first()
    client = client_of(district.other_enterprise)
    assert client.get(reverse("permits:audit", args=[row.pk])).status_code == 404
    assert client.get(reverse("permits:finding", args=[finding.pk])).status_code == 404
    with pytest.raises(NotPermitted):
        audit_findings.record_violation(
            actor=district.other_enterprise, row=finding, person=None, note="", now=NOW
        )


def office_of(permit: Permit):
    return make_actor(permit.file.supervisor, "department.officer", "town.officer", "office.officer")


def test_a_change_holds_for_work_from_its_day_on_and_the_rule_before_for_work_before(district: District) -> None:
    permit = make_permit(district, "HW")
    given = {"actor": district.director, "code": "A-025", "params": {"rows": "3", "least_s": "30"}, "valid_to": None,
             "reason": "调整", "severity": "M"}  # fmt: skip
    tomorrow, key = date(2026, 9, 9), uuid.uuid4()
    for _n in range(2):
        audit_findings.set_rule(**given, is_on=False, valid_from=tomorrow, now=NOW, client_id=key)
    assert AuditRuleChange.objects.count() == 1
    assert "A-025" in audited(permit).failed, "the work is of the eighth"
    rule = {one.code: one for one in queries.rule_book()(tomorrow)}["A-025"]
    assert not rule.is_on
    audit_findings.set_rule(
        **{**given, "severity": "G"}, is_on=True, valid_from=date(2026, 9, 1), now=NOW + timedelta(minutes=1)
    )
    audit_findings.set_rule(**given, is_on=False, valid_from=tomorrow, now=NOW + timedelta(minutes=2))
    row = audited(permit, now=LATER + timedelta(hours=1))
    assert {one["code"]: one["severity"] for one in row.verdicts}["A-025"] == "G", "the one before is in force"


def test_what_the_office_dropped_stops_nothing_and_is_held_against_nobody(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")
    Permit.objects.filter(pk=permit.pk).update(content="另一项工作")
    permit.refresh_from_db()
    audited(permit)
    finding = AuditFinding.objects.get(permit=permit, rule="A-011")
    told = queries.list_violations(actor=district.director).filter(rule="A-011")
    assert told.count() == 1
    audit_findings.act_on_finding(actor=office_of(permit), row=finding, name="drop", text="经核实无误", now=LATER)
    assert told.count() == 0
    Permit.objects.filter(pk=permit.pk).update(status="WORKING", stop_reason="", stopped_at=None)
    permit.refresh_from_db()
    assert "A-011" in audited(permit, now=LATER + timedelta(minutes=5)).failed
    permit.refresh_from_db()
    assert permit.status == "WORKING"


def test_a_run_of_an_earlier_time_never_becomes_the_newest(district: District) -> None:
    permit = make_permit(district, "HW")
    newest = audited(permit, now=LATER + timedelta(hours=1))
    audit_findings.set_rule(
        actor=district.director, code="A-025", is_on=False, severity="M", params={}, valid_from=date(2022, 10, 1),
        valid_to=None, reason="停用", now=NOW,
    )  # fmt: skip
    assert audited(permit, now=LATER).pk == newest.pk
    assert PermitAudit.objects.filter(permit=permit).count() == 1


def test_the_enterprise_changes_nothing_that_the_office_entered_and_the_form_keeps_what_stands(
    district: District
) -> None:
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    audited(permit)
    finding = AuditFinding.objects.get(permit=permit, rule="A-025")
    worker = PermitPerson.objects.get(permit=permit, part="WORKER")
    own, url = client_of(crew.safety), reverse("permits:finding", args=[finding.pk])
    assert own.post(url, {"act": "violation", "person": worker.pk, "note": "培训"}).status_code == 303
    form = own.get(url, {"act": "violation"}).content.decode()
    assert f'value="{worker.pk}" selected' in form
    assert "培训" in form
    assert client_of(office_of(permit)).post(
        url, {"act": "violation", "person": worker.pk, "note": "停工学习"}).status_code == 303  # fmt: skip
    with pytest.raises(Conflict):
        audit_findings.record_violation(actor=crew.safety, row=finding, person=None, note="", now=LATER)
    kept = PermitViolation.objects.get(finding=finding)
    assert (kept.person_id, kept.note) == (crew.worker.pk, "停工学习")


def test_work_after_a_test_that_failed_is_found_and_nothing_known_is_no_pass(district: District) -> None:
    permit = make_permit(district, "CS", to="WORKING")

    def said(row: PermitAudit) -> str:
        told = {one["code"]: one["outcome"] for one in row.verdicts}
        return told.get("A-046", "PASS" if "A-046" in row.passed else "")

    assert said(audited(permit)) == "NO_DATA"
    bad = permit.gas.first()
    bad.pk, bad.phase, bad.verdict = uuid7(), "CONTINUOUS", "FAIL"
    bad.sampled_at, bad.entered_at = LATER - timedelta(minutes=15), LATER
    bad.save(force_insert=True)
    assert said(audited(permit, now=LATER + timedelta(minutes=1))) == "FAIL"


def test_late_is_what_is_late_by_now_and_dropped_ones_are_not(district: District) -> None:
    permit = make_permit(district, "HW")
    audited(permit)
    first, last = queries.month_of(date(2026, 9, 1))

    def late(at) -> int:
        return statistics(actor=district.director, first=first, last=last, now=at).whole.late

    assert late(LATER) == 0
    assert late(LATER + timedelta(days=5)) == AuditFinding.objects.filter(permit=permit).count()
    listed = client_of(district.director).get(reverse("permits:findings"), {"late": "1"}).content.decode()
    finding = AuditFinding.objects.get(permit=permit, rule="A-025")
    address = reverse("permits:finding", args=[finding.pk])
    assert address in listed
    AuditFinding.objects.filter(pk=finding.pk).update(
        status="DROPPED", answered_at=finding.answer_by + timedelta(hours=1), closed_at=LATER
    )
    listed = client_of(district.director).get(reverse("permits:findings"), {"late": "1"}).content.decode()
    assert address not in listed


def test_rules_of_an_enterprise_take_decimals_and_their_days(district: District) -> None:
    permit = make_permit(district, "HW")
    audited(permit)
    given = {"actor": district.director, "code": "E-02", "is_on": True, "severity": "M", "reason": "x"}
    audit_findings.set_rule(
        **given, params={"times": "0.5"}, valid_from=date(2022, 10, 1), valid_to=None, now=NOW
    )
    page = reverse("permits:audit_enterprise", args=[district.enterprise_org.pk])
    assert client_of(district.director).get(page).status_code == 200
    assert {one.code: one.outcome for one in judge_enterprise(file=permit.file, now=LATER)}["E-02"] == "FAIL"
    audit_findings.set_rule(
        **given, params={"times": "0.5"}, valid_from=date(2022, 10, 1), valid_to=date(2026, 9, 1),
        now=NOW + timedelta(minutes=1),
    )  # fmt: skip
    assert "E-02" not in {one.code for one in judge_enterprise(file=permit.file, now=LATER)}


def test_the_same_answer_again_holds_its_photos_once(district: District) -> None:
    crew = crew_of(district, "HW")
    permit = make_permit(district, "HW", crew=crew)
    audited(permit)
    finding = AuditFinding.objects.get(permit=permit, rule="A-025")
    audit_findings.act_on_finding(actor=crew.safety, row=finding, name="receive", now=LATER)
    key = uuid.uuid4()
    for _n in range(2):
        # A phone that sends again uploads again.
        kept = receive_uploads(actor=crew.safety, uploads=[photo()], now=LATER)
        audit_findings.act_on_finding(
            actor=crew.safety, row=finding, name="answer", text="已改", files=kept, now=LATER, client_id=key
        )
    assert FileLink.objects.filter(subject_id=finding.pk).count() == 1


def test_a_day_out_of_all_calendars_is_refused_over_rest(district: District) -> None:
    answer = client_of(district.director).get(reverse("api:get_permit_audit_statistics"), {"day": "9999-12-05"})
    assert answer.status_code == 422
