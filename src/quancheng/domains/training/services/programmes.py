"""Programmes of education set by the district; who changed what and why is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.models import Employment, Programme, ProgrammeKind
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.queries.unified import FOUR_POSTS
from quancheng.domains.training.services.set_rows import add_row, change_row
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

_HOURS = ("first_hours", "plant_hours", "workshop_hours", "team_hours", "yearly_hours", "interval_hours")
_WORDS = ("kind", "name", "name_en", "basis", "mark")
_LISTS = ("roles", "except_roles", "employments", "kinds")
#: What of a programme may be changed; its code stays.
FIELDS = (
    *_WORDS, *_LISTS, *_HOURS, "interval_months", "within_days", "pass_mark", "needs_practice", "is_owed", "syllabus",
    "valid_from", "valid_to",
)  # fmt: skip
#: How codes of programmes are written.
PROGRAMME_CODE = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
_ACT = "training.programme"
MOST_HOURS, MOST_MONTHS, MOST_DAYS = 1000, 120, 730


def add_programme(
    *, actor: Actor, code: str, known: Mapping[str, Any], reason: str, now: datetime
) -> Programme:
    """Add a programme. :raises Invalid: by field. :raises Conflict: the code is taken."""
    actor.require(RULES)
    given = _checked(known, reason)
    return add_row(
        actor=actor, model=Programme, code=code, pattern=PROGRAMME_CODE, given=given, reason=reason, now=now, act=_ACT,
        written=_("代码写作小写字母、数字和连字符，以字母开头，最多40个字符。"),
    )  # fmt: skip


def change_programme(
    *, actor: Actor, programme: Programme, version: int, known: Mapping[str, Any], reason: str, now: datetime
) -> None:
    """Change a programme, or end it. Hours that people have done stay.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(RULES)
    given = _checked({name: known.get(name, getattr(programme, name)) for name in FIELDS}, reason)
    if programme.has_one_way(Calendar().local_date(now)):
        _keep_unified(programme, given)
    # What ships has words of its own in English; another basis takes them along.
    changed = {name: value for name, value in given.items() if getattr(programme, name) != value}
    if not changed:
        return
    if changed.get("needs_practice"):
        # Who is complete by then stays so; nobody is sent from his post by a tick.
        changed["practice_from"] = Calendar().local_date(now)
    if "basis" in changed:
        changed["basis_en"] = ""
    change_row(actor=actor, row=programme, version=version, changed=changed, reason=reason, now=now, act=_ACT)


def _keep_unified(programme: Programme, given: Mapping[str, Any]) -> None:
    """What one way is made of stays: its syllabus, its exam, and whom it is of. :raises Invalid: by field."""
    if not set(FOUR_POSTS) <= set(given["roles"]):
        raise Invalid(fields={"roles": _("该大纲实行四个统一，四类主要人员不能减少。")})
    wrong: dict[str, Text] = {}
    stays = _("该大纲实行四个统一，此项不能取消或缩小。")
    for name in ("syllabus", "pass_mark", "is_owed"):
        if not given[name]:
            wrong[name] = stays
    for name in ("kinds", "employments"):
        # None named is all.
        before, after = set(getattr(programme, name)), set(given[name])
        if after and (not before or before - after):
            wrong[name] = stays
    if set(given["except_roles"]) & set(FOUR_POSTS):
        wrong["except_roles"] = stays
    if wrong:
        raise Invalid(fields=wrong)


def _checked(known: Mapping[str, Any], reason: str) -> dict[str, Any]:
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name in _WORDS:
        given[name] = clean(given[name] or "")
    given["name_en"] = given["name_en"] or given["name"]
    given["syllabus"] = "\n".join(line for line in map(clean, (given["syllabus"] or "").splitlines()) if line)
    for name in (*_HOURS, "interval_months", "within_days"):
        given[name] = given[name] or 0
    for name in ("needs_practice", "is_owed"):
        given[name] = bool(given[name])
    for name in _LISTS:
        given[name] = sorted(set(given[name] or ()))
    wrong: dict[str, Text] = {}
    for name in ("name", "basis"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    roles = [one.code for one in list_roles()]
    for name, codes in (("kind", ProgrammeKind.values), ("mark", SourceMark.values)):
        if given[name] not in codes:
            wrong[name] = _("没有这个选项。")
    for name, codes in (("roles", roles), ("except_roles", roles), ("employments", Employment.values),
                        ("kinds", Kind.values)):  # fmt: skip
        if set(given[name]) - set(codes):
            wrong[name] = _("没有这个选项。")
    for name, most in (*((name, MOST_HOURS) for name in _HOURS), ("interval_months", MOST_MONTHS),
                       ("within_days", MOST_DAYS)):  # fmt: skip
        if not 0 <= given[name] <= most:
            wrong[name] = _("不能大于%(most)s。") % {"most": most}
    levels = given["plant_hours"] + given["workshop_hours"] + given["team_hours"]
    if levels and levels != given["first_hours"]:
        wrong["first_hours"] = _("三级学时合计为%(sum)s，与初次学时不一致。") % {"sum": levels}
    if given["pass_mark"] is not None and not 1 <= given["pass_mark"] <= 100:
        wrong["pass_mark"] = _("合格分数应为1至100。")
    if given["interval_hours"] and not given["interval_months"]:
        wrong["interval_months"] = _("请填写复训间隔。")
    if given["valid_from"] and given["valid_to"] and given["valid_to"] < given["valid_from"]:
        wrong["valid_to"] = _("停用日期不能早于启用日期。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    return given
