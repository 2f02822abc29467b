"""A clue of a place without licence: reported, looked into, then legalized, struck off or handed over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.domains.registry.factories import CODES, make_file, make_unit
from tests.factories import District, client_of, make_district

from quancheng.domains.registry.models import Clue, Enterprise, Facility
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence, verify_licence
from quancheng.kernel.access.models import Share
from quancheng.kernel.events.models import Event
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(db: None) -> District:
    return make_district()


def reported(district: District, **more: Any) -> Clue:
    given = {"title": "码头旁无名油棚", "source": "patrol", "area": district.street_area.pk, "address": "码头路尽头",
             "text": "柴油两罐，约3吨，无人登记", **more}  # fmt: skip
    answer = client_of(district.town).post("/registry/clues/new", given)
    assert answer.status_code == 303, answer.content.decode()
    return Clue.objects.latest("found_at")


def step(district: District, clue: Clue, act: str, **given: Any) -> Any:
    answer = client_of(district.department).post(f"/registry/clues/{clue.pk}", {"act": act, **given})
    clue.refresh_from_db()
    return answer


@pytest.mark.clause("S3-4.5b")
def test_an_unlisted_place_is_looked_into_and_becomes_legal_only_with_a_verified_licence(district: District) -> None:
    clue = reported(district)
    item = WorkItem.objects.get(subject_id=clue.pk, done_at__isnull=True)
    assert (item.owner_org_id, item.duty) == (district.department_org.pk, "registry.clues.judge")
    assert step(district, clue, "verify", text="现场有两罐柴油").status_code == 303
    assert step(district, clue, "legalize", text="限期办证").status_code == 422
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    assert step(district, clue, "legalize", text="限期办证", due_date=yesterday).status_code == 422
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    assert step(district, clue, "legalize", text="限期办证", due_date=day).status_code == 303
    assert WorkItem.objects.get(subject_id=clue.pk, done_at__isnull=True).due_at is not None
    assert step(district, clue, "settle", text="已办证").status_code == 409
    file = {"name": "示例码头油料店", "credit_code": CODES[0], "kind": "trader_storage"}
    assert step(district, clue, "file", **file).status_code == 303
    assert clue.file is not None
    assert step(district, clue, "settle", text="已办证").status_code == 409
    known = {"number": "示例经营证1", "valid_to": date(2099, 12, 31)}
    spec = LicenceSpec(kind="OPERATING", known=known)
    licence = enter_licence(actor=district.department, file=clue.file, spec=spec, now=timezone.now())
    verify_licence(actor=district.department, licence=licence, version=licence.version, remark="", now=timezone.now())
    assert step(district, clue, "settle", text="已办证").status_code == 303
    assert clue.status == "LEGALIZED"
    # From then on it stands among the storage places, with what it may hold and by which licence.
    bureau = client_of(district.department)
    unit = make_unit(district.department, clue.file)
    place = {"code": "K-1", "name": "示例油料库", "kind": "bay", "volume_m3": "61.5"}
    assert bureau.post(f"/registry/units/{unit.pk}/facilities/new", place).status_code == 303
    held = {"chemical": "柴油", "licensed": "23.7 t", "design": "40 t", "present": "12 t"}
    store = Facility.objects.get()
    answer = bureau.post(f"/registry/facilities/{store.pk}/stock/new", held)
    assert answer.status_code == 303, answer.content.decode()
    page = bureau.get(f"/registry/facilities/{store.pk}").content.decode()
    assert ("61.5" in page, "23.7" in page) == (True, True)
    assert "示例经营证1" in bureau.get(f"/registry/enterprises/{clue.file.pk}?tab=licences").content.decode()
    assert not WorkItem.objects.filter(subject_id=clue.pk, done_at__isnull=True).exists()


def test_who_is_struck_off_is_closed_and_an_enterprise_with_an_unlisted_store_stays(district: District) -> None:
    own = make_file(district.department, area=district.street_area, credit_code=CODES[0])
    clue = reported(district, credit_code=CODES[0])
    assert clue.file_id == own.pk
    assert step(district, clue, "verify", text="属实").status_code == 303
    assert step(district, clue, "strike", text="清空并封存").status_code == 303
    own.refresh_from_db()
    assert (clue.status, own.life) == ("STRUCK", "operating")
    other = reported(district)
    step(district, other, "file", name="码头旁无名油棚", kind="unlicensed", credit_code="")
    step(district, other, "verify", text="属实")
    assert step(district, other, "strike", text="取缔").status_code == 303
    assert Enterprise.objects.get(pk=other.file_id).life == "closed"


def test_a_clue_takes_the_file_that_its_operator_opened_meanwhile_but_none_that_is_not_the_offices(
    district: District,
) -> None:
    clue = reported(district)
    own = make_file(district.department, area=district.street_area)
    file = {"name": "码头旁无名油棚", "kind": "trader_storage"}
    assert step(district, clue, "file", **file, credit_code=CODES[0]).status_code == 303
    assert clue.file_id == own.pk
    assert Enterprise.objects.count() == 1
    # One of another part of the chain, which this department does not see.
    other = reported(district)
    hidden = make_file(district.officer, area=district.other_street_area, name="示例运输公司", code=CODES[1])
    Enterprise.objects.filter(pk=hidden.pk).update(links=["transport"])
    answer = step(district, other, "file", name="示例运输公司", kind="carrier", credit_code=CODES[1])
    assert answer.status_code == 409
    assert other.file_id is None


def test_a_clue_is_handed_to_another_office_which_then_sees_it_and_an_event_tells_of_it(district: District) -> None:
    clue = reported(district)
    other = client_of(district.other_town)
    assert other.get(f"/registry/clues/{clue.pk}").status_code == 404
    assert step(district, clue, "hand_over", reason="属地处理", to_org=district.other_town_org.pk).status_code == 303
    assert other.get(f"/registry/clues/{clue.pk}").status_code == 200
    # It is owed until a day by who received it: he takes it on, or gives it back with a reason.
    item = WorkItem.objects.open().get(subject_id=clue.pk)
    assert (item.owner_org_id, item.duty) == (district.other_town_org.pk, "registry.clues.receive")
    assert item.due_at is not None
    path = f"/registry/clues/{clue.pk}"
    assert step(district, clue, "take_on").status_code == 403
    assert other.post(path, {"act": "return", "reason": ""}).status_code == 422
    assert other.post(path, {"act": "return", "reason": "不在本辖区"}).status_code == 303
    clue.refresh_from_db()
    assert (clue.status, clue.handed_to_id, clue.closed_at) == ("FOUND", None, None)
    assert WorkItem.objects.open().get(subject_id=clue.pk).owner_org_id == district.department_org.pk
    assert "不在本辖区" in client_of(district.department).get(path).content.decode()
    assert step(district, clue, "hand_over", reason="已核实地址", to_org=district.other_town_org.pk).status_code == 303
    assert other.post(path, {"act": "take_on"}).status_code == 303
    clue.refresh_from_db()
    assert (clue.status, clue.handed_to_id, clue.is_closed) == ("HANDED_OVER", district.other_town_org.pk, True)
    assert clue.closed_at is not None
    assert not WorkItem.objects.open().filter(subject_id=clue.pk).exists()
    assert Share.objects.filter(subject_id=clue.pk, to_org=district.other_town_org, why="handed_over").exists()
    assert Event.objects.filter(kind="registry.clue.hand_over", subject_id=clue.pk).exists()


def test_a_report_that_lacks_something_keeps_what_was_typed_and_no_enterprise_sees_a_clue(district: District) -> None:
    town = client_of(district.town)
    given = {"title": "码头旁无名油棚", "source": "patrol", "area": district.street_area.pk, "address": "码头路尽头",
             "text": "柴油", "lon": "122.6"}  # fmt: skip
    answer = town.post("/registry/clues/new", given)
    assert answer.status_code == 422
    assert "码头旁无名油棚" in answer.content.decode()
    assert "须同时填写" in answer.content.decode()
    outside = town.post("/registry/clues/new", {**given, "area": district.other_street_area.pk, "lat": "35.6"})
    assert outside.status_code == 422
    assert not Clue.objects.exists()
    clue = reported(district)
    own = client_of(district.enterprise)
    assert own.get(f"/registry/clues/{clue.pk}").status_code == 404
    assert own.get("/registry/clues").content.decode().count(clue.code) == 0
