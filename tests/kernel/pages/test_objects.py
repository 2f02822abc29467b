"""Object pages through the test client: actions, refusals that keep what was typed, tabs, gaps."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from tests.support.pages import Someone, organisation, sign_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_page_shows_facts_gaps_tabs_and_one_primary_action(demo_pages: Someone, client: Client) -> None:
    sign_in()
    row = organisation(1)
    text = client.get(f"/demo/{row.pk}").content.decode()
    assert "待系统管理员填写" in text
    assert text.count("btn btn-primary") == 1
    assert "文书" in text
    assert "首次登记" in text


def test_an_action_that_asks_opens_its_form_and_does_it(demo_pages: Someone, client: Client) -> None:
    sign_in()
    row = organisation(1)
    opened = client.get(f"/demo/{row.pk}?act=rename")
    assert opened.context["panel"].form.fields.keys() == {"name"}
    done = client.post(f"/demo/{row.pk}", {"act": "rename", "name": "新名", "client_id": str(uuid.uuid4())})
    assert done.status_code == 303
    row.refresh_from_db()
    assert row.name == "新名"
    assert "已完成：更名" in client.get(f"/demo/{row.pk}").content.decode()


def test_htmx_gets_the_part_with_a_toast_and_a_change_event(demo_pages: Someone, client: Client) -> None:
    sign_in()
    row = organisation(1)
    done = client.post(f"/demo/{row.pk}", {"act": "rename", "name": "新名"}, headers=HTMX)
    assert done.status_code == 200
    assert "新名" in done.content.decode()
    assert done.headers["HX-Trigger"].isascii()
    assert '"qc:toast"' in done.headers["HX-Trigger"]
    assert '"qc:changed"' in done.headers["HX-Trigger"]


@pytest.mark.parametrize("typed", ["", "长" * 21, "示范区第001工作局"])
def test_a_refused_form_stays_open_with_what_was_typed_and_the_error_beside_it(
    demo_pages: Someone, client: Client, typed: str
) -> None:
    sign_in()
    row = organisation(1)
    answer = client.post(f"/demo/{row.pk}", {"act": "rename", "name": typed})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "qc-field-wrong" in text
    assert "#id_name" in text, "the summary leads to the field"
    assert f'value="{typed}"' in text or not typed
    row.refresh_from_db()
    assert row.name == "示范区第001工作局"


def test_a_stale_state_is_told_on_the_page_that_shows_where_things_stand(demo_pages: Someone, client: Client) -> None:
    sign_in()
    answer = client.post(f"/demo/{organisation(1).pk}", {"act": "end"})
    assert answer.status_code == 409
    assert "该单位刚被他人撤销" in answer.content.decode()


def test_what_does_not_exist_and_an_unknown_action_or_tab_are_refused(demo_pages: Someone, client: Client) -> None:
    sign_in()
    row = organisation(1)
    assert client.get(f"/demo/{uuid.uuid4()}").status_code == 404
    assert client.get(f"/demo/{row.pk}?tab=secret").status_code == 422
    assert client.get(f"/demo/{row.pk}?colour=1").status_code == 422
    assert client.post(f"/demo/{row.pk}", {"act": "destroy"}).status_code == 422
    assert client.post(f"/demo/{row.pk}", {"act": "rename", "name": "a", "client_id": "x"}).status_code == 422
    assert client.get(f"/demo/{row.pk}?act=gone").status_code == 302
