"""Take, hand on, give back, urge: on Today, in the inbox and on a row's page, shown only to whoever may."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.domains.duty.factories import make_assignment
from tests.factories import NOW, District, client_of, make_actor, make_district

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.people.models import User
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import hand_on, take_item

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def district() -> District:
    return make_district()


@pytest.fixture
def item(district: District) -> WorkItem:
    """A free step of the department."""
    return WorkItem.objects.get(subject_id=make_assignment(district).pk, done_at__isnull=True)


@pytest.fixture
def colleague(district: District) -> Actor:
    return make_actor(district.department_org, "department.officer", name="乙某")


def url(item: WorkItem, act: str) -> str:
    return reverse("web:item_act", args=[item.pk, act])


def page(item: WorkItem) -> str:
    return reverse("duty:assignment", args=[item.subject_id])


def on_page(client: Client, item: WorkItem, act: str, **given: Any) -> Any:
    return client.post(page(item), {"act": f"item-{act}", "client_id": str(uuid7()), **given})


def offered(client: Client, address: str, item: WorkItem) -> set[str]:
    """The acts that a page offers for the item, on its own address or as actions of the row's page."""
    text = client.get(address).content.decode()
    found = set(re.findall(rf"{reverse('web:inbox')}/items/{item.pk}/([a-z_]+)", text))
    return found | set(re.findall(r"item-([a-z_]+)", text))


def test_each_sees_the_acts_that_he_may_do_and_no_other(district: District, item: WorkItem) -> None:
    head = make_actor(district.department_org, "department.head")
    for address in ("/", reverse("web:inbox")):
        assert offered(client_of(district.department), address, item) == {"take", "hand_on"}
    assert offered(client_of(district.department), page(item), item) == {"take", "hand_on"}
    assert offered(client_of(district.director), page(item), item) == {"urge"}
    take_item(actor=district.department, item=item, now=NOW)
    assert offered(client_of(district.department), "/", item) == {"hand_on", "give_back"}
    assert offered(client_of(head), page(item), item) == {"hand_on", "give_back", "urge"}
    reporter = make_actor(district.department_org, "department.reporter")
    assert offered(client_of(reporter), page(item), item) == set()


def test_an_item_is_taken_on_today_in_place_with_its_count(district: District, item: WorkItem) -> None:
    client = client_of(district.department)
    answer = client.post(url(item, "take"), {"view": "today", "next": "/"}, **HTMX)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="qc-inbox-count" hx-swap-oob' in text
    assert "qc:toast" in answer["HX-Trigger"]
    item.refresh_from_db()
    assert item.person_id == district.department.user_id


def test_without_a_script_an_act_leads_back_to_where_it_was_asked_for(district: District, item: WorkItem) -> None:
    client = client_of(district.department)
    answer = client.post(url(item, "take"), {"view": "today", "next": "/"})
    assert (answer.status_code, answer["Location"]) == (303, "/")
    answer = client.post(url(item, "give_back"), {"next": "https://elsewhere.example/"})
    assert (answer.status_code, answer["Location"]) == (303, reverse("web:inbox"))
    item.refresh_from_db()
    assert item.person_id is None


def test_of_two_the_second_is_told_who_took_it_on_every_door(
    district: District, item: WorkItem, colleague: Actor
) -> None:
    take_item(actor=colleague, item=item, now=NOW)
    client = client_of(district.department)
    for answer in (client.post(url(item, "take")), on_page(client, item, "take")):
        assert answer.status_code == 409
        assert "乙某" in answer.content.decode()
    refused = client_of(district.town).post(url(item, "take"))
    assert refused.status_code == 404


def test_nobody_learns_from_an_act_who_works_in_another_unit(
    district: District, item: WorkItem, colleague: Actor
) -> None:
    given = {"to_user": "", "note": ""}
    for client, shown in ((client_of(district.department), True), (client_of(district.director), False)):
        several = client.post(f"{reverse('web:items_act')}?act=hand_on", {"ids": [str(item.pk)]})
        for answer in (client.post(url(item, "hand_on"), given), on_page(client, item, "hand_on", **given), several):
            assert answer.status_code in (200, 422)
            assert ("乙某" in answer.content.decode()) is shown


def test_handing_on_offers_the_holders_of_the_duty_in_the_unit_and_refuses_all_others(
    district: District, item: WorkItem, colleague: Actor
) -> None:
    reporter = make_actor(district.department_org, "department.reporter", name="丙某")
    client = client_of(district.department)
    for address in (url(item, "hand_on"), f"{page(item)}?act=item-hand_on"):
        form = client.get(address).content.decode()
        assert str(colleague.user_id) in form
        for absent in (reporter, district.town):
            assert str(absent.user_id) not in form
    wrong = client.post(url(item, "hand_on"), {"to_user": str(district.town.user_id), "note": "请办理"})
    assert wrong.status_code == 422
    assert "请办理" in wrong.content.decode()
    assert client.post(url(item, "hand_on"), {"note": ""}).status_code == 422
    assert on_page(client, item, "hand_on", to_user=str(colleague.user_id), note="请你跟进").status_code == 303
    item.refresh_from_db()
    assert item.person_id == colleague.user_id


def test_the_history_of_the_row_tells_the_acts_beside_the_moves(
    district: District, item: WorkItem, colleague: Actor
) -> None:
    client = client_of(district.department)
    on_page(client, item, "take")
    on_page(client, item, "hand_on", to_user=str(colleague.user_id), note="请你跟进")
    on_page(client_of(district.director), item, "urge", note="月底前办结")
    text = client.get(page(item)).content.decode()
    for sentence in ("转办给乙某", "请你跟进", "月底前办结", "领办", "催办"):
        assert sentence in text
    acts = JournalEntry.objects.filter(act__startswith="work.item.").order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["work.item.take", "work.item.hand_on", "work.item.urge"]


def test_an_act_on_the_rows_page_brings_the_count_with_it(district: District, item: WorkItem) -> None:
    client = client_of(district.department)
    given = {"act": "item-take", "client_id": str(uuid7())}
    answer = client.post(page(item), given, **HTMX)
    assert answer.status_code == 200
    assert 'id="qc-inbox-count" hx-swap-oob' in answer.content.decode()
    again = client.post(page(item), given, **HTMX)
    assert again.status_code == 200, "the same request twice is one act"
    assert JournalEntry.objects.filter(act="work.item.take").count() == 1


def test_several_are_handed_on_at_once_each_with_its_own_result(
    district: District, item: WorkItem, colleague: Actor
) -> None:
    taken = WorkItem.objects.get(subject_id=make_assignment(district, title="开展夜间抽查").pk, done_at__isnull=True)
    hand_on(actor=district.department, item=taken, to_user=User.objects.get(pk=colleague.user_id), note="", now=NOW)
    third = make_actor(district.department_org, "department.officer", name="丁某")
    client = client_of(district.department)
    address = f"{reverse('web:items_act')}?act=hand_on"
    asked = client.post(address, {"ids": [str(item.pk), str(taken.pk)]}).content.decode()
    assert "请逐件确认" in asked
    assert re.search(rf'value="{item.pk}" checked', asked)
    assert not re.search(rf'value="{taken.pk}" checked', asked)
    nobody = client.post(address, {"ids": [str(item.pk)], "confirmed": "1", "note": "一并跟进"})
    assert nobody.status_code == 422
    assert "一并跟进" in nobody.content.decode()
    given = {"ids": [str(item.pk), str(taken.pk)], "confirmed": "1", "to_user": str(third.user_id)}
    done = client.post(address, given).content.decode()
    assert "已完成 1 件" in done
    assert "乙某" in done, "why the other could not be handed on"
    item.refresh_from_db()
    taken.refresh_from_db()
    assert (item.person_id, taken.person_id) == (third.user_id, colleague.user_id)


def test_several_are_taken_and_what_is_not_ones_own_is_not_even_named(district: District, item: WorkItem) -> None:
    theirs = WorkItem.objects.get(
        subject_id=make_assignment(district, title="镇街自查", leads=[(district.town_org, "甲街道")]).pk,
        done_at__isnull=True,
    )
    client = client_of(district.department)
    address = f"{reverse('web:items_act')}?act=take"
    assert client.post(address, {}).status_code == 303
    assert client.post(address, {"ids": ["nonsense"]}).status_code == 422
    done = client.post(address, {"ids": [str(item.pk), str(theirs.pk)], "confirmed": "1"}).content.decode()
    assert "已完成 1 件" in done
    assert theirs.title not in done
