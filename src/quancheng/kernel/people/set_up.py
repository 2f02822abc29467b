"""The first set-up (初始化) of a real house: a token from the console, a draft kept step by step, then all in one act.

Nobody can sign in before it; who holds the token decides. Once the house is founded the token is worth nothing.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.kernel.access import duties
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.areas import fetching
from quancheng.kernel.areas.divisions import Division
from quancheng.kernel.areas.importing import import_divisions
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.services import create_area
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.house.models import REAL
from quancheng.kernel.house.queries import the_house
from quancheng.kernel.house.services import found_house
from quancheng.kernel.names import clean
from quancheng.kernel.people import passwords, services
from quancheng.kernel.people.models import LINKS, Organisation, SetUpDraft, SignInPolicy, User

TOKEN_LASTS = timedelta(hours=24)
DEPARTMENTS = Path(__file__).parent / "data" / "departments.csv"
STEPS = ("district", "towns", "departments", "people")
#: The first four accounts: key, role, and where they sit.
ACCOUNTS = (
    ("system", "admin.system"),
    ("security", "admin.security"),
    ("audit", "admin.audit"),
    ("director", "office.director"),
)


@dataclass(frozen=True, slots=True)
class FirstAccount:
    """One of the first accounts with its password, which is told once."""

    role: str
    name: str
    username: str
    password: str


# The token --------------------------------------------------------------------------------------------------------


def is_unborn() -> bool:
    """Nobody has founded the house yet, and nobody could sign in."""
    return the_house() is None and not User.objects.exists()


def issue_token(*, now: datetime) -> str:
    """A new token for the console to print; the former one is worth nothing any more, the draft stays.

    :raises Conflict: the house stands already.
    """
    if not is_unborn():
        raise Conflict(_("系统已完成初始化。"))
    token = secrets.token_urlsafe(24)
    changes = {"token_digest": _digest(token), "token_until": now + TOKEN_LASTS, "updated_at": now}
    SetUpDraft.objects.update_or_create(pk=1, defaults=changes)
    return token


def take_token(*, token: str, now: datetime) -> str:
    """Change the printed token for the secret of one browser; the printed one does not work a second time.

    :raises NotPermitted: unknown, used, too old, or the house stands already.
    """
    secret = secrets.token_urlsafe(24)
    won = is_unborn() and SetUpDraft.objects.filter(pk=1, token_digest=_digest(token), token_until__gt=now).update(
        token_digest=_digest(secret), updated_at=now
    )
    if not won:
        raise NotPermitted(_("该初始化地址无效、已使用或已过期，请重新启动程序以获得新的地址。"), code="set_up_token")
    return secret


def open_draft(*, secret: str, now: datetime) -> SetUpDraft:
    """The draft, for the browser that holds its secret. :raises NotPermitted: for every other."""
    draft = SetUpDraft.objects.filter(pk=1, token_until__gt=now).first()
    if draft is None or not hmac.compare_digest(draft.token_digest, _digest(secret)) or not is_unborn():
        raise NotPermitted(_("请使用启动程序时显示的初始化地址。"), code="set_up_token")
    return draft


def keep_step(*, secret: str, step: str, given: Mapping[str, Any], now: datetime) -> None:
    """Keep one step of the draft; a change of district makes the steps after it begin anew."""
    if step not in STEPS:
        raise ValueError(f"no such step: {step}")
    with transaction.atomic():
        open_draft(secret=secret, now=now)
        draft = SetUpDraft.objects.select_for_update(no_key=True).get(pk=1)
        steps = dict(draft.steps)
        if step == "district" and steps.get("district", {}).get("code") != given.get("code"):
            steps = {}
        steps[step] = dict(given)
        SetUpDraft.objects.filter(pk=1).update(steps=steps, updated_at=now)


# What is proposed -------------------------------------------------------------------------------------------------


def check_district(*, code: str, name: str, full_name: str = "") -> dict[str, str]:
    """The district as the draft keeps it. :raises Invalid: code or name."""
    wrong = {}
    code, name = clean(code), clean(name)
    if not re.fullmatch(r"\d{6}", code, re.ASCII):
        wrong["code"] = _("区县代码是6位数字。")
    if not 2 <= len(name) <= 40 or name[-1] not in "区县市旗":
        wrong["name"] = _("请填写区县全名，以区、县、市或旗结尾。")
    if wrong:
        raise Invalid(fields=wrong)
    return {"code": code, "name": name, "full_name": clean(full_name)[:120] or name}


def proposed_towns(divisions: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Streets and towns of the data with the name of the authority that each has."""
    return [
        {"code": each["code"], "area": each["name"], "name": authority_of(each["name"])}
        for each in divisions
        if len(each["code"]) == 9
    ]


def authority_of(area: str) -> str:
    """A street has an office, a town or township a government, a zone a committee."""
    if area.endswith("街道"):
        return f"{area}办事处"
    if area.endswith("街道办事处") or area.endswith("委员会"):
        return area
    return f"{area}人民政府" if area.endswith(("镇", "乡")) else f"{area}管理委员会"


def proposed_departments(district: str) -> list[dict[str, Any]]:
    """The usual departments of a district under its name; which to keep is for its people to say."""
    mark = district[-1]
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        return [
            {
                "code": row["code"],
                "kind": row["kind"],
                "name": f"{district}{row['name']}",
                "short": f"{mark}{row['short']}",
                "links": row["links"].split(),
                "general": row["general"] == "1",
                "chosen": row["chosen"] == "1",
            }
            for row in csv.DictReader(file)
        ]


def divisions_of(steps: Mapping[str, Any]) -> list[Division]:
    """Every division of the chosen district: as fetched, as handed in, or as typed."""
    district = steps["district"]
    if rows := district.get("rows"):
        return [Division(row["code"], row["name"]) for row in rows]
    if district.get("source") == "fetched":
        return fetching.fetched().under(district["code"])
    return []


# Founding ---------------------------------------------------------------------------------------------------------


def found(*, secret: str, now: datetime) -> list[FirstAccount]:
    """Make the whole house of the draft in one transaction: divisions, organisations, names for many, first accounts.

    :raises Invalid: a step is missing. :raises Conflict: two of the same name.
    """
    keeper = system_actor("set_up", *(duty.code for duty in duties.all_duties()))
    with transaction.atomic():
        draft = open_draft(secret=secret, now=now)
        steps = SetUpDraft.objects.select_for_update().get(pk=draft.pk).steps
        if missing := [step for step in STEPS if step not in steps]:
            raise Invalid(_("还有步骤没有完成。"), code="steps_missing", fields={step: step for step in missing})
        district = steps["district"]
        found_house(actor=keeper, kind=REAL, district_code=district["code"], district_name=district["name"], now=now)
        home, streets = _areas(keeper, steps, now)
        office = _organisations(keeper, steps, home, streets, now)
        _groups(keeper, home.name[-1], now)
        SignInPolicy.objects.update_or_create(pk=1, defaults={"second_factor": "administrators", "updated_at": now})
        made = _accounts(keeper, steps["people"], office, now)
        SetUpDraft.objects.filter(pk=1).delete()
    return made


def _areas(actor: Actor, steps: Mapping[str, Any], now: datetime) -> tuple[Area, dict[str, Area]]:
    """The home district, and its streets by name."""
    district = steps["district"]
    divisions = divisions_of(steps)
    if divisions:
        if not any(one.code == district["code"] for one in divisions):
            divisions = [Division(district["code"], district["name"]), *divisions]
        home = import_divisions(
            actor=actor, district_code=district["code"], divisions=divisions, source=district["source"], now=now
        ).home
    else:
        home = create_area(
            actor=actor, name=district["name"], level="district", code=district["code"], is_home=True, now=now
        )
    streets = {area.name: area for area in Area.objects.filter(parent=home)}
    for town in steps["towns"]["rows"]:
        if town["area"] not in streets:
            streets[town["area"]] = create_area(
                actor=actor, name=town["area"], level="street", parent=home, code=town.get("code", ""), now=now
            )
    return home, streets


def _organisations(
    actor: Actor, steps: Mapping[str, Any], home: Area, streets: Mapping[str, Area], now: datetime
) -> Organisation:
    """Government, committee with its office, departments, towns; returns the office."""
    name, mark = home.name, home.name[-1]

    def make(full: str, kind: str, area: Area = home, **more: Any) -> Organisation:
        return services.create_organisation(actor=actor, name=full, kind=kind, area=area, now=now, **more)

    government = make(f"{name}人民政府", "government", short_name=f"{mark}政府")
    committee = make(
        f"{name}安全生产委员会", "committee", short_name=f"{mark}安委会", parent=government, actor_code="DSC",
        supervises=True, general=True, aliases=[f"{mark}安全生产委员会"],
    )  # fmt: skip
    office = make(
        f"{name}安全生产委员会办公室", "office", short_name=f"{mark}安委办", parent=committee, actor_code="SCO",
        supervises=True, general=True, document_word=f"{name[:-1][:1]}安办",
        aliases=[f"{mark}安委会办公室", f"{mark}安全生产委员会办公室"],
    )  # fmt: skip
    for row in steps["departments"]["rows"]:
        make(
            row["name"], row["kind"], short_name=row["short"], parent=government, actor_code=row["code"],
            links=[code for code, _label in LINKS if code in row["links"]], general=row["general"],
            supervises=row["kind"] == "department",
            aliases=[row["short"], row["name"].replace(name, mark, 1)],
        )  # fmt: skip
    for row in steps["towns"]["rows"]:
        make(
            row["name"], "town", streets[row["area"]], short_name=row["area"], parent=government,
            actor_code="TOWN", supervises=True, general=True, aliases=[row["area"]],
        )  # fmt: skip
    return office


def _groups(actor: Actor, mark: str, now: datetime) -> None:
    """The names for many that nearly every document uses."""
    many: tuple[tuple[str, list[str], list[str]], ...] = (
        (
            "各镇（街道）",
            ["各镇街", "各街道（镇）", "各街道办事处", "各镇人民政府", "各街镇", "各乡镇（街道）"],
            ["town"],
        ),
        (f"{mark}级有关部门", ["各有关部门", f"{mark}级各部门", f"{mark}直有关部门"], ["department"]),
        (f"{mark}安委会成员单位", ["各成员单位", f"{mark}安委会各成员单位"], ["department", "town"]),
    )
    for name, aliases, kinds in many:
        services.create_group(actor=actor, name=name, aliases=aliases, kinds=kinds, now=now)


def _accounts(
    actor: Actor, people: Mapping[str, Mapping[str, str]], office: Organisation, now: datetime
) -> list[FirstAccount]:
    made = []
    for key, role in ACCOUNTS:
        given, password = people[key], passwords.initial_password()
        user = services.create_user(
            actor=actor, username=given["username"], name=given["name"], password=password, now=now
        )
        services.add_membership(actor=actor, user=user, organisation=office, roles=[role], now=now)
        made.append(FirstAccount(role, user.name, user.username, password))
    return made


def check_people(given: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """The first accounts: four persons, none of them twice.

    :raises Invalid: a name is missing, or two accounts share a user name or a person (三员分立).
    """
    people, wrong = {}, {}
    for key, _role in ACCOUNTS:
        person = {field: clean(given.get(key, {}).get(field, ""))[:60] for field in ("name", "username")}
        people[key] = person
        wrong.update({f"{key}_{field}": _("请填写此项。") for field, text in person.items() if not text})
    for field, said in (("username", _("用户名不能重复。")), ("name", _("三类管理员和主任须由不同人员担任。"))):
        seen: set[str] = set()
        for key, person in people.items():
            text = person[field].lower()
            if text and text in seen:
                wrong.setdefault(f"{key}_{field}", said)
            seen.add(text)
    if wrong:
        raise Invalid(fields=wrong)
    return people


def check_rows(rows: Sequence[Mapping[str, Any]], *, field: str) -> list[dict[str, Any]]:
    """Towns or departments: names given, none twice. :raises Invalid: naming the line."""
    kept: list[dict[str, Any]] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        name = clean(str(row["name"]))
        where = _("第 %(number)s 行：") % {"number": number}
        if not name or len(name) > 120:
            raise Invalid(fields={field: where + _("请填写单位全称，不超过120个字。")})
        if name in seen:
            raise Invalid(fields={field: where + _("已有同名单位。")})
        seen.add(name)
        kept.append({**row, "name": name})
    if not kept:
        raise Invalid(fields={field: _("请至少填写一行。")})
    return kept


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
