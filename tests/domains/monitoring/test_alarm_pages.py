"""Alarms at the desk: the list, one alarm, what keeps alarms silent, the figures by which they are answered."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from tests.domains.monitoring.alarm_scene import raised, tell
from tests.domains.monitoring.tag_scene import GAS, Scene, make_scene, make_tag
from tests.factories import NOW, client_of, make_actor

from quancheng.domains.monitoring.models import (
    Alarm,
    AlarmHold,
    AlarmReview,
    AlarmTerms,
    FirstOut,
    SuppressionRule,
    Tag,
)
from quancheng.domains.monitoring.queries.alarm_terms import NAMES, Terms, terms_on
from quancheng.domains.monitoring.services import alarm_clock, alarms
from quancheng.domains.monitoring.services.alarm_peaks import fill_peaks
from quancheng.stream.store import client as store

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def alarm_url(row: Alarm) -> str:
    return reverse("monitoring:alarm", args=[row.pk])


def act(browser: Client, row: Alarm, name: str, /, **given: Any) -> Any:
    return browser.post(alarm_url(row), {"act": name, **given})


def status_of(row: Any) -> str:
    row.refresh_from_db()
    return str(row.status)


def photo() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (32, 24), (150, 110, 60)).save(out, "JPEG")
    return SimpleUploadedFile("阀门.jpg", out.getvalue(), "image/jpeg")


def returned(scene: Scene, **known: Any) -> Alarm:
    """An alarm that was acknowledged and whose signal is back: its answer is due."""
    tag = make_tag(scene, **known)
    row = raised(tag, "H", at=NOW, value=2200 if tag.kind == "level" else 30)
    alarms.acknowledge(actor=scene.district.enterprise, row=row, action="check", now=NOW)
    tell(tag, "H", is_raised=False, at=NOW + MINUTE, value=5)
    row.refresh_from_db()
    return row


# One alarm ---------------------------------------------------------------------------------------------------------


def test_an_alarm_is_acknowledged_and_answered_at_its_page(scene: Scene) -> None:
    row = raised(make_tag(scene), "H", at=NOW, value=2200)
    browser = client_of(scene.district.enterprise)
    page = browser.get(alarm_url(row)).content.decode()
    assert "2200 mm" in page
    assert "2126 mm" in page
    wrong = act(browser, row, "ack", comment="派人")
    assert wrong.status_code == 422
    assert "请选择采取的措施" in wrong.content.decode()
    assert "派人" in wrong.content.decode()
    assert act(browser, row, "ack", action="none").status_code == 303
    assert status_of(row) == "ACKED"
    assert act(browser, row, "act_now", action="adjust", comment="降低进料").status_code == 303
    row.refresh_from_db()
    assert (row.action, row.comment) == ("adjust", "降低进料")
    assert act(browser, row, "state", reason="R03", measures="切罐操作，已恢复。").status_code == 303
    told = browser.get(alarm_url(row)).content.decode()
    assert "R03 装卸、倒罐、切罐等操作" in told
    assert "调整工艺；降低进料" in told
    tell(row.tag, "H", is_raised=False, at=NOW + MINUTE, value=2000)
    assert status_of(row) == "CLOSED"


def test_a_leak_is_answered_with_a_photo_and_ended_by_a_second_person(scene: Scene) -> None:
    row = returned(scene, **GAS)
    browser = client_of(scene.district.enterprise)
    told = {"reason": "R02", "measures": "关闭阀门，更换垫片。"}
    refused = act(browser, row, "answer", **told)
    assert refused.status_code == 422
    assert "须附照片" in refused.content.decode()
    assert "更换垫片" in refused.content.decode()
    assert act(browser, row, "answer", **told, files=photo()).status_code == 303
    assert status_of(row) == "REVIEW"
    assert "阀门.jpg" in browser.get(alarm_url(row) + "?tab=files").content.decode()
    assert act(browser, row, "confirm").status_code == 403
    other = client_of(make_actor(scene.district.enterprise_org, "enterprise.safety", name="乙"))
    assert act(other, row, "refuse", reason="未写明泄漏量。").status_code == 303
    assert status_of(row) == "FEEDBACK"
    assert act(browser, row, "answer", **told, files=photo()).status_code == 303
    assert act(other, row, "confirm").status_code == 303
    assert status_of(row) == "CLOSED"


def test_who_was_slower_is_told_who_was_faster(scene: Scene) -> None:
    row = raised(make_tag(scene), at=NOW)
    browser = client_of(scene.district.enterprise)
    assert act(browser, row, "ack", action="check").status_code == 303
    other = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker", name="乙"))
    late = act(other, row, "ack", action="stop")
    assert late.status_code == 409
    assert scene.district.enterprise.name in late.content.decode()


def test_the_office_reviews_and_does_not_answer(scene: Scene) -> None:
    row = returned(scene)
    office, own = client_of(scene.district.officer), client_of(scene.district.enterprise)
    assert act(office, row, "answer", reason="R12", measures="演练。").status_code == 403
    act(own, row, "answer", reason="R12", measures="演练测试。")
    assert status_of(row) == "CLOSED"
    refused = act(office, row, "review", verdict="false")
    assert refused.status_code == 422
    assert "不属实" in refused.content.decode()
    assert act(office, row, "review", verdict="false", note="现场无演练记录").status_code == 303
    assert AlarmReview.objects.get().verdict == "false"
    page = own.get(alarm_url(row) + "?tab=reviews").content.decode()
    assert "现场无演练记录" in page
    assert "data-act" not in own.get(reverse("monitoring:alarms") + "?view=all").content.decode()
    assert act(own, row, "review", verdict="true").status_code in (403, 422)


def test_what_the_house_does_itself_nobody_posts(scene: Scene) -> None:
    row = returned(scene)
    browser = client_of(scene.district.enterprise)
    for name in ("clear", "submit", "shelve", "end", "speak_again"):
        assert act(browser, row, name, reason="R01", measures="x").status_code == 403
    assert act(browser, row, "nonsense").status_code == 422
    assert status_of(row) == "FEEDBACK"


def test_a_latched_alarm_is_reset_at_its_page(scene: Scene) -> None:
    row = returned(scene, is_latched=True)
    assert row.status == "ACKED"
    browser = client_of(scene.district.enterprise)
    assert "复位" in browser.get(alarm_url(row)).content.decode()
    assert act(browser, row, "reset").status_code == 303
    assert status_of(row) == "FEEDBACK"


def test_the_trend_shows_the_limit_that_was_passed_and_the_peak_is_written_down(
    scene: Scene, settings: Any, telemetry_url: str
) -> None:
    settings.TELEMETRY_URL = telemetry_url
    tag, now = make_tag(scene), timezone.now()
    begin = now - 10 * MINUTE
    row = raised(tag, "H", at=begin, value=2200)
    client = store.connect(telemetry_url)
    store.ensure_tables(client)
    ms = int(begin.timestamp() * 1000)
    rows = np.array(
        [(tag.number, ms + 1000 * one, 2200 + (70 if one == 30 else 0), 192, 0, 3) for one in range(60)],
        store.READING,
    )
    store.write(client, "readings", rows)
    Tag.objects.filter(pk=tag.pk).update(h=2000)
    browser = client_of(scene.district.enterprise)
    page = browser.get(alarm_url(row))
    line, reached = page.context["option"]["series"]
    assert line["markLine"]["data"][0]["yAxis"] == 2126
    # The axis reaches to the limit as it stood, which is set otherwise now.
    assert [value for _at, value in reached["data"]] == [2126]
    assert page.context["count"] == 60
    assert "2270 mm" in page.content.decode()
    tell(tag, "H", is_raised=False, at=begin + MINUTE, value=2000, now=begin + MINUTE)
    # The store may come behind what was judged: a peak is written down once it has the end.
    fill_peaks(now=now)
    row.refresh_from_db()
    assert row.peak_value is None
    store.write(client, "latest", np.array([(tag.number, ms + 61_000, 2000, 192, 0)], store.LATEST))
    fill_peaks(now=now)
    row.refresh_from_db()
    assert row.peak_value == 2270


def test_without_the_store_the_page_stands_and_the_peak_waits(scene: Scene, settings: Any) -> None:
    settings.TELEMETRY_URL = ""
    row = returned(scene)
    page = client_of(scene.district.enterprise).get(alarm_url(row))
    assert "暂时读不到" in page.content.decode()
    fill_peaks(now=NOW + HOUR)
    row.refresh_from_db()
    assert row.peak_value is None


# The list ----------------------------------------------------------------------------------------------------------


def listed(browser: Client, query: str = "") -> list[str]:
    page = browser.get(reverse("monitoring:alarms") + query)
    assert page.status_code == 200
    return [line.pk for line in page.context["lines"]]


def test_open_ones_stand_first_by_priority_and_age(scene: Scene) -> None:
    codes = ("A1", "A2", "A3", "A4")
    one, two, three, over = (make_tag(scene, f"{code}.LT", priority=place) for code, place in
                             zip(codes, (3, 1, 1, 4), strict=True))  # fmt: skip
    lesser = raised(one, at=NOW)
    later, earlier = raised(two, at=NOW + MINUTE), raised(three, at=NOW)
    ended = raised(over, at=NOW)
    Alarm.objects.filter(pk=ended.pk).update(status="CLOSED", closed_at=NOW)
    browser = client_of(scene.district.enterprise)
    assert listed(browser) == [str(row.pk) for row in (earlier, later, lesser)]
    assert set(listed(browser, "?view=all")) == {str(row.pk) for row in (earlier, later, lesser, ended)}
    assert listed(browser, "?priority=3") == [str(lesser.pk)]
    assert listed(browser, "?q=A2.LT&type=HH&enterprise=" + scene.file.enterprise.name[:3]) == [str(later.pk)]
    alarms.acknowledge(actor=scene.district.enterprise, row=earlier, action="check", now=NOW)
    assert listed(browser, "?view=answer") == [str(earlier.pk)]
    assert listed(browser, "?view=wait")[0] == str(later.pk)
    assert browser.get(reverse("monitoring:alarms") + "?view=nonsense").status_code == 422
    assert browser.get(reverse("monitoring:alarms") + "?export=xlsx").status_code == 200


def test_alarms_are_listed_for_who_may_see_the_enterprise(scene: Scene) -> None:
    row = raised(make_tag(scene), at=NOW)
    district = scene.district
    for actor in (district.enterprise, district.town, district.officer):
        assert listed(client_of(actor)) == [str(row.pk)]
    for actor in (district.other_enterprise, district.other_town):
        assert listed(client_of(actor)) == []
        assert client_of(actor).get(alarm_url(row)).status_code == 404
    assert "data-ack" in client_of(district.enterprise).get(reverse("monitoring:alarms")).content.decode()
    assert "data-ack" not in client_of(district.officer).get(reverse("monitoring:alarms")).content.decode()


def test_several_are_acknowledged_at_once_each_with_its_result(scene: Scene) -> None:
    one, two = raised(make_tag(scene, "A.LT"), at=NOW), raised(make_tag(scene, "B.LT"), at=NOW)
    browser = client_of(scene.district.enterprise)
    url = reverse("monitoring:alarms_acknowledge")
    ids = {"ids": [one.pk, two.pk]}
    asked = browser.post(url, ids)
    assert "请逐项确认" in asked.content.decode()
    assert browser.post(url, {**ids, "confirmed": "1"}).status_code == 422
    alarms.acknowledge(actor=make_actor(scene.district.enterprise_org, "enterprise.worker", name="乙"), row=one,
                       action="check", now=NOW)  # fmt: skip
    done = browser.post(url, {**ids, "confirmed": "1", "action": "stop"}).content.decode()
    assert "已确认 1 项报警" in done
    assert "乙" in done
    assert (status_of(one), status_of(two)) == ("ACKED", "ACKED")
    assert (one.action, two.action) == ("check", "stop")
    assert browser.post(url, {"ids": "x", "confirmed": "1", "action": "stop"}).status_code == 422
    office = client_of(scene.district.officer)
    assert office.post(url, {**ids, "confirmed": "1", "action": "stop"}).status_code == 403
    stranger = client_of(scene.district.other_enterprise)
    assert stranger.post(url, {**ids, "confirmed": "1", "action": "stop"}).status_code == 303


def test_in_a_flood_only_the_graver_are_shown_and_the_others_counted(scene: Scene) -> None:
    for place in range(11):
        raised(make_tag(scene, f"A{place}.LT", priority=1 if place < 2 else 3), at=NOW + place * timedelta(seconds=5))
    browser = client_of(scene.district.enterprise)
    page = browser.get(reverse("monitoring:alarms"))
    assert len(page.context["lines"]) == 2
    assert "另有3、4级 9 项" in page.content.decode()
    assert len(listed(browser, "?lesser=1")) == 11
    assert len(listed(browser, "?priority=3")) == 9
    flood = browser.get(reverse("monitoring:floods"))
    assert flood.status_code == 200
    assert "11" in flood.content.decode()
    url = flood.context["lines"][0].url
    assert browser.get(url).content.decode().count("data-alarm=") == 11
    assert client_of(scene.district.other_enterprise).get(url).status_code == 404
    alarm_clock.tick(now=NOW + HOUR)
    assert len(listed(browser)) == 11


def test_who_was_first_is_shown_and_reset(scene: Scene) -> None:
    late = raised(make_tag(scene, "A.LT", first_out_group="联锁一"), at=NOW + MINUTE)
    first = raised(make_tag(scene, "B.LT", first_out_group="联锁一"), at=NOW)
    browser = client_of(scene.district.enterprise)
    shown = browser.get(alarm_url(late) + "?tab=first_out").content.decode()
    assert shown.index(str(first.pk)) < shown.rindex(str(late.pk))
    group = FirstOut.objects.get()
    url = reverse("monitoring:first_out", args=[group.pk])
    assert "联锁一" in browser.get(reverse("monitoring:first_outs")).content.decode()
    assert client_of(scene.district.officer).post(url, {"act": "reset"}).status_code == 422
    group.refresh_from_db()
    assert group.ended_at is None
    assert browser.post(url, {"act": "reset"}).status_code == 303
    group.refresh_from_db()
    assert group.ended_at is not None


# What keeps alarms silent ------------------------------------------------------------------------------------------


def hold_form(**more: Any) -> dict[str, Any]:
    until = timezone.localtime(timezone.now() + 20 * MINUTE)
    return {"kind": "shelf", "type": "", "reason": "浮子卡涩，等待备件。", "until": f"{until:%Y-%m-%dT%H:%M}", **more}


def test_a_shelf_is_asked_for_at_the_page_and_ended(scene: Scene) -> None:
    tag = make_tag(scene)
    row = raised(tag, at=NOW)
    browser = client_of(scene.district.enterprise)
    url = reverse("monitoring:hold_new", args=[tag.pk])
    assert f"{url}?kind=shelf&amp;type=HH" in browser.get(alarm_url(row)).content.decode()
    assert browser.get(url + "?kind=oos&type=HH").status_code == 200
    far = timezone.localtime(timezone.now() + 100 * HOUR)
    refused = browser.post(url, hold_form(until=f"{far:%Y-%m-%dT%H:%M}"))
    assert refused.status_code == 422
    assert "最多搁置" in refused.content.decode()
    assert "浮子卡涩" in refused.content.decode()
    assert browser.post(url, hold_form(kind="oos")).status_code == 422
    made = browser.post(url, hold_form())
    assert made.status_code == 303
    hold = AlarmHold.objects.get()
    assert (hold.status, status_of(row)) == ("STANDING", "SHELVED")
    for actor in (scene.district.enterprise, scene.district.town):
        page = client_of(actor).get(reverse("monitoring:holds"))
        assert page.context["silent"].shelves == 1
        assert hold.title in page.content.decode()
    assert browser.post(url, hold_form()).status_code == 409
    assert client_of(scene.district.officer).post(made.headers["Location"], {"act": "end"}).status_code == 403
    assert browser.post(made.headers["Location"], {"act": "end", "test_record": ""}).status_code == 303
    hold.refresh_from_db()
    assert hold.status == "ENDED"


def test_a_safety_critical_one_waits_for_a_second_person(scene: Scene) -> None:
    tag = make_tag(scene, "GDS.1", **GAS)
    browser = client_of(scene.district.enterprise)
    url = reverse("monitoring:hold_new", args=[tag.pk])
    assert "替代措施" in browser.post(url, hold_form()).content.decode()
    made = browser.post(url, hold_form(measure="便携式检测仪每15分钟检测。"))
    page = made.headers["Location"]
    assert AlarmHold.objects.get().status == "ASKED"
    assert browser.post(page, {"act": "allow"}).status_code == 403
    worker = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker", name="丙"))
    assert worker.post(page, {"act": "allow"}).status_code == 403
    other = client_of(make_actor(scene.district.enterprise_org, "enterprise.safety", name="乙"))
    assert other.post(page, {"act": "refuse", "reason": ""}).status_code == 422
    assert other.post(page, {"act": "allow"}).status_code == 303
    assert AlarmHold.objects.get().status == "STANDING"


def test_nobody_asks_for_anothers_tag(scene: Scene) -> None:
    url = reverse("monitoring:hold_new", args=[make_tag(scene).pk])
    assert client_of(scene.district.officer).get(url).status_code == 403
    assert client_of(scene.district.other_enterprise).get(url).status_code == 404


def test_rules_of_the_design_are_entered_and_ended(scene: Scene) -> None:
    tag, by_tag, gas = make_tag(scene, "A.LT"), make_tag(scene, "B.LT"), make_tag(scene, "GDS.1", **GAS)
    browser = client_of(scene.district.enterprise)
    url = reverse("monitoring:rule_new", args=[scene.file.pk])
    given = {"tag": tag.pk, "by_tag": by_tag.pk, "comparison": "at_most", "type": "", "value": "", "reason": "泵停运"}
    assert "请填写数值" in browser.post(url, given).content.decode()
    assert "不得设置抑制" in browser.post(url, {**given, "tag": gas.pk, "value": "1"}).content.decode()
    assert not SuppressionRule.objects.exists()
    made = browser.post(url, {**given, "value": "1"})
    assert made.status_code == 303
    page = client_of(scene.district.officer).get(reverse("monitoring:rules")).content.decode()
    assert "泵停运" in page
    assert client_of(scene.district.officer).get(url).status_code == 403
    assert client_of(scene.district.officer).post(made.headers["Location"], {"act": "end"}).status_code in (403, 422)
    assert browser.post(made.headers["Location"], {"act": "end"}).status_code == 303
    assert SuppressionRule.objects.get().ended_at is not None
    worker = client_of(make_actor(scene.district.enterprise_org, "enterprise.worker", name="丙"))
    assert worker.get(url).status_code == 403


# The figures -------------------------------------------------------------------------------------------------------


def test_the_district_sets_the_figures_from_a_day_on(scene: Scene) -> None:
    office, own = client_of(scene.district.officer), client_of(scene.district.enterprise)
    url, today = reverse("monitoring:alarm_terms_new"), timezone.localdate()
    given = {name: getattr(Terms(), name) for name in NAMES} | {"from_date": today, "reason": "本区规定"}
    assert own.get(reverse("monitoring:alarm_terms")).status_code == 200
    assert own.post(url, given).status_code == 403
    shorter = office.post(url, {**given, "respond_p2": 30})
    assert shorter.status_code == 422
    assert "不能短于" in shorter.content.decode()
    assert office.post(url, {**given, "respond_p1": 0}).status_code == 422
    assert office.post(url, {**given, "from_date": today - timedelta(days=1)}).status_code == 422
    assert not AlarmTerms.objects.exists()
    for _again in range(2):
        assert office.post(url, {**given, "respond_p4": 7200}).status_code == 303
    assert AlarmTerms.objects.count() == 1
    assert terms_on(today).respond(4) == 2 * HOUR
    assert "本区规定" in own.get(reverse("monitoring:alarm_terms")).content.decode()


# Programs ----------------------------------------------------------------------------------------------------------


def api(browser: Client, path: str, **body: Any) -> Any:
    return browser.post(f"/api/v1/monitoring/{path}", body, content_type="application/json")


def test_programs_acknowledge_answer_and_shelve(scene: Scene) -> None:
    tag = make_tag(scene)
    row = raised(tag, "H", at=NOW, value=2200)
    browser, office = client_of(scene.district.enterprise), client_of(scene.district.officer)
    found = browser.get("/api/v1/monitoring/alarms?open=true&priority=" + str(row.priority)).json()["items"]
    assert [one["id"] for one in found] == [str(row.pk)]
    assert client_of(scene.district.other_enterprise).get(f"/api/v1/monitoring/alarms/{row.pk}").status_code == 404
    assert api(office, f"alarms/{row.pk}/acknowledge", action="check").status_code == 403
    assert api(browser, f"alarms/{row.pk}/acknowledge", action="sleep").status_code == 422
    key = {"headers": {"Idempotency-Key": "4b1b8b50-0000-4000-8000-000000000001"}}
    path = f"/api/v1/monitoring/alarms/{row.pk}/acknowledge"
    for _again in range(2):
        told = browser.post(path, {"action": "check"}, content_type="application/json", **key)
        assert told.status_code == 200
        assert told.json()["status"] == "ACKED"
    assert api(browser, f"alarms/{row.pk}/reset").status_code == 409
    assert api(browser, f"alarms/{row.pk}/answer", reason="R03", measures="切罐。").status_code == 200
    assert api(office, f"alarms/{row.pk}/review", verdict="weak").status_code == 422
    assert api(office, f"alarms/{row.pk}/review", verdict="true").status_code == 200
    until = (timezone.now() + 20 * MINUTE).isoformat()
    made = api(browser, f"tags/{tag.pk}/holds", kind="shelf", reason="等待备件", until=until)
    assert made.status_code == 201
    assert browser.get("/api/v1/monitoring/holds?status=STANDING").json()["items"][0]["id"] == made.json()["id"]
    assert api(browser, f"holds/{made.json()['id']}/end").json()["status"] == "ENDED"
    other = make_tag(scene, "B.LT")
    rule = api(browser, f"tags/{tag.pk}/suppressions", by_tag_id=str(other.pk), comparison="active", reason="同罐两表")
    assert rule.status_code == 201
    assert api(browser, f"suppressions/{rule.json()['id']}/end").json()["ended_at"] is not None
    assert browser.get("/api/v1/monitoring/suppressions?open=true").json()["items"] == []


def test_an_alarm_leads_to_who_was_told_and_becomes_a_hidden_danger_once(scene: Scene) -> None:
    row = raised(make_tag(scene), "H", at=NOW, value=2200)
    browser = client_of(scene.district.enterprise)
    page = browser.get(alarm_url(row)).content.decode()
    assert reverse("monitoring:alarm_telling", args=[row.pk]) in page
    assert "转为隐患" in page
    assert "转为隐患" not in client_of(scene.district.other_enterprise).get(alarm_url(row)).content.decode()
    refused = act(browser, row, "find", name=" ", description="液位计浮子卡涩")
    assert refused.status_code == 422
    assert "液位计浮子卡涩" in refused.content.decode()
    act(browser, row, "find", name="液位计反复误报", description="浮子卡涩", photos=photo())
    row.refresh_from_db()
    assert row.finding is not None
    assert (row.finding.name, row.finding.channel) == ("液位计反复误报", "alarm")
    page = browser.get(alarm_url(row)).content.decode()
    assert reverse("hazards:finding", args=[row.finding_id]) in page
    # While it is open no second one is offered.
    assert 'value="find"' not in page
