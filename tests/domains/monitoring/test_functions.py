"""What the risk warning system must be able to do with its acceptance, and data on their way through five levels."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.domains.hazards.exchange import make_adapter
from tests.domains.hazards.exchange import make_scene as exchange_scene
from tests.domains.monitoring.tag_scene import make_scene
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.domains.hazards.models import ExchangeAdapter, ExchangeRow
from quancheng.domains.hazards.services import exchange_adapters
from quancheng.domains.monitoring.models import (
    AcceptanceItem,
    FileDay,
    PassageLink,
    ProcessFigure,
    SourceState,
    SystemFunction,
)

pytestmark = pytest.mark.django_db
REST = "/api/v1/monitoring"


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def office(district: District) -> Client:
    """Who keeps the list: an officer of the office."""
    return client_of(make_actor(district.office_org, "office.officer"))


def act(client: Client, row: SystemFunction, name: str, **given: Any) -> Any:
    """With the version of now, unless another is given."""
    version = SystemFunction.objects.get(pk=row.pk).version
    return client.post(reverse("monitoring:function", args=[row.pk]), {"act": name, "version": version, **given})


def levels(client: Client) -> dict[str, dict[str, Any]]:
    return {one["code"]: one for one in client.get(f"{REST}/passage").json()}


@pytest.mark.clause("S5-3.2d", "S5-T19")
def test_the_list_has_five_areas_each_with_what_must_be_shown_and_its_state(district: District, office: Client) -> None:
    town = client_of(district.town)
    rows = town.get(f"{REST}/functions", {"limit": 200}).json()["items"]
    assert {one["area"] for one in rows} == {"dynamic", "graded", "warning", "data", "video"}
    assert all(one["items"] for one in rows)
    assert not [one for one in rows if one["state"] == "accepted"], "nothing ships as accepted"
    shown = town.get("/monitoring/functions").content.decode()
    for words in ("动态监管", "分级管控", "风险预警", "数据监测", "视频监控", "未建设"):
        assert words in shown
    narrow = town.get("/monitoring/functions", {"area": "video", "state": "missing"}).content.decode()
    assert "企业视频接入" in narrow
    assert "企业风险分级" not in narrow
    assert office.get("/monitoring/functions?export=xlsx").status_code == 200


@pytest.mark.clause("S5-T19")
def test_a_function_is_accepted_by_its_items_with_evidence_and_no_longer_once_one_fails(
    district: District, office: Client
) -> None:
    row = SystemFunction.objects.get(name="企业风险分级")
    (item,) = AcceptanceItem.objects.filter(function=row)
    assert act(office, row, "state", state="accepted").status_code == 409
    judged = {"item": item.pk, "result": "met", "evidence": "抽查两家企业", "checked_date": "2026-01-05"}
    assert act(office, row, "judge", **{**judged, "evidence": ""}).status_code == 422
    assert act(office, row, "judge", **{**judged, "checked_date": "2999-01-01"}).status_code == 422
    assert act(office, row, "judge", **judged).status_code == 303
    assert act(office, row, "state", state="accepted").status_code == 303
    page = client_of(district.town).get(reverse("monitoring:function", args=[row.pk])).content.decode()
    assert "已验收" in page
    assert "抽查两家企业" in page
    # An enterprise reads how far it is, and not what was seen at another, nor by whom.
    own = client_of(district.enterprise)
    page = own.get(reverse("monitoring:function", args=[row.pk])).content.decode()
    assert "已验收" in page
    assert "抽查两家企业" not in page
    assert "没有验收项" not in page
    told = next(one for one in own.get(f"{REST}/functions?limit=200").json()["items"] if one["id"] == str(row.pk))
    assert (told["state"], told["note"], told["items"]) == ("accepted", "", [])
    assert act(office, row, "item", text="抽查记录可以导出").status_code == 303
    row.refresh_from_db()
    assert row.state == "built", "a new item is not met yet"
    assert act(office, row, "state", state="accepted").status_code == 409
    # Who does not keep the list reads it alone.
    assert act(client_of(district.town), row, "state", state="faulty").status_code == 403
    row.refresh_from_db()
    assert row.state == "built"


def test_who_opened_the_form_before_another_saved_overwrites_nothing(district: District, office: Client) -> None:
    row = SystemFunction.objects.get(name="企业风险分级")
    (item,) = AcceptanceItem.objects.filter(function=row)
    page = office.get(reverse("monitoring:function", args=[row.pk]), {"act": "state"}).content.decode()
    assert 'name="version"' in page
    assert act(office, row, "state", version=1, state="faulty", note="停机").status_code == 303
    assert act(office, row, "state", version=1, state="built", note="").status_code == 409
    judged = {"item": item.pk, "result": "met", "evidence": "看过", "checked_date": "2026-01-05"}
    assert act(office, row, "judge", version=1, **judged).status_code == 409
    row.refresh_from_db()
    assert (row.state, row.note) == ("faulty", "停机")


@pytest.mark.clause("S5-3.2d")
def test_an_administrator_adds_a_function_and_says_how_far_it_is(district: District, office: Client) -> None:
    given = {"area": "video", "name": "无人机巡查", "name_en": "Drones", "state": "missing", "note": "2027年建设"}
    new = reverse("monitoring:function_new")
    assert client_of(district.town).post(new, given).status_code == 403
    assert office.post(new, {**given, "area": "other"}).status_code == 422
    assert office.post(new, given).status_code == 303
    assert office.post(new, given).status_code == 422, "one of this name stands in the area"
    row = SystemFunction.objects.get(name="无人机巡查")
    answer = office.post(f"{REST}/functions/{row.pk}/state", {"version": 1, "state": "faulty", "note": "停飞"},
                         content_type="application/json")  # fmt: skip
    assert (answer.json()["state"], answer.json()["items"]) == ("faulty", [])
    body = {"area": "video", "name": "热成像", "state": "building"}
    headers = {"Idempotency-Key": "0198aaaa-0000-7000-8000-000000000003"}
    for _time in range(2):
        made = office.post(f"{REST}/functions", body, content_type="application/json", headers=headers)
        assert made.status_code == 201, made.content
    assert SystemFunction.objects.filter(name="热成像").count() == 1


@pytest.mark.clause("S5-T19", "S5-M9")
def test_a_level_to_which_nothing_is_connected_says_so_and_has_no_figure() -> None:
    scene = make_scene()
    town = client_of(scene.district.town)
    found = levels(town)
    assert list(found) == ["enterprise", "town", "district", "city", "above"]
    assert [one["missing"] for one in found.values()] == [
        "nothing_connected", "no_values", "whole_only", "not_yours", "not_yours",
    ]  # fmt: skip
    office = client_of(make_actor(scene.district.office_org, "office.officer"))
    assert [one["missing"] for one in levels(office).values()][2:] == ["no_values", "no_way", "no_way"]
    assert all(one["usual_s"] is one["worst_s"] is one["share"] is None for one in found.values())
    shown = town.get("/monitoring/passage").content.decode()
    assert "没有对接通道，数据没有上传" not in shown, "it only may not look at ways"
    assert "没有在线的接入源" in shown
    assert "没有对接通道，数据没有上传" in office.get("/monitoring/passage").content.decode()


@pytest.mark.clause("S5-T19", "S5-M9")
def test_delay_and_share_of_each_level_follow_from_the_rows() -> None:
    """Enterprise and town from sources and yesterday's minutes; the city from rows of the exchange with receipts."""
    scene, now = make_scene(), timezone.now()
    yesterday = timezone.localdate() - timedelta(days=1)
    SourceState.objects.update_or_create(
        source=scene.source, defaults={"is_online": True, "last_at": now - timedelta(seconds=90), "updated_at": now}
    )
    FileDay.objects.create(file=scene.file, day=yesterday, tags=1, due_min=1000, valid_min=875, planned_min=0)
    figures = {"partitions": {"0": {"lag_ms": 2500}}}
    ProcessFigure.objects.create(name="process", machine="m", pid=1, started_at=now, noted_at=now, figures=figures)
    found = levels(client_of(make_actor(scene.district.office_org, "office.officer")))
    assert found["enterprise"]["reached"] == 1
    assert 90 <= found["enterprise"]["worst_s"] < 200
    assert (found["enterprise"]["passed"], found["enterprise"]["whole"]) == (875, 1000)
    for code in ("town", "district"):
        assert (found[code]["share"], found[code]["usual_s"], found[code]["missing"]) == (87.5, 2.5, "")
    assert "87.5%" in client_of(scene.district.town).get("/monitoring/passage").content.decode()
    town, outside = levels(client_of(scene.district.town)), levels(client_of(scene.district.other_town))
    assert (town["town"]["share"], outside["enterprise"]["whole"]) == (87.5, 0)
    for part in (town, outside, levels(client_of(scene.district.enterprise))):
        assert (part["district"]["missing"], part["district"]["whole"]) == ("whole_only", 0), "no part as the whole"


@pytest.mark.clause("S5-T19")
def test_a_way_up_counts_for_its_level_by_what_was_acknowledged() -> None:
    scene, now = exchange_scene(), timezone.now()
    adapter = make_adapter(scene, "https://192.0.2.1", on=False)
    exchange_adapters.fill_adapter(actor=scene.head, row=adapter, now=NOW)
    rows = list(ExchangeRow.objects.filter(adapter=adapter).order_by("pk"))
    assert len(rows) >= 3
    since = now - timedelta(hours=3)
    ExchangeRow.objects.filter(adapter=adapter).update(waiting_since=since)
    done = {"state": "accepted", "accepted_at": since + timedelta(minutes=10), "sent_at": since}
    ExchangeRow.objects.filter(pk=rows[0].pk).update(**done)
    officer = make_actor(scene.district.office_org, "office.officer")
    client = client_of(officer)
    assert levels(client)["city"]["missing"] == "unplaced", "nobody said where it leads"
    assert client_of(scene.district.town).post(reverse("monitoring:passage_way"), {}).status_code == 403
    given = {"way": adapter.pk, "level": "city"}
    assert client.post(reverse("monitoring:passage_way"), {**given, "level": "moon"}).status_code == 422
    assert client.post(reverse("monitoring:passage_way"), given).status_code == 303
    assert PassageLink.objects.get().level == "city"
    for change, why in (
        ({"is_on": False}, "way_off"), ({"is_on": True, "failing_since": since}, "way_failing"),
    ):  # fmt: skip
        ExchangeAdapter.objects.filter(pk=adapter.pk).update(**change)
        city = levels(client)["city"]
        assert (city["reached"], city["due"], city["share"], city["missing"]) == (0, 1, None, why)
    ExchangeAdapter.objects.filter(pk=adapter.pk).update(failing_since=None)
    ExchangeRow.objects.filter(pk=rows[0].pk).update(
        waiting_since=now - timedelta(days=40), accepted_at=now - timedelta(days=30)
    )
    assert levels(client)["city"]["missing"] == "nothing_lately"
    ExchangeRow.objects.filter(pk=rows[0].pk).update(waiting_since=since, **done)
    city, above = levels(client)["city"], levels(client)["above"]
    assert city["reached"] == 1
    assert (city["passed"], city["whole"], city["usual_s"], city["missing"]) == (1, len(rows), 600.0, "")
    assert 10_800 <= city["worst_s"] < 11_100
    assert above["missing"] == "no_way"
    assert levels(client_of(scene.district.town))["city"]["missing"] == "not_yours"
    assert "示例上级平台" in client.get("/monitoring/passage").content.decode()


@pytest.mark.clause("S5-T19")
def test_programs_add_an_acceptance_item_once_and_it_takes_an_acceptance_back(
    district: District, office: Client
) -> None:
    row = SystemFunction.objects.order_by("position", "pk")[0]
    AcceptanceItem.objects.filter(function=row).update(result="met", evidence="见页面", checked_date=NOW.date())
    SystemFunction.objects.filter(pk=row.pk).update(state="accepted")
    address, body = f"{REST}/functions/{row.pk}/items", {"text": "能按镇街筛选", "text_en": "Filtered by town"}
    headers = {"Idempotency-Key": "0198aaaa-0000-7000-8000-000000000003"}
    for _time in range(2):
        answer = office.post(address, body, content_type="application/json", headers=headers)
        assert answer.status_code == 201, answer.content
    assert (answer.json()["state"], answer.json()["items"][-1]["text"]) == ("built", "能按镇街筛选")
    assert AcceptanceItem.objects.filter(function=row, text="能按镇街筛选").count() == 1
    twice = office.post(address, body, content_type="application/json")
    assert twice.json()["fields"].keys() == {"text"}
    assert client_of(district.town).post(address, body, content_type="application/json").status_code == 403


@pytest.mark.clause("S5-T19")
def test_programs_say_to_which_level_a_way_up_leads() -> None:
    scene = exchange_scene()
    adapter = make_adapter(scene, "https://192.0.2.1", on=False)
    client = client_of(make_actor(scene.district.office_org, "office.officer"))
    (way,) = client.get(f"{REST}/passage/ways").json()["items"]
    assert (way["id"], way["level"]) == (str(adapter.pk), None)
    address = f"{REST}/passage/ways/{adapter.pk}"
    assert client.put(address, {"level": "moon"}, content_type="application/json").status_code == 422
    assert client.put(address, {"level": "city"}, content_type="application/json").json()["level"] == "city"
    assert PassageLink.objects.get().level == "city"
    town = client_of(scene.district.town)
    assert town.put(address, {"level": "above"}, content_type="application/json").status_code == 403
    assert client_of(scene.district.other_town).get(f"{REST}/passage/ways").json()["items"] == []
    assert PassageLink.objects.get().level == "city"
