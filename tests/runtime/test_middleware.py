"""What stands before every view: the proxy's word, the demo's gate, the closed door."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client, RequestFactory

from quancheng.runtime.middleware import Gate, Proxied


def _address(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.META['REMOTE_ADDR']} {request.is_secure()}")


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("<script>", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_behind_a_proxy_the_caller_is_whom_the_proxy_saw(header: str, address: str):
    request = RequestFactory().get("/", headers={"X-Forwarded-For": header})
    assert Proxied(_address)(request).content.decode().split()[0] == address  # type: ignore[union-attr]


@pytest.mark.django_db
def test_without_a_trusted_proxy_nobody_can_claim_tls_or_another_address(client: Client, settings: Any):
    settings.ROOT_URLCONF = "tests.support.address_urls"
    answer = client.get("/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert answer.content == b"127.0.0.1 False"


@pytest.mark.django_db
def test_behind_a_trusted_proxy_its_word_on_tls_counts(client: Client, settings: Any):
    settings.ROOT_URLCONF = "tests.support.address_urls"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.MIDDLEWARE = ["quancheng.runtime.middleware.Proxied", *settings.MIDDLEWARE]
    answer = client.get("/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert answer.content == b"203.0.113.9 True"


@pytest.mark.parametrize(
    ("path", "header", "status"),
    [
        ("/", "", 401),
        ("/", "Basic " + b64encode(b"demo:wrong").decode(), 401),
        ("/", "Basic " + b64encode(b"demo:let-me-in").decode(), 200),
        ("/api/v1/plans", "Bearer token", 200),
        ("/plans", "Bearer token", 401),
        ("/alive", "", 200),
    ],
)
def test_the_gate_of_an_open_demo_wants_its_password(settings: Any, path: str, header: str, status: int):
    settings.GATE = "let-me-in"
    request = RequestFactory().get(path, headers={"Authorization": header} if header else {})
    assert Gate(_address)(request).status_code == status  # type: ignore[union-attr]


@pytest.mark.parametrize("path", ["web/css/tokens.css", "vendor/htmx.org/dist/htmx.min.js"])
def test_static_files_come_whole_also_where_we_serve_asynchronously(path: str):
    answer = asyncio.run(AsyncClient().get(f"/static/{path}"))
    assert answer.status_code == 200
    assert len(answer.content) == int(answer["Content-Length"]) > 1000
    assert "Access-Control-Allow-Origin" not in answer
