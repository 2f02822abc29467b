"""The pages on which the registry is filled, in a real browser, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser
from tests.domains.registry.factories import CODES, make_facility, make_file, make_holding, make_unit
from tests.domains.registry.test_imports import HEADS, row
from tests.factories import NOW, client_of, make_district
from tests.kernel.exchange.importing import book, checked
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.registry.models import Application, Chemical
from quancheng.domains.registry.services import applications, restrictions
from quancheng.domains.registry.services.applications import ApplicationSpec
from quancheng.domains.registry.services.chemicals import load_shipped

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_the_pages_of_entering_fit_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    load_shipped(now=NOW)
    district = make_district()
    actor = district.department
    file = make_file(actor, area=district.street_area, credit_code=CODES[0], name="示例储运有限公司")
    tank = make_facility(actor, make_unit(actor, file), volume_m3=30)
    make_holding(actor, tank, "汽油", licensed_t=22, design_t="22.5", present_t=23)
    petrol = Chemical.objects.get(name="汽油")
    known = {"kind": "restricted", "reason": "不再批准新增储存。", "source": "示例市目录", "from_date": NOW.date()}
    entry = restrictions.enter_restriction(actor=actor, chemical=petrol, known=known, now=NOW)
    spec = ApplicationSpec(
        name="示例新储运有限公司", credit_code=CODES[1], kind="depot", area=district.street_area,
        address="甲街道示例路9号", contact_name="示例人", contact_role="safety", phone="13800138000",
    )  # fmt: skip
    applications.apply(spec=spec, address=None, now=NOW)
    applied = Application.objects.get()
    client = client_of(actor)
    run = checked(client, "registry.enterprises", book(HEADS, row(统一社会信用代码=CODES[1]), row(坐标系="")))
    paths = [
        reverse("registry:apply"),
        reverse("registry:receipt"),
        reverse("registry:applications"),
        reverse("registry:application", args=[applied.pk]),
        reverse("registry:application_admit", args=[applied.pk]),
        reverse("registry:stock"),
        reverse("registry:restrictions"),
        reverse("registry:restriction", args=[entry.pk]),
        reverse("registry:restriction_new"),
        reverse("registry:chemical", args=[Chemical.objects.get(name="苯").pk]),
        reverse("registry:enterprise", args=[file.pk]),
        f"/exchange/imports/{run.pk}",
        "/exchange/imports/of/registry.stock",
    ]
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    for size in (DESK, PHONE):
        with watched_page(browser, size=size) as page:
            page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
            for number, path in enumerate(paths):
                answer = page.goto(live_server.url + path)
                assert answer is not None
                assert answer.status == 200, path
                assert not page.overflows(), f"{path} at {size}"
                page.picture(f"entry-{size[0]}-{number:02}")
            assert page.complaints == []
