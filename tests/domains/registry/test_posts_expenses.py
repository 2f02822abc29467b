"""Posts by law and their gaps; safety expenses due, drawn and used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.domains.registry.factories import make_facility, make_file, make_holding, make_unit
from tests.factories import District, client_of, house_actor, make_district

from quancheng.domains.registry.models import Completeness, Enterprise, PostHolder, SafetyExpense
from quancheng.domains.registry.services.completeness import measure_all
from quancheng.standards.posts import FOUR_DEPUTIES

pytestmark = pytest.mark.django_db


def thin(amount: str) -> str:
    """An amount as pages write it, its thousands grouped by thin spaces."""
    return amount.replace(",", "\u2009")


@pytest.fixture
def district(db: None) -> District:
    return make_district()


@pytest.fixture
def own(district: District) -> Client:
    return client_of(district.enterprise)


@pytest.fixture
def file(own: Client) -> Enterprise:
    assert own.post("/registry/own/new", {"kind": "depot", "address": "甲街道示例路1号"}).status_code == 303
    return Enterprise.objects.get()


def act(client: Client, path: str, name: str, /, **given: Any) -> Any:
    return client.post(path, {"act": name, **given})


def posts_tab(client: Client, file: Enterprise) -> str:
    return str(client.get(f"/registry/enterprises/{file.pk}?tab=posts").content.decode())


@pytest.mark.clause("S3-5.2a")
def test_four_deputies_are_asked_for_and_a_gap_ends_when_each_post_is_filled(
    district: District, own: Client, file: Enterprise
) -> None:
    page = posts_tab(own, file)
    for name in ("安全副总", "设备副总", "工艺副总", "仪表副总"):
        assert name in page
    assert "个法定岗位无人任职" in page
    path = f"/registry/enterprises/{file.pk}"
    today = timezone.localdate()
    for number, post in enumerate((*FOUR_DEPUTIES, "SAFETY_MANAGER")):
        answer = act(own, path, "holder", post=post, name=f"示例人员{number}", since_date=today)
        assert answer.status_code == 303
    gaps = client_of(district.town).get("/registry/posts?post=DEPUTY_SAFETY").content.decode()
    assert "示例甲化工有限公司" not in gaps
    # Whose certificate ran out does not count; the district's list knows in the morning.
    PostHolder.objects.filter(post="DEPUTY_SAFETY").update(valid_to=today - timedelta(days=1))
    measure_all(now=timezone.now())
    assert "证书已过期，不计入" in posts_tab(own, file)
    gaps = client_of(district.town).get("/registry/posts?post=DEPUTY_SAFETY").content.decode()
    assert "示例甲化工有限公司" in gaps
    assert "示例甲化工有限公司" not in client_of(district.other_town).get("/registry/posts").content.decode()
    holder = PostHolder.objects.get(post="DEPUTY_SAFETY")
    assert act(own, path, "leave_post", holder=holder.pk).status_code == 303
    assert "示例人员0" not in posts_tab(own, file)


@pytest.mark.clause("S3-5.2b")
def test_three_engineers_are_asked_for_once_the_registry_shows_two_key_points_or_a_major_hazard(
    district: District, own: Client, file: Enterprise
) -> None:
    assert "设备工程师" not in posts_tab(own, file)
    actor = house_actor()
    make_holding(actor, make_facility(actor, make_unit(actor, file)), "氯", design_t="65", present_t="60")
    page = posts_tab(own, file)
    for name in ("设备工程师", "工艺工程师", "仪表工程师", "重大危险源主要负责人"):
        assert name in page
    bureau = client_of(district.department)
    gaps = bureau.get("/registry/posts?post=ENGINEER_PROCESS").content.decode()
    assert "示例甲化工有限公司" in gaps
    for post in ("ENGINEER_EQUIPMENT", "ENGINEER_PROCESS", "ENGINEER_INSTRUMENT"):
        act(own, f"/registry/enterprises/{file.pk}", "holder", post=post, name="示例工程师")
    assert "示例甲化工有限公司" not in bureau.get("/registry/posts?post=ENGINEER_PROCESS").content.decode()


def test_the_districts_gaps_begin_with_the_most_count_each_post_and_say_what_was_not_measured_yet(
    district: District, own: Client, file: Enterprise
) -> None:
    other = make_file(district.department, area=district.other_street_area, name="示例乙储运有限公司")
    act(own, f"/registry/enterprises/{file.pk}", "holder", post="DEPUTY_SAFETY", name="示例人员")
    bureau = client_of(district.department)
    page = bureau.get("/registry/posts").content.decode()
    assert page.index("示例乙储运有限公司") < page.index("示例甲化工有限公司")
    assert '<a href="?post=DEPUTY_SAFETY">安全副总</a> <strong>1</strong>' in page
    assert '<a href="?post=DEPUTY_PROCESS">工艺副总</a> <strong>2</strong>' in page
    assert "尚未计算" not in page
    assert "示例乙储运有限公司" not in bureau.get("/registry/posts?kind=producer").content.decode()
    Completeness.objects.filter(file=other).update(vacancies=None, vacant_posts=None)
    page = bureau.get("/registry/posts").content.decode()
    assert "示例乙储运有限公司" not in page
    assert "另有 1 家企业尚未计算" in page
    measure_all(now=timezone.now())
    assert "示例乙储运有限公司" in bureau.get("/registry/posts").content.decode()


def test_nobody_is_named_twice_nor_by_others(district: District, own: Client, file: Enterprise) -> None:
    path = f"/registry/enterprises/{file.pk}"
    given = {"post": "DEPUTY_SAFETY", "name": "示例人员"}
    assert act(own, path, "holder", **given).status_code == 303
    assert act(own, path, "holder", **given).status_code == 409
    assert act(own, path, "holder", post="KING", name="示例人员").status_code == 422
    assert act(client_of(district.other_enterprise), path, "holder", **given).status_code == 404


@pytest.mark.clause("S2-G3b")
def test_the_amount_due_is_calculated_part_by_part_and_drawing_use_and_gap_are_shown(
    district: District, own: Client, file: Enterprise
) -> None:
    year = timezone.localdate().year
    path = f"/registry/enterprises/{file.pk}/expenses/new"
    given = {"year": year, "industry": "hazardous_goods", "revenue": "260000000", "drawn": "3000000"}
    assert own.post(path, given).status_code == 303
    row = SafetyExpense.objects.get()
    assert row.due == Decimal(3_355_000)
    page = own.get(f"/registry/expenses/{row.pk}").content.decode()
    for part in ("4.5%", "2.25%", "0.55%", "财资〔2022〕136号"):
        assert part in page
    for amount in ("2,025,000.00", "3,355,000.00", "355,000.00"):
        assert thin(amount) in page
    assert own.post(path, given).status_code == 409
    path = f"/registry/expenses/{row.pk}"
    paid = timezone.localdate()
    for category, amount in (("training", "50000"), ("facilities", "1200000.50"), ("training", "20000")):
        answer = act(own, path, "use", category=category, amount=amount, paid_date=paid, text="示例支出")
        assert answer.status_code == 303
    wrong = act(own, path, "use", category="training", amount="1", paid_date=f"{year - 1}-05-01", text="上年")
    assert wrong.status_code == 422
    row.refresh_from_db()
    assert row.used == Decimal("1270000.50")
    uses = own.get(f"{path}?tab=uses").content.decode()
    assert thin("70,000.00") in uses
    assert act(own, path, "void", use=row.uses.get(amount=Decimal(20000)).pk).status_code == 303
    row.refresh_from_db()
    assert row.used == Decimal("1250000.50")
    listed = client_of(district.department).get(f"/registry/expenses?year={year}&gap=1").content.decode()
    assert "示例甲化工有限公司" in listed
    assert thin("2,104,999.50") in listed
    assert "37.26%" in listed
    answer = act(
        own, path, "change", version=row.version, industry="hazardous_goods", revenue="8000000", drawn="360000"
    )
    assert answer.status_code == 303
    row.refresh_from_db()
    assert row.due == Decimal(360_000)
    assert "示例甲化工有限公司" not in client_of(district.department).get("/registry/expenses?gap=1").content.decode()


def test_others_see_no_money(district: District, own: Client, file: Enterprise) -> None:
    year = timezone.localdate().year
    given = {"year": year, "industry": "hazardous_goods", "revenue": "1000000", "drawn": "0"}
    own.post(f"/registry/enterprises/{file.pk}/expenses/new", given)
    row = SafetyExpense.objects.get()
    other = client_of(district.other_enterprise)
    assert other.get(f"/registry/expenses/{row.pk}").status_code == 404
    assert other.post(f"/registry/enterprises/{file.pk}/expenses/new", given).status_code == 404
    assert "示例甲化工有限公司" not in other.get("/registry/expenses").content.decode()


def test_a_year_without_rates_is_refused(own: Client, file: Enterprise) -> None:
    answer = own.post(
        f"/registry/enterprises/{file.pk}/expenses/new",
        {"year": "2013", "industry": "fireworks", "revenue": "1000000", "drawn": "0"},
    )
    assert answer.status_code == 422
    assert "没有这个行业的提取标准" in answer.content.decode()


def test_a_paper_trader_owes_no_deputies(district: District) -> None:
    file = make_file(house_actor(), area=district.street_area, kind="unlicensed", code="")
    assert "没有法定岗位要求" in posts_tab(client_of(district.town), file)
