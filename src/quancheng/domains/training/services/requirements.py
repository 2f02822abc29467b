"""Roles and what they require, set by the district; who changed what and why is in the journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Applies, RequirementKind, RoleRequirement, WorkRole
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.persons import limit_names
from quancheng.domains.training.services.set_rows import add_row, change_row, note
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.ids import uuid7
from quancheng.kernel.names import clean

#: How codes of roles are written.
ROLE_CODE = r"[a-z][a-z0-9_]*"
MOST_HOURS, MOST_MONTHS = 1000, 24


def add_role(
    *, actor: Actor, code: str, name: str, name_en: str, is_task_only: bool, barred_by: Sequence[str], reason: str,
    now: datetime,
) -> WorkRole:  # fmt: skip
    """Add a role. :raises Invalid: by field. :raises Conflict: the code is taken."""
    actor.require(RULES)
    given = _checked_role(name, name_en, barred_by, reason)
    return add_row(
        actor=actor, model=WorkRole, code=code, pattern=ROLE_CODE, reason=reason, now=now, act="training.role",
        given={**given, "is_task_only": is_task_only, "mark": SourceMark.DEFAULT},
        written=_("代码写作小写字母、数字和下划线，以字母开头，最多40个字符。"),
    )  # fmt: skip


def change_role(
    *, actor: Actor, role: WorkRole, version: int, name: str, name_en: str, barred_by: Sequence[str],
    valid_to: date | None, reason: str, now: datetime,
) -> None:  # fmt: skip
    """Word a role anew, say which health limits bar it, or end it.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(RULES)
    given = {**_checked_role(name, name_en, barred_by, reason), "valid_to": valid_to}
    change_row(actor=actor, row=role, version=version, changed=given, reason=reason, now=now, act="training.role")


def add_requirement(
    *, actor: Actor, role: WorkRole, known: Mapping[str, Any], reason: str, now: datetime
) -> RoleRequirement:
    """Require one thing more of a role, or offer another that suffices (the same ``alternative``).

    :param known: ``kind``, ``alternative``, and what the kind asks for.
    :raises Invalid: by field.
    """
    actor.require(RULES)
    given = _checked(known, reason)
    key = uuid7()
    with transaction.atomic():
        made = RoleRequirement.objects.create(
            id=key, code=f"{role.code}-{key}"[:60], role=role, mark=SourceMark.DEFAULT, changed_at=now, **given
        )
        plain = {name: str(value) for name, value in given.items() if value not in (None, "", [])}
        note(actor, "training.requirement.add", role, {**plain, "reason": clean(reason)}, now)
    return made


def end_requirement(
    *, actor: Actor, requirement: RoleRequirement, valid_to: date, reason: str, now: datetime
) -> None:
    """A requirement counts no more after a day; the row stays, for what was judged by it.

    :raises Invalid: a day that is past, no reason. :raises StaleState: it ended already.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if valid_to < Calendar().local_date(now):
        wrong["valid_to"] = _("停用日期不能早于今天。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        rows = RoleRequirement.objects.filter(pk=requirement.pk, valid_to__isnull=True)
        if not rows.update(valid_to=valid_to, changed_at=now):
            raise StaleState
        facts = {"requirement": requirement.code, "to": valid_to, "reason": clean(reason)}
        note(actor, "training.requirement.end", requirement.role, facts, now)


def _checked_role(name: str, name_en: str, barred_by: Sequence[str], reason: str) -> dict[str, Any]:
    wrong: dict[str, Text] = {}
    if not clean(name):
        wrong["name"] = _("请填写名称。")
    if set(barred_by) - set(limit_names()):
        wrong["barred_by"] = _("没有这个选项。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "name": clean(name)[:80], "name_en": (clean(name_en) or clean(name))[:120], "barred_by": sorted(set(barred_by))
    }  # fmt: skip


def _checked(known: Mapping[str, Any], reason: str) -> dict[str, Any]:
    kind = known.get("kind") or ""
    given: dict[str, Any] = {
        "kind": kind, "alternative": known.get("alternative") or 1,
        "is_strict": bool(known.get("is_strict")), "applies": known.get("applies") or Applies.ALWAYS,
        "grace_months": known.get("grace_months") or 0, "posted_since": known.get("posted_since"),
        "valid_from": known.get("valid_from"), "basis": clean(known.get("basis") or "")[:200],
    }  # fmt: skip
    of_kind: dict[str, tuple[str, ...]] = {
        RequirementKind.CERTIFICATE: ("certificate",),
        RequirementKind.EDUCATION: ("min_education", "major_fields", "min_title"),
        RequirementKind.AGE: ("min_age", "max_age"),
        RequirementKind.HOURS: ("hours",),
    }
    wrong: dict[str, Text] = {}
    if kind not in of_kind:
        raise Invalid(fields={"kind": _("没有这个选项。")})
    told = {name: known[name] for name in of_kind[kind] if known.get(name) not in (None, "", [])}
    if not told or set(told) == {"major_fields"}:
        wrong[of_kind[kind][0]] = _("请填写此项。")
    if not given["basis"]:
        wrong["basis"] = _("请写明依据。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    for name, most in (("hours", MOST_HOURS), ("grace_months", MOST_MONTHS), ("alternative", 99)):
        if (told.get(name) or given.get(name) or 0) > most:
            wrong[name] = _("不能大于%(most)s。") % {"most": most}
    if wrong:
        raise Invalid(fields=wrong)
    return {**given, **told}
