"""One stream of what happened to an enterprise: every source, by time, within scope, a few queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.domains.registry.factories import make_facility, make_holding, make_unit
from tests.factories import NOW, District, client_of, make_district

from quancheng.domains.duty.services.visits import VisitSpec, plan_visit
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.timeline import GROUPS, timeline
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.domains.registry.services.filings import begin_filing
from quancheng.domains.registry.services.licences import LicenceSpec, enter_licence

pytestmark = pytest.mark.django_db


@pytest.fixture
def district(settings: Any) -> District:
    settings.DISTRICT_BOX = "117.0,39.0,117.4,39.3"
    return make_district()


@pytest.fixture
def file(district: District) -> Enterprise:
    made = open_own_file(actor=district.enterprise, kind="depot", known={"address": "示例路1号"}, now=NOW)
    unit = make_unit(district.enterprise, made, name="标记库", boundary="building")
    room = make_facility(district.enterprise, unit, kind="bay")
    make_holding(district.enterprise, room, "氯", design_t=Decimal(65))
    make_holding(district.enterprise, room, "氨", present_t=Decimal(70), licensed_t=Decimal(60))
    known = {"number": "标记证号", "issued_date": date(2024, 5, 1), "valid_to": date(2025, 4, 30)}
    enter_licence(actor=district.enterprise, file=made, spec=LicenceSpec(kind="OPERATING", known=known), now=NOW)
    return made


def page(client: Client, file: Enterprise, query: str = "") -> str:
    answer = client.get(f"/registry/enterprises/{file.pk}/timeline{query}")
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return str(answer.content.decode())


def test_every_source_stands_in_one_stream_newest_first(district: District, file: Enterprise) -> None:
    told = page(client_of(district.department), file)
    licence = ("经营许可证 标记证号 发证", "有效期届满")
    for wanted in ("建立档案", "标记库 法定计算", *licence, "重大危险源备案", "储存问题"):
        assert wanted in told, wanted
    events, _more = timeline(actor=district.department, file=file)
    moments = [one.at for one in events]
    assert moments == sorted(moments, reverse=True)


def test_a_source_can_be_looked_at_alone_and_an_unknown_one_is_refused(district: District, file: Enterprise) -> None:
    client = client_of(district.department)
    told = page(client, file, "?group=licence")
    assert "标记证号 发证" in told
    assert "标记库" not in told
    for group in GROUPS:
        assert page(client, file, f"?group={group}"), group
    assert client.get(f"/registry/enterprises/{file.pk}/timeline?group=nothing").status_code == 422
    for bad in ("x", "9" * 30, "5001"):
        assert client.get(f"/registry/enterprises/{file.pk}/timeline?from={bad}").status_code == 422, bad


def test_stoppages_reverifications_and_filings_stand_in_it_under_their_own_words(
    district: District, file: Enterprise
) -> None:
    own, bureau = client_of(district.enterprise), client_of(district.department)
    given = {"since": "2026-01-05", "reason": "搬迁", "every_days": "15"}
    assert own.post(f"/registry/enterprises/{file.pk}/stop", given).status_code == 303
    due = {"kinds": ["depot"], "due_date": "2099-01-01"}
    assert bureau.post("/registry/reverifications/new", due).status_code == 303
    begin_filing(actor=district.enterprise, file=file, reason="更正", now=NOW)
    for group, wanted in (("stoppage", "停产停用：建立"), ("reverification", "设计复核：建立"),
                          ("file_filing", "档案备案：建立")):  # fmt: skip
        assert wanted in page(bureau, file, f"?group={group}"), group


def test_it_costs_a_few_queries_whatever_its_length(district: District, file: Enterprise) -> None:
    with CaptureQueriesContext(connection) as asked:
        timeline(actor=district.department, file=file)
    few = len(asked)
    for number in range(60):
        unit = make_unit(district.enterprise, file, code=f"X{number}", name=f"单元{number}")
        assert unit
    with CaptureQueriesContext(connection) as asked:
        events, has_more = timeline(actor=district.department, file=file)
    assert (len(asked), len(events), has_more) == (few, 50, True)
    assert few <= 3
    older, _more = timeline(actor=district.department, file=file, first=50)
    assert not {(one.at, one.what, one.subject) for one in older if one.group != "change"} & {
        (one.at, one.what, one.subject) for one in events if one.group != "change"
    }


def test_others_do_not_see_it_and_a_visit_is_seen_where_its_own_scope_allows(
    district: District, file: Enterprise
) -> None:
    assert client_of(district.other_enterprise).get(f"/registry/enterprises/{file.pk}/timeline").status_code == 404
    plan_visit(
        actor=district.director, spec=VisitSpec(district.enterprise_org, "标记督导", NOW.date()), now=NOW
    )
    assert "标记督导" not in page(client_of(district.enterprise), file), "it was not paid yet"


def test_the_files_page_fetches_it_when_it_is_looked_at(district: District, file: Enterprise) -> None:
    client = client_of(district.enterprise)
    shown = client.get(f"/registry/enterprises/{file.pk}?tab=timeline").content.decode()
    assert f'hx-get="/registry/enterprises/{file.pk}/timeline"' in shown
    part = client.get(f"/registry/enterprises/{file.pk}/timeline", headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<section id="reg-timeline"')
