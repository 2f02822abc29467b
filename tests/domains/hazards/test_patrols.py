"""Grid patrols (网格巡查): places by type, routes that fall due, walks from desk and phone, the ledger."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import own_file
from tests.domains.hazards.patrol_scene import TODAY, Village, make_village
from tests.domains.hazards.test_findings import picture
from tests.factories import NOW, client_of, make_actor, make_district
from tests.kernel.exchange.importing import book, checked, exported, imported, undo

from quancheng.domains.hazards.models import Patrol, PatrolClue, PatrolPlace, PatrolRoute, PatrolVisit
from quancheng.domains.hazards.services import patrol_places, patrols
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.dictionaries.models import CodeItem, CodeList
from quancheng.kernel.dictionaries.services import ItemSpec, add_item
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.phone.parts import pack_for
from quancheng.kernel.schedule.services import generate
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
BASE = "/api/v1/hazards"


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def village() -> Village:
    return make_village(make_district())


def send(client: Client, path: str, body: dict[str, Any], *, expect: int = 200, key: str = "") -> Any:
    headers: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    answer = client.post(f"{BASE}{path}", body, content_type="application/json", **headers)
    assert answer.status_code == expect, (answer.status_code, answer.content.decode()[:600])
    return answer.json()


@pytest.mark.clause("S4-A2.3.5e")
def test_places_are_listed_by_type_with_what_to_look_at_and_are_ended_never_deleted(village: Village) -> None:
    district = village.district
    file = own_file(district)
    grid, town = client_of(village.officer), client_of(district.town)
    new = reverse("hazards:patrol_place_new")
    typed = {"owner": str(village.org.pk), "name": "老粮站库房", "type": "warehouse", "address": "村西头",
             "person": "示例乙"}  # fmt: skip
    assert set(grid.post(new, {**typed, "name": "", "type": "castle", "lon": "117.1"}).context["form"].errors) == {
        "name", "type",
    }  # fmt: skip
    assert grid.post(new, {**typed, "lon": "117.1"}).status_code == 422
    assert grid.post(new, typed).status_code in (302, 303)
    assert grid.post(new, typed).status_code == 409
    for name, kind in (("示例村老屋", "old_house"), ("废品收购站", "scrap")):
        assert grid.post(new, {**typed, "name": name, "type": kind}).status_code in (302, 303)
    # The town keeps the villages' places too and links one with an enterprise.
    factory = {**typed, "name": "化工厂房", "type": "factory", "code": "91000000000000000X"}
    assert "code" in town.post(new, factory).context["form"].errors
    row = PatrolPlace.objects.get(name="老粮站库房")
    patrol_places.change_place(
        actor=district.town, row=row, version=1, changes={"file": file, "type": "factory"}, now=NOW
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.file_id, row.links, row.version) == (file.pk, ["storage"], 2)
    listed = town.get(reverse("hazards:patrol_places"), {"type": ["old_house", "scrap"]})
    assert {line.cells[1].html for line in listed.context["lines"]} == {"农村老旧房屋", "废旧物资回收"}
    page = grid.get(reverse("hazards:patrol_place", args=[PatrolPlace.objects.get(type="scrap").pk])).content.decode()
    assert "是否收购、存放废弃危险化学品容器、气瓶" in page
    assert "本平台默认值，可修改" in page
    ended = grid.post(reverse("hazards:patrol_place", args=[row.pk]), {"act": "end", "reason": "已拆除"})
    assert ended.status_code in (302, 303)
    row.refresh_from_db()
    assert (row.ended_date, row.ended_reason) == (TODAY, "已拆除")
    acts = JournalEntry.objects.filter(subject_id=row.pk).order_by("seq").values_list("act", flat=True)
    assert list(acts) == [f"hazards.patrol_place.{one}" for one in ("enter", "change", "end")]
    # A name that ended is free again; the department reads places without a file, the other town none.
    assert grid.post(new, typed).status_code in (302, 303)
    assert len(client_of(district.department).get(reverse("hazards:patrol_places")).context["lines"]) == 4
    assert not client_of(district.other_town).get(reverse("hazards:patrol_places")).context["lines"]
    assert client_of(district.enterprise).get(reverse("hazards:patrol_place", args=[row.pk])).status_code == 404


@pytest.mark.clause("S4-A2.3.5e")
def test_an_administrator_adds_a_type_and_it_is_offered(village: Village) -> None:
    kinds = CodeList.objects.get(code="patrol_place_types")
    assert set(CodeItem.objects.filter(code_list=kinds).values_list("mark", flat=True)) == {"D"}
    spec = ItemSpec(code="tea_house", label="茶馆", label_en="Tea house", parts=("疏散通道",))
    add_item(actor=village.district.director, code_list=kinds, spec=spec, reason="本地多见", now=NOW)
    assert village.place("老茶馆", type="tea_house").type == "tea_house"
    page = client_of(village.officer).get(reverse("hazards:patrol_place_new")).content.decode()
    assert "茶馆" in page


@pytest.mark.clause("S4-A2.3.5e")
def test_places_come_from_a_sheet_and_the_lists_export_comes_in_unchanged(village: Village) -> None:
    grid, name = client_of(village.officer), village.org.name
    heads = ("名称", "巡查点类型", "地址", "所属村（社区）或镇街", "现场负责人")
    other = make_village(village.district, "下柳村")
    wrong = book(heads, ("甲屋", "城堡", "村东", name, ""), ("乙屋", "厂房", "村东", other.org.name, ""))
    run = checked(grid, "hazards.patrol_places", wrong)
    assert run.state != "committed"
    assert len(run.errors) == 2
    run = imported(grid, "hazards.patrol_places", book(heads, ("甲屋", "农村老旧房屋", "村东", name, "示例丙")))
    row = PatrolPlace.objects.get()
    assert (row.name, row.type, row.person, row.owner_org_id) == ("甲屋", "old_house", "示例丙", village.org.pk)
    columns = "cols=name,type,address,owner,person,file,system,lon,lat"
    out = grid.get(f"{reverse('hazards:patrol_places')}?export=xlsx&{columns}")
    again = checked(grid, "hazards.patrol_places", out.content)
    assert again.state == "checked", again.errors
    assert again.counts["unchanged"] == 1
    undo(grid, run)
    assert not PatrolPlace.objects.exists()


@pytest.mark.clause("S3-3.3")
def test_a_route_falls_due_each_working_day_is_walked_at_the_desk_and_fills_the_ledger(village: Village) -> None:
    district = village.district
    grid, town = client_of(village.officer), client_of(district.town)
    shop, house = village.place("五金店", type="small_shop"), village.place("老屋", type="old_house")
    new = reverse("hazards:patrol_route_new")
    typed = {
        "owner": str(village.org.pk), "name": "东线", "places": "老屋\n五金店",
        "officers": [str(village.officer.user_id)], "cycle": "workdays", "starts_date": TODAY.isoformat(),
    }  # fmt: skip
    wrong = grid.post(new, {**typed, "places": "老屋\n没有的店"})
    assert (wrong.status_code, set(wrong.context["form"].errors)) == (422, {"places"})
    stranger = {**typed, "officers": [str(district.enterprise.user_id)]}
    assert "officers" in grid.post(new, stranger).context["form"].errors
    assert grid.post(new, typed).status_code in (302, 303)
    route = PatrolRoute.objects.get()
    # Tuesday to Monday: the 12th and 13th are days off.
    generate(now=NOW + timedelta(days=6))
    generate(now=NOW + timedelta(days=6))
    days = list(Patrol.objects.order_by("due_date").values_list("due_date", flat=True))
    assert [day.day for day in days] == [8, 9, 10, 11, 14]
    row = Patrol.objects.get(due_date=TODAY)
    item = WorkItem.objects.get(subject_id=row.pk)
    assert (item.person_id, item.owner_org_id) == (village.officer.user_id, village.org.pk)
    assert row.title in grid.get("/").content.decode()
    walk = reverse("hazards:patrol_walk", args=[row.pk])
    assert "电气线路是否老化" in grid.get(walk).content.decode()
    told = {f"place_{house.pk}": "not_entered", f"place_{shop.pk}": "clue", f"note_{shop.pk}": "存放散装汽油",
            f"kind_{shop.pk}": "major", f"photos_{shop.pk}": picture(3), "note": "阴"}  # fmt: skip
    refused = grid.post(walk, told)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {f"place_{house.pk}"})
    key = str(uuid.uuid4())
    good = {**told, f"note_{house.pk}": "家中无人", "client_id": key, f"photos_{shop.pk}": picture(3)}
    assert grid.post(walk, good).status_code in (302, 303)
    assert grid.post(walk, {**good, f"photos_{shop.pk}": picture(3)}).status_code in (302, 303)
    assert grid.post(walk, {**good, "client_id": str(uuid.uuid4()), f"photos_{shop.pk}": picture(3)}).status_code == 409
    row.refresh_from_db()
    assert (row.status, row.visit_count, row.clue_count, row.unentered_count) == ("WALKED", 2, 1, 1)
    assert (row.walker_id, row.walked_at, row.note) == (village.officer.user_id, NOW, "阴")
    first, second = PatrolVisit.objects.order_by("position")
    assert (first.place_id, first.result, first.note) == (house.pk, "not_entered", "家中无人")
    assert (second.place_id, second.result, files_of(second).count()) == (shop.pk, "clue", 1)
    clue = PatrolClue.objects.get()
    assert (clue.visit_id, clue.kind, clue.status) == (second.pk, "major", "RAISED")
    assert clue.handler_id == district.town_org.pk
    # A suspected major danger is taken within the hour.
    assert clue.take_by == NOW + timedelta(hours=1)
    assert clue.title in town.get("/").content.decode()
    # Ledger: the village, its town and the department read it; nobody else.
    ledger = reverse("hazards:patrol_visits")
    for reader in (grid, town, client_of(district.department), client_of(district.director)):
        assert len(reader.get(ledger).context["lines"]) == 2
    for reader in (client_of(district.other_town), client_of(district.enterprise)):
        assert not reader.get(ledger).context["lines"]
    assert len(grid.get(ledger, {"result": "clue", "type": "small_shop"}).context["lines"]) == 1
    assert any("存放散装汽油" in str(line) for line in exported(town, f"{ledger}?export=xlsx"))
    # What nobody walked is late, said so, and closed as missed three days after.
    late = Patrol.objects.get(due_date=TODAY + timedelta(days=1))
    assert patrols.lapse_patrols(now=NOW + timedelta(days=4)) == 0
    assert patrols.lapse_patrols(now=NOW + timedelta(days=5)) == 1
    late.refresh_from_db()
    assert late.status == "MISSED"
    flood = Patrol.objects.get(due_date=days[2])
    grid.post(reverse("hazards:patrol", args=[flood.pk]), {"act": "excuse", "reason": "防汛"})
    flood.refresh_from_db()
    assert (flood.status, flood.note) == ("MISSED", "防汛")
    assert Patrol.objects.filter(route=route, status="DUE").count() == 2


def test_late_walks_are_listed(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    route = village.route(village.place())
    village.due(route)
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(days=1))
    town = client_of(village.district.town)
    assert len(town.get(reverse("hazards:patrols"), {"late": "1"}).context["lines"]) == 1
    assert len(town.get(reverse("hazards:patrol_routes"), {"late": "1"}).context["lines"]) == 1


@pytest.mark.clause("S3-3.3")
def test_a_phone_takes_its_routes_along_and_brings_a_walk_home_once(village: Village) -> None:
    place = village.place(lon="122.600000", lat="35.600000")
    route = village.route(place, village.place("老屋", type="old_house"))
    village.due(route)
    whole, _tag = pack_for(actor=village.officer, now=NOW)
    assert "示例村废品收购站" in whole.decode()
    grid = client_of(village.officer)
    part = grid.get("/api/v1/phone/pack").json()["parts"]["patrols"]
    (taken,) = part["routes"]
    assert (taken["id"], taken["due_date"], len(taken["stops"])) == (str(route.pk), TODAY.isoformat(), 2)
    assert taken["stops"][0]["looks"][0].startswith("是否收购")
    # What falls due while it is out goes along, though the house has not made it yet: working days, for a week.
    days = [TODAY + timedelta(days=number) for number in range(8)]
    wanted = [one.isoformat() for one in days if Calendar().is_working_day(one)]
    assert [one["due"] for one in taken["windows"]] == wanted
    assert all(one["from"] == one["due"] for one in taken["windows"])
    other = client_of(village.district.enterprise).get("/api/v1/phone/pack").json()["parts"]["patrols"]
    assert other["routes"] == []
    # Walked an hour ago by a clock that is a day slow; the first place was told half a kilometre off.
    slow = NOW - timedelta(days=1)
    photo = grid.post("/api/v1/files", {"file": picture(9)}).json()["id"]
    one, two = (stop["id"] for stop in taken["stops"])
    body = {
        "version": taken["version"], "note": "", "device": {
            "made_at": (slow - timedelta(hours=1)).isoformat(), "sent_at": slow.isoformat()},
        "visits": [
            {"place_id": one, "result": "clue", "kind": "illegal", "note": "收购报废气瓶", "photo_ids": [photo],
             "at": (slow - timedelta(hours=2)).isoformat(), "lon": 122.605, "lat": 35.6},
            {"place_id": two, "result": "fine"},
        ],
    }  # fmt: skip
    path, key = f"/patrol-routes/{route.pk}/walks", str(uuid.uuid4())
    missing = {**body, "visits": body["visits"][:1]}
    assert f"place_{two}" in send(grid, path, missing, expect=422)["fields"]
    made = send(grid, path, body, expect=201, key=key)
    later = {**body, "device": {**body["device"], "sent_at": (slow + timedelta(minutes=9)).isoformat()}}
    assert send(grid, path, later, expect=201, key=key)["id"] == made["id"]
    send(grid, path, {**body, "note": "别的"}, expect=409, key=key)
    row = Patrol.objects.get()
    assert (str(row.pk), row.status, row.is_extra) == (made["id"], "WALKED", False)
    assert row.walked_at == NOW - timedelta(hours=1)
    assert [one["zh"][:4] for one in row.doubts] == ["设备时钟", "1个巡查"]
    visit = row.visits.get(position=1)
    assert (visit.at, visit.distance_m) == (NOW - timedelta(hours=2), 452)
    clue = PatrolClue.objects.get()
    assert (clue.kind, clue.text, clue.found_at, files_of(clue).count()) == ("illegal", "收购报废气瓶", visit.at, 1)
    # A second walk on the day is one out of turn; the pack owes none any more.
    assert send(grid, path, {"visits": [{"place_id": one, "result": "fine"}, {"place_id": two, "result": "fine"}]},
                expect=201)["is_extra"]  # fmt: skip
    (left,) = grid.get("/api/v1/phone/pack").json()["parts"]["patrols"]["routes"]
    assert left["due_date"] is None
    assert [one["due"] for one in left["windows"]] == wanted[1:]
    send(client_of(village.district.town), path, body, expect=403)
    send(client_of(village.district.other_town), path, body, expect=404)


def test_a_walk_over_a_route_that_changed_meanwhile_is_taken_and_says_what_it_left_out(village: Village) -> None:
    one, two, three = (village.place(name) for name in ("甲", "乙", "丙"))
    route = village.route(one, two)
    village.due(route)
    spec = patrol_places.RouteSpec("东线", [one, three], [village.officer.user_id or uuid.uuid4()], "daily", TODAY)
    patrol_places.change_route(actor=village.officer, row=route, version=1, spec=spec, now=NOW)
    with pytest.raises(StaleState):
        patrol_places.change_route(actor=village.officer, row=route, version=1, spec=spec, now=NOW)
    seen = [patrols.VisitSpec(place=each.pk, result="fine") for each in (one, two)]
    told = patrols.WalkSpec(visits=seen, version=1)
    row = patrols.record_walk(actor=village.officer, route=route, spec=told, now=NOW)
    assert [each["zh"] for each in row.doubts] == ["路线在巡查后有调整，未巡：丙"]
    with pytest.raises(Invalid):
        patrols.record_walk(
            actor=village.officer, route=route, spec=patrols.WalkSpec(visits=seen, version=2), now=NOW
        )  # fmt: skip
    # The new cycle counts from tomorrow on, days off included.
    route.refresh_from_db()
    generate(now=NOW + timedelta(days=6))
    assert Patrol.objects.filter(route=route).count() == 7


def test_places_and_routes_are_kept_by_their_own_and_their_town_alone(village: Village) -> None:
    district, place = village.district, village.place()
    other = make_village(district, "下柳村")
    known = {"name": "甲屋", "type": "factory", "address": "村东"}
    for actor in (other.officer, district.other_town, district.department, district.enterprise):
        with pytest.raises(NotPermitted):
            patrol_places.enter_place(actor=actor, owner=village.org, known=known, now=NOW)
    patrol_places.enter_place(actor=district.town, owner=village.org, known=known, now=NOW)
    route = village.route(place)
    with pytest.raises(Conflict):
        patrol_places.end_place(actor=village.officer, row=place, reason="拆除", now=NOW)
    colleague = make_actor(village.org, "village.officer")
    with pytest.raises(NotPermitted):
        patrols.record_walk(
            actor=colleague, route=route, now=NOW,
            spec=patrols.WalkSpec(visits=[patrols.VisitSpec(place=place.pk, result="fine")]),
        )  # fmt: skip
    patrol_places.end_route(actor=village.officer, row=route, reason="合并", now=NOW)
    generate(now=NOW + timedelta(days=3))
    assert Patrol.objects.filter(due_date__gt=TODAY).count() == 0
    patrol_places.end_place(actor=village.officer, row=place, reason="拆除", now=NOW)


def test_terms_are_set_by_the_office_from_a_day_on(village: Village) -> None:
    office = client_of(village.district.officer)
    new = reverse("hazards:patrol_terms_new")
    figures = {"take_days": 2, "answer_days": 7, "major_take_hours": 2, "major_answer_days": 1, "lapse_days": 5}
    typed = {**figures, "from_date": TODAY.isoformat(), "reason": "区规定"}
    assert office.post(new, {**typed, "take_days": 0}).status_code == 422
    assert office.post(new, typed).status_code in (302, 303)
    assert client_of(village.officer).post(new, typed).status_code == 403
    assert "区规定" in client_of(village.officer).get(reverse("hazards:patrol_terms")).content.decode()
    clue = village.clue(village.place())
    assert (clue.take_by.date() - TODAY).days == 2
    assert (clue.answer_by.date() - TODAY).days == 7
