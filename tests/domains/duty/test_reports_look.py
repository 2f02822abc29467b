"""Reports, board, wall chart and packs in a real browser, at a desk and on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from tests.domains.duty.plan_text import commit
from tests.factories import make_district
from tests.support.browser import DESK, PHONE, Watched
from tests.support.signing import signed_in

from quancheng.domains.duty.models import Report


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_pages_fit_a_desk_and_a_phone(watched: Watched, live_server) -> None:  # type: ignore[no-untyped-def]
    now = timezone.now()
    district = make_district()
    plan = commit(district, now - timedelta(days=40), period_to=(now + timedelta(days=300)).date())
    report = Report.objects.filter(org=district.department_org).order_by("due_date")[0]
    office = [reverse(f"duty:{name}") for name in ("board", "reports", "report_duties", "wall")]
    office += [f"{reverse('duty:wall')}?view={view}&plan={plan.pk}" for view in ("matrix", "official", "town")]
    office += [reverse("duty:reporters"), reverse("duty:pack_new"), reverse("duty:report_duty", args=[report.duty_id])]
    unit = [reverse("duty:report_write", args=[report.pk]), reverse("duty:report", args=[report.pk])]
    for actor, addresses in ((district.director, office), (district.department, unit)):
        cookies = [
            {"name": name, "value": morsel.value, "url": live_server.url}
            for name, morsel in signed_in(actor).cookies.items()
        ]
        watched.context.add_cookies(cookies)
        for size in (DESK, PHONE):
            watched.page.set_viewport_size({"width": size[0], "height": size[1]})
            for number, address in enumerate(addresses):
                watched.goto(live_server.url + address)
                watched.picture(f"duty-{actor.organisation_id.hex[-4:]}-{number}-{size[0]}")
                assert not watched.overflows(), f"{address} at {size[0]}"
