"""The one search box: names, codes and initials, and only what the actor may see."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from tests.factories import NOW, District, make_actor, make_district, make_member, make_org
from tests.support.signing import signed_in

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.search.registry import Hit, find, register_search, unregister_search
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def titles(actor: Actor, text: str) -> dict[str, list[str]]:
    return {group: [hit.title for hit in hits] for group, hits in find(actor=actor, text=text)}


def make_item(organisation: Organisation, title: str) -> WorkItem:
    return WorkItem.objects.create(
        owner_org=organisation, area=organisation.area, subject_type="t.row", subject_id=uuid.uuid4(),
        loop_code="t.row", state="OPEN", duty="t.do", title=title, entered_at=NOW, due_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("text", ["应急管理", "区应急局", "slqyjglj", "SLQYJ", " 应急管理 "])
def test_an_organisation_is_found_by_name_alias_and_initials(district: District, text: str) -> None:
    assert titles(district.town, text)["单位"] == ["示例区应急管理局"]


def test_a_person_is_found_by_name_pinyin_and_initials(district: District) -> None:
    make_member(district.department_org, "department.officer", name="周乙丙")
    for text in ("周乙", "zhou yi", "zyb"):
        assert titles(district.town, text)["人员"] == ["周乙丙"]


def test_people_of_an_enterprise_are_found_by_their_colleagues_only(district: District) -> None:
    make_member(district.enterprise_org, "enterprise.worker", name="周乙丙")
    assert titles(district.enterprise, "周乙丙") == {"人员": ["周乙丙"]}
    for other in (district.other_enterprise, district.department, district.director):
        assert titles(other, "周乙丙") == {}


def test_an_enterprise_is_found_by_itself_and_its_supervisors_only(district: District) -> None:
    found = {"单位": ["示例乙气体有限公司"]}
    for sees in (district.other_enterprise, district.other_town, district.director):
        assert titles(sees, "乙气体") == found
    for blind in (district.enterprise, district.town, district.department):
        assert titles(blind, "乙气体") == {}


def test_open_work_items_are_found_in_scope_and_finished_ones_are_not(district: District) -> None:
    make_item(district.town_org, "开展加油站专项检查")
    done = make_item(district.town_org, "开展加油站复查")
    WorkItem.objects.filter(pk=done.pk).update(done_at=NOW)
    assert titles(district.director, "加油站") == {"办理事项": ["开展加油站专项检查"]}
    assert titles(district.other_town, "加油站") == {}


def test_administrators_find_organisations_but_no_business(district: District) -> None:
    make_item(district.town_org, "开展应急演练")
    admin = make_actor(make_org("示例区大数据局", supervises=False), "admin.system")
    assert list(titles(admin, "应急")) == ["单位"]


def test_wildcards_are_letters_like_others(district: District) -> None:
    make_item(district.town_org, "完成率100%")
    assert titles(district.director, "100%") == {"办理事项": ["完成率100%"]}
    assert titles(district.director, "1%%%0") == {}
    assert titles(district.director, "_") == {}


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "x" * 5000, "'; DROP TABLE", "(((", "\\"])
def test_any_text_may_be_typed(district: District, text: str) -> None:
    assert titles(district.director, text) == {}


def test_each_group_costs_one_query_and_is_cut_at_its_limit(
    district: District, django_assert_num_queries: object
) -> None:
    for number in range(9):
        make_item(district.town_org, f"第{number}次夜查")
    # The kernel's three, and that of people at work, which the director may see.
    with django_assert_num_queries(4):  # type: ignore[operator]
        found = find(actor=district.director, text="夜查")
    assert [len(hits) for _group, hits in found] == [5]


def test_a_domains_provider_is_asked_with_the_actor(district: District) -> None:
    class Provider:
        code, group, order = "test.things", "物品", 1

        def search(self, actor: Actor, text: str, limit: int) -> list[Hit]:
            return [Hit("物品", f"{actor.organisation_name}:{text}:{limit}", "", "/x")]

    register_search(Provider())
    try:
        assert titles(district.town, "夜查") == {"物品": ["甲街道办事处:夜查:5"]}
    finally:
        unregister_search("test.things")


def test_the_page_and_the_drop_down_show_the_same_with_and_without_the_shell(district: District) -> None:
    client = signed_in(district.town)
    page = client.get("/search?q=应急管理").content.decode()
    part = client.get("/search?q=应急管理", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "<html" in page
    assert "<html" not in part.content.decode()
    assert "示例区应急管理局" in page
    assert "示例区应急管理局" in part.content.decode()
    empty = client.get("/search?q=", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (empty.status_code, empty.content) == (200, b"")
    assert client.get("/search?q=x&sort=y").status_code == 422
    assert "&lt;script&gt;" in client.get("/search?q=<script>").content.decode()
    assert Client().get("/search?q=x").status_code == 302


def test_a_title_search_asks_for_what_its_trigram_index_holds(district: District) -> None:
    asked = str(WorkItem.objects.filter(title__icontains="专项检查").query)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'work_title_trgm'")
        (held,) = cursor.fetchone()
    assert 'UPPER("work_workitem"."title"::text) LIKE' in asked
    assert "gin (upper((title)::text) gin_trgm_ops)" in held
