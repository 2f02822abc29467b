"""The smallest valid district: areas, organisations, people and their actors.

A test states every value that it asserts; what it does not care for comes from here.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from django.test import Client
from django.utils import timezone
from tests.support.replay import begun

from quancheng.kernel.access import duties
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.services import create_area
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.people import passwords, signing
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.middleware import SIGN_IN_KEY
from quancheng.kernel.people.models import Membership, Organisation, User
from quancheng.kernel.people.services import add_membership, create_organisation, create_user

#: A Tuesday morning in the district (09:00 local time), a working day.
NOW = datetime(2026, 9, 8, 1, 0, tzinfo=UTC)
PASSWORD = "Qc-demo-2026!"
_numbers = itertools.count(1)


def house_actor() -> Actor:
    """The system with every duty: sets the scene, never the object of a test."""
    return system_actor("test", *(duty.code for duty in duties.all_duties()))


def make_area(name: str = "示例区", *, level: str = "district", parent: Area | None = None, home: bool = False) -> Area:
    return create_area(actor=house_actor(), name=name, level=level, parent=parent, is_home=home, now=NOW)


def make_org(
    name: str = "",
    *,
    kind: str = "department",
    area: Area | None = None,
    supervises: bool | None = None,
    general: bool = False,
    links: tuple[str, ...] = (),
    code: str = "",
    parent: Organisation | None = None,
    aliases: tuple[str, ...] = (),
    word: str = "",
) -> Organisation:
    return create_organisation(
        actor=house_actor(),
        name=name or f"示例单位{next(_numbers)}",
        kind=kind,
        area=area,
        supervises=kind in ("office", "committee", "department", "town") if supervises is None else supervises,
        general=general,
        links=links,
        actor_code=code,
        parent=parent,
        aliases=aliases,
        document_word=word,
        now=NOW,
    )


def make_user(name: str = "", *, username: str = "", password: str | None = None) -> User:
    number = next(_numbers)
    return create_user(
        actor=house_actor(),
        username=username or f"user{number}",
        name=name or f"某甲{number}",
        password=password,
        must_change_password=False,
        now=NOW,
    )


def make_member(
    org: Organisation, *roles: str, name: str = "", username: str = "", password: str | None = None
) -> Membership:
    user = make_user(name, username=username, password=password)
    return add_membership(actor=house_actor(), user=user, organisation=org, roles=roles, now=NOW)


def make_actor(org: Organisation, *roles: str, name: str = "", now: datetime = NOW) -> Actor:
    return actor_for(make_member(org, *roles, name=name), now=now)


def make_file(actor: Actor, text: str = "检查记录", *, name: str = "记录.txt") -> uuid.UUID:
    """A stored upload of the actor's, ready to be held by a record."""
    return receive_file(actor=actor, content=BytesIO(text.encode()), name=name, now=NOW).pk


def client_of(actor: Actor) -> Client:
    """A browser in which the actor is signed in, by a session like any other."""
    origin = signing.Origin(address="127.0.0.1", device="test")
    user = User.objects.get(pk=actor.user_id)
    opened = signing._open(user=user, method="password", origin=origin, rules=passwords.policy(), now=timezone.now())
    client = Client()
    session = client.session
    session[SIGN_IN_KEY] = str(opened.pk)
    session.save()
    return client


@dataclass
class District:
    """A district with an office, a department, two streets and two enterprises, and one actor in each."""

    area: Area
    street_area: Area
    other_street_area: Area
    office_org: Organisation
    department_org: Organisation
    town_org: Organisation
    other_town_org: Organisation
    enterprise_org: Organisation
    other_enterprise_org: Organisation
    director: Actor
    officer: Actor
    department: Actor
    department_head: Actor
    town: Actor
    other_town: Actor
    enterprise: Actor
    other_enterprise: Actor


@begun
def make_district() -> District:
    """The district of most tests, made by the services once in a process and written again afterwards (``replay``)."""
    area = make_area(home=True)
    street = make_area("甲街道", level="street", parent=area)
    other = make_area("乙街道", level="street", parent=area)
    office = make_org(
        "示例区安全生产委员会办公室", kind="office", area=area, general=True, code="SCO", aliases=("区安委办",),
        word="示安办",
    )  # fmt: skip
    department = make_org(
        "示例区应急管理局", area=area, links=("production", "storage", "trade"), code="EMB", aliases=("区应急局",)
    )
    town = make_org("甲街道办事处", kind="town", area=street, general=True)
    other_town = make_org("乙街道办事处", kind="town", area=other, general=True)
    enterprise = make_org("示例甲化工有限公司", kind="enterprise", area=street, links=("storage",))
    other_enterprise = make_org("示例乙气体有限公司", kind="enterprise", area=other, links=("transport",))
    return District(
        area=area,
        street_area=street,
        other_street_area=other,
        office_org=office,
        department_org=department,
        town_org=town,
        other_town_org=other_town,
        enterprise_org=enterprise,
        other_enterprise_org=other_enterprise,
        director=make_actor(office, "office.director"),
        officer=make_actor(office, "office.officer"),
        department=make_actor(department, "department.officer"),
        department_head=make_actor(department, "department.head"),
        town=make_actor(town, "town.officer"),
        other_town=make_actor(other_town, "town.officer"),
        enterprise=make_actor(enterprise, "enterprise.safety"),
        other_enterprise=make_actor(other_enterprise, "enterprise.safety"),
    )
