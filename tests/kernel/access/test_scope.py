"""Scope: one rule, in the database and in memory; fences of areas; shares; administrators see nothing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.factories import NOW, District, house_actor, make_actor, make_area, make_district, make_org

from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Reach, Share
from quancheng.kernel.access.scope import Scope, covers, scope_of
from quancheng.kernel.access.services import share, unshare
from quancheng.kernel.areas.models import Area
from quancheng.kernel.people.models import LINKS, Membership, Organisation
from quancheng.kernel.work.models import WorkItem

pytestmark = pytest.mark.django_db
LINK_CODES = [code for code, _label in LINKS]


def item(owner: Organisation, **columns) -> WorkItem:
    """A scoped row: the table that inbox, board and statistics read."""
    return WorkItem.objects.create(
        owner_org=owner, subject_type="duty.task", subject_id=uuid.uuid4(), loop_code="duty.task", state="S",
        duty="duty.tasks.accept", title="检查储罐区", entered_at=NOW, due_at=NOW, **columns,
    )  # fmt: skip


def sees(actor: Actor, row: WorkItem) -> bool:
    """By both twins, which must agree."""
    listed = WorkItem.objects.visible_to(actor).filter(pk=row.pk).exists()
    assert covers(actor, scope_of(WorkItem.objects.select_related("area").get(pk=row.pk))) == listed
    return listed


@pytest.fixture
def district(db) -> District:
    return make_district()


# The rule, case by case --------------------------------------------------------------------------------------------


def test_the_owner_sees_its_row_whatever_its_reach(district):
    for reach in Reach.values:
        row = item(district.department_org, reach=reach)
        assert sees(district.department, row)


@pytest.mark.parametrize(
    ("reach", "expected"),
    [("own", set()), ("chain", {"director", "department", "town"}),
     ("party", {"director", "department", "town", "enterprise"}),
     ("public", {"director", "department", "town", "other_town", "enterprise", "other_enterprise"})],
)  # fmt: skip
def test_reach_says_who_besides_the_owner_sees_a_row_of_an_enterprise(district, reach, expected):
    owner = make_org("示例区第二监管局", links=("disposal",))
    row = item(owner, enterprise=district.enterprise_org, area=district.street_area, links=["storage"], reach=reach)
    names = ("director", "department", "town", "other_town", "enterprise", "other_enterprise")
    assert {name for name in names if sees(getattr(district, name), row)} == expected


def test_an_unannounced_visit_is_hidden_from_the_enterprise_until_it_is_done(district):
    row = item(district.town_org, enterprise=district.enterprise_org, area=district.street_area, reach="chain")
    assert not sees(district.enterprise, row)
    WorkItem.objects.filter(pk=row.pk).update(reach="party")
    assert sees(district.enterprise, row)
    assert not sees(district.other_enterprise, row)


def test_a_department_sees_the_links_that_it_supervises_and_no_others(district):
    owner = district.town_org
    assert sees(district.department, item(owner, area=district.street_area, links=["storage", "use"]))
    assert not sees(district.department, item(owner, area=district.street_area, links=["transport"]))
    assert not sees(district.department, item(owner, area=district.street_area, links=[]))
    assert sees(district.director, item(owner, area=district.street_area, links=[]))


def test_a_row_of_the_whole_district_is_not_a_town_s(district):
    row = item(district.department_org, area=None, links=["storage"])
    assert sees(district.director, row)
    assert not sees(district.town, row)


def test_a_town_sees_its_villages_and_not_its_neighbour(district):
    village = make_area("甲村", level="village", parent=district.street_area)
    elsewhere = make_area("乙村", level="village", parent=district.other_street_area)
    assert sees(district.town, item(district.department_org, area=village))
    assert not sees(district.town, item(district.department_org, area=elsewhere))


def test_areas_whose_paths_begin_alike_are_fenced_off_from_each_other(district):
    """Segment 1 is the beginning of 10, 11 … in base 36: the slash at the end must keep them apart."""
    areas = [make_area(f"第{number}街道", level="street", parent=district.area) for number in range(40)]
    short = next(area for area in areas if len(area.path.rstrip("/").rpartition("/")[2]) == 1)
    last = short.path.rstrip("/")
    alike = [area for area in Area.objects.all() if area.path.startswith(last) and area.pk != short.pk]
    town = make_actor(make_org("某街道办事处", kind="town", area=short, general=True), "town.officer")
    assert sees(town, item(district.department_org, area=short))
    if not alike:
        clone = Area.objects.filter(pk=areas[-1].pk)
        clone.update(path=f"{last}0/")
        alike = [clone.get()]
    for area in alike:
        assert not sees(town, item(district.department_org, area=area))


def test_an_enterprise_sees_no_other_enterprise_even_in_the_same_street(district):
    neighbour = make_org("示例丙加油站", kind="enterprise", area=district.street_area, links=("trade",))
    row = item(neighbour, enterprise=neighbour, area=district.street_area, links=["trade"], reach="party")
    assert not sees(district.enterprise, row)
    assert sees(district.department, row)


# Administrators and the nameless -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["system", "security", "audit"])
def test_an_administrator_sees_no_business_row_not_even_of_his_own_organisation(district, kind):
    actor = make_actor(district.office_org, f"admin.{kind}")
    own = item(district.office_org, reach="public")
    share(actor=house_actor(), row=own, why="expert", to_user=actor.user_id, now=NOW)
    share(actor=house_actor(), row=own, why="lead", to_org=district.office_org.pk, now=NOW)
    assert actor.administrator == kind
    assert not sees(actor, own)


def test_who_has_no_organisation_sees_nothing(district):
    row = item(district.office_org, reach="public")
    assert not sees(Actor(kind="person", name="某人", user_id=uuid.uuid4()), row)


def test_only_the_system_sees_everything(district):
    assert sees(system_actor("clock"), item(district.other_enterprise_org, reach="own"))


# Shares -----------------------------------------------------------------------------------------------------------


def test_a_share_opens_one_row_to_one_organisation_and_ends(district):
    row, other = item(district.office_org, reach="own"), item(district.office_org, reach="own")
    assert not sees(district.town, row)
    share(actor=district.director, row=row, why="support", to_org=district.town_org.pk, now=NOW)
    assert sees(district.town, row)
    assert not sees(district.town, other)
    assert not sees(district.other_town, row)
    assert unshare(actor=district.director, row=row, why="support", to_org=district.town_org.pk, now=NOW) == 1
    assert not sees(district.town, row)


def test_a_share_to_a_person_is_not_his_organisation_s(district):
    row = item(district.office_org, reach="own")
    share(actor=district.director, row=row, why="expert", to_user=district.department.user_id, now=NOW)
    assert sees(district.department, row)
    assert not sees(district.department_head, row)


def test_a_share_counts_until_its_end(district):
    row = item(district.office_org, reach="own")
    ended = timezone.now() - timedelta(seconds=1)
    share(actor=district.director, row=row, why="expert", to_org=district.town_org.pk, until=ended, now=NOW)
    assert not sees(district.town, row)
    later = timezone.now() + timedelta(days=1)
    share(actor=district.director, row=row, why="expert", to_org=district.town_org.pk, until=later, now=NOW)
    assert sees(district.town, row)
    assert Share.objects.count() == 1


def test_a_share_of_another_kind_of_row_with_the_same_id_opens_nothing(district):
    row = item(district.office_org, reach="own")
    Share.objects.create(
        subject_type="duty.plan", subject_id=row.pk, to_org=district.town_org, why="lead", granted_at=NOW
    )
    assert not sees(district.town, row)


@pytest.mark.parametrize("to", [{}, {"to_org": uuid.uuid4(), "to_user": uuid.uuid4()}])
def test_a_share_has_exactly_one_addressee(district, to):
    with pytest.raises(ValueError, match="one organisation or one person"):
        share(actor=district.director, row=item(district.office_org), why="lead", now=NOW, **to)


# Both twins decide alike -------------------------------------------------------------------------------------------


@dataclass
class World:
    orgs: list[Organisation]
    areas: list[Area | None]
    users: list[uuid.UUID]


@pytest.fixture
def world(district) -> World:
    village = make_area("甲村", level="village", parent=district.street_area)
    return World(
        orgs=[district.office_org, district.department_org, district.town_org, district.enterprise_org],
        areas=[None, district.area, district.street_area, district.other_street_area, village],
        users=[place.user_id for place in Membership.objects.order_by("pk")[:3]],
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_rule_in_memory_decides_as_the_rule_in_the_database(world, data):
    pick = data.draw
    org = st.sampled_from(world.orgs)
    links = st.lists(st.sampled_from(LINK_CODES), unique=True, max_size=3)
    row = item(
        pick(org),
        enterprise=pick(st.none() | org),
        area=pick(st.sampled_from(world.areas)),
        links=pick(links),
        reach=pick(st.sampled_from(Reach.values)),
    )
    if pick(st.booleans()):
        share(actor=house_actor(), row=row, why="lead", to_org=pick(org).pk, now=NOW)
    if pick(st.booleans()):
        share(actor=house_actor(), row=row, why="expert", to_user=pick(st.sampled_from(world.users)), now=NOW)
    area = pick(st.sampled_from(world.areas))
    actor = Actor(
        kind="person",
        name="某人",
        user_id=pick(st.sampled_from(world.users)),
        organisation_id=pick(org).pk,
        area_path=area.path if area else "",
        whole_district=pick(st.booleans()),
        supervises=pick(st.booleans()),
        general=pick(st.booleans()),
        links=frozenset(pick(links)),
        administrator=pick(st.sampled_from(["", "", "", "audit"])),
    )
    sees(actor, row)
    sees(replace(actor, organisation_id=None), row)


@given(st.builds(Scope, owner_org=st.uuids().map(str), links=st.lists(st.sampled_from(LINK_CODES)).map(tuple),
                 shared_orgs=st.lists(st.uuids().map(str)).map(tuple)))  # fmt: skip
def test_a_scope_travels_with_an_event_and_comes_back_the_same(scope):
    assert Scope.from_dict(scope.to_dict()) == scope
