"""Refusals and failures: pages for people, toasts for htmx, problem+json for programs, no trace for anybody."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client
from tests.support.pages import Someone, sign_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.parametrize(("how", "status"), [("conflict", 409), ("many", 429)])
def test_a_refusal_is_a_page_for_a_person_and_a_problem_for_a_program(
    demo_pages: Someone, client: Client, how: str, status: int
) -> None:
    sign_in()
    page = client.get(f"/demo/refused?how={how}")
    program = client.get(f"/api/demo/refused?how={how}")
    assert page.status_code == program.status_code == status
    assert b"qc-side" in page.content, "the menu stays"
    assert program.headers["Content-Type"] == "application/problem+json"
    body = json.loads(program.content)
    assert body["status"] == status
    assert body["detail"] in page.content.decode()


def test_for_htmx_a_refusal_is_a_toast_and_nothing_is_swapped(demo_pages: Someone, client: Client) -> None:
    sign_in()
    answer = client.get("/demo/refused?how=many", headers=HTMX)
    assert (answer.status_code, answer.content) == (429, b"")
    assert answer.headers["HX-Reswap"] == "none"
    assert "操作过于频繁" in json.loads(answer.headers["HX-Trigger"])["qc:toast"]["text"]


@pytest.mark.parametrize("path", ["/demo/broken", "/api/demo/broken"])
def test_a_failure_shows_an_incident_number_that_the_log_has_too_and_no_trace(
    demo_pages: Someone, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, logger="quancheng.incidents"):
        answer = client.get(path)
    found = re.search(r"\d{8}-[2-9A-HJKMNP-Z]{6}", answer.content.decode())
    assert answer.status_code == 500
    assert found
    assert b"secret detail" not in answer.content
    assert b"Traceback" not in answer.content
    record = next(record for record in caplog.records if record.name == "quancheng.incidents")
    assert found.group() in record.getMessage()
    assert record.exc_info


def test_an_address_that_does_not_exist_says_so_in_words(demo_pages: Someone, client: Client) -> None:
    answer = client.get("/no/such/page")
    assert answer.status_code == 404
    assert "没有找到该记录" in answer.content.decode()
    assert client.get("/api/no-such").headers["Content-Type"] == "application/problem+json"


def test_a_form_not_made_by_our_page_is_refused_in_words(demo_pages: Someone) -> None:
    sign_in()
    answer = Client(enforce_csrf_checks=True).post("/demo/", {"act": "save_view", "name": "a"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_htmx_without_a_session_is_led_to_sign_in_and_back_to_its_page(demo_pages: Someone, client: Client) -> None:
    answer = client.get("/demo/", headers={**HTMX, "HX-Current-URL": "http://testserver/demo/?q=a"})
    assert answer.headers["HX-Redirect"].endswith("?next=%2Fdemo%2F%3Fq%3Da")
    strange = client.get("/demo/", headers={**HTMX, "HX-Current-URL": "http://elsewhere.example/demo/"})
    assert "next" not in strange.headers["HX-Redirect"]


def test_the_manifest_names_icons_that_exist(client: Client, db: Any) -> None:
    body = json.loads(client.get("/manifest.webmanifest").content)
    for icon in body["icons"]:
        assert client.get(icon["src"]).status_code == 200
