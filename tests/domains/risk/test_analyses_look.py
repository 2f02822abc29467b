"""The pages of analyses, reactions and the index in a real browser, at a desk and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser
from tests.domains.risk.factories import (
    in_force,
    make_analysis,
    make_lopa,
    make_object,
    make_reaction,
    make_row,
    make_unit,
)
from tests.factories import NOW, client_of, make_actor, make_district
from tests.support.browser import DESK, PHONE, watched_page

from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.risk.models import IndexWarning, Recommendation
from quancheng.domains.risk.services import reactions
from quancheng.domains.risk.services.index import work_out
from quancheng.kernel.loops.services import enter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.slow
def test_every_page_of_analyses_and_the_index_fits_a_desk_and_a_phone(browser: Browser, live_server: Any) -> None:
    district = make_district()
    own = district.enterprise
    file = open_own_file(actor=own, kind="fine_chemical", known={"staff_count": 60}, now=NOW)
    unit = make_unit(own, make_object(own, file))
    study = make_analysis(own, unit, "HAZOP", title="V-101进料系统")
    make_row(own, study)
    make_row(own, study, guide_word="LESS", cause="液位计堵塞", consequence="机泵抽空")
    in_force(own, make_actor(district.enterprise_org, "enterprise.safety"), study)
    draft = make_analysis(own, unit)
    row = make_row(own, draft)
    scenario, reaction = make_lopa(own, unit), make_reaction(own, file)
    reactions.begin_clearings(actor=district.department, kinds=["reaction", "staff"], due=NOW.date(), now=NOW)
    work_out(ids=[file.pk], because="night", now=NOW)
    warning = enter(
        actor=district.department, now=NOW,
        row=IndexWarning(**file.row_scope(), file=file, supervisor_id=file.supervisor_id, title="示例甲化工有限公司",
                         level=2, r=66, created_at=NOW),
    )  # fmt: skip
    wish, clearing = Recommendation.objects.first(), file.clearings.first()
    assert wish is not None
    assert clearing is not None
    page_of_study = reverse("risk:analysis", args=[study.pk])
    page_of_file = reverse("risk:index_file", args=[file.pk])
    shared = [
        reverse("risk:analyses"), page_of_study, f"{page_of_study}?tab=wishes", reverse("risk:rows_hazop"),
        reverse("risk:analysis_print", args=[study.pk]), reverse("risk:recommendations"),
        reverse("risk:recommendation", args=[wish.pk]), reverse("risk:lopas"),
        reverse("risk:lopa", args=[scenario.pk]), reverse("risk:lopa_values"), reverse("risk:reactions"),
        reverse("risk:reaction", args=[reaction.pk]), reverse("risk:plants"), reverse("risk:clearings"),
        reverse("risk:clearing", args=[clearing.pk]), reverse("risk:index"), page_of_file,
        f"{page_of_file}?tab=parts", f"{page_of_file}?tab=past", reverse("risk:index_towns"),
        reverse("risk:warnings"), reverse("risk:warning", args=[warning.pk]),
        reverse("risk:unit", args=[unit.pk]) + "?tab=analyses",
        reverse("risk:file", args=[file.pk]) + "?tab=reactions",
    ]  # fmt: skip
    typed = [
        reverse("risk:analysis_new", args=[unit.pk, "scl"]), reverse("risk:analysis_row_new", args=[draft.pk]),
        reverse("risk:analysis_row", args=[row.pk]), reverse("risk:analysis_take", args=[study.pk]),
        reverse("risk:lopa_new", args=[unit.pk]), reverse("risk:reaction_new", args=[file.pk]),
    ]  # fmt: skip
    for who, paths in ((district.department, shared), (own, typed)):
        session = client_of(who).cookies[settings.SESSION_COOKIE_NAME].value
        for size in (DESK, PHONE):
            with watched_page(browser, size=size) as page:
                page.context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
                )
                for number, path in enumerate(paths):
                    answer = page.goto(live_server.url + path)
                    assert answer is not None
                    assert answer.status == 200, path
                    page.picture(f"analyses-{number:02}-{'own' if who is own else 'office'}-{size[0]}")
                    assert not page.overflows(), f"{path} scrolls sideways at {size}"
