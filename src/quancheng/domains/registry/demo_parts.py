"""What the demo's enterprises are written down as, and the desk that enters them through the services."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO
from math import cos, radians
from typing import Any, Protocol

from quancheng.domains.registry.geometry import DEGREE_M
from quancheng.domains.registry.kinds import LINKS_OF, Life
from quancheng.domains.registry.models import Chemical, Enterprise, Facility, Holding, Unit
from quancheng.domains.registry.services import enterprises, facilities, stock
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import EnterpriseSpec
from quancheng.domains.registry.services.stock import HoldingSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.people.actors import actor_for
from quancheng.kernel.people.models import Membership, Organisation, User

#: The district lies in the open sea, so that nobody takes it for a real place: longitude and latitude, CGCS2000.
CENTRE = (122.6, 35.6)
#: Middle of each street and of the town, metres east and north of the centre.
STREET_AT: tuple[tuple[int, int], ...] = (
    (2600, 900),
    (-2400, 300),
    (200, -2600),
    (-300, 2500),
    (900, 100),
    (3300, -2300),
    (-3500, -2600),
    (-4300, 2400),
    (6200, 1900),
    (2900, 3900),
    (-1700, 4600),
    (7200, -4300),
)
TOWN = 11


class District(Protocol):
    """What the demo's conductor gives."""

    now: datetime
    chance: random.Random
    streets: list[Area]
    town_area: Area | None
    organisations: dict[str, Organisation]
    enterprises: list[Organisation]
    users: dict[str, User]

    @property
    def born_at(self) -> datetime: ...

    def credit_code(self) -> str: ...

    def employ(self, username: str, name: str, organisation: Organisation, post: str, roles: tuple[str, ...]) -> None:
        """An account with the demo's password."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A chemical in a facility: tonnes licensed, by design and present at the census, then what moved since.

    :param moves: days before today, ``in``, ``out`` or ``count``, tonnes.
    """

    name: str
    licensed: str | None
    design: str | None
    present: str | None
    product: str = ""
    concentration: str | None = None
    moves: tuple[tuple[int, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A facility with what it holds; ``known`` as :data:`facilities.FACILITY_FIELDS`."""

    code: str
    name: str
    kind: str
    goods: tuple[Goods, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Group:
    """A unit with its facilities; ``known`` as :data:`facilities.UNIT_FIELDS`."""

    code: str
    name: str
    kind: str
    boundary: str
    places: tuple[Place, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Firm:
    """An enterprise with all that is known of it.

    :param street: place in :data:`STREET_AT`. :param at: metres east and north of the middle of the street.
    :param own: number of the demo's enterprise that opens its own file; 0 where the office enters it.
    :param plot: width and depth of its ground in metres, where the boundary is known.
    """

    name: str
    kind: str
    street: int
    at: tuple[int, int]
    address: str
    groups: tuple[Group, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    own: int = 0
    links: tuple[str, ...] = ()
    plot: tuple[int, int] | None = None
    people: int = 2
    verified: bool = True
    entered_days: int = 300
    has_code: bool = True


_NUMBERS = ("volume_m3", "max_fill", "pressure_mpa", "temp_c", "fire_limit_t")
#: Who looks after which kind: the account of the supervising office that verifies.
_VERIFIERS = {"EMB": "emb", "HUB": "hub", "EDU": "edu", "HEA": "hea", "TRB": "trb", "DRC": "drc", "EEB": "eeb"}
_SURNAMES, _GIVEN = "邬巩郦谌隗阚逄郗", ("远帆", "静之", "启明", "望舒", "砚秋", "临风", "若川", "长庚", "亦安", "松年")


@dataclass
class Desk:
    """Enters firms through the services, as the people of the demo."""

    district: District
    chemicals: dict[str, Chemical] = field(default_factory=dict)
    files: dict[str, Enterprise] = field(default_factory=dict)
    firms: dict[str, Firm] = field(default_factory=dict)
    _actors: dict[str, Actor] = field(default_factory=dict)
    _phones: int = 0
    _names: int = 0
    _count: int = 0

    @property
    def today(self) -> date:
        return Calendar().local_date(self.district.now)

    def date_in(self, days: int) -> date:
        """A day so many days from today; before it where ``days`` is negative."""
        return self.today + timedelta(days=days)

    def count(self) -> int:
        """A running number for what needs one."""
        self._count += 1
        return self._count

    def chemical(self, name: str) -> Chemical:
        if not self.chemicals:
            self.chemicals.update({one.name: one for one in Chemical.objects.all()})
        return self.chemicals[name]

    def actor(self, username: str) -> Actor:
        if username not in self._actors:
            place = Membership.objects.current().get(user=self.district.users[username])
            self._actors[username] = actor_for(place, now=self.district.now)
        return self._actors[username]

    def paper(self, who: Actor, name: str, at: datetime) -> uuid.UUID:
        text = f"{who.organisation_name}\n{name}（演示材料）\n"
        return receive_file(actor=who, content=BytesIO(text.encode()), name=f"{name}.txt", now=at).pk

    def ago(self, days: int, *, hour: int = 2) -> datetime:
        """A moment so many days before today, not before the district began."""
        if not days:
            return self.district.now
        # By the district's calendar, as `date_in` is: late in the day of UTC the two would name different days.
        at = datetime.combine(self.date_in(-days), time(hour), tzinfo=UTC)
        return max(at, self.district.born_at)

    def area(self, street: int) -> Area:
        area = self.district.town_area if street == TOWN else self.district.streets[street]
        if area is None:
            raise LookupError("the demo has no town")
        return area

    def enter(self, firm: Firm) -> Enterprise:
        """Enter an enterprise with everything written down of it; its units are graded once, at the end."""
        at = self.ago(firm.entered_days)
        who = self.actor(f"enterprise{firm.own}") if firm.own else self.actor("officer")
        moved: list[tuple[int, Holding, str, str]] = []
        with assessing(actor=who, now=at, because="registry.stock.hold"):
            file = self._open(firm, who, at)
            for group in firm.groups:
                moved += self._group(who, file, group, at)
            self._people(who, file, firm.people, at)
        for days, holding, kind, tonnes in sorted(moved, key=lambda one: -one[0]):
            when = self.ago(days, hour=1)
            stock.move_stock(
                actor=who, holding=holding, kind=kind, quantity_t=Decimal(tonnes), at=when, remark="", now=when
            )
        if firm.verified:
            self._verify(file, self.ago(firm.entered_days - 20))
        self.files[firm.name], self.firms[firm.name] = file, firm
        return file

    def keeper(self, name: str) -> Actor:
        """Who enters what belongs to an enterprise: itself where it signs in from the beginning, else the office."""
        own = self.firms[name].own
        return self.actor(f"enterprise{own}" if own else "officer")

    def entered(self, name: str) -> datetime:
        """When the papers of an enterprise were entered: some days after its file was opened."""
        return self.ago(max(self.firms[name].entered_days - 6, 0))

    def _open(self, firm: Firm, who: Actor, at: datetime) -> Enterprise:
        lon, lat = spot(firm.street, firm.at)
        known: dict[str, Any] = {
            "address": firm.address,
            "registered_address": firm.address,
            "lon": lon,
            "lat": lat,
            "registered_lon": lon,
            "registered_lat": lat,
            **firm.known,
        }
        if firm.plot is not None:
            known["boundary"] = ground(firm.street, firm.at, firm.plot)
        if firm.own:
            return enterprises.open_own_file(actor=who, kind=firm.kind, known=known, now=at)
        spec = EnterpriseSpec(
            name=firm.name,
            credit_code=self.district.credit_code() if firm.has_code else "",
            kind=firm.kind,
            area=self.area(firm.street),
            links=firm.links or LINKS_OF[firm.kind],
            known=known,
        )
        return enterprises.enter_enterprise(actor=who, spec=spec, now=at)

    def _group(
        self, who: Actor, file: Enterprise, group: Group, at: datetime
    ) -> Sequence[tuple[int, Holding, str, str]]:
        known = {"code": group.code, "name": group.name, "kind": group.kind, "boundary": group.boundary, **group.known}
        unit = facilities.enter_unit(actor=who, file=file, known=known, now=at)
        moved: list[tuple[int, Holding, str, str]] = []
        for place in group.places:
            facility = self._facility(who, unit, place, at)
            for goods in place.goods:
                holding = stock.hold(actor=who, facility=facility, spec=self._spec(goods), now=at)
                moved += [(days, holding, kind, tonnes) for days, kind, tonnes in goods.moves]
        return moved

    def _facility(self, who: Actor, unit: Unit, place: Place, at: datetime) -> Facility:
        known = {"code": place.code, "name": place.name, "kind": place.kind, **place.known}
        known |= {name: Decimal(known[name]) for name in _NUMBERS if name in known}
        return facilities.enter_facility(actor=who, unit=unit, known=known, now=at)

    def _spec(self, goods: Goods) -> HoldingSpec:
        def number(text: str | None) -> Decimal | None:
            return None if text is None else Decimal(text)

        return HoldingSpec(
            chemical=self.chemical(goods.name),
            product=goods.product,
            concentration=number(goods.concentration),
            licensed_t=number(goods.licensed),
            design_t=number(goods.design),
            present_t=number(goods.present),
        )

    def _people(self, who: Actor, file: Enterprise, count: int, at: datetime) -> None:
        roles = (("head", "总经理"), ("safety", "安全总监"), ("emergency", "值班长"), ("controller", "董事长"))
        for role, post in roles[:count]:
            self._phones += 1
            enterprises.name_contact(
                actor=who,
                file=file,
                role=role,
                name=self.name(),
                post=post,
                phone=f"1990000{self._phones:04d}",
                since_date=date(2021, 1 + self._phones % 12, 1),
                now=at,
            )

    def name(self) -> str:
        """An invented name, each once."""
        self._names += 1
        return _SURNAMES[self._names % len(_SURNAMES)] + _GIVEN[(self._names // len(_SURNAMES)) % len(_GIVEN)]

    def verifier(self, file: Enterprise) -> Actor | None:
        """Who verifies for the office that supervises an enterprise; None where the demo has nobody there."""
        office = Organisation.objects.get(pk=file.supervisor_id)
        username = _VERIFIERS.get(office.actor_code)
        return None if username is None else self.actor(username)

    def _verify(self, file: Enterprise, at: datetime) -> None:
        office = self.verifier(file)
        if office is None:
            return
        file.refresh_from_db()
        enterprises.verify_enterprise(
            actor=office, file=file, version=file.version, remark="现场核对，与档案一致。", now=at
        )

    def employ(self, username: str, file: Enterprise, post: str, roles: tuple[str, ...]) -> Actor:
        """Give an enterprise somebody who signs in."""
        organisation = Organisation.objects.get(pk=file.pk)
        self.district.employ(username, self.name(), organisation, post, roles)
        return self.actor(username)


def spot(street: int, at: tuple[int, int]) -> tuple[Decimal, Decimal]:
    """Longitude and latitude of a place so many metres east and north of the middle of a street."""
    east, north = STREET_AT[street][0] + at[0], STREET_AT[street][1] + at[1]
    lat = CENTRE[1] + north / DEGREE_M
    lon = CENTRE[0] + east / (DEGREE_M * cos(radians(CENTRE[1])))
    return Decimal(f"{lon:.6f}"), Decimal(f"{lat:.6f}")


def ground(street: int, at: tuple[int, int], plot: tuple[int, int]) -> dict[str, Any]:
    """A plot so many metres wide and deep around a place, one corner cut off, as a GeoJSON polygon."""
    wide, deep = plot[0] / 2, plot[1] / 2
    corners = [(-wide, -deep), (wide, -deep), (wide, deep * 0.4), (wide * 0.6, deep), (-wide, deep), (-wide, -deep)]
    ring = [spot(street, (round(at[0] + east), round(at[1] + north))) for east, north in corners]
    return {"type": "Polygon", "coordinates": [[[float(lon), float(lat)] for lon, lat in ring]]}


#: What most firms have, and what a few lack.
PROTECTED = {"alarm": "yes", "shut_off": "yes", "earthing": "yes", "inerting": "na"}
SYSTEMS = {"video": "yes", "gas_detection": "yes", "shut_off": "yes", "platform": "no"}
STOPPED = {"life": Life.STOPPED, "life_date": date(2024, 6, 30)}
CLOSED = {"life": Life.CLOSED, "life_date": date(2025, 3, 31)}
