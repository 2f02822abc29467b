"""Grid clues (网格线索) from the officer to a danger or an answer, and dangers looked at again (网格复查)."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.factories import make_finding, own_file
from tests.domains.hazards.patrol_scene import TODAY, Village, make_village, put_right
from tests.domains.hazards.test_findings import picture, upload
from tests.factories import NOW, client_of, make_actor, make_district, make_org

from quancheng.domains.hazards.models import Finding, PatrolClue, PatrolRecheck, Recheck
from quancheng.domains.hazards.services import patrol_clues, patrol_places, patrol_rechecks
from quancheng.kernel.errors import NotPermitted, StaleState
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.notices.models import Notice

pytestmark = pytest.mark.django_db
BASE = "/api/v1/hazards"


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def village() -> Village:
    return make_village(make_district())


def act(client: Client, row: Any, move: str, **given: Any) -> int:
    """One act on a row's page; the status of the answer."""
    known = {"PatrolClue": "hazards:patrol_clue", "PatrolRecheck": "hazards:patrol_recheck"}[type(row).__name__]
    return int(client.post(reverse(known, args=[row.pk]), {"act": move, **given}).status_code)


def send(client: Client, path: str, body: dict[str, Any], *, expect: int = 200, key: str = "") -> Any:
    headers: dict[str, Any] = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    answer = client.post(f"{BASE}{path}", body, content_type="application/json", **headers)
    assert answer.status_code == expect, (answer.status_code, answer.content.decode()[:600])
    return answer.json()


@pytest.mark.clause("S3-3.3")
def test_a_clue_at_an_enterprise_becomes_its_danger_and_the_officer_reads_what_became_of_it(village: Village) -> None:
    district = village.district
    file, place = own_file(district), village.place("化工厂房", type="factory")
    patrol_places.change_place(actor=district.town, row=place, version=1, changes={"file": file}, now=NOW)
    grid, town = client_of(village.officer), client_of(district.town)
    new = reverse("hazards:patrol_clue_new", args=[place.pk])
    assert grid.post(new, {"kind": "major", "text": ""}).status_code == 422
    assert town.post(new, {"kind": "major", "text": "厂房内违规住人"}).status_code == 403
    assert grid.post(new, {"kind": "major", "text": "厂房内违规住人", "photos": picture(5)}).status_code in (302, 303)
    row = PatrolClue.objects.get()
    # Not the village, not the other town; the enterprise never reads it.
    assert act(grid, row, "take") == 403
    for stranger in (district.other_town, district.enterprise):
        assert client_of(stranger).get(reverse("hazards:patrol_clue", args=[row.pk])).status_code == 404
    assert act(town, row, "find", name="厂房内违规住人", type="fire") == 409
    assert act(town, row, "take") in (302, 303)
    assert act(town, row, "answer", text="已劝离") == 409
    assert act(town, row, "find", name="", type="fire") == 422
    assert act(town, row, "find", name="厂房内违规住人", type="fire", is_major="on") in (302, 303)
    row.refresh_from_db()
    made = Finding.objects.get()
    assert (row.status, row.finding_id, row.closed_at) == ("FOUND", made.pk, NOW)
    assert (made.file_id, made.channel, made.is_major, made.is_by_regulator) == (file.pk, "grid", True, True)
    assert (made.status, made.place, made.finder_org_id) == ("REPORTED", "化工厂房", district.town_org.pk)
    assert files_of(made, role="before").count() == 1
    told = Notice.objects.get(user=village.officer.user_id, kind=patrol_clues.ANSWERED)
    assert told.subject_id == row.pk
    page = grid.get(reverse("hazards:patrol_clue", args=[row.pk])).content.decode()
    assert made.code in page
    assert "待核实定级" in page
    assert grid.get(reverse("hazards:finding", args=[made.pk])).status_code == 200
    shown = town.get(reverse("hazards:finding", args=[made.pk])).content.decode()
    assert row.code in shown
    own = client_of(district.enterprise).get(reverse("hazards:finding", args=[made.pk]))
    assert reverse("hazards:patrol_clue", args=[row.pk]) not in own.content.decode()
    listed = town.get(reverse("hazards:findings"), {"channel": "grid"})
    assert len(listed.context["lines"]) == 1


@pytest.mark.clause("S3-3.3")
def test_a_clue_elsewhere_is_handed_on_comes_back_and_is_answered(village: Village) -> None:
    district = village.district
    fire = make_org("示例区消防救援大队", supervises=True)
    firemen = make_actor(fire, "department.officer")
    row = village.clue(village.place(), kind="illegal", text="夜间违规切割气瓶")
    town, department = client_of(district.town), client_of(firemen)
    assert department.get(reverse("hazards:patrol_clue", args=[row.pk])).status_code == 404
    assert act(town, row, "transfer", receiver=str(district.town_org.pk), reason="不归我管") == 422
    assert act(town, row, "transfer", receiver=str(fire.pk), reason="属消防职责") in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.handler_id, row.transfer_reason) == ("SENT", fire.pk, "属消防职责")
    assert act(town, row, "take") == 403
    assert row.title in department.get("/").content.decode()
    assert act(department, row, "return", reason="无明火，请核实") in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.handler_id) == ("RAISED", district.town_org.pk)
    assert act(town, row, "transfer", receiver=str(fire.pk), reason="已核实，有切割痕迹") in (302, 303)
    assert act(department, row, "take") in (302, 303)
    row.refresh_from_db()
    assert (row.answer_by.date() - TODAY).days == 5
    assert act(department, row, "find", name="切割", type="fire") == 409
    assert act(department, row, "answer", text="已查封切割设备，责令停业") in (302, 303)
    row.refresh_from_db()
    assert (row.status, row.answer, row.answerer_name) == ("DONE", "已查封切割设备，责令停业", firemen.name)
    page = client_of(village.officer).get(reverse("hazards:patrol_clue", args=[row.pk])).content.decode()
    assert "已查封切割设备" in page
    assert not Finding.objects.exists()


@pytest.mark.clause("S3-3.3")
def test_there_may_be_nothing_in_a_clue_which_takes_a_reason_and_programs_act_alike(village: Village) -> None:
    place, town = village.place(), client_of(village.district.town)
    grid, key = client_of(village.officer), str(uuid.uuid4())
    body = {"kind": "danger", "text": "疑似油桶"}
    made = send(grid, f"/patrol-places/{place.pk}/clues", body, expect=201, key=key)
    assert send(grid, f"/patrol-places/{place.pk}/clues", body, expect=201, key=key)["id"] == made["id"]
    at = f"/patrol-clues/{made['id']}"
    send(grid, f"{at}/acts", {"act": "nothing", "text": "没有"}, expect=403)
    send(town, f"{at}/acts", {"act": "nothing", "text": ""}, expect=422)
    send(town, f"{at}/acts", {"act": "close"}, expect=422)
    send(town, f"{at}/acts", {"act": "transfer", "text": "请核", "receiver_id": str(uuid.uuid4())}, expect=422)
    assert send(town, f"{at}/acts", {"act": "nothing", "text": "为空水桶"})["status"] == "NOTHING"
    send(town, f"{at}/acts", {"act": "take"}, expect=409)
    assert client_of(village.district.other_town).get(f"{BASE}{at}").status_code == 404
    assert [one["answer"] for one in grid.get(f"{BASE}/patrol-clues?status=NOTHING").json()["items"]] == ["为空水桶"]


@pytest.mark.clause("S3-3.3")
def test_an_officer_sent_to_a_danger_says_it_is_not_put_right_which_closes_nothing_and_is_a_doubt(
    village: Village,
) -> None:
    district = village.district
    finding = put_right(district)
    town, grid = client_of(district.town), client_of(village.officer)
    new = reverse("hazards:patrol_recheck_new", args=[finding.pk])
    assert grid.get(reverse("hazards:finding", args=[finding.pk])).status_code == 404
    assert client_of(district.enterprise).get(new).status_code == 403
    day = (TODAY + timedelta(days=2)).isoformat()
    typed = {"officer": str(village.officer.user_id), "due_date": day, "ask": "看孔洞"}
    assert town.post(new, {**typed, "due_date": "2026-01-01"}).status_code == 422
    assert town.post(new, {**typed, "officer": str(district.enterprise.user_id)}).status_code == 422
    assert town.post(new, typed).status_code in (302, 303)
    assert town.post(new, typed).status_code == 409
    row = PatrolRecheck.objects.get()
    assert (row.owner_org_id, row.org_id, row.officer_id) == (
        district.town_org.pk, village.org.pk, village.officer.user_id,
    )  # fmt: skip
    assert row.title in grid.get("/").content.decode()
    assert grid.get(reverse("hazards:finding", args=[finding.pk])).status_code == 200
    # Until it is answered the enterprise is not to know.
    own = client_of(district.enterprise)
    assert own.get(reverse("hazards:patrol_recheck", args=[row.pk])).status_code == 404
    assert act(grid, row, "answer", seen="not_done", text="孔洞仍在") == 422
    assert act(grid, row, "answer", seen="not_done", text="孔洞仍在", photos=picture(8)) in (302, 303)
    row.refresh_from_db()
    finding.refresh_from_db()
    assert (row.status, row.seen, row.text, row.answerer_name) == ("ANSWERED", "not_done", "孔洞仍在", "示例网格员")
    assert finding.status == "ACCEPTING"
    assert finding.doubts[-1]["zh"] == f"{TODAY}网格员现场查看：未整改（{village.org.label}）"
    for reader in (town, own):
        page = reader.get(reverse("hazards:finding", args=[finding.pk]), {"tab": "patrol_rechecks"}).content.decode()
        assert "孔洞仍在" in page
        assert "照片8.jpg" in page
    assert not Recheck.objects.exists()
    assert len(town.get(reverse("hazards:patrol_rechecks"), {"seen": "not_done"}).context["lines"]) == 1


@pytest.mark.clause("S3-3.3")
def test_of_a_danger_off_the_list_that_still_stands_the_office_owes_a_look_and_phones_answer_once(
    village: Village,
) -> None:
    finding = put_right(village.district, closed=True)
    town, grid = client_of(village.district.town), client_of(village.officer)
    body = {"officer_id": str(village.officer.user_id), "due_date": TODAY.isoformat()}
    made = send(town, f"/findings/{finding.pk}/patrol-rechecks", body, expect=201)
    (errand,) = grid.get("/api/v1/phone/pack").json()["parts"]["patrols"]["rechecks"]
    assert (errand["id"], errand["name"]) == (made["id"], "防火堤有孔洞")
    photo = grid.post("/api/v1/files", {"file": picture(9)}).json()["id"]
    device = {"made_at": (NOW - timedelta(hours=3)).isoformat(), "sent_at": NOW.isoformat()}
    told = {"seen": "not_done", "text": "仍在", "photo_ids": [photo], "device": device}
    key, path = str(uuid.uuid4()), f"/patrol-rechecks/{made['id']}/answer"
    send(town, path, told, expect=403)
    send(grid, path, told, key=key)
    send(grid, path, told, key=key)
    row = PatrolRecheck.objects.get()
    assert (row.seen_at, files_of(row).count()) == (NOW - timedelta(hours=3), 1)
    finding.refresh_from_db()
    assert (finding.status, len(finding.doubts[-1:])) == ("CLOSED", 1)
    assert Recheck.objects.get(finding=finding).status == "DUE"
    # Another may be sent now; who was called back answers no more.
    again = send(town, f"/findings/{finding.pk}/patrol-rechecks", body, expect=201)
    send(town, f"/patrol-rechecks/{again['id']}/recall", {"reason": "已安排监管部门复查"})
    send(grid, f"/patrol-rechecks/{again['id']}/answer", told, expect=409)


def test_only_a_danger_that_is_said_to_be_put_right_is_looked_at_by_who_goes_round_there(village: Village) -> None:
    district = village.district
    row = make_finding(district.enterprise, own_file(district))
    given: dict[str, Any] = {"officer": village.officer.user_id, "due_date": TODAY, "ask": "", "now": NOW}
    with pytest.raises(StaleState):
        patrol_rechecks.assign_recheck(actor=district.town, finding=row, **given)
    with pytest.raises(NotPermitted):
        patrol_rechecks.assign_recheck(actor=village.officer, finding=row, **given)
    other = make_village(district, "下柳村").officer
    finding = put_right(district)
    made = patrol_rechecks.assign_recheck(actor=district.town, finding=finding, **given)
    with pytest.raises(NotPermitted):
        patrol_rechecks.answer_recheck(
            actor=other, row=made, seen="done", text="", photos=[upload(other, 4)], now=NOW
        )  # fmt: skip
    patrol_rechecks.answer_recheck(
        actor=village.officer, row=made, seen="no_entry", text="无人开门", photos=(), now=NOW
    )  # fmt: skip
    finding.refresh_from_db()
    assert (made.status, finding.doubts) == ("ANSWERED", put_right_doubts(finding))


def put_right_doubts(finding: Finding) -> list[dict[str, str]]:
    """Doubts of the photos alone: that nobody could enter is none."""
    return [one for one in finding.doubts if "网格员" not in one["zh"]]
