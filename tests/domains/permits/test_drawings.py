"""Drawings of pipes: taken in, points placed upon them, each in the state of the register; nobody else sees them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.permits.factories import Crew, crew_of
from tests.domains.permits.isolation_factories import BREAKER, PLATE, apply, planned, verify
from tests.domains.registry.factories import make_unit
from tests.domains.risk.test_plans import upload
from tests.factories import client_of, make_district

from quancheng.domains.permits.models import DrawingSpot, PipeDrawing
from quancheng.domains.permits.services import drawings as services
from quancheng.domains.permits.services import isolations
from quancheng.domains.risk.services import pictures
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.files.models import FileLink
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db
LIST, API = "/permits/drawings", "/api/v1/permits/drawings"


def sent(**known: Any) -> dict[str, Any]:
    day = (timezone.localdate() - timedelta(days=10)).isoformat()
    return {"number": "示例-PID-01", "title": "罐组一流程图", "edition": day, "picture": upload(), "takes_over": "on",
            **known}  # fmt: skip


def add(crew: Crew, *, days: int = 10, **known: Any) -> PipeDrawing:
    given: dict[str, Any] = {"number": "示例-PID-01", "title": "罐组一流程图", "upload": upload(), **known}
    edition = timezone.localdate() - timedelta(days=days)
    return services.add_drawing(
        actor=crew.safety, file=crew.leader.file, edition=edition, now=timezone.now(), **given
    )


def place(crew: Crew, drawing: PipeDrawing, point: Any, x: int = 100, y: int = 200, **known: Any) -> PipeDrawing:
    return services.place_point(
        actor=crew.safety, drawing=drawing, point_id=point.pk, x=x, y=y, now=timezone.now(), **known
    )


def test_a_drawing_is_uploaded_a_plate_placed_on_it_and_its_colour_is_the_state_of_the_register(at):
    district = make_district()
    crew = crew_of(district)
    point = planned(crew)
    own, town = client_of(crew.safety), client_of(district.town)
    assert own.get(f"{LIST}/new").status_code == 200
    answer = own.post(f"{LIST}/new", sent())
    drawing = PipeDrawing.objects.get()
    page = f"{LIST}/{drawing.pk}"
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert (drawing.width_px, drawing.height_px) == (800, 600)
    shown = own.get(page).content.decode()
    assert "还没有标在图上的隔离点" in shown
    assert 'pmt-iso planned" href' not in shown
    form = own.get(f"{page}/place?point={point.pk}").content.decode()
    assert 'data-plan-draw="one"' in form
    assert own.post(f"{page}/place", {"point": str(point.pk), "points": "120,80"}).status_code == 303
    spot = DrawingSpot.objects.get()
    assert (spot.x, spot.y, spot.set_by) == (120, 80, crew.safety.name)
    card = f"/permits/isolations/{point.pk}"

    def lose() -> None:
        isolations.lift_point(actor=crew.head, point=point, reason="挂牌丢失", now=at[0])

    for state, word, act in (
        ("planned", "计划", lambda: apply(crew, point, at[0])),
        ("applied", "已隔离，待验证", lambda: verify(crew, point, at[0])),
        ("verified", "已验证", lose), ("lifted", "隔离失效", lambda: None),
    ):  # fmt: skip
        shown = town.get(page).content.decode()
        assert f'<a class="pmt-iso {state}" href="{card}"><title>DL-07 配电室07柜：{word}</title>' in shown
        assert "配电室07柜" in shown.split("图上隔离点")[1]
        assert [one["status"] for one in town.get(f"{API}/{drawing.pk}").json()["spots"]] == [state.upper()]
        act()
    # From the point to the drawing, and the picture for whoever sees it.
    assert page in town.get(card).content.decode()
    link = FileLink.objects.get(subject_id=drawing.pk, role="plan")
    assert town.get(f"/files/{link.pk}").status_code == 200
    acts = JournalEntry.objects.filter(act__startswith="permits.drawing.").values_list("act", flat=True)
    assert sorted(acts) == ["permits.drawing.add", "permits.drawing.place"]
    # Moved, and taken off.
    assert own.post(f"{page}/place", {"point": str(point.pk), "points": "300,90"}).status_code == 303
    assert DrawingSpot.objects.get().x == 300
    assert own.post(f"{page}/points/{point.pk}/take-off").status_code == 303
    assert not DrawingSpot.objects.exists()
    assert own.post(f"{page}/points/{point.pk}/take-off").status_code == 409
    assert page not in town.get(card).content.decode()


def test_a_removed_point_is_told_in_words_and_no_more_a_pin(at):
    crew = crew_of(make_district())
    drawing, point = add(crew), verify(crew, apply(crew, planned(crew)))
    place(crew, drawing, point)
    isolations.remove_point(actor=crew.safety, point=point, person=crew.worker, now=at[0])
    shown = client_of(crew.safety).get(f"{LIST}/{drawing.pk}").content.decode()
    assert "曾在图上、已结束的隔离点" in shown
    assert f'href="/permits/isolations/{point.pk}"><title>' not in shown
    told = client_of(crew.safety).get(f"{API}/{drawing.pk}").json()
    assert (told["spot_count"], told["spots"][0]["status"]) == (0, "REMOVED")
    with pytest.raises(Invalid):
        place(crew, drawing, point, 5, 5)


def test_strangers_find_neither_list_page_picture_nor_answer(at):
    district = make_district()
    crew = crew_of(district)
    drawing, point = add(crew), planned(crew)
    place(crew, drawing, point)
    link = FileLink.objects.get(subject_id=drawing.pk, role="plan")
    for actor in (district.other_enterprise, district.other_town):
        client = client_of(actor)
        assert "示例-PID-01" not in client.get(LIST).content.decode()
        assert client.get(API).json()["items"] == []
        for path in (f"{LIST}/{drawing.pk}", f"{API}/{drawing.pk}", f"/files/{link.pk}"):
            assert client.get(path).status_code == 404, path
        assert client.post(f"{LIST}/{drawing.pk}/place", {"point": str(point.pk), "points": "1,1"}).status_code == 404
        assert client.post(f"{LIST}/{drawing.pk}/points/{point.pk}/take-off").status_code == 404
    # Who supervises it reads it and writes nothing.
    office = client_of(district.town)
    assert "示例-PID-01" in office.get(LIST).content.decode()
    for path in ("change", "end", "place"):
        assert office.get(f"{LIST}/{drawing.pk}/{path}").status_code == 403
    assert office.post(f"{LIST}/{drawing.pk}/points/{point.pk}/take-off").status_code == 403
    assert f"{drawing.pk}/place" not in office.get(f"{LIST}/{drawing.pk}").content.decode()
    with pytest.raises(NotPermitted):
        services.end_drawing(actor=district.other_enterprise, drawing=drawing, reason="无", now=at[0])


def test_what_is_no_drawing_is_told_at_its_field(monkeypatch: pytest.MonkeyPatch):
    district = make_district()
    crew = crew_of(district)
    own = client_of(crew.safety)
    ahead = (timezone.localdate() + timedelta(days=1)).isoformat()
    bad = [
        ({"picture": upload(b"%PDF-1.7 broken", "x.pdf")}, "读不出这份PDF", "picture"),
        ({"picture": upload(b"GIF89a not really", "x.png")}, "损坏", "picture"),
        ({"picture": upload("只是文字".encode(), "x.txt")}, "应为图片", "picture"),
        ({"picture": ""}, "请选择文件", "picture"),
        ({"edition": ahead}, "不能晚于今天", "edition"),
        ({"number": ""}, "请填写此项", "number"),
        ({"unit": str(uuid.uuid4())}, "选择", "unit"),
    ]
    for more, sentence, field in bad:
        answer = own.post(f"{LIST}/new", sent(**more))
        assert answer.status_code == 422, sentence
        assert sentence in str(answer.context["form"].errors[field])
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)
    answer = own.post(f"{LIST}/new", sent())
    assert "MB" in str(answer.context["form"].errors["picture"])
    monkeypatch.undo()
    assert not PipeDrawing.objects.exists()
    add(crew)
    answer = own.post(f"{LIST}/new", sent())
    assert answer.status_code == 409
    assert "已有这一天的版本" in str(answer.context["form"].errors["edition"])


def test_a_spot_outside_and_a_point_of_others_are_refused_at_their_fields():
    district = make_district()
    crew = crew_of(district)
    unit = make_unit(crew.safety, crew.leader.file, name="罐组一")
    other = make_unit(crew.safety, crew.leader.file, code="U2", name="罐组二")
    drawing = add(crew, unit=unit)
    inside, outside = planned(crew, tag="A-1", unit=unit), planned(crew, tag="A-2", unit=other)
    page, own = f"{LIST}/{drawing.pk}/place", client_of(crew.safety)
    for point, points, field, sentence in (
        (inside.pk, "801,20", "points", "图外"), (inside.pk, "20,601", "points", "图外"),
        (inside.pk, "1,1 2,2", "points", "一个点"), (inside.pk, "abc", "points", "一个点"),
        (inside.pk, "", "points", "请填写"), ("", "1,1", "point", "请选择隔离点"),
        (outside.pk, "1,1", "point", "未解除"), (uuid.uuid4(), "1,1", "point", "未解除"),
    ):  # fmt: skip
        answer = own.post(page, {"point": str(point), "points": points})
        assert answer.status_code == 422, (point, points)
        assert sentence in str(answer.context["form"].errors[field])
    with pytest.raises(Invalid) as caught:
        place(crew, drawing, outside)
    assert set(caught.value.fields) == {"point"}
    place(crew, drawing, inside)
    # The unit is not changed away from under a point; a point that is planned for another unit leaves the drawing.
    answer = own.post(
        f"{LIST}/{drawing.pk}/change", {"title": "改名", "unit": str(other.pk), "version": drawing.version}
    )
    assert answer.status_code == 422
    assert "A-1" in str(answer.context["form"].errors["unit"])
    told = isolations.Planned(**{**BREAKER, "tag": "A-1", "unit": other})
    isolations.change_point(actor=crew.safety, point=inside, planned=told, now=timezone.now())
    assert not DrawingSpot.objects.exists()
    change = {"title": "改名", "unit": str(other.pk), "version": drawing.version}
    assert own.post(f"{LIST}/{drawing.pk}/change", change).status_code == 303
    assert own.post(f"{LIST}/{drawing.pk}/change", {**change, "title": "再改"}).status_code == 409
    drawing.refresh_from_db()
    assert (drawing.title, drawing.unit_id) == ("改名", other.pk)


def test_a_new_edition_keeps_the_points_the_old_one_is_read_and_an_ended_one_takes_none():
    crew = crew_of(make_district())
    first, point, plate = add(crew), planned(crew), planned(crew, **PLATE)
    place(crew, first, point)
    second = add(crew, days=5)
    assert [one.point_id for one in second.spots.all()] == [point.pk]
    assert not add(crew, days=4, number="示例-PID-02").spots.exists()
    with pytest.raises(StaleState):
        place(crew, first, plate)
    own = client_of(crew.safety)
    assert own.post(f"{LIST}/{first.pk}/place", {"point": str(plate.pk), "points": "1,1"}).status_code == 409
    assert "旧版" in own.get(f"{LIST}/{first.pk}").content.decode()
    listed = own.get(API, {"is_current": "true"}).json()["items"]
    assert {one["id"] for one in listed} == {str(one.pk) for one in PipeDrawing.objects.exclude(pk=first.pk)}
    assert own.post(f"{LIST}/{second.pk}/end", {"reason": ""}).status_code == 422
    assert own.post(f"{LIST}/{second.pk}/end", {"reason": "图纸作废"}).status_code == 303
    assert own.post(f"{LIST}/{second.pk}/end", {"reason": "图纸作废"}).status_code == 409
    assert own.post(f"{LIST}/{second.pk}/place", {"point": str(plate.pk), "points": "1,1"}).status_code == 409
    assert "已撤销" in own.get(f"{LIST}/{second.pk}").content.decode()
    # The edition before it is the newest again.
    place(crew, first, plate)
    listed = own.get(LIST, {"current": "1"}).content.decode()
    assert (str(first.pk) in listed, str(second.pk) in listed) == (True, False)


def test_the_same_request_places_and_uploads_once():
    crew = crew_of(make_district())
    key, again = uuid.uuid4(), uuid.uuid4()
    drawing = add(crew, client_id=key)
    assert add(crew, client_id=key).pk == drawing.pk
    assert FileLink.objects.filter(subject_id=drawing.pk).count() == 1
    point = planned(crew)
    place(crew, drawing, point, client_id=again)
    services.take_off(actor=crew.safety, drawing=drawing, point_id=point.pk, now=timezone.now())
    place(crew, drawing, point, client_id=again)
    assert not DrawingSpot.objects.exists()


def test_a_point_that_goes_with_its_time_leaves_its_drawing(at):
    crew = crew_of(make_district())
    drawing, point = add(crew), planned(crew)
    place(crew, drawing, point)
    point.delete()
    assert client_of(crew.safety).get(f"{API}/{drawing.pk}").json()["spots"] == []


def test_the_page_of_a_drawing_asks_no_more_for_many_points(django_assert_max_num_queries):
    crew = crew_of(make_district())
    drawing = add(crew)
    for number in range(8):
        point = planned(crew, tag=f"DL-{number}")
        if number % 2:
            place(crew, drawing, point, x=number)
    own = client_of(crew.safety)
    own.get(LIST)
    with django_assert_max_num_queries(15):
        assert own.get(f"{LIST}/{drawing.pk}").status_code == 200
    with django_assert_max_num_queries(15):
        assert own.get(f"{LIST}/{drawing.pk}/place").status_code == 200
