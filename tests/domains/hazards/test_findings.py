"""A hidden danger from its finding to its end, with both sides on one record; what is refused on the way, and why."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from PIL import Image
from tests.domains.hazards.factories import make_finding, own_file, told_report
from tests.domains.risk.factories import make_assessment, make_event, make_measure, make_object, make_unit
from tests.domains.risk.test_gradings import published
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import Finding, MajorReport, Recheck
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.rechecks import draw_rechecks, owe_recheck
from quancheng.domains.risk.models import EnterpriseRisk, Measure, RiskEvent
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def picture(shade: int, *, taken: str = "") -> SimpleUploadedFile:
    """A photo of one shade, so that each is another; ``taken`` as cameras write it, local time."""
    facts = Image.Exif()
    if taken:
        facts.get_ifd(0x8769)[0x9003] = taken
    out = BytesIO()
    Image.new("RGB", (40, 30), (shade, 40, 40)).save(out, format="JPEG", exif=facts)
    return SimpleUploadedFile(f"照片{shade}.jpg", out.getvalue(), content_type="image/jpeg")


@pytest.fixture
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def act(client: Client, row: Finding, name: str, **given: Any) -> Any:
    return client.post(reverse("hazards:finding", args=[row.pk]), {"act": name, **given})


def status(row: Finding) -> str:
    row.refresh_from_db()
    return row.status


def people(district: District) -> dict[str, Any]:
    """A worker and the head beside the safety officer."""
    org = district.enterprise_org
    return {"worker": make_actor(org, "enterprise.worker"), "head": make_actor(org, "enterprise.head")}


def test_a_worker_finds_it_another_accepts_it_and_the_measure_works_again(at_now: None) -> None:
    district = make_district()
    file, staff = own_file(district), people(district)
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    event = make_event(district.enterprise, unit)
    measure = make_measure(district.enterprise, event)
    make_assessment(district.enterprise, event, 3, 3)
    worker, safety = client_of(staff["worker"]), client_of(district.enterprise)
    sent = {"name": "1号罐探测器不报警", "unit": str(unit.pk), "measure": str(measure.pk), "source": "daily",
            "type": "instrument", "photos": picture(1)}  # fmt: skip
    answer = worker.post(reverse("hazards:finding_new", args=[file.pk]) + f"?unit={unit.pk}", sent)
    assert answer.status_code in (302, 303), answer.content.decode()[-3000:]
    row = Finding.objects.get()
    assert (row.status, row.is_major) == ("REPORTED", False)
    event.refresh_from_db()
    assert event.present_level == 2
    who = {"rectifier": str(staff["worker"].user_id), "grade": "general", "measure": str(measure.pk)}
    assert act(safety, row, "confirm", **who).status_code in (302, 303)
    assert status(row) == "PLANNING"
    assert row.deadline is not None
    plan = {"measures": "更换探测器并检定", "person": "示例甲", "money": "800", "due_date": TODAY.isoformat(),
            "emergency_plan": "便携仪监测"}  # fmt: skip
    assert act(worker, row, "plan", **plan).status_code in (302, 303)
    assert status(row) == "FIXING"
    refused = act(worker, row, "finish", result="已更换")
    assert refused.status_code == 422
    assert "已更换" in refused.content.decode()
    assert act(worker, row, "finish", result="已更换并检定合格", evidence=picture(2)).status_code in (302, 303)
    assert status(row) == "ACCEPTING"
    assert act(safety, row, "accept", comment="报警正常").status_code in (302, 303)
    assert status(row) == "CLOSED"
    event.refresh_from_db()
    measure = Measure.objects.get(pk=measure.pk)
    assert (event.present_level, measure.failed_at) == (3, None)


@pytest.mark.clause("S1-6a")
def test_a_major_danger_needs_all_five_the_heads_approval_reports_and_the_regulator(at_now: None) -> None:
    district = make_district()
    file, staff = own_file(district), people(district)
    row = make_finding(district.enterprise, file, name="液氨装卸用软管代替万向管道", is_major=True)
    safety, head, office = client_of(district.enterprise), client_of(staff["head"]), client_of(district.department)
    worker = client_of(staff["worker"])
    page = safety.get(reverse("hazards:finding", args=[row.pk]) + "?act=confirm").content.decode()
    assert "CH-07" in page
    assert "可能符合" in page
    lower = {"rectifier": str(staff["worker"].user_id), "grade": "general"}
    assert act(safety, row, "confirm", **lower).status_code == 422
    assert act(safety, row, "confirm", **{**lower, "grade": "major", "criterion": "CH-07"}).status_code in (302, 303)
    assert (status(row), row.is_major, row.criterion) == ("PLANNING", True, "CH-07")
    assert MajorReport.objects.filter(finding=row, status="DUE").count() == 3
    whole = {
        "goal": "改用万向管道系统", "measures": "更换", "person": "示例甲", "body": "储运部", "money": "0",
        "materials": "万向管道一套", "due_date": (TODAY + timedelta(days=20)).isoformat(), "requirements": "二十日内",
        "safety_measures": "停止装卸", "emergency_plan": "专项预案", "interim": ["stop"],
    }  # fmt: skip
    for lacking in ("measures", "person", "money", "due_date", "emergency_plan"):
        answer = act(worker, row, "propose", **{key: value for key, value in whole.items() if key != lacking})
        assert answer.status_code == 422, lacking
    # Money may be nought only with a word about it.
    assert act(worker, row, "propose", **whole).status_code == 422
    whole["money_note"] = "由设备厂家免费更换"
    assert act(worker, row, "propose", **whole).status_code in (302, 303)
    assert act(safety, row, "approve").status_code in (403, 404, 409, 422)
    assert act(head, row, "approve").status_code in (302, 303)
    assert (status(row), row.is_planned, row.stop) == ("FIXING", True, "part")
    done = {"result": "已换成万向管道", "evidence": picture(9), "whys": "采购时图便宜\n制度没有规定装卸口形式",
            "places": "2号装卸口：未见同类问题", "rule": "装卸管理制度写明只用万向管道"}  # fmt: skip
    assert act(worker, row, "finish", **done).status_code in (302, 303)
    assert act(safety, row, "pass", comment="合格", **told_report()).status_code in (302, 303)
    assert status(row) == "CANCELLING"
    assert act(office, row, "cancel", comment="现场复核合格").status_code in (302, 303)
    assert status(row) == "CLOSED"
    brief = MajorReport.objects.get(finding=row, kind="brief")
    answer = safety.post(reverse("hazards:report", args=[brief.pk]), {"act": "send", "text": "液氨装卸软管，已停用"})
    assert answer.status_code in (302, 303)
    listed = office.get(reverse("hazards:majors")).content.decode()
    assert row.name in listed


def test_an_open_major_danger_makes_a_graded_enterprise_red_at_once_and_no_longer_when_it_is_none(at_now: None) -> None:
    district = make_district()
    file = own_file(district)
    published(district, file)
    row = make_finding(district.enterprise, file, is_major=True, criterion="CH-07")
    who = people(district)["worker"].user_id
    services.grade_finding(actor=district.enterprise, row=row, criterion="CH-07", grade="major", rectifier=who,
                           deadline=None, cause="", now=NOW)  # fmt: skip
    assert EnterpriseRisk.objects.get(file=file).present_level == 1
    services.regrade_finding(actor=district.department, row=row, name="downgrade", reason="专家组认定不构成",
                             criterion="", now=NOW)  # fmt: skip
    assert EnterpriseRisk.objects.get(file=file).present_level != 1


def test_who_put_it_right_does_not_accept_it_and_a_closed_one_is_not_touched() -> None:
    district = make_district()
    file = own_file(district)
    row = fixing(district, make_finding(district.enterprise, file))
    photo = upload(district.enterprise, 5)
    services.finish_finding(actor=district.enterprise, row=row, result="好了", lesson=None, photos=[photo], now=NOW)
    with pytest.raises(NotPermitted):
        services.accept_finding(actor=district.enterprise, row=row, comment="合格", now=NOW)
    head = people(district)["head"]
    services.accept_finding(actor=head, row=row, comment="合格", now=NOW)
    with pytest.raises(StaleState):
        services.reject_finding(actor=head, row=row, reason="再来", now=NOW)


def upload(actor: Any, shade: int, **given: Any) -> Any:
    from quancheng.kernel.files.services import receive_file

    photo = picture(shade, **given)
    return receive_file(actor=actor, content=photo, name=photo.name or "", now=NOW).pk


def fixing(district: District, row: Finding, *, by: Actor | None = None, days: int = 7) -> Finding:
    """A general danger that is being put right, by the safety officer where nobody else is named."""
    by = by or district.enterprise
    services.grade_finding(
        actor=district.enterprise, row=row, criterion="", grade="general", rectifier=by.user_id, deadline=None,
        cause="", now=NOW,
    )  # fmt: skip
    plan = {"measures": "更换", "person": "示例", "money": 100, "due_date": TODAY + timedelta(days=days),
            "emergency_plan": "现场处置方案"}  # fmt: skip
    return services.plan_finding(actor=by, row=row, plan=plan, now=NOW)


def test_photos_that_prove_nothing_are_refused_and_what_is_doubtful_is_said(at_now: None) -> None:
    district = make_district()
    file = own_file(district)
    before = upload(district.enterprise, 1, taken="2026:09:08 08:55:00")
    row = fixing(
        district,
        make_finding(district.enterprise, file, photos=(before,)),
    )
    client = client_of(district.enterprise)
    same = act(client, row, "finish", result="已整改", evidence=picture(1, taken="2026:09:08 08:55:00"))
    assert same.status_code == 422
    assert "就是整改前的照片" in same.content.decode()
    old = act(client, row, "finish", result="已整改", evidence=picture(3, taken="2025:09:08 08:55:00"))
    assert old.status_code == 422
    assert "拍摄于发现隐患之前" in old.content.decode()
    other = fixing(
        district, make_finding(district.enterprise, file, name="另一条", photos=(upload(district.enterprise, 7),)),
    )  # fmt: skip
    used = act(client, other, "finish", result="已整改", evidence=picture(1, taken="2026:09:08 08:55:00"))
    assert used.status_code == 422
    assert "已用于另一条隐患" in used.content.decode()
    assert act(client, row, "finish", result="已整改", evidence=picture(4)).status_code in (302, 303)
    page = client.get(reverse("hazards:finding", args=[row.pk])).content.decode()
    assert "没有拍摄时间" in page


def test_more_time_is_asked_before_the_end_twice_at_most_and_a_rework_gets_half() -> None:
    district = make_district()
    row = fixing(district, make_finding(district.enterprise, own_file(district)))
    who, head = district.enterprise, people(district)["head"]
    for number in (1, 2):
        until = TODAY + timedelta(days=7 + number)
        services.ask_extension(actor=who, row=row, until=until, reason="等备件", now=NOW)
        services.judge_extension(actor=head, row=row, granted=True, until=until, reason="", now=NOW)
        assert (row.status, row.deadline, row.extension_count) == ("FIXING", until, number)
    with pytest.raises((StaleState, Invalid)):
        services.ask_extension(actor=who, row=row, until=TODAY + timedelta(days=30), reason="再等", now=NOW)
    late = NOW + timedelta(days=30)
    with pytest.raises(Invalid):
        services.ask_extension(actor=who, row=row, until=TODAY + timedelta(days=60), reason="晚了", now=late)
    photo = upload(who, 6)
    services.finish_finding(actor=who, row=row, result="好了", lesson=None, photos=[photo], now=NOW)
    services.reject_finding(actor=head, row=row, reason="仍有泄漏", now=NOW)
    assert row.deadline == TODAY + timedelta(days=3)
    assert row.reject_count == 1


def test_the_enterprise_cannot_lower_a_major_one_and_the_regulator_says_why(at_now: None) -> None:
    district = make_district()
    file = own_file(district)
    row = make_finding(district.enterprise, file, is_major=True, criterion="CH-07")
    who = people(district)["worker"].user_id
    with pytest.raises(Invalid):
        services.grade_finding(actor=district.enterprise, row=row, criterion="", grade="general", rectifier=who,
                               deadline=None, cause="", now=NOW)  # fmt: skip
    services.grade_finding(actor=district.enterprise, row=row, criterion="CH-07", grade="major", rectifier=who,
                           deadline=None, cause="", now=NOW)  # fmt: skip
    assert act(client_of(district.enterprise), row, "downgrade", reason="不算").status_code in (403, 404, 409, 422)
    office = client_of(district.department)
    assert act(office, row, "downgrade", reason="").status_code == 422
    assert act(office, row, "downgrade", reason="专家组认定不构成重大隐患").status_code in (302, 303)
    row.refresh_from_db()
    assert (row.is_major, row.status) == (False, "PLANNING")
    assert not MajorReport.objects.filter(finding=row, status="DUE").exists()


def test_a_regulator_finds_one_and_the_enterprise_can_neither_discard_nor_close_it(at_now: None) -> None:
    district = make_district()
    file = own_file(district)
    office = client_of(district.department)
    sent = {"name": "安全阀根部阀关闭", "source": "regulator", "type": "equipment", "place": "1号罐"}
    assert office.post(reverse("hazards:finding_new", args=[file.pk]), sent).status_code in (302, 303)
    row = Finding.objects.get()
    assert (row.is_by_regulator, row.channel) == (True, "district")
    own = client_of(district.enterprise)
    assert act(own, row, "discard", reason="没有的事").status_code in (409, 422)
    limit = (TODAY + timedelta(days=10)).isoformat()
    assert act(office, row, "order", grade="serious", deadline=limit).status_code in (302, 303)
    later = {"measures": "打开并铅封", "person": "示例", "money": "100", "emergency_plan": "处置卡",
             "due_date": (TODAY + timedelta(days=11)).isoformat()}  # fmt: skip
    assert "不能晚于限定的" in act(own, row, "plan", **later).content.decode()
    assert status(row) == "PLANNING"


def test_two_channels_told_the_same_and_one_goes_on() -> None:
    district = make_district()
    file = own_file(district)
    first = make_finding(district.enterprise, file)
    second = make_finding(make_actor(district.enterprise_org, "enterprise.worker"), file, name="探测器过期")
    page = client_of(district.enterprise).get(reverse("hazards:finding", args=[second.pk]) + "?tab=doubles")
    assert first.code in page.content.decode()
    services.merge_finding(actor=district.enterprise, row=second, into=first, reason="同一探测器", now=NOW)
    assert (second.status, second.merged_into_id) == ("MERGED", first.pk)


def test_every_major_one_is_looked_at_again_and_what_still_stands_is_taken_up_anew(at_now: None) -> None:
    district = make_district()
    file, head = own_file(district), people(district)["head"]
    row = make_finding(district.enterprise, file)
    fixing(district, row)
    photo = upload(district.enterprise, 8)
    services.finish_finding(actor=district.enterprise, row=row, result="好了", lesson=None, photos=[photo], now=NOW)
    services.accept_finding(actor=head, row=row, comment="合格", now=NOW)
    Finding.objects.filter(pk=row.pk).update(is_major=True, is_planned=True)
    assert draw_rechecks(now=NOW) == 1
    assert draw_rechecks(now=NOW) == 0
    recheck = Recheck.objects.get()
    # The enterprise does not hear of it before.
    address = reverse("hazards:recheck", args=[recheck.pk])
    assert client_of(district.enterprise).get(address).status_code == 404
    answer = client_of(district.department).post(address, {"act": "fail", "text": "探测器仍不报警"})
    assert answer.status_code in (302, 303)
    again = Finding.objects.exclude(pk=row.pk).get()
    assert (again.reopens_id, again.is_by_regulator, again.status) == (row.pk, True, "REPORTED")
    assert status(row) == "CLOSED"


def test_a_removed_unit_a_time_to_come_and_a_stranger_are_refused() -> None:
    district = make_district()
    file = own_file(district)
    parent = make_object(district.enterprise, file)
    unit = make_unit(district.enterprise, parent)
    type(unit).objects.filter(pk=unit.pk).update(ended_date=TODAY)
    unit.refresh_from_db()
    with pytest.raises(Invalid) as removed:
        make_finding(district.enterprise, file, unit=unit)
    assert set(removed.value.fields) == {"unit"}
    with pytest.raises(Invalid) as late:
        make_finding(district.enterprise, file, found_at=NOW + timedelta(days=1))
    assert set(late.value.fields) == {"found_at"}
    with pytest.raises(NotPermitted):
        make_finding(district.other_enterprise, file)
    row = make_finding(district.enterprise, file)
    assert client_of(district.other_enterprise).get(reverse("hazards:finding", args=[row.pk])).status_code == 404
    assert row.name not in client_of(district.other_enterprise).get(reverse("hazards:findings")).content.decode()
    assert RiskEvent.objects.count() == 0


def test_a_program_reports_one_once_and_reads_its_official_state() -> None:
    district = make_district()
    file = own_file(district)
    own = client_of(district.enterprise)
    key = {"HTTP_IDEMPOTENCY_KEY": "018f0000-0000-7000-8000-000000000001"}
    address = f"/api/v1/hazards/enterprises/{file.pk}/findings"
    sent = {"name": "阀门渗漏", "place": "1号罐", "type": "equipment"}
    first = own.post(address, sent, content_type="application/json", **key)  # type: ignore[arg-type]
    assert first.status_code == 201, first.content.decode()
    again = own.post(address, sent, content_type="application/json", **key)  # type: ignore[arg-type]
    assert again.json()["id"] == first.json()["id"]
    listed = own.get("/api/v1/hazards/findings?status=REPORTED").json()["items"]
    assert [(one["name"], one["official_state"]) for one in listed] == [("阀门渗漏", 0)]
    assert own.get("/api/v1/hazards/findings-counts?first=2026-09-01&last=2026-08-01").status_code == 422
    strange = own.post(address, {"name": "x", "unit_id": str(file.pk)}, content_type="application/json")
    assert strange.status_code == 422


def test_a_major_one_does_not_vanish_inside_the_enterprise_and_a_regulators_is_not_its_to_grade(at_now: None) -> None:
    district = make_district()
    file, own = own_file(district), client_of(district.enterprise)
    small = make_finding(district.enterprise, file, name="标牌褪色")
    thought = make_finding(people(district)["worker"], file, name="液氨用软管", is_major=True)
    assert act(own, thought, "discard", reason="看错了").status_code in (409, 422)
    assert act(own, thought, "merge", into=str(small.pk), reason="并一起").status_code in (409, 422)
    assert status(thought) == "REPORTED"
    theirs = make_finding(district.department, file, name="安全阀根部阀关闭")
    mine = {"rectifier": str(district.enterprise.user_id), "grade": "general", "deadline": "2099-01-01"}
    assert act(own, theirs, "confirm", **mine).status_code in (409, 422)
    assert status(theirs) == "REPORTED"


def test_another_file_is_no_photo_and_what_failed_the_first_look_is_photographed_anew(at_now: None) -> None:
    district = make_district()
    head = people(district)["head"]
    row = fixing(district, make_finding(district.enterprise, own_file(district)))
    own = client_of(district.enterprise)
    text = SimpleUploadedFile("整改后照片.txt", "已整改".encode(), content_type="text/plain")
    refused = act(own, row, "finish", result="好了", evidence=text)
    assert refused.status_code == 422
    assert "其他文件不能代替" in refused.content.decode()
    assert act(own, row, "finish", result="好了", evidence=picture(11)).status_code in (302, 303)
    row.refresh_from_db()
    services.reject_finding(actor=head, row=row, reason="仍有泄漏", now=NOW + timedelta(minutes=1))
    again = act(own, row, "finish", result="又好了", evidence=picture(11))
    assert again.status_code == 422
    assert "在上次验收中用过" in again.content.decode()


def test_a_unit_that_was_ended_keeps_nobody_from_taking_a_fake_up_again(at_now: None) -> None:
    district = make_district()
    file, head = own_file(district), people(district)["head"]
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    row = fixing(district, make_finding(district.enterprise, file, unit=unit))
    photo = upload(district.enterprise, 21)
    services.finish_finding(actor=district.enterprise, row=row, result="好了", lesson=None, photos=[photo], now=NOW)
    services.accept_finding(actor=head, row=row, comment="合格", now=NOW)
    recheck = owe_recheck(row=row, is_drawn=True, now=NOW)
    assert recheck is not None
    type(unit).objects.filter(pk=unit.pk).update(ended_date=TODAY)
    address = reverse("hazards:recheck", args=[recheck.pk])
    answer = client_of(district.department).post(address, {"act": "fail", "text": "仍未整改"})
    assert answer.status_code in (302, 303), answer.content.decode()[-2000:]
    own = client_of(district.enterprise)
    assert "虚假整改" in own.get(reverse("hazards:finding", args=[row.pk])).content.decode()
    assert own.get(address).status_code == 200


def test_a_danger_is_found_by_its_name_its_code_and_the_present_name_of_its_enterprise() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), name="装车台静电接地夹锈蚀")
    office = client_of(district.department)

    def is_found(words: str) -> bool:
        return row.name in office.get(reverse("hazards:findings"), {"q": words}).content.decode()

    assert (is_found("静电接地"), is_found(row.code), is_found(f"锈蚀 {row.code}")) == (True, True, True)
    assert not is_found("改名后的企业")
    Organisation.objects.filter(pk=district.enterprise.organisation_id).update(name="改名后的企业有限公司")
    Finding.objects.filter(pk=row.pk).update(name="静电接地夹已更换", code="YH-NEW-1")
    row.refresh_from_db()
    assert (is_found("改名后的企业"), is_found("yh-new-1"), is_found("锈蚀")) == (True, True, False)


def written(due: date, **known: Any) -> dict[str, Any]:
    return {"measures": "更换", "person": "示例", "money": 100, "due_date": due, "emergency_plan": "处置卡", **known}


def test_a_term_that_ended_before_anybody_planned_leaves_the_longest_one_and_the_plan_is_told_as_late() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district))
    services.grade_finding(
        actor=district.enterprise, row=row, criterion="", grade="general", rectifier=district.enterprise.user_id,
        deadline=TODAY + timedelta(days=3), cause="", now=NOW,
    )  # fmt: skip
    late, key = NOW + timedelta(days=10), uuid.uuid4()
    with pytest.raises(Invalid) as over:
        services.plan_finding(actor=district.enterprise, row=row, now=late, plan=written(TODAY + timedelta(days=61)))
    assert "60天" in str(over.value.fields["due_date"])
    due = TODAY + timedelta(days=20)
    for _again in range(2):
        services.plan_finding(actor=district.enterprise, row=row, now=late, plan=written(due), client_id=key)
    assert (row.status, row.deadline) == ("FIXING", due)
    assert [one["en"] for one in row.doubts] == [f"planned after its term ended on {TODAY + timedelta(days=3)}"]


def test_a_major_danger_that_was_lowered_after_its_longest_general_term_can_still_be_planned() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district), is_major=True, criterion="CH-07")
    kept = {"status": "FIXING", "is_planned": True, "deadline": TODAY + timedelta(days=90), "span_days": 90}
    Finding.objects.filter(pk=row.pk).update(**kept)
    row.refresh_from_db()
    for days, wanted in ((80, 5), (95, 5)):  # before its own term ended, and after
        late = NOW + timedelta(days=days)
        if days == 80:
            services.regrade_finding(
                actor=district.department, row=row, name="downgrade", reason="未达标准", criterion="", now=late
            )
        due = late.date() + timedelta(days=wanted)
        with transaction.atomic():
            services.plan_finding(actor=district.enterprise, row=row, now=late, plan=written(due))
            assert (row.status, row.deadline) == ("FIXING", due)
            transaction.set_rollback(True)
        row.refresh_from_db()


def test_a_stop_that_was_ordered_while_the_plan_was_written_is_not_undone_by_it() -> None:
    district = make_district()
    row = make_finding(district.enterprise, own_file(district))
    services.grade_finding(
        actor=district.enterprise, row=row, criterion="", grade="general", rectifier=district.enterprise.user_id,
        deadline=None, cause="", now=NOW,
    )  # fmt: skip
    Finding.objects.filter(pk=row.pk).update(stop="all", is_stop_ordered=True)
    with pytest.raises(Invalid) as refused:
        services.plan_finding(actor=district.enterprise, row=row, now=NOW, plan=written(TODAY))
    assert set(refused.value.fields) == {"stop"}


def test_a_report_told_again_after_the_danger_is_gone_makes_no_measure_fail_again() -> None:
    district = make_district()
    file, (draft, graded) = own_file(district), (uuid.uuid4(), uuid.uuid4())
    unit = make_unit(district.enterprise, make_object(district.enterprise, file))
    measure = make_measure(district.enterprise, make_event(district.enterprise, unit))
    spec = services.FindingSpec(name="探测器不报警", unit=unit, measure=measure)
    row = services.report_finding(actor=district.enterprise, file=file, spec=spec, now=NOW, submit=False)
    given: dict[str, Any] = {"criterion": "", "grade": "general", "rectifier": None, "deadline": None, "cause": ""}
    for turn in range(2):
        services.submit_finding(actor=district.enterprise, row=row, now=NOW, client_id=draft)
        services.grade_finding(actor=district.department, row=row, now=NOW, client_id=graded, measure=measure, **given)
        measure = Measure.objects.get(pk=measure.pk)
        assert (measure.failed_at is not None) == (turn == 0)
        Finding.objects.filter(pk=row.pk).update(
            status="CLOSED", closed_at=NOW, accepted_at=NOW, accepted_by=district.enterprise.user_id
        )
        Measure.objects.filter(pk=measure.pk).update(failed_at=None)
