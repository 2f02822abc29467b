"""What a danger teaches: repeats graded up, the lesson before closing, the same-type self-check of every like unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file, told_report
from tests.domains.hazards.test_findings import act, fixing, people, picture, upload
from tests.domains.registry.factories import CODES, make_file
from tests.factories import NOW, client_of, make_actor, make_district

from quancheng.domains.hazards.models import Finding, Push, PushReply
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.learning import answer_push
from quancheng.kernel.errors import StaleState
from quancheng.standards.hidden_dangers.checklists import known_item
from quancheng.standards.hidden_dangers.levels import raised

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def test_a_repeat_is_graded_one_higher_by_proposal_and_lower_only_with_a_reason() -> None:
    district = make_district()
    file = own_file(district)
    first = make_finding(district.enterprise, file, checklist_item="WH-01", place="1号库")
    Finding.objects.filter(pk=first.pk).update(found_at=NOW - timedelta(days=200))
    other_place = make_finding(district.enterprise, file, checklist_item="WH-01", place="2号库")
    row = make_finding(district.enterprise, file, checklist_item="WH-01", place=" 1号库 ")
    assert (row.is_repeat, row.repeat_of_id, row.weight) == (True, first.pk, 2)
    assert (other_place.is_repeat, other_place.weight) == (False, 1)
    own = client_of(district.enterprise)
    page = own.get(reverse("hazards:finding", args=[row.pk]) + "?act=confirm").content.decode()
    assert first.code in page
    assert "建议升一级" in page
    proposed = raised(known_item("WH-01").grade)
    who = {"rectifier": str(people(district)["worker"].user_id)}
    refused = act(own, row, "confirm", grade="low", **who)
    assert refused.status_code == 422
    assert first.code in refused.content.decode()
    answer = act(own, row, "confirm", grade="low", cause="库房已改造，仅标识重复", **who)
    assert answer.status_code in (302, 303)
    row.refresh_from_db()
    assert (row.grade, row.is_repeat) == ("low", True)
    # Who tells no grade takes the proposed one.
    again = make_finding(make_actor(district.enterprise_org, "enterprise.worker"), file, checklist_item="WH-01",
                         place="1号库")  # fmt: skip
    assert act(own, again, "confirm", **who).status_code in (302, 303)
    again.refresh_from_db()
    assert again.grade == min(proposed, "serious", key=["low", "general", "serious", "major"].index)
    counted = own.get(reverse("hazards:statistics")).content.decode()
    assert "计分隐患数" in counted


@pytest.mark.clause("S2-1d")
def test_a_major_danger_is_not_closed_without_root_cause_like_places_and_what_changes() -> None:
    district = make_district()
    file, staff = own_file(district), people(district)
    row = make_finding(district.enterprise, file, name="液氨用软管", is_major=True, criterion="CH-07")
    services.grade_finding(actor=district.enterprise, row=row, criterion="CH-07", grade="major",
                           rectifier=staff["worker"].user_id, deadline=None, cause="", now=NOW)  # fmt: skip
    Finding.objects.filter(pk=row.pk).update(status="FIXING", deadline=TODAY, is_planned=True)
    worker, safety = client_of(staff["worker"]), client_of(district.enterprise)
    whole = {"result": "已更换", "whys": "图便宜\n制度没有规定", "places": "2号口：未见同类问题\n3号口：已一并更换",
             "training": "装卸工培训一次"}  # fmt: skip
    for number, (lacking, sent) in enumerate(
        (("whys", ""), ("places", ""), ("places", "2号口"), ("training", ""), ("whys", "一\n二\n三\n四\n五\n六"))
    ):
        answer = act(worker, row, "finish", **{**whole, lacking: sent}, evidence=picture(30 + number))
        assert answer.status_code == 422, lacking
        assert "图便宜" in answer.content.decode() or lacking == "whys"
    # Even where the row got into acceptance by another way, nobody takes it off the list without the lesson.
    Finding.objects.filter(pk=row.pk).update(status="ACCEPTING", finished_at=NOW)
    assert act(safety, row, "pass", comment="合格", **told_report()).status_code == 409
    Finding.objects.filter(pk=row.pk).update(status="FIXING", finished_at=None)
    assert act(worker, row, "finish", **whole, evidence=picture(50)).status_code in (302, 303)
    assert act(safety, row, "pass", comment="合格", **told_report()).status_code in (302, 303)
    office = client_of(district.department)
    page = office.get(reverse("hazards:finding", args=[row.pk]) + "?tab=lesson").content.decode()
    assert "制度没有规定" in page
    assert "3号口" in page
    assert act(office, row, "cancel", comment="复核合格").status_code in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.learned.root_cause) == ("CLOSED", "制度没有规定")


def push(client: Client, files: list[Any], **given: Any) -> Any:
    sent = {"title": "万向管道自查", "text": "对照检查装卸口", "criterion": "", "process": "", "equipment": "",
            "town": "", "kinds": ["depot"], "files": [str(one) for one in files], **given}  # fmt: skip
    return client.post(reverse("hazards:push_new"), sent)


def test_units_of_the_same_kind_are_asked_to_check_themselves_and_it_is_done_when_all_answered() -> None:
    district = make_district()
    file = own_file(district)
    two = make_file(district.department, area=district.street_area, kind="depot", name="示例乙仓储有限公司")
    station = make_file(district.department, area=district.street_area, kind="petrol_station", name="示例丙加油站",
                        code=CODES[1])
    source = make_finding(district.department, two, name="液氨用软管", is_major=True, criterion="CH-07")
    office = client_of(district.department)
    begun = office.get(reverse("hazards:push_new") + f"?finding={source.pk}").content.decode()
    assert "CH-07" in begun
    assert two.enterprise.name not in begun  # the unit of the danger itself is not asked
    preview = office.get(reverse("hazards:push_new") + "?kinds=depot").content.decode()
    assert two.enterprise.name in preview
    assert station.enterprise.name not in preview
    assert push(office, []).status_code == 422
    assert push(office, [station.pk]).status_code == 422
    kept = push(office, [file.pk], title="")
    assert kept.status_code == 422
    assert "对照检查装卸口" in kept.content.decode()
    assert push(office, [file.pk, two.pk]).status_code in (302, 303)
    made = Push.objects.get()
    assert (made.status, made.due_date, made.done_percent) == ("OPEN", TODAY + timedelta(days=15), 95)
    mine = PushReply.objects.get(file=file)
    own, address = client_of(district.enterprise), reverse("hazards:push_reply", args=[mine.pk])
    assert mine.title in own.get(reverse("hazards:push_replies")).content.decode()
    assert own.post(address, {"act": "found", "text": "查了"}).status_code == 422
    older = make_finding(district.enterprise, file, name="更早的隐患")
    Finding.objects.filter(pk=older.pk).update(found_at=NOW - timedelta(days=1))
    assert own.post(address, {"act": "found", "text": "查了", "findings": [str(older.pk)]}).status_code == 422
    new = make_finding(district.enterprise, file, name="2号口也是软管", source="accident")
    answer = own.post(address, {"act": "found", "text": "查了两个装卸口", "findings": [str(new.pk)]})
    assert answer.status_code in (302, 303), answer.content.decode()[-2000:]
    mine.refresh_from_db()
    new.refresh_from_db()
    made.refresh_from_db()
    assert (mine.status, mine.found_count, new.push_reply_id, made.status) == ("FOUND", 1, mine.pk, "OPEN")
    listed = office.get(reverse("hazards:pushes")).content.decode()
    assert "1 / 2" in listed
    # The other has nobody to answer; its safety officer says that it does not apply, with a reason, through REST.
    theirs = PushReply.objects.get(file=two)
    other = make_actor(two.enterprise, "enterprise.safety")
    rest = client_of(other)
    api = reverse("api:answer_self_check", args=[theirs.pk])
    empty = rest.post(api, {"answer": "found", "text": "没有", "finding_ids": [str(new.pk)]}, "application/json")
    assert empty.status_code == 422
    told = rest.post(api, {"answer": "not_applicable", "text": "本单位没有装卸口"}, "application/json")
    assert told.status_code == 200, told.content
    made.refresh_from_db()
    assert made.status == "DONE"
    assert client_of(district.enterprise).get(reverse("hazards:push_new")).status_code == 403


def test_a_self_check_goes_to_no_more_units_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    district = make_district()
    file = own_file(district)
    two = make_file(district.department, area=district.street_area, kind="depot", name="示例乙仓储有限公司")
    monkeypatch.setattr("quancheng.domains.hazards.services.learning.MOST_UNITS", 1)
    office = client_of(district.department)
    refused = push(office, [file.pk, two.pk])
    assert refused.status_code == 422
    assert "一次最多推送1家企业" in refused.content.decode()
    assert not Push.objects.exists()
    assert push(office, [file.pk]).status_code in (302, 303)


def test_a_stopped_self_check_is_owed_no_more() -> None:
    district = make_district()
    file = own_file(district)
    office = client_of(district.department)
    assert push(office, [file.pk]).status_code in (302, 303)
    made = Push.objects.get()
    page = reverse("hazards:push", args=[made.pk])
    assert office.post(page, {"act": "stop", "reason": "重复推送"}).status_code in (302, 303)
    reply = PushReply.objects.get()
    assert reply.status == "ENDED"
    with pytest.raises(StaleState):
        answer_push(actor=district.enterprise, row=reply, name="clear", text="查了", now=NOW)


def test_a_serious_danger_of_the_enterprise_asks_for_its_lesson_too() -> None:
    district = make_district()
    row = fixing(district, make_finding(district.enterprise, own_file(district)))
    Finding.objects.filter(pk=row.pk).update(grade="serious")
    row.refresh_from_db()
    own = client_of(district.enterprise)
    assert act(own, row, "finish", result="好了", evidence=picture(61)).status_code == 422
    photo = upload(district.enterprise, 62)
    lesson = services.LessonSpec(whys=("没人管",), places=(("全厂", "无同类部位"),), rule="写明责任人")
    services.finish_finding(actor=district.enterprise, row=row, result="好了", lesson=lesson, photos=[photo], now=NOW)
    head = people(district)["head"]
    services.accept_finding(actor=head, row=row, comment="合格", now=NOW)
    assert row.status == "CLOSED"
