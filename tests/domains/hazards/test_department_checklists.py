"""A department words a checklist of its own: enterprises and rounds use it, nobody else words it."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.domains.hazards.check_factories import first_due, make_plant, make_task
from tests.domains.hazards.test_findings import picture, upload
from tests.domains.hazards.test_post_coverage import bureau, carrier
from tests.factories import NOW, client_of, make_actor, make_district
from tests.kernel.exchange.importing import book, exported, imported, undo

from quancheng.domains.hazards.models import CheckRecord, DepartmentChecklist, Finding, InspectionRound
from quancheng.domains.hazards.queries.checks import checklists
from quancheng.domains.hazards.services import department_checklists as services
from quancheng.domains.hazards.services.check_records import Answer, CheckSpec, record_check
from quancheng.domains.hazards.services.department_checklists import ListSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.law import services as law
from quancheng.kernel.law.models import Clause, Edition, LegalText
from quancheng.kernel.law.queries import in_force
from quancheng.kernel.law.services import ClauseSpec, EditionSpec
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock: it stands at the day of the factories."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def ok(answer: Any) -> None:
    assert answer.status_code in (302, 303), (answer.status_code, answer.content.decode()[:6000])


def page(row: DepartmentChecklist, name: str = "department_list") -> str:
    return reverse(f"hazards:{name}", args=[row.pk])


def act(client: Client, row: DepartmentChecklist, name: str, **given: Any) -> Any:
    return client.post(page(row), {"act": name, **given})


def draft(actor: Actor, **known: Any) -> DepartmentChecklist:
    spec = ListSpec(**{"name": "危货运输车辆检查表", "aspect": "vehicles", "chains": ("transport",), **known})
    row = services.draft_list(actor=actor, spec=spec, now=NOW)
    items = [
        (1, ClauseSpec(place="", summary="轮胎花纹深度不小于1.6毫米", basis="JT/T 617", grade="general", asks="value")),
        (2, ClauseSpec(place="", summary="紧急切断装置有效", grade="major", asks="photo")),
        (3, ClauseSpec(place="", summary="驾驶员、押运员证件在有效期内", grade="general")),
    ]
    return services.save_items(actor=actor, row=row, items=items, now=NOW)


def published(actor: Actor, other: Actor, **known: Any) -> DepartmentChecklist:
    row = services.submit_list(actor=actor, row=draft(actor, **known), now=NOW)
    return services.publish_list(actor=other, row=row, effective_date=TODAY, now=NOW)


def colleague(actor: Actor) -> Actor:
    return make_actor(Organisation.objects.get(pk=actor.organisation_id), "department.head")


def photo(number: int) -> SimpleUploadedFile:
    return picture(number)


@pytest.mark.clause("S3-4.3b")
def test_a_department_words_publishes_and_revises_its_own_checklist_by_which_enterprises_check() -> None:
    district = make_district()
    plant, officer = carrier(district), bureau(district)
    head = colleague(officer)
    own, chief, driver = client_of(officer), client_of(head), client_of(plant.worker)
    given = {"name": "危货运输车辆检查表", "aspect": "vehicles", "chains": ["transport"]}
    ok(own.post(reverse("hazards:department_list_new"), given))
    row = DepartmentChecklist.objects.get()
    for number, text, grade, asks in (
        (1, "轮胎花纹深度不小于1.6毫米", "general", "value"), (2, "紧急切断装置有效", "major", "photo"),
    ):  # fmt: skip
        item = {"number": number, "summary": text, "basis": "JT/T 617", "grade": grade, "asks": asks}
        ok(own.post(page(row, "department_item"), item | ({"refers": "CH-12"} if number == 2 else {})))
    wrong = own.post(page(row, "department_item"), {"number": 3, "summary": "留着的话", "grade": "general",
                                                    "refers": "XX-99"})  # fmt: skip
    assert wrong.status_code == 422
    assert "留着的话" in wrong.content.decode()
    # A draft is the department's own: no page, list, register or check shows it.
    code = row.text_id
    assert code not in client_of(plant.safety).get(reverse("hazards:checklists")).content.decode()
    assert driver.get(reverse("hazards:checklist", args=[code])).status_code == 404
    assert client_of(district.director).get(reverse("law:text", args=[code])).status_code == 404
    assert not checklists().filter(pk=code).exists()
    # Who worded or submitted it does not publish it.
    ok(act(own, row, "submit"))
    assert act(own, row, "publish", effective_date=TODAY.isoformat()).status_code in (403, 409, 422)
    row.refresh_from_db()
    assert row.status == "CHECKING"
    ok(act(chief, row, "publish", effective_date=TODAY.isoformat()))
    row.refresh_from_db()
    edition = Edition.objects.get(pk=row.edition_id)
    assert (row.status, edition.effective_from, in_force(code, on=TODAY)) == ("PUBLISHED", TODAY, edition)
    shown = driver.get(reverse("hazards:checklist", args=[code])).content.decode()
    for told in ("轮胎花纹深度", "示例区交通运输局", "车辆", "判断并拍照", "CH-12"):
        assert told in shown
    # An enterprise checks by it as by what ships; each item is answered as the department asks.
    places = [one.place for one in Clause.objects.filter(edition=edition).order_by("position")]
    address = reverse("hazards:check_free_record", args=[code])
    sent: dict[str, Any] = {"edition": str(edition.pk), "type": "safety", f"item_{places[0]}": "0",
                            f"item_{places[1]}": "1"}  # fmt: skip
    assert driver.post(address, sent).status_code == 422
    assert driver.post(address, sent | {f"note_{places[0]}": "2.4毫米"}).status_code == 422
    assert not CheckRecord.objects.exists()
    # The department words its next edition while the driver has the page open: his check is by what he began with.
    ok(act(chief, row, "revise"))
    newer = DepartmentChecklist.objects.get(status="DRAFT")
    ok(chief.post(page(newer, "department_item"), {"number": 1, "summary": "轮胎花纹深度不小于3.2毫米",
                                                   "grade": "major", "asks": "value"}))  # fmt: skip
    ok(act(chief, newer, "submit"))
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    ok(act(own, newer, "publish", effective_date=tomorrow))
    ok(driver.post(address, sent | {f"note_{places[0]}": "2.4毫米", "photos": photo(3)}))
    record, found = CheckRecord.objects.get(), Finding.objects.get()
    assert (record.edition_id, record.is_edition_old) == (edition.pk, False)
    assert (found.checklist_item, found.grade, found.file_id) == (places[1], "major", plant.file.pk)
    edition.refresh_from_db()
    row.refresh_from_db()
    assert (edition.effective_to, row.status) == (TODAY, "REPLACED")
    assert getattr(in_force(code, on=TODAY + timedelta(days=1)), "pk", None) == newer.edition_id
    assert Clause.objects.get(edition=edition, place=places[0]).summary.endswith("1.6毫米")
    # It is chosen by those it is for, and by rounds.
    other = make_plant(district)
    offered = client_of(other.safety).get(reverse("hazards:check_task_new", args=[other.file.pk])).content.decode()
    assert code not in offered
    mine = client_of(plant.safety).get(reverse("hazards:check_task_new", args=[plant.file.pk])).content.decode()
    assert f'value="{code}"' in mine


@pytest.mark.clause("S3-4.3b")
def test_another_department_neither_edits_nor_withdraws_it_but_may_copy_it() -> None:
    district = make_district()
    officer = bureau(district)
    row = published(officer, colleague(officer))
    other, head = client_of(district.department), district.department_head
    assert other.get(page(row)).status_code == 404
    assert act(other, row, "withdraw", reason="不用了").status_code == 404
    assert other.post(page(row, "department_item"), {"number": 1, "summary": "改写", "grade": "low"}).status_code == 404
    # Whoever keeps the register has no way round, neither has the department round its own loop.
    for actor in (head, district.director):
        with pytest.raises(NotPermitted):
            law.save_clauses(actor=actor, edition=row.edition, clauses=[ClauseSpec("X-1", "改写")], now=NOW)
        with pytest.raises(NotPermitted):
            law.set_dates(actor=actor, edition=row.edition, effective_from=None, effective_to=None, source="x", now=NOW)
    with pytest.raises(Conflict):
        law.save_clauses(actor=officer, edition=row.edition, clauses=[ClauseSpec("X-1", "改写")], now=NOW)
    with pytest.raises(Conflict):
        law.add_edition(actor=officer, text=row.text, spec=EditionSpec("自行施行", TODAY), now=NOW)
    with pytest.raises(NotPermitted):
        services.save_items(actor=head, row=row, items=[], now=NOW)
    assert Clause.objects.filter(edition=row.edition_id).count() == 3
    assert "录入新版本" not in client_of(head).get(reverse("law:text", args=[row.text_id])).content.decode()
    enterprise = client_of(district.enterprise)
    assert enterprise.get(reverse("hazards:department_lists")).status_code == 403
    new = reverse("hazards:department_list_new")
    assert enterprise.post(new, {"name": "x", "aspect": "persons"}).status_code == 403
    # Copied, it is the other department's own, and the first stays as it is.
    copying = f"{reverse('hazards:department_list_new')}?copy={row.text_id}"
    assert "危货运输车辆检查表" in other.get(copying).content.decode()
    ok(other.post(copying, {"name": "仓储企业车辆检查表", "aspect": "vehicles", "chains": ["storage"]}))
    copy = DepartmentChecklist.objects.get(title="仓储企业车辆检查表")
    assert (copy.owner_org_id, copy.copied_from_id, copy.text_id != row.text_id) == (
        district.department_org.pk, row.edition_id, True,
    )  # fmt: skip
    assert [one.summary for one in Clause.objects.filter(edition=copy.edition_id).order_by("position")] == [
        one.summary for one in Clause.objects.filter(edition=row.edition_id).order_by("position")
    ]
    shipped = f"{reverse('hazards:department_list_new')}?copy=CL-PS"
    ok(other.post(shipped, {"name": "加油站人员检查表", "aspect": "persons"}))
    assert Clause.objects.filter(edition__text__name="加油站人员检查表").count() > 10


def test_items_come_and_go_as_a_sheet_and_an_undo_gives_back_what_stood() -> None:
    district = make_district()
    officer = bureau(district)
    own, row = client_of(officer), draft(officer)
    sheet = book(
        ["序号", "检查内容", "依据", "等级", "作答方式"],
        [1, "轮胎花纹深度不小于3.2毫米", "JT/T 617", "重大", "判断并填写实测值或情况"],
        [4, "三角木、灭火器齐全", "", "一般", ""],
    )  # fmt: skip
    run = imported(own, "hazards.department_items", sheet, list=str(row.pk))

    def texts() -> list[str]:
        return [one.summary for one in Clause.objects.filter(edition=row.edition_id).order_by("place")]

    kept = ["紧急切断装置有效", "驾驶员、押运员证件在有效期内"]
    assert texts() == ["轮胎花纹深度不小于3.2毫米", *kept, "三角木、灭火器齐全"]
    ok(undo(own, run))
    assert texts() == ["轮胎花纹深度不小于1.6毫米", *kept]
    services.submit_list(actor=officer, row=row, now=NOW)
    services.publish_list(actor=colleague(officer), row=row, effective_date=TODAY, now=NOW)
    rows = exported(own, reverse("hazards:checklist", args=[row.text_id]) + "?export=xlsx")
    assert any("紧急切断装置有效" in one and "判断并拍照" in one for one in rows)


@pytest.mark.clause("S3-4.3b")
def test_a_government_round_asks_by_it_and_what_is_withdrawn_is_offered_no_more() -> None:
    from quancheng.domains.hazards.queries.rounds import edition_on, list_texts

    district = make_district()
    plant, officer = carrier(district), bureau(district)
    row = published(officer, colleague(officer))
    code = row.text_id
    assert list_texts().filter(pk=code).exists()
    task = make_task(plant, measure=None, unit=plant.unit, checklist=LegalText.objects.get(pk=code), content="出车检查")
    client = client_of(officer)
    form = client.get(reverse("hazards:round_new")).content.decode()
    assert f'value="{code}"' in form
    edition = edition_on(code, day=TODAY)
    assert edition is not None
    assert edition.pk == row.edition_id
    ok(act(client, row, "withdraw", reason="标准已修订，另行制定"))
    row.refresh_from_db()
    assert (row.status, row.reason) == ("WITHDRAWN", "标准已修订，另行制定")
    assert not list_texts().filter(pk=code).exists()
    assert not checklists(plant.file).filter(pk=code).exists()
    assert in_force(code, on=TODAY + timedelta(days=1)) is None
    # Who began by it goes on by it; afterwards the task goes on without it.
    places = [one.place for one in Clause.objects.filter(edition=row.edition_id).order_by("position")]
    answers = (Answer(places[0], 0, "2毫米"), Answer(places[1], 2), Answer(places[2], 0))
    spec = CheckSpec(answers=answers, edition=row.edition_id)
    later = NOW + timedelta(days=1)
    assert record_check(actor=plant.worker, due=first_due(task), spec=spec, now=NOW).edition_id == row.edition_id
    assert record_check(actor=plant.worker, task=task, spec=CheckSpec(status=0), now=later).edition_id is None
    assert not InspectionRound.objects.exists()


def test_programs_draft_word_publish_and_withdraw(monkeypatch: pytest.MonkeyPatch) -> None:
    district = make_district()
    officer = bureau(district)
    own, chief = client_of(officer), client_of(colleague(officer))
    base, key = "/api/v1/hazards/department-checklists", str(uuid.uuid4())
    body = {"name": "车辆检查表", "aspect": "vehicles", "links": ["transport"]}
    made = [own.post(base, body, content_type="application/json", headers={"Idempotency-Key": key}) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json()["id"] == made[1].json()["id"]
    one = f"{base}/{made[0].json()['id']}"
    empty = own.post(f"{one}/submit", {}, content_type="application/json")
    assert empty.status_code == 422
    items = {"items": [{"number": 1, "text": "罐体无渗漏", "grade": "major", "criteria": ["CH-12"], "asks": "photo"}]}
    assert own.post(f"{one}/items", items, content_type="application/json").status_code == 200
    assert own.get(f"{one}/items").json()[0]["asks"] == "photo"
    assert own.post(f"{one}/submit", {}, content_type="application/json").status_code == 200
    day = {"effective_date": TODAY.isoformat()}
    assert own.post(f"{one}/publish", day, content_type="application/json").status_code == 403
    past = {"effective_date": (TODAY - timedelta(days=1)).isoformat()}
    assert chief.post(f"{one}/publish", past, content_type="application/json").status_code == 422
    assert chief.post(f"{one}/publish", day, content_type="application/json").json()["status"] == "PUBLISHED"
    read = own.get(f"/api/v1/hazards/checklists/{made[0].json()['checklist']}").json()
    assert (read["items"][0]["text"], read["items"][0]["asks"]) == ("罐体无渗漏", "photo")
    assert client_of(district.department).get(f"{one}/items").status_code == 404
    gone = own.post(f"{one}/withdraw", {"text": "重新制定"}, content_type="application/json").json()
    assert (gone["status"], gone["effective_to"]) == ("WITHDRAWN", TODAY.isoformat())


def test_nothing_wrong_is_kept() -> None:
    district = make_district()
    officer = bureau(district)
    for known in ({"name": " "}, {"aspect": "x"}, {"kinds": ("x",)}, {"chains": ("x",)}):
        with pytest.raises(Invalid):
            draft(officer, **known)
    with pytest.raises(NotPermitted):
        draft(district.enterprise)
    assert not LegalText.objects.filter(owner__isnull=False).exists()


def test_every_item_that_wants_a_photo_is_asked_for_one() -> None:
    district = make_district()
    plant, officer = carrier(district), bureau(district)
    row = services.draft_list(
        actor=officer, spec=ListSpec(name="罐车检查表", aspect="vehicles", chains=("transport",)), now=NOW
    )  # fmt: skip
    items = [
        (number, ClauseSpec(place="", summary=f"部位{number}完好", grade="low", asks="photo")) for number in (1, 2, 3)
    ]
    services.save_items(actor=officer, row=row, items=items, now=NOW)
    services.submit_list(actor=officer, row=row, now=NOW)
    services.publish_list(actor=colleague(officer), row=row, effective_date=TODAY, now=NOW)
    task = make_task(plant, measure=None, unit=plant.unit, checklist=LegalText.objects.get(pk=row.text_id),
                     content="出车检查")  # fmt: skip
    one, two, three = (services.place_of(row, number) for number in (1, 2, 3))
    first, second = upload(plant.worker, 1), upload(plant.worker, 2)

    def spec(*photos: uuid.UUID, whole: tuple[uuid.UUID, ...] = ()) -> CheckSpec:
        # The third does not apply: nothing is to be seen of it.
        told = [Answer(one, 0, photos=photos[:1]), Answer(two, 0, photos=photos[1:]), Answer(three, 2)]
        return CheckSpec(answers=told, photos=whole, edition=row.edition_id)

    for photos, wanted in (((), {one, two}), ((first,), {two})):
        with pytest.raises(Invalid) as wrong:
            record_check(actor=plant.worker, task=task, spec=spec(*photos), now=NOW)
        assert set(wrong.value.fields) == {f"item_{place}" for place in wanted}
    assert record_check(actor=plant.worker, task=task, spec=spec(first, second), now=NOW).status == 0
    # Those of the record stand for all.
    assert record_check(actor=plant.worker, task=task, spec=spec(whole=(upload(plant.worker, 3),)), now=NOW)
