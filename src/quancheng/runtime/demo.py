"""The demo district (演示区): an invented district with the structure of a real one; each domain adds its own part.

Same seed and day, same district. Names of places, people and enterprises are invented.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from quancheng.kernel.access import duties
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.services import create_area
from quancheng.kernel.house.services import found_house
from quancheng.kernel.people.models import Organisation, User
from quancheng.kernel.people.services import add_membership, create_group, create_organisation, create_user
from quancheng.standards import gb32100

#: Known to everybody, hence bound to loopback: every page of a demo says what it is.
PASSWORD = "Qinglan-2026"  # noqa: S105 - a demo says so
CITY, DISTRICT, CODE = "临澜市", "青岚区", "990102"
STREETS = ("东湖", "西关", "南屏", "北塔", "和平路", "清河湾", "石桥", "望江", "新港", "云杉", "梧桐里")
TOWN, VILLAGES = "柳溪镇", ("上柳村", "下柳村", "石坝村", "青石社区", "桃园村", "塘口村")

#: Code, name, short name and aliases, chain links that it supervises.
DEPARTMENTS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("EMB", "应急管理局", ("区应急局",), ("production", "storage", "trade")),
    ("PSB", "公安分局", ("区公安分局", "公安青岚分局", "区公安局"), ("storage", "trade", "use")),
    ("TRAF", "公安分局交通警察大队", ("交警青岚大队", "区交警大队"), ("transport",)),
    ("TRB", "交通运输局", ("区交通局", "区交通运输局"), ("transport",)),
    ("EEB", "生态环境分局", ("区生态环境局", "区生态环境分局"), ("production", "storage", "use", "disposal")),
    ("MSB", "市场监督管理局", ("区市场监管局",), ("production", "trade")),
    ("AAB", "行政审批局", ("区行政审批局",), ()),
    ("EIC", "工业和信息化局", ("区工信局",), ("production",)),
    ("HUB", "住房和城乡建设局", ("区住建局",), ("use",)),
    ("DRC", "发展和改革局", ("区发改局", "区发改委"), ("transport",)),
    ("COM", "商务局", ("区商务局",), ("trade",)),
    ("HEA", "卫生健康和体育局", ("区卫体局", "区卫健委"), ("use",)),
    ("EDU", "教育局", ("区教育局",), ("use",)),
    ("SCI", "科学技术局", ("区科技局",), ("use",)),
    ("PRI", "民营经济发展局", ("区民营经济局",), ()),
    ("CULT", "文化和旅游局", ("区文旅局",), ("use",)),
    ("CIV", "民政局", ("区民政局",), ("use",)),
    ("FIN", "财政局", ("区财政局",), ()),
    ("HR", "人力资源和社会保障局", ("区人社局",), ()),
    ("ORG", "委组织部", ("区委组织部",), ()),
    ("CYB", "委网络安全和信息化委员会办公室", ("区委网信办",), ()),
    ("FIRE", "消防救援大队", ("区消防救援大队", "区消防大队"), ("storage", "use")),
)
ENTERPRISES: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("青岚区蓝湾石化储运有限公司", 8, ("storage", "trade")),
    ("临澜青禾精细化工有限公司", 8, ("production", "storage")),
    ("青岚区云杉制药有限公司", 9, ("use", "storage")),
    ("青岚区望江加油站", 7, ("trade", "storage")),
    ("临澜平安危货运输有限公司", 6, ("transport",)),
    ("青岚区清源危废处置有限公司", 8, ("disposal",)),
    ("青岚区东湖气体充装站", 0, ("storage", "trade")),
    ("青岚区石桥自来水厂", 6, ("use", "storage")),
)
_SURNAMES = "甄尹纪冉荀佟边麦栾宓阮仇晏谭褚滕欧柯苗简"
_GIVEN = (
    "一鸣",
    "若谷",
    "子衿",
    "明远",
    "安然",
    "知行",
    "怀瑾",
    "思齐",
    "云舒",
    "景行",
    "乐山",
    "止水",
    "清和",
    "守正",
)


@dataclass
class DemoDistrict:
    """What the demo gives to the domains' parts: who is who, a seeded source of chance, and the day."""

    seed: int
    scale: int
    now: datetime
    chance: random.Random
    area: Area
    streets: list[Area] = field(default_factory=list)
    town_area: Area | None = None
    organisations: dict[str, Organisation] = field(default_factory=dict)
    towns: list[Organisation] = field(default_factory=list)
    villages: list[Organisation] = field(default_factory=list)
    enterprises: list[Organisation] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    house: Actor = field(default_factory=lambda: system_actor("demo"))
    _codes: int = 0

    def credit_code(self) -> str:
        """An invented credit code, each once: of a district that does not exist, with right check characters."""
        self._codes += 1
        body = f"MA00Q{self._codes:03d}"
        first = f"91{CODE}{body}{gb32100.organisation_check_character(body)}"
        return first + gb32100.check_character(first)

    def employ(self, username: str, name: str, organisation: Organisation, post: str, roles: tuple[str, ...]) -> None:
        """An account in an organisation, with the password of all accounts of the demo."""
        user = create_user(
            actor=self.house, username=username, name=name, password=None, must_change_password=False,
            now=self.born_at,
        )  # fmt: skip
        add_membership(
            actor=self.house, user=user, organisation=organisation, roles=roles, post=post, now=self.born_at
        )  # fmt: skip
        self.users[username] = user

    @property
    def born_at(self) -> datetime:
        """When the district began to work with the system: some fourteen months ago."""
        return self.now - timedelta(days=430)


@dataclass(frozen=True, slots=True)
class Account:
    """A demo account as the start prints it."""

    username: str
    password: str
    role: str
    organisation: str


#: User name, organisation key, post, roles.
_STAFF: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("leader", "GOV", "副区长", ("leader",)),
    ("office", "SCO", "安委办主任", ("office.director",)),
    ("officer", "SCO", "安委办干部", ("office.officer",)),
    ("officer2", "SCO", "安委办干部", ("office.officer",)),
    ("analyst", "SCO", "统计员", ("analyst",)),
    ("emb.head", "EMB", "局长", ("department.head",)),
    ("emb", "EMB", "危化科科长", ("department.officer",)),
    ("emb2", "EMB", "危化科科员", ("department.officer", "department.reporter")),
    ("sysadmin", "EMB", "信息中心", ("admin.system",)),
    ("secadmin", "EMB", "信息中心", ("admin.security",)),
    ("auditor", "EMB", "信息中心", ("admin.audit",)),
)


def accounts() -> list[Account]:
    """The accounts worth naming at the start: one of each role."""
    wanted = ("office", "officer", "leader", "emb.head", "emb", "trb", "street1", "town", "village1",
              "enterprise1.head", "enterprise1", "expert", "analyst", "sysadmin", "secadmin", "auditor")  # fmt: skip
    from quancheng.kernel.people.models import Membership

    places = (
        Membership.objects.current()
        .filter(user__username__in=wanted)
        .select_related("user", "organisation")
        .prefetch_related("roles")
    )
    by_name = {place.user.username: place for place in places}
    return [
        Account(
            name, PASSWORD, "、".join(role.name for role in by_name[name].roles.all()), by_name[name].organisation.name
        )
        for name in wanted
        if name in by_name
    ]


def load(*, seed: int = 1, scale: int = 1, now: datetime) -> None:
    """Fill an empty database with the demo district, all or nothing."""
    with transaction.atomic():
        district = _found(seed, scale, now)
        _organise(district)
        _staff(district)
        # Plans went to the enterprises that were known then; what the registry's census found came afterwards.
        for app in sorted(settings.DOMAIN_APPS, key=lambda one: not one.endswith(".duty")):
            if find_spec(f"{app}.demo"):
                import_module(f"{app}.demo").load(district)
        _give_passwords(district)
        for app in settings.DOMAIN_APPS if scale > 1 else ():
            if find_spec(f"{app}.scale"):
                import_module(f"{app}.scale").multiply(scale=scale, seed=seed)


def _found(seed: int, scale: int, now: datetime) -> DemoDistrict:
    house = system_actor("demo", *(duty.code for duty in duties.all_duties()))
    found_house(actor=house, kind="demo", district_code=CODE, district_name=DISTRICT, now=now)
    begin = now - timedelta(days=430)
    city = create_area(actor=house, name=CITY, level="city", now=begin)
    area = create_area(actor=house, name=DISTRICT, level="district", parent=city, code=CODE, is_home=True, now=begin)
    chance = random.Random(seed)  # noqa: S311 - a demo must be the same each time
    district = DemoDistrict(seed=seed, scale=scale, now=now, chance=chance, area=area, house=house)
    district.streets = [
        create_area(actor=house, name=f"{name}街道", level="street", parent=area, now=begin) for name in STREETS
    ]
    district.town_area = create_area(actor=house, name=TOWN, level="street", parent=area, now=begin)
    return district


def _organise(district: DemoDistrict) -> None:
    house, begin, area = district.house, district.born_at, district.area

    def make(key: str, name: str, kind: str, **more: object) -> Organisation:
        more.setdefault("area", area)
        made = create_organisation(actor=house, name=name, kind=kind, now=begin, **more)  # type: ignore[arg-type]
        district.organisations[key] = made
        return made

    government = make("GOV", f"{DISTRICT}人民政府", "government", supervises=True, general=True, aliases=("区政府",))
    committee = make("DSC", f"{DISTRICT}安全生产委员会", "committee", parent=government, supervises=True, general=True,
                     aliases=("区安委会",), document_word="青安")  # fmt: skip
    make("SCO", f"{DISTRICT}安全生产委员会办公室", "office", parent=committee, supervises=True, general=True,
         actor_code="SCO", short_name="区安委办", document_word="青安办",
         aliases=("区安委会办公室", "区安办", "区危化办", "危化办"))  # fmt: skip
    make("PARTY", f"中共{DISTRICT}委员会", "government", aliases=("区委",))
    for code, name, names, links in DEPARTMENTS:
        make(code, f"{DISTRICT}{name}", "department", actor_code=code, short_name=names[0], aliases=names, links=links,
             supervises=bool(links), parent=government, document_word=f"青{names[0][1:2]}")  # fmt: skip
    for number, (name, street) in enumerate(zip(STREETS, district.streets, strict=True), 1):
        district.towns.append(
            make(f"STREET{number}", f"{name}街道办事处", "town", area=street, supervises=True, general=True,
                 short_name=f"{name}街道", actor_code="TOWN", parent=government)
        )  # fmt: skip
    town = make("TOWN", f"{TOWN}人民政府", "town", area=district.town_area, supervises=True, general=True,
                short_name=TOWN, actor_code="TOWN", parent=government)  # fmt: skip
    district.towns.append(town)
    for number, name in enumerate(VILLAGES, 1):
        place = create_area(actor=house, name=name, level="village", parent=district.town_area, now=begin)
        committee_name = f"{TOWN}{name}{'居' if name.endswith('社区') else '村'}民委员会"
        district.villages.append(
            make(f"VILLAGE{number}", committee_name, "village", area=place, short_name=name, actor_code="VIL",
                 parent=town)
        )  # fmt: skip
    for number, (name, street_number, links) in enumerate(ENTERPRISES, 1):
        district.enterprises.append(
            make(f"ENT{number}", name, "enterprise", area=district.streets[street_number], links=links,
                 credit_code=district.credit_code())
        )  # fmt: skip
    make("AGY", "临澜衡安安全技术服务有限公司", "agency")
    _group(district)


def _group(district: DemoDistrict) -> None:
    supervising = [code for code, _name, _aliases, links in DEPARTMENTS if links]
    groups: tuple[tuple[str, tuple[str, ...], tuple[str, ...], list[str]], ...] = (
        ("各镇（街道）", ("各街道办事处", "各街道", "各镇街", "各街镇", "各镇街道", "各镇、街道"), ("town",), []),
        (
            "区级各有关部门",
            ("各有关部门", "区级有关部门", "各相关部门", "区直各相关单位", "各有关部门和单位", "区级各部门"),
            ("department",),
            [],
        ),
        (
            "负有危险化学品安全监管职责的部门",
            ("负有危险化学品安全监管责任的部门", "各监管部门"),
            ("department",),
            supervising,
        ),
        ("区安委会成员单位", ("各成员单位", "安委会成员单位", "成员单位"), ("department", "town"), []),
        (
            "全区危险化学品企业",
            ("各涉危单位、企业", "危险化学品企业", "各危险化学品企业", "相关企业", "各企业", "涉危企业"),
            ("enterprise",),
            [],
        ),
        ("各村（社区）", ("各村", "村（社区）", "各村（居）委会"), ("village",), []),
    )
    for name, aliases, kinds, codes in groups:
        create_group(
            actor=district.house, now=district.born_at, name=name, kinds=kinds, aliases=aliases, actor_codes=codes
        )


def _staff(district: DemoDistrict) -> None:
    names = _names(district.chance)
    rows = list(_STAFF)
    for code, _name, _aliases, _links in DEPARTMENTS:
        if code != "EMB":
            rows.append((code.lower(), code, "安全科科长", ("department.officer", "department.reporter")))
    chiefs = ("TRB", "PSB", "EEB", "MSB", "EDU")
    rows += [(f"{code.lower()}.head", code, "主要负责人", ("department.head",)) for code in chiefs]
    for number in range(1, len(STREETS) + 1):
        rows.append((f"street{number}", f"STREET{number}", "安全办主任", ("town.officer", "department.reporter")))
        if number <= 4:
            rows.append((f"street{number}.head", f"STREET{number}", "街道办主任", ("town.head",)))
    rows += [("town", "TOWN", "应急办主任", ("town.officer", "department.reporter")),
             ("town.head", "TOWN", "镇长", ("town.head",))]  # fmt: skip
    rows += [(f"village{number}", f"VILLAGE{number}", "网格员", ("village.officer",)) for number in range(1, 7)]
    for number in range(1, len(ENTERPRISES) + 1):
        rows.append((f"enterprise{number}", f"ENT{number}", "安全总监", ("enterprise.safety",)))
        rows.append((f"enterprise{number}.head", f"ENT{number}", "总经理", ("enterprise.head",)))
    rows += [("worker1", "ENT1", "班组长", ("enterprise.worker",)), ("expert", "AGY", "注册安全工程师", ("expert",))]
    for username, key, post, roles in rows:
        district.employ(username, next(names), district.organisations[key], post, roles)


def _give_passwords(district: DemoDistrict) -> None:
    # One hash for all: eighty runs of scrypt would be half of the start.
    everybody = [user.pk for user in district.users.values()]
    User.objects.filter(pk__in=everybody).update(password=make_password(PASSWORD))


def _names(chance: random.Random) -> Iterator[str]:
    """Invented names, each once."""
    seen: set[str] = set()
    while True:
        name = chance.choice(_SURNAMES) + chance.choice(_GIVEN)
        if name not in seen:
            seen.add(name)
            yield name
