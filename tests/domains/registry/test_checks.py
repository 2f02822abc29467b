"""Checklists: stopped units, design re-verification, laboratories and a census's own questions, one mechanism."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_actor, make_district
from tests.support.replay import replayed

from quancheng.domains.registry.models import CheckRecord, Enterprise, Laboratory, Reverification, Stoppage
from quancheng.domains.registry.queries.checks import items_of
from quancheng.domains.registry.services import census as censuses
from quancheng.domains.registry.services.census import CensusSpec
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.law.models import LegalText
from quancheng.kernel.law.services import ClauseSpec, EditionSpec, add_edition
from quancheng.kernel.loops.models import MoveRecord
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@replayed
def own_file(district: District, kind: str = "user") -> Enterprise:
    return open_own_file(actor=district.enterprise, kind=kind, known={"address": "示例路1号"}, now=NOW)


def answered(kind: str, *wrong: str, **more: Any) -> dict[str, Any]:
    """What a person types: every item met but those named."""
    given: dict[str, Any] = {"day": timezone.localdate().isoformat(), **more}
    for item in items_of(kind, census=None, on=timezone.localdate())[1]:
        given[f"answer_{item.place}"] = "no" if item.place in wrong else "yes"
        given[f"note_{item.place}"] = "现场没有" if item.place in wrong else ""
    return given


@pytest.mark.clause("S4-C3.3.1e")
def test_a_stopped_unit_is_checked_by_list_with_what_is_still_on_hand_until_it_resumes(district: District) -> None:
    file = own_file(district)
    unit = make_unit(district.enterprise, file)
    make_holding(district.enterprise, make_facility(district.enterprise, unit), "甲醇", design_t=30, present_t=12)
    own = client_of(district.enterprise)
    given = {"unit": str(unit.pk), "since": "2026-01-05", "reason": "市场原因", "every_days": "30"}
    assert own.post(f"/registry/enterprises/{file.pk}/stop", {**given, "reason": ""}).status_code == 422
    assert own.post(f"/registry/enterprises/{file.pk}/stop", given).status_code == 303
    assert own.post(f"/registry/enterprises/{file.pk}/stop", given).status_code == 409
    row = Stoppage.objects.get()
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.duty) == (file.pk, "registry.files.keep")
    page = own.get(f"/registry/stoppages/{row.pk}").content.decode()
    assert "甲醇" in page
    assert "12" in page
    path = f"/registry/stoppages/{row.pk}/check"
    form = own.get(path).content.decode()
    assert "盲板" in form
    assert "《危险化学品安全管理条例》第27条" in form
    lacking = answered("stopped", "2") | {"note_2": ""}
    refused = own.post(path, lacking)
    assert refused.status_code == 422
    assert "写明具体情况" in refused.content.decode()
    assert own.post(path, answered("stopped", "2", text="2号泵缺盲板")).status_code == 303
    check = CheckRecord.objects.get()
    assert (check.stoppage_id, check.wrong_count, check.org_id) == (row.pk, 1, file.pk)
    assert check.answers[1]["note"] == "现场没有"
    row.refresh_from_db()
    assert row.next_check_date == timezone.localdate() + timedelta(days=30)
    # The bureau looks too, by the same list; the enterprise's own date does not move with that.
    assert client_of(district.department).post(path, answered("stopped")).status_code == 303
    assert client_of(district.other_town).get(f"/registry/stoppages/{row.pk}").status_code == 404
    assert own.post(f"/registry/stoppages/{row.pk}", {"act": "resume", "text": "检修合格，恢复"}).status_code == 303
    row.refresh_from_db()
    assert row.status == "RESUMED"
    assert own.post(path, answered("stopped")).status_code == 409


def test_a_whole_enterprise_that_stops_shows_it_in_its_file_until_it_resumes(district: District) -> None:
    file = own_file(district)
    own = client_of(district.enterprise)
    given = {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"}
    assert own.post(f"/registry/enterprises/{file.pk}/stop", given).status_code == 303
    file.refresh_from_db()
    assert (file.life, file.life_date) == ("stopped", date(2026, 1, 5))
    row = Stoppage.objects.get()
    assert own.post(f"/registry/stoppages/{row.pk}", {"act": "resume", "text": "恢复"}).status_code == 303
    file.refresh_from_db()
    assert file.life == "operating"


def test_a_trial_goes_on_as_a_trial_and_a_file_that_has_left_the_trade_cannot_stop(district: District) -> None:
    file = own_file(district)
    own = client_of(district.enterprise)
    path, given = f"/registry/enterprises/{file.pk}/stop", {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"}
    for life in ("closed", "exiting"):
        Enterprise.objects.update(life=life)
        assert own.post(path, given).status_code == 409
    Enterprise.objects.update(life="trial")
    assert own.post(path, given).status_code == 303
    assert own.post(f"/registry/stoppages/{Stoppage.objects.get().pk}", {"act": "resume", "text": "恢复"})
    assert Enterprise.objects.get().life == "trial"


@pytest.mark.clause("S4-C3.3.1e")
def test_what_stands_still_ends_for_good_only_when_nothing_is_on_hand(district: District) -> None:
    file = own_file(district)
    room = make_facility(district.enterprise, make_unit(district.enterprise, file))
    holding = make_holding(district.enterprise, room, "甲醇", design_t=30, present_t=12)
    own = client_of(district.enterprise)
    given = {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"}
    assert own.post(f"/registry/enterprises/{file.pk}/stop", given).status_code == 303
    row = Stoppage.objects.get()
    refused = own.post(f"/registry/stoppages/{row.pk}", {"act": "end", "text": "不再生产"})
    assert refused.status_code == 409
    assert "仍有危险化学品留存" in refused.content.decode()
    out = {"act": "move", "kind": "out", "quantity": "12 t", "at": "2026-11-01T10:00", "remark": "", "aware": "on"}
    assert own.post(f"/registry/stock/{holding.pk}", out).status_code == 303
    assert own.post(f"/registry/stoppages/{row.pk}", {"act": "end", "text": "不再生产"}).status_code == 303
    row.refresh_from_db()
    assert (row.status, Enterprise.objects.get().life) == ("ENDED", "exiting")


def test_the_same_form_twice_checks_and_passes_once(district: District) -> None:
    file = own_file(district)
    own, bureau = client_of(district.enterprise), client_of(district.department)
    own.post(f"/registry/enterprises/{file.pk}/stop", {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"})
    due = {"kinds": ["user"], "due_date": "2099-01-01"}
    assert bureau.post("/registry/reverifications/new", due).status_code == 303
    stoppage, row = Stoppage.objects.get(), Reverification.objects.get()
    once = answered("stopped", client_id=str(uuid.uuid4()))
    for _time in range(2):
        assert own.post(f"/registry/stoppages/{stoppage.pk}/check", once).status_code == 303
    moves = MoveRecord.objects.filter(subject_id=stoppage.pk, move="check")
    assert (CheckRecord.objects.count(), moves.count()) == (1, 1)
    passed = {"act": "pass", **answered("design", client_id=str(uuid.uuid4()))}
    for _time in range(2):
        answer = bureau.post(f"/registry/reverifications/{row.pk}", passed)
        assert answer.status_code == 303, answer.content.decode()[:3000]
    row.refresh_from_db()
    assert (row.status, CheckRecord.objects.count()) == ("PASSED", 2)
    assert MoveRecord.objects.filter(subject_id=row.pk, move="pass").count() == 1


@pytest.mark.clause("S5-T8")
def test_three_items_are_verified_anew_at_each_chemical_user_with_result_evidence_and_case(district: District) -> None:
    file = own_file(district)
    make_file(district.department, area=district.street_area, credit_code=CODES[0])
    bureau, own = client_of(district.department), client_of(district.enterprise)
    due = (timezone.localdate() + timedelta(days=60)).isoformat()
    assert bureau.post("/registry/reverifications/new", {"kinds": ["user"], "due_date": due}).status_code == 303
    row = Reverification.objects.get()
    assert row.file_id == file.pk
    assert WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True).owner_org_id == district.department_org.pk
    path = f"/registry/reverifications/{row.pk}"
    form = bureau.get(f"{path}?act=pass").content.decode()
    assert form.count('name="answer_1"') > 1
    assert 'name="answer_4"' not in form
    assert bureau.post(path, {"act": "pass", **answered("design", "2")}).status_code == 422
    later = (timezone.localdate() + timedelta(days=30)).isoformat()
    evidence = _upload()
    given = {"act": "demand", **answered("design", "2"), "mend_date": later, "evidence": evidence}
    assert bureau.post(path, given).status_code == 303
    check = CheckRecord.objects.get()
    assert [one["answer"] for one in check.answers] == ["yes", "no", "yes"]
    assert "报告.txt" in bureau.get(f"/registry/checks/{check.pk}?tab=files").content.decode()
    item = WorkItem.objects.get(subject_id=row.pk, done_at__isnull=True)
    assert item.owner_org_id == file.pk
    assert own.post(path, {"act": "mended", "text": "已加装联锁"}).status_code == 303
    assert bureau.post(path, {"act": "punish", "case": ""}).status_code == 422
    assert bureau.post(path, {"act": "punish", "case": "示应急立〔2026〕7号"}).status_code == 303
    assert "示应急立〔2026〕7号" in own.get(path).content.decode()
    row.refresh_from_db()
    assert row.status == "PUNISHED"


def _upload() -> Any:
    return SimpleUploadedFile("报告.txt", "设计诊断报告".encode(), content_type="text/plain")


@pytest.mark.clause("S5-T15a")
def test_a_laboratory_is_registered_with_its_people_chemicals_checks_and_campaign(district: District) -> None:
    file = own_file(district, kind="laboratory")
    unit = make_unit(district.enterprise, file, boundary="building")
    room = make_facility(district.enterprise, unit, kind="laboratory", name="有机合成室", code="L-1")
    make_holding(district.enterprise, room, "甲醇", design_t="0.05", present_t="0.02")
    own = client_of(district.enterprise)
    given = {"kind": "teaching", "room": "化学楼305", "section": "化学学院", "head": "示例甲",
             "safety_officer": "示例乙", "people_count": "12", "trained_count": "13"}  # fmt: skip
    path = f"/registry/facilities/{room.pk}/laboratory/new"
    assert own.post(path, given).status_code == 422
    assert own.post(path, {**given, "trained_count": "10"}).status_code == 303
    lab = Laboratory.objects.get()
    page = own.get(f"/registry/laboratories/{lab.pk}").content.decode()
    assert all(said in page for said in ("示例甲", "示例乙", "甲醇", "10"))
    assert own.post(f"/registry/laboratories/{lab.pk}/check", answered("laboratory", "4")).status_code == 303
    check = CheckRecord.objects.get()
    assert (check.laboratory_id, check.wrong_count) == (lab.pk, 1)
    listed = own.get("/registry/laboratories").content.decode()
    assert timezone.localdate().isoformat() in listed
    # The campaign: a census that looks for laboratories alone, with its own questions.
    edu = _education(district)
    census = _campaign(district, kinds=("laboratory",))
    answers = {"day": timezone.localdate().isoformat(), "answer_1": "yes"}
    assert own.post(f"/registry/censuses/{census.pk}/self-check", answers).status_code == 303
    assert CheckRecord.objects.filter(kind="census", census=census, file=file).exists()
    assert "化学楼305" in edu.get("/registry/laboratories").content.decode()


def _education(district: District) -> Client:
    return client_of(district.director)


def _campaign(district: District, *, kinds: tuple[str, ...] = ()) -> Any:
    today = timezone.localdate()
    spec = CensusSpec("实验室专项治理", "示例文件", today, today + timedelta(days=30), kinds, ["责任书是否逐级签订"])
    made = censuses.open_census(actor=district.officer, spec=spec, now=timezone.now())
    censuses.assign_areas(
        actor=district.officer, census=made, orgs=[district.town_org], due_date=today, now=timezone.now()
    )
    return censuses.start_census(actor=district.officer, census=made, now=timezone.now())


@pytest.mark.clause("S3-6.2a")
def test_an_enterprise_finds_the_self_check_of_a_census_in_its_file_and_no_other_gets_it(district: District) -> None:
    file = own_file(district)
    census = _campaign(district)
    own = client_of(district.enterprise)
    page = own.get(f"/registry/enterprises/{file.pk}?tab=checks").content.decode()
    assert f"/registry/censuses/{census.pk}/self-check" in page
    answers = {"day": timezone.localdate().isoformat(), "answer_1": "no", "note_1": "还差两份"}
    assert own.post(f"/registry/censuses/{census.pk}/self-check", {**answers, "note_1": ""}).status_code == 422
    assert own.post(f"/registry/censuses/{census.pk}/self-check", answers).status_code == 303
    # The office sees what was answered; an enterprise of another street is not asked.
    check = CheckRecord.objects.get()
    assert "还差两份" in client_of(district.town).get(f"/registry/checks/{check.pk}").content.decode()
    open_own_file(actor=district.other_enterprise, kind="user", known={}, now=NOW)
    other = client_of(district.other_enterprise)
    assert other.get(f"/registry/censuses/{census.pk}/self-check").status_code == 404
    assert other.get(f"/registry/checks/{check.pk}").status_code == 404


def test_a_new_edition_of_a_checklist_is_asked_and_old_records_keep_their_words(district: District) -> None:
    file = own_file(district)
    own = client_of(district.enterprise)
    own.post(f"/registry/enterprises/{file.pk}/stop", {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"})
    row = Stoppage.objects.get()
    assert own.post(f"/registry/stoppages/{row.pk}/check", answered("stopped")).status_code == 303
    keeper = make_actor(district.office_org, "office.officer")
    text = LegalText.objects.get(code="CL-STOPPED")
    edition = EditionSpec(number="示例区2026版", effective_from=timezone.localdate())
    duty = {name: getattr(keeper, name) for name in keeper.__slots__} | {"duties": frozenset({"law.manage"})}
    lines = [ClauseSpec("1", "示例区自己的检查项")]
    add_edition(actor=type(keeper)(**duty), text=text, spec=edition, clauses=lines, now=timezone.now())
    assert "示例区自己的检查项" in own.get(f"/registry/stoppages/{row.pk}/check").content.decode()
    assert "盲板" in own.get(f"/registry/checks/{CheckRecord.objects.get().pk}").content.decode()
