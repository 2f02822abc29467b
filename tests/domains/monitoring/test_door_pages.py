"""What the doors tell on pages, in a browser: what was put aside, a broker with its rules."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, client_of, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.monitoring.models import AsideMessage, BridgeRule, Broker, BrokerState
from quancheng.domains.monitoring.services.processing import Unread, keep_asides
from quancheng.domains.monitoring.services.sources import renew_secret

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_pages_of_the_doors_fit_and_their_buttons_work(live_server: LiveServer, browser: Browser) -> None:
    district = make_district()
    own_file(district)
    source = make_source(district, forms=["json", "thingsboard-device"])
    renew_secret(actor=district.enterprise, row=source, now=NOW)
    for number, (reason, body, key) in enumerate(
        [
            ("MALFORMED", b"not json", ""),
            ("VALUE_TEXT", b'{"d":[]}', "SL001.TANK1.LT101.PV"),
            ("VALUE_TEXT", b"", "LT2"),
        ]
    ):
        topic = f"hc/v1/990102/SL001/{source.code}/tele"
        keep_asides([Unread(source.number, NOW, "json", topic, reason, key, "'12'" * number, body)])
    broker = Broker.objects.create(owner_org=district.office_org, reach="own", name="示范区消息服务器",
                                   host="broker.example", user="qc", created_at=NOW)  # fmt: skip
    BrokerState.objects.create(broker=broker, messages=1200, unmapped=14, topics={"plant/other/tele": 14},
                               trouble="CONNACK 5", updated_at=NOW)  # fmt: skip
    BridgeRule.objects.create(broker=broker, pattern="plant/SL001/#", source=source, form="json", created_at=NOW)
    page_of = reverse("monitoring:source", args=[source.pk])
    broker_page = reverse("monitoring:broker", args=[broker.pk])
    paths = [
        ("enterprise", f"{page_of}?tab=asides"), ("officer", reverse("monitoring:brokers")), ("officer", broker_page),
        ("officer", f"{broker_page}?tab=topics"), ("officer", f"{broker_page}?act=rule"),
        ("officer", reverse("monitoring:broker_new")),
    ]  # fmt: skip
    sessions = {
        who: client_of(getattr(district, who)).cookies[settings.SESSION_COOKIE_NAME].value
        for who in ("enterprise", "officer")
    }
    for size, language in ((DESK, "zh-hans"), (PHONE, "en")):
        with watched_page(browser, size=size) as page:

            def enter(who: str, page: Any = page, language: str = language) -> None:
                page.context.add_cookies(
                    [
                        {"name": settings.SESSION_COOKIE_NAME, "value": sessions[who], "url": live_server.url},
                        {"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": live_server.url},
                    ]
                )

            for number, (who, path) in enumerate(paths):
                enter(who)
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"doors-{size[0]}-{number:02}")
            if size == DESK:
                enter("enterprise")
                page.goto(f"{live_server.url}{page_of}?tab=asides")
                page.page.get_by_role("button", name="全部重新处理").click()
                page.page.get_by_text("没有可以重新处理").or_(page.page.get_by_text("等待处理").first).first.wait_for()
            assert page.complaints == []
    assert AsideMessage.objects.filter(asked_at__isnull=False).count() == 2
