"""Design diagnoses with their defects; who of two key points and one major has neither one nor a regular design."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.domains.hazards.test_findings import act, people, picture
from tests.domains.hazards.test_post_coverage import bureau, carrier
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district, make_file
from tests.kernel.exchange.importing import book, checked, exported, imported, reasons, undo

from quancheng.domains.hazards.models import DesignDiagnosis, Finding
from quancheng.domains.hazards.queries import design_diagnoses as queries
from quancheng.domains.hazards.queries.exchange_facts import subject_of_row
from quancheng.domains.hazards.services import design_diagnoses as services
from quancheng.domains.hazards.services.findings import FindingSpec, report_finding
from quancheng.domains.registry.models import Enterprise, Facility, Reverification, Unit
from quancheng.domains.registry.queries.derived import two_key_one_major_of, with_two_key_one_major
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.registry.services.checks import open_reverification
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.queries import files_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def ok(answer: Any) -> None:
    assert answer.status_code in (302, 303), (answer.status_code, answer.content.decode()[:6000])


def text_of(client: Client, name: str, *args: Any, query: str = "") -> str:
    answer = client.get(reverse(f"hazards:{name}", args=args) + query)
    assert answer.status_code == 200, (name, answer.status_code, answer.content.decode()[:3000])
    return answer.content.decode()


def report(name: str = "诊断报告.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "安全设计诊断报告".encode(), content_type="text/plain")


def diagnosis(actor: Actor, file: Enterprise, **known: Any) -> DesignDiagnosis:
    given: dict[str, Any] = {
        "kind": "diagnosis", "year": 2022, "institute": "示例化工设计院", "qualification": "化工石化医药行业甲级",
        "report_number": "SJ-2022-011", "dated": date(2022, 6, 30), "files": [make_file(actor, "报告")], **known,
    }  # fmt: skip
    return services.enter_diagnosis(actor=actor, file=file, spec=services.DiagnosisSpec(**given), now=NOW)


def plant(district: District, *, hazard: bool = True) -> Enterprise:
    """The first enterprise, which holds a major hazard and runs a key process."""
    file = own_file(district)
    unit = make_unit(district.enterprise, file, code="U-1", name="硝化装置")
    room = make_facility(district.enterprise, unit, code="R-101", name="硝化釜", kind="reactor")
    Facility.objects.filter(pk=room.pk).update(processes=["P03"], design="none")
    if hazard:
        Unit.objects.filter(pk=unit.pk).update(legal_grade=3)
    return file


def close(district: District, row: Finding) -> None:
    """Through the one loop, by pages: graded, planned and put right, accepted by the head."""
    staff, own = people(district), client_of(district.enterprise)
    ok(act(own, row, "confirm", rectifier=str(district.enterprise.user_id), grade="general"))
    ok(act(own, row, "plan", measures="加装紧急切断", person="示例甲", money="800", due_date=TODAY.isoformat(),
           emergency_plan="现场处置方案"))  # fmt: skip
    ok(act(own, row, "finish", result="已加装并试验合格", evidence=picture(9)))
    ok(act(client_of(staff["head"]), row, "accept", comment="现场查看，符合设计"))


@pytest.mark.clause("S4-C3.3.2a")
def test_defects_of_the_2022_diagnosis_close_by_the_loop_and_the_district_sees_what_is_open_and_unscreened() -> None:
    district = make_district()
    file = plant(district)
    own, office = client_of(district.enterprise), client_of(district.department)
    # Two key points and one major without diagnosis or regular design: to be screened, and the number opens the row.
    board = text_of(office, "design_board")
    assert queries.screened(actor=district.department) == {
        "total": 1, "unproven": 1, "has_process": 1, "has_chemical": 0, "has_hazard": 1,
    }  # fmt: skip
    assert f"{reverse('hazards:design_screen')}?proof=no" in board
    screen = text_of(office, "design_screen", query="?proof=no&mark=has_process")
    assert file.enterprise.name in screen
    assert reverse("hazards:design_new", args=[file.pk]) in screen
    # The enterprise enters the diagnosis of 2022 with its report, and its defects by hand and by sheet.
    unit = Unit.objects.get()
    given = {"kind": "diagnosis", "year": "2022", "institute": "示例化工设计院", "qualification": "甲级 A1XXXXXXXX",
             "report_number": "SJ-2022-011", "dated": "2022-06-30", "units": [str(unit.pk)]}  # fmt: skip
    address = reverse("hazards:design_new", args=[file.pk])
    assert own.post(address, given).status_code == 422
    ok(own.post(address, given | {"files": report()}))
    row = DesignDiagnosis.objects.get()
    shown = text_of(own, "design_diagnosis", row.pk)
    for told in ("示例化工设计院", "甲级 A1XXXXXXXX", "SJ-2022-011", "硝化装置"):
        assert told in shown
    address = reverse("hazards:design_defect_new", args=[row.pk])
    ok(own.post(address, {"name": "硝化釜未设紧急切断", "type": "safety", "description": "按诊断意见加装"}))
    assert own.post(address, {"name": "硝化釜未设紧急切断", "type": "safety"}).status_code == 422
    sheet = book(["问题", "整改建议", "部位", "隐患等级", "判定标准"],
                 ["控制室面向装置一侧未作抗爆设计", "核算并加固", "控制室", "一般", ""],
                 ["围堰容积不足", "", "罐区", "一般", "XX-1"])  # fmt: skip
    run = checked(own, "hazards.design_defects", sheet, diagnosis=str(row.pk))
    assert [column for column, _said in reasons(run)] == ["E3", "D3"]
    assert Finding.objects.count() == 1
    good = book(["问题", "整改建议", "部位"], ["控制室面向装置一侧未作抗爆设计", "核算并加固", "控制室"])
    imported(own, "hazards.design_defects", good, diagnosis=str(row.pk))
    first, second = Finding.objects.order_by("code")
    assert {(one.source, one.diagnosis_id, one.found_at.year, one.file_id) for one in (first, second)} == {
        ("design", row.pk, 2022, file.pk)
    }
    assert "SJ-2022-011" in text_of(own, "finding", first.pk)
    close(district, first)
    first.refresh_from_db()
    assert first.status == "CLOSED"
    # The district: found, closed, open with the oldest; each number opens its rows.
    line = queries.by_year(actor=district.department)[0]
    assert (line.year, line.diagnoses, line.files, line.found, line.closed, line.open, line.oldest) == (
        2022, 1, 1, 2, 1, 1, date(2022, 6, 30),
    )  # fmt: skip
    board = text_of(office, "design_board", query="?year=2022")
    assert "2022 年诊断发现的问题还有 1 项未销号" in board
    assert "50.0%" in board
    for query, names in (
        ("?design=2022&open=1", {second.code}), ("?design=2022&ended=1", {first.code}),
        ("?design=2022", {first.code, second.code}), ("?design=2021", set()),
    ):  # fmt: skip
        page = text_of(office, "findings", query=query)
        assert query.replace("&", "&amp;") in board or "2021" in query
        assert {code for code in (first.code, second.code) if code in page} == names, query
    assert "没有登记的诊断" in text_of(office, "design_board", query="?year=2021")
    assert file.enterprise.name in text_of(office, "design_diagnoses", query="?year=2022&open=1")
    assert file.enterprise.name not in text_of(office, "design_diagnoses", query="?year=2021")
    # It is screened now.
    assert queries.screened(actor=district.department)["unproven"] == 0
    assert file.enterprise.name in text_of(office, "design_screen", query="?proof=yes")
    rows = exported(office, reverse("hazards:design_diagnoses") + "?export=xlsx")
    assert any("SJ-2022-011" in one for one in rows)
    told = office.get("/api/v1/hazards/design-diagnoses?year=2022").json()["items"]
    assert [(one["found"], one["closed"], one["open"], one["oldest"]) for one in told] == [(2, 1, 1, "2022-06-30")]


def test_it_goes_out_under_a_code_of_the_exchange_spec_and_the_ordinary_form_makes_none() -> None:
    district = make_district()
    file = plant(district)
    row = diagnosis(district.enterprise, file)
    made = services.add_defect(actor=district.enterprise, row=row, spec=services.DefectSpec("未设联锁"), now=NOW)
    assert subject_of_row("danger", made).facts["dangerSrc"] == "8"
    spec = FindingSpec(name="未设联锁", source="design")
    with pytest.raises(Invalid):
        report_finding(actor=district.enterprise, file=file, spec=spec, now=NOW)
    form = text_of(client_of(district.enterprise), "finding_new", file.pk)
    assert 'value="design"' not in form


def test_who_sees_and_enters_what() -> None:
    district = make_district()
    file, theirs = plant(district), carrier(district)
    row = diagnosis(district.enterprise, file)
    other = diagnosis(theirs.safety, theirs.file, report_number="SJ-9")
    transport = bureau(district)
    own, office = client_of(district.enterprise), client_of(transport)
    assert "SJ-2022-011" in text_of(own, "design_diagnoses")
    assert "SJ-9" not in text_of(own, "design_diagnoses")
    assert own.get(reverse("hazards:design_diagnosis", args=[other.pk])).status_code == 404
    assert own.get(reverse("hazards:design_new", args=[theirs.file.pk])).status_code == 404
    assert "SJ-9" in text_of(office, "design_diagnoses")
    assert "SJ-2022-011" not in text_of(office, "design_diagnoses")
    assert office.get(reverse("hazards:design_defect_new", args=[row.pk])).status_code == 404
    assert queries.by_year(actor=transport)[0].diagnoses == 1
    with pytest.raises(NotPermitted):
        services.add_defect(actor=theirs.safety, row=row, spec=services.DefectSpec("问题"), now=NOW)
    with pytest.raises(NotPermitted):
        services.end_diagnosis(actor=district.department, row=row, reason="误录", now=NOW)
    # An office enters what it has; the danger is then its to cancel.
    found = services.add_defect(actor=district.department, row=row, spec=services.DefectSpec("防火间距不足"), now=NOW)
    assert (found.is_by_regulator, found.file_id) == (True, file.pk)
    with pytest.raises(Conflict):
        services.end_diagnosis(actor=district.enterprise, row=row, reason="误录", now=NOW)
    ok(client_of(theirs.safety).post(reverse("hazards:design_diagnosis", args=[other.pk]),
                                     {"act": "end", "reason": "误录"}))  # fmt: skip
    assert "SJ-9" not in text_of(office, "design_diagnoses")


def test_a_record_that_is_void_says_so_to_who_voids_it_again() -> None:
    district = make_district()
    row = diagnosis(district.enterprise, plant(district))
    own, page = client_of(district.enterprise), reverse("hazards:design_diagnosis", args=[row.pk])
    first = {"act": "end", "reason": "误录", "client_id": str(uuid.uuid4())}
    ok(own.post(page, first))
    again = own.post(page, {"act": "end", "reason": "重复点击"})
    assert again.status_code == 409
    assert "该记录已作废。" in again.content.decode()
    ok(own.post(page, first))  # the same click twice is one
    row.refresh_from_db()
    assert row.ended_reason == "误录"
    assert own.post(page, {"act": "destroy"}).status_code == 422
    assert client_of(district.department).post(page, {"act": "end", "reason": "误录"}).status_code == 403


def test_regular_design_and_the_offices_re_verification_prove_it_too() -> None:
    district = make_district()
    file = plant(district)
    verified = open_reverification(actor=district.department, file=file, due_date=TODAY, now=NOW)
    assert queries.list_screened(actor=district.department).filter(queries.UNPROVEN).count() == 1
    Reverification.objects.filter(pk=verified.pk).update(status="PASSED", closed_at=NOW)
    assert queries.list_screened(actor=district.department).filter(queries.UNPROVEN).count() == 0
    Reverification.objects.filter(pk=verified.pk).update(status="PUNISHED", case="1")
    row = diagnosis(district.enterprise, file, kind="formal", report_number="SJ-1998-3", year=1998)
    assert queries.list_screened(actor=district.department).get().formal
    assert queries.by_year(actor=district.department) == []
    with pytest.raises(Conflict):
        services.add_defect(actor=district.enterprise, row=row, spec=services.DefectSpec("问题"), now=NOW)
    with pytest.raises(Conflict):
        diagnosis(district.enterprise, file, report_number="SJ-1998-3")
    for known in ({"year": 2027}, {"dated": date(2027, 1, 1)}, {"institute": " "}, {"files": []}, {"kind": "x"}):
        with pytest.raises(Invalid):
            diagnosis(district.enterprise, file, report_number="SJ-2", **known)


def test_lists_and_pages_agree_on_two_key_one_major() -> None:
    district = make_district()
    file = plant(district, hazard=False)
    room = Facility.objects.get()
    for processes, holds in (([], False), (["none"], False), (["P03"], True), (["none", "P03"], True)):
        Facility.objects.filter(pk=room.pk).update(processes=processes)
        row: Any = with_two_key_one_major(seen(actor=district.director)).get(pk=file.pk)
        marks = two_key_one_major_of([file.pk])[file.pk]
        assert (row.has_process, bool(marks.processes), row.has_hazard) == (holds, holds, False)
    make_holding(district.enterprise, room, "氯", present_t="1")
    row = with_two_key_one_major(seen(actor=district.director)).get(pk=file.pk)
    assert row.has_chemical
    assert two_key_one_major_of([file.pk])[file.pk].chemicals


def test_an_undone_import_takes_back_what_nobody_graded() -> None:
    district = make_district()
    row = diagnosis(district.enterprise, plant(district))
    own = client_of(district.enterprise)
    sheet = book(["问题"], ["未设紧急切断"], ["未设气体探测器"])
    run = imported(own, "hazards.design_defects", sheet, diagnosis=str(row.pk))
    changed = book(["问题", "部位"], ["未设紧急切断", "改写"])
    again = checked(own, "hazards.design_defects", changed, diagnosis=str(row.pk))
    assert [column for column, _said in reasons(again)] == ["B2"]
    ok(undo(own, run))
    assert set(Finding.objects.values_list("status", flat=True)) == {"DISCARDED"}
    assert queries.list_diagnoses(actor=district.enterprise).get().found == 0


def test_programs_enter_diagnoses_and_defects() -> None:
    district = make_district()
    file = plant(district)
    own, base = client_of(district.enterprise), "/api/v1/hazards"
    body = {"kind": "diagnosis", "year": 2022, "institute": "示例化工设计院", "qualification": "甲级",
            "report_number": "SJ-7", "dated": "2022-05-01", "files": [str(make_file(district.enterprise))]}  # fmt: skip
    made = own.post(f"{base}/enterprises/{file.pk}/design-diagnoses", body, content_type="application/json")
    assert (made.status_code, made.json()["found"]) == (201, 0)
    address = f"{base}/design-diagnoses/{made.json()['id']}/defects"
    defect = own.post(address, {"name": "未设紧急切断"}, content_type="application/json")
    assert (defect.status_code, defect.json()["status"]) == (201, "REPORTED")
    assert client_of(district.other_enterprise).post(
        address, {"name": "问题"}, content_type="application/json"
    ).status_code == 404  # fmt: skip
    years = client_of(district.director).get(f"{base}/design-diagnoses/years").json()
    assert [(one["year"], one["found"], one["open"]) for one in years] == [(2022, 1, 1)]
    screened = client_of(district.director).get(f"{base}/design-screening?proof=yes").json()["items"]
    assert [(one["enterprise_id"], one["diagnosed"]) for one in screened] == [(str(file.pk), True)]


def test_no_defect_is_entered_under_a_record_that_was_voided_since_it_was_read() -> None:
    district = make_district()
    row = diagnosis(district.enterprise, plant(district))
    stale = DesignDiagnosis.objects.select_related("file").get(pk=row.pk)
    services.end_diagnosis(actor=district.enterprise, row=row, reason="误录", now=NOW)
    with pytest.raises(Conflict):
        services.add_defect(actor=district.enterprise, row=stale, spec=services.DefectSpec("未设联锁"), now=NOW)
    assert not Finding.objects.exists()


def test_the_same_defect_twice_is_entered_once_and_another_body_is_told_apart() -> None:
    district = make_district()
    row, key = diagnosis(district.enterprise, plant(district)), uuid.uuid4()
    common: dict[str, Any] = {"actor": district.enterprise, "row": row, "now": NOW, "client_id": key}
    spec = services.DefectSpec("未设联锁", description="加装", type="safety")
    first = services.add_defect(spec=spec, **common)
    assert services.add_defect(spec=spec, **common) == first
    for changed in ({"description": "改造"}, {"type": "other"}, {"criterion": "XX-1"}):
        with pytest.raises(Conflict):
            services.add_defect(spec=replace(spec, **changed), **common)


def test_the_report_of_a_voided_record_is_still_handed_out() -> None:
    district = make_district()
    row = diagnosis(district.enterprise, plant(district))
    services.end_diagnosis(actor=district.enterprise, row=row, reason="误录", now=NOW)
    assert "报告" in text_of(client_of(district.enterprise), "design_diagnosis", row.pk, query="?tab=files")
    link = files_of(row)[0]
    address = reverse("files:download", args=[link.pk])
    assert client_of(district.enterprise).get(address).status_code == 200
    assert client_of(carrier(district).safety).get(address).status_code == 404


def test_records_of_a_double_prove_the_design_of_the_file_that_was_kept() -> None:
    district = make_district()
    kept, theirs = plant(district), carrier(district)
    double = theirs.file
    row = diagnosis(theirs.safety, double, report_number="SJ-7")
    assert queries.screened(actor=district.department)["unproven"] == 1
    Enterprise.objects.filter(pk=double.pk).update(merged_into=kept, life="closed")
    assert queries.screened(actor=district.department)["unproven"] == 0
    for who in (district.enterprise, district.department):
        assert [one.pk for one in queries.diagnoses_of(kept, actor=who)] == [row.pk]
        assert "SJ-7" in text_of(client_of(who), "design_diagnosis", row.pk)
