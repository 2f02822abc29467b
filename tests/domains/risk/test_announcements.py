"""A day's announcement from its study below to the screen at the gate; what is refused, what is doubted."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import make_finding
from tests.domains.registry.factories import make_facility, make_unit
from tests.domains.risk.factories import make_post
from tests.domains.risk.test_gradings import own_file, published
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services.findings import grade_finding
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Announcement, AnnouncementEdition, Doubt, SpotCheck, SpotDraw, Study
from quancheng.domains.risk.queries.announced_facts import Fact, register_facts, unregister_facts
from quancheng.domains.risk.services import announcing, doubting, gate_screens, spot_checks
from quancheng.domains.risk.services.posts import put_at_post
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, NotPermitted, StaleState
from quancheng.kernel.events.models import Delivery
from quancheng.kernel.events.services import deliver
from quancheng.kernel.work.models import WorkItem
from quancheng.standards.risk import commitment
from quancheng.standards.wording import Text

pytestmark = pytest.mark.django_db
#: Nine in the morning; the announcement is due at ten.
LATE = NOW + timedelta(hours=2)
OK = {"A1": "ok", "A2": "ok", "A3": "none", "A4": "ok"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What pages take for now: the last of the list."""
    times = [NOW]
    monkeypatch.setattr("django.utils.timezone.now", lambda: times[-1])
    return times


def opened(district: District, *, kind: str = "depot") -> tuple[Enterprise, Announcement]:
    """An enterprise with a production unit, a tank, and today's announcement asked for."""
    file = Enterprise.objects.filter(pk=district.enterprise_org.pk).first() or own_file(district, kind)
    unit = make_unit(district.enterprise, file, kind="production")
    make_facility(district.enterprise, unit)
    announcing.look_at_announcements(now=NOW)
    return file, Announcement.objects.get(file=file)


def head_of(district: District) -> Actor:
    return make_actor(district.enterprise_org, "enterprise.head")


def publish(district: District, row: Announcement, *, now: datetime = NOW, **changed: Any) -> Announcement:
    values: dict[str, int | None] = {"level": 4, **changed.pop("values", {})}
    given: dict[str, Any] = {
        "values": values, "reasons": {}, "is_controlled": True, "uncontrolled": "", "commitment_text": "",
        "authorisation": "", "skip_reason": "", **changed,
    }  # fmt: skip
    return announcing.publish_announcement(actor=head_of(district), row=row, now=now, **given)


def hear(now: datetime = NOW) -> None:
    """What subscribers do at last."""
    for one in Delivery.objects.filter(subscriber="hazards.announced", done_at__isnull=True):
        deliver(event_id=one.event_id, subscriber=one.subscriber, now=now)


@pytest.mark.clause("S2-6b")
def test_a_day_from_team_to_workshop_to_the_main_person_to_the_gate(clock: list[datetime]) -> None:
    district = make_district()
    file = own_file(district)
    worker = make_actor(district.enterprise_org, "enterprise.worker")
    team = make_post(district.enterprise, file, is_key=True)
    make_post(district.enterprise, file, name="储运主管", layer="workshop")
    assert worker.user_id is not None
    put_at_post(actor=district.enterprise, post=team, user_id=worker.user_id, since=NOW.date(), now=NOW)
    file, row = opened(district)
    announcing.look_at_announcements(now=NOW)
    assert Announcement.objects.count() == 1
    shop, below = Study.objects.get(layer="workshop"), Study.objects.get(layer="team")
    assert (below.parent, below.person_id) == (shop, worker.user_id)
    assert WorkItem.objects.get(subject_id=below.pk).person_id == worker.user_id
    main = head_of(district)
    own, head = client_of(worker), client_of(main)
    # The workshop waits for its team, or says why it does not.
    page = reverse("risk:study", args=[shop.pk])
    refused = head.post(page, {"act": "answer", **OK, "text": "", "skip_reason": ""})
    assert refused.status_code == 422
    assert "还有1个班组没有研判" in refused.content.decode()
    team_page = reverse("risk:study", args=[below.pk])
    assert own.post(team_page, {"act": "answer", **OK, "A2": "not", "text": ""}).status_code == 422
    assert own.post(team_page, {"act": "answer", **OK, "text": ""}).status_code in (302, 303)
    # Whoever is not the main person announces by an authorisation; the workshop has not answered yet.
    form = reverse("risk:announce", args=[row.pk])
    shown = head.get(form).content.decode()
    assert "来源：企业档案" in shown
    assert "企业填报" in shown
    sent = {"value_hot_2": "2", "value_level": "3", "is_controlled": "yes", "commitment": "", "uncontrolled": ""}
    sent |= {"value_units": "1", "value_running": "1", "value_stopped": "0"}
    wrong = head.post(form, {**sent, "skip_reason": "", "value_confined": "-1"})
    assert wrong.status_code == 422
    assert "不能小于0" in wrong.content.decode()
    unsaid = head.post(form, {**sent, "skip_reason": ""})
    assert unsaid.status_code == 422
    assert "没有研判" in unsaid.content.decode()
    assert client_of(district.enterprise).post(form, {**sent, "skip_reason": "主管外出"}).status_code == 422
    done = head.post(form, {**sent, "skip_reason": "主管外出"})
    assert done.status_code == 303
    row.refresh_from_db()
    assert (row.status, row.is_late, row.edition_no, row.hot_count, row.special_count) == ("PUBLISHED", False, 1, 2, 2)
    edition = AnnouncementEdition.objects.get()
    assert edition.skip_reason == "主管外出"
    assert "二级动火分别为0、0、2处" in edition.commitment
    assert edition.lines["hot_2"]["proposed"] is None
    assert edition.lines["tanks"]["source"]["zh"] == "企业档案"
    assert Doubt.objects.count() == 0
    # Screen at the gate, opened by nobody in particular until it is revoked.
    made = head.post(reverse("risk:screen_new", args=[file.pk]), {"name": "南门"})
    screen = file.gate_screens.get()
    assert made.status_code == 303
    assert screen.token in head.get(reverse("risk:file", args=[file.pk]) + "?tab=announcements").content.decode()
    anybody = Client()
    address = reverse("announced:screen", args=[screen.token])
    gate = anybody.get(address).content.decode()
    assert "示例甲化工有限公司" in gate
    assert "今日尚未公告" not in gate
    told = anybody.get(reverse("announced:screen_data", args=[screen.token])).json()
    assert (told["is_todays"], told["announcement"]["values"]["hot_2"]) == (True, 2)
    assert "chemicals_t" not in told["announcement"]["values"]
    clock.append(NOW + timedelta(days=1, hours=3))
    announcing.look_at_announcements(now=clock[-1])
    assert "今日已过时限仍未公告" in anybody.get(address).content.decode()
    revoke = reverse("risk:screen_revoke", args=[file.pk, screen.pk])
    assert client_of(district.department).post(revoke).status_code == 403
    # Her session of yesterday is over.
    assert client_of(main).post(revoke).status_code == 303
    assert anybody.get(address).status_code == 404


def test_what_is_changed_needs_a_reason_and_numbers_must_agree(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    head = client_of(head_of(district))
    form = reverse("risk:announce", args=[row.pk])
    sent = {"value_level": "4", "is_controlled": "yes", "value_units": "1", "value_running": "1"}
    more = head.post(form, {**sent, "value_stopped": "2", "reason_stopped": "检修"})
    assert more.status_code == 422
    assert "不能多于装置总数1套" in more.content.decode()
    changed = head.post(form, {**sent, "value_running": "0", "value_stopped": "1"})
    assert changed.status_code == 422
    assert "与系统数据1不同，请写明原因" in changed.content.decode()
    reasons = {"reason_running": "市场原因停车", "reason_stopped": "市场原因停车"}
    done = head.post(form, {**sent, "value_running": "0", "value_stopped": "1", **reasons})
    assert done.status_code == 303
    line = AnnouncementEdition.objects.get().lines["running"]
    assert (line["value"], line["proposed"], line["reason"]) == (0, 1, "市场原因停车")
    page = client_of(district.department).get(reverse("risk:announcement", args=[row.pk])).content.decode()
    assert "市场原因停车" in page
    # Not everything under control: what and what is done, and no standard promise.
    fix = {**sent, "value_running": "1", "is_controlled": "no", "seen": "1", "reason": "下午发现泄漏"}
    assert head.post(form, {**fix, "uncontrolled": ""}).status_code == 422
    assert head.post(form, {**fix, "uncontrolled": "3号泵密封泄漏，已停用"}).status_code == 303
    row.refresh_from_db()
    assert (row.edition_no, row.is_controlled) == (2, False)
    assert "3号泵密封泄漏" in AnnouncementEdition.objects.get(number=2).commitment
    # Two at once: the second corrected what it had not seen.
    stale = head.post(form, {**fix, "uncontrolled": "另一处"})
    assert stale.status_code == 409
    assert "另一处" in stale.content.decode()


def test_only_today_only_once_and_only_the_enterprise(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    with pytest.raises(Conflict) as other_day:
        publish(district, row, now=NOW + timedelta(days=1))
    assert "只能公告当天" in str(other_day.value)
    with pytest.raises(NotPermitted):
        announcing.publish_announcement(
            actor=district.other_enterprise, row=row, values={"level": 4}, reasons={}, is_controlled=True,
            uncontrolled="", commitment_text="", authorisation="授权书", skip_reason="", now=NOW,
        )  # fmt: skip
    twin = Announcement.objects.get(pk=row.pk)
    publish(district, row)
    with pytest.raises(StaleState):
        publish(district, twin)
    assert client_of(district.other_enterprise).get(reverse("risk:announcement", args=[row.pk])).status_code == 404
    assert client_of(district.other_town).get(reverse("risk:announcement", args=[row.pk])).status_code == 404
    assert client_of(district.town).get(reverse("risk:announce", args=[row.pk])).status_code == 403
    # A workshop cannot study yesterday's risks either.
    announcing.look_at_announcements(now=NOW + timedelta(days=1))
    assert Announcement.objects.count() == 2


def test_late_is_one_finding_and_a_missed_day_no_second(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    late = reverse("risk:announcements") + "?punctual=late"
    assert row.title not in client_of(district.town).get(late).content.decode()
    clock.append(LATE)
    assert row.title in client_of(district.town).get(late).content.decode()
    announcing.look_at_announcements(now=LATE)
    announcing.look_at_announcements(now=LATE + timedelta(minutes=10))
    hear(LATE)
    hear(LATE)
    doubt = Doubt.objects.get()
    assert (doubt.reason, doubt.status) == ("LATE", "FOUND")
    found = Finding.objects.get()
    assert (doubt.finding_code, found.checklist_item, found.is_by_regulator) == (found.code, "FC-35", True)
    assert "到时没有公告" in found.description
    publish(district, row, now=LATE)
    assert row.is_late
    announcing.look_at_announcements(now=NOW + timedelta(days=1))
    tomorrow = Announcement.objects.exclude(pk=row.pk).get()
    announcing.look_at_announcements(now=NOW + timedelta(days=2))
    tomorrow.refresh_from_db()
    assert tomorrow.status == "MISSED"
    hear(NOW + timedelta(days=2))
    assert Finding.objects.count() == 2
    months = client_of(district.department).get(reverse("risk:announcement_months")).content.decode()
    assert "0.0%" in months
    day = client_of(district.town).get(reverse("risk:announcement_day") + f"?day={row.day}").content.decode()
    assert f"day_from={row.day}&amp;day_to={row.day}" in day
    listed = client_of(district.town).get(
        reverse("risk:announcements") + f"?day_from={row.day}&day_to={row.day}&punctual=late"
    )
    assert "示例甲化工有限公司" in listed.content.decode()


def test_announced_against_the_facts_becomes_a_finding_that_says_both(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district)
    published(district, file, NO_STANDARD="1")
    danger = make_finding(district.department, file, is_major=True, criterion="CH-12")
    grade_finding(actor=district.department, row=danger, criterion="CH-12", grade="", rectifier=None, deadline=None,
                  cause="", now=NOW)  # fmt: skip
    known = announcing.proposal_for(row, now=NOW)
    assert known["major_dangers"].value == 1
    assert danger.code in known["major_dangers"].rows[0]
    publish(district, row, values={"major_dangers": 0, "level": 4},
            reasons={"major_dangers": "已整改", "level": "本单位认为较低"})  # fmt: skip
    hear()
    reasons = {one.reason: one for one in Doubt.objects.all()}
    assert set(reasons) == {"MAJOR_DANGER", "LEVEL"}
    said = Finding.objects.get(code=reasons["MAJOR_DANGER"].finding_code).description
    assert "公告为无，系统为有" in said
    assert danger.code in said
    assert "公告为低，系统为重大" in Finding.objects.get(code=reasons["LEVEL"].finding_code).description
    # A correction that says the same again doubles nothing.
    announcing.correct_announcement(
        actor=head_of(district), row=row, values={"major_dangers": 0, "level": 4}, is_controlled=True,
        reasons={"major_dangers": "已整改", "level": "较低"}, uncontrolled="", commitment_text="", authorisation="",
        skip_reason="", reason="改字", seen=1, now=NOW,
    )  # fmt: skip
    assert Doubt.objects.count() == 2


def test_the_district_may_ask_first_and_what_nobody_explains_is_registered(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    publish(district, row, values={"tanks": 9, "level": 4}, reasons={"tanks": "含水罐"})
    doubt = Doubt.objects.get()
    assert (doubt.reason, doubt.status) == ("UNITS", "ASKED")
    page = reverse("risk:doubt", args=[doubt.pk])
    own, office = client_of(district.enterprise), client_of(district.department)
    assert own.post(page, {"act": "explain", "text": ""}).status_code == 422
    assert own.post(page, {"act": "explain", "text": "8座为消防水罐"}).status_code in (302, 303)
    assert own.post(page, {"act": "accept", "reason": "自己同意"}).status_code == 403
    assert office.post(page, {"act": "accept", "reason": "属实"}).status_code in (302, 303)
    doubt.refresh_from_db()
    assert doubt.status == "SETTLED"
    hear()
    assert not Finding.objects.exists()
    # The next day nobody explains.
    tomorrow = NOW + timedelta(days=1)
    announcing.look_at_announcements(now=tomorrow)
    second = Announcement.objects.get(day=tomorrow.date())
    publish(district, second, now=tomorrow, values={"tanks": 9, "level": 4}, reasons={"tanks": "含水罐"})
    doubting.raise_unanswered(now=tomorrow + timedelta(days=5))
    hear(tomorrow + timedelta(days=5))
    assert Finding.objects.count() == 1


def test_rooms_above_tell_special_work_and_it_is_compared(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district)
    permits = Text("作业票", "Permits")
    register_facts("permits", lambda files, on: {file.pk: {"hot_1": Fact(2, permits, ("票1", "票2"))}})
    try:
        publish(district, row, values={"hot_1": 1, "level": 4}, reasons={"hot_1": "一张未开工"})
    finally:
        unregister_facts("permits")
    assert Doubt.objects.get().said[0]["zh"] == "一级动火：公告为1，系统为2（来源：作业票：票1、票2）"


def test_a_team_without_control_contradicts_a_promise_of_control(clock: list[datetime]) -> None:
    district = make_district()
    file = own_file(district)
    make_post(district.enterprise, file, is_key=True)
    _file, row = opened(district)
    study = Study.objects.get()
    announcing.answer_study(
        actor=district.enterprise, row=study, answers={**OK, "A2": "not"}, text="液位计失灵", skip_reason="", now=NOW
    )
    publish(district, row)
    assert Doubt.objects.get().reason == "BELOW"


def test_a_sample_is_drawn_by_a_seed_and_differences_are_doubted(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    publish(district, row, values={"hot_1": 1, "level": 4})
    office = client_of(district.department)
    new = reverse("risk:draw_new")
    assert client_of(district.enterprise).get(new).status_code == 403
    assert office.post(new, {"day": row.day, "size": "0"}).status_code == 422
    assert office.post(new, {"day": row.day + timedelta(days=1), "size": "1"}).status_code == 422
    assert office.post(new, {"day": row.day, "size": "1", "special_only": "on"}).status_code == 303
    draw = SpotDraw.objects.get()
    assert draw.chosen == commitment.draw(draw.pool, seed=draw.seed, size=1)
    assert spot_checks.is_reproducible(draw)
    assert "重算一致" in office.get(reverse("risk:draw", args=[draw.pk])).content.decode()
    check = SpotCheck.objects.get()
    page = reverse("risk:spot_check", args=[check.pk])
    assert client_of(district.enterprise).get(page).status_code == 404
    assert WorkItem.objects.filter(subject_id=check.pk, owner_org=district.department_org).exists()
    assert office.post(page, {"act": "differ", "text": "现场3处动火，票2张"}).status_code in (302, 303)
    assert client_of(district.enterprise).get(page).status_code == 200
    assert Doubt.objects.get().reason == "SPOT"
    hear()
    assert "现场3处动火" in Finding.objects.get().description


def test_a_draw_that_is_sent_twice_is_drawn_once(clock: list[datetime]) -> None:
    district = make_district()
    _file, row = opened(district)
    publish(district, row)
    office, sent = client_of(district.department), str(uuid.uuid4())
    typed = {"day": row.day, "size": "1", "client_id": sent}
    page = office.get(reverse("risk:draw_new")).content.decode()
    assert 'name="client_id"' in page
    places = {office.post(reverse("risk:draw_new"), typed).headers["Location"] for _time in range(2)}
    assert len(places) == SpotDraw.objects.count() == SpotCheck.objects.count() == 1
    changed = office.post(reverse("risk:draw_new"), {**typed, "size": "2"})
    assert changed.status_code == 409
    assert SpotDraw.objects.count() == 1


def test_the_rule_is_data_with_a_day(clock: list[datetime]) -> None:
    district = make_district()
    officer = client_of(district.officer)
    assert client_of(district.town).get(reverse("risk:announcement_rules")).status_code == 403
    assert "10:00" in officer.get(reverse("risk:announcement_rules")).content.decode()
    new = reverse("risk:announcement_rule_new")
    modes = {f"mode_{code}": "off" for code in commitment.REASONS}
    sent = {"kinds": ["petrol_station"], "due_time": "09:30", "grace_minutes": "15", "mark": "D",
            "from_date": NOW.date().isoformat(), "reason": "试行", **modes}  # fmt: skip
    assert officer.post(new, {**sent, "from_date": "2026-09-01"}).status_code == 422
    assert officer.post(new, {**sent, "due_time": "23:50"}).status_code == 422
    assert officer.post(new, sent).status_code == 303
    own_file(district)
    announcing.look_at_announcements(now=NOW)
    assert not Announcement.objects.exists()
    Enterprise.objects.update(kind="petrol_station")
    announcing.look_at_announcements(now=NOW)
    row = Announcement.objects.get()
    assert (row.late_after - row.due_at, row.due_at.hour, row.due_at.minute) == (timedelta(minutes=15), 1, 30)
    # Nothing is compared, so nothing is doubted.
    announcing.look_at_announcements(now=LATE)
    assert not Doubt.objects.exists()


def test_anybody_finds_published_ones_by_town_and_name_and_is_throttled(
    clock: list[datetime], settings: Any
) -> None:
    district = make_district()
    _file, row = opened(district)
    anybody = Client()
    one = reverse("announced:one", args=[row.pk])
    assert anybody.get(one).status_code == 404
    publish(district, row)
    listed = reverse("announced:list")
    assert "示例甲化工有限公司" in anybody.get(listed + "?q=甲化工").content.decode()
    assert "示例甲化工有限公司" not in anybody.get(listed, {"town": district.other_street_area.path}).content.decode()
    assert anybody.get(listed + "?day=昨天").status_code == 422
    page = anybody.get(one).content.decode()
    assert "危险化学品现存量" not in page
    assert "承诺人" in page
    settings.CODE_RATE = 3
    assert [anybody.get(listed).status_code for _turn in range(3)][-1] == 429


def test_english_pages_have_posts_and_who_committed(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district)
    make_post(district.enterprise, file)
    publish(district, row)
    own = client_of(district.enterprise)
    own.cookies["django_language"] = "en"
    page = own.get(reverse("risk:announcement", args=[row.pk])).content.decode()
    assert "Committed by" in page
    assert "Certified by" not in page
    assert "<h1>Post" in own.get(reverse("risk:posts")).content.decode()


def test_programs_ask_for_the_proposal_publish_and_list(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district)
    own, base = client_of(head_of(district)), "/api/v1/risk"
    told = own.get(f"{base}/enterprises/{file.pk}/announcements/today").json()
    assert told["announcement"]["id"] == str(row.pk)
    assert told["proposal"]["units"]["source"] == "企业档案"
    body = {"day": (row.day + timedelta(days=1)).isoformat(), "values": {"level": 4}, "is_controlled": True}
    path = f"{base}/announcements/{row.pk}/publish"
    other = own.post(path, body, content_type="application/json")
    assert (other.status_code, "payload" in other.content.decode()) == (422, False)
    assert "day" in other.json()["fields"]
    body["day"] = row.day.isoformat()
    assert own.post(path, {**body, "values": {"level": 9}}, content_type="application/json").status_code == 422
    done = own.post(path, body, content_type="application/json")
    assert done.status_code == 200
    assert done.json()["national"]["unitsNumber"] == 1
    listed = client_of(district.department).get(f"{base}/announcements?day={row.day}").json()
    assert [one["id"] for one in listed["items"]] == [str(row.pk)]
    assert client_of(district.other_enterprise).get(f"{base}/announcements").json()["items"] == []
    months = client_of(district.department).get(f"{base}/announcement-months").json()
    assert months[0]["on_time"] == 1


def test_a_screen_is_made_by_its_enterprise_alone() -> None:
    district = make_district()
    file = own_file(district)
    with pytest.raises(NotPermitted):
        gate_screens.make_screen(actor=district.department, file=file, name="南门", now=NOW)
    assert Client().get(reverse("announced:screen", args=["x" * 43])).status_code == 404


def test_the_same_publication_sent_after_the_facts_or_the_day_changed_is_the_first(clock: list[datetime]) -> None:
    district = make_district()
    file, row = opened(district)
    head, key = head_of(district), uuid.uuid4()
    given: dict[str, Any] = {
        "values": {"level": 4}, "reasons": {}, "is_controlled": True, "uncontrolled": "", "commitment_text": "",
        "authorisation": "", "skip_reason": "", "client_id": key,
    }  # fmt: skip
    announcing.publish_announcement(actor=head, row=row, now=NOW, **given)
    make_unit(district.enterprise, file, kind="production", code="P9", name="九号装置", boundary="plant")
    for later in (NOW, NOW + timedelta(days=1)):
        announcing.publish_announcement(actor=head, row=row, now=later, **given)
    assert (row.status, row.editions.count(), row.published_at) == ("PUBLISHED", 1, NOW)
