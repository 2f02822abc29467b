"""Keeping the library of accident cases (事故案例库): an office for all, an enterprise for itself."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import CaseChange, ItemMark, Kind, Medium, Permit, PermitAnalysis
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.cases import OWN, all_cases
from quancheng.domains.permits.queries.permits import MOST_STEPS, WORK, analysis_of
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.permits.services.preparing import analyse
from quancheng.domains.permits.services.setting import set_once
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean
from quancheng.kernel.once import once

_LIMITS = {
    "equipment": 120, "title": 120, "cause": 500, "lesson": 500, "hazard": 300, "measure": 300, "source": 200,
    "reason": 300,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as it is written. Numbers None: not sure."""

    code: str
    kinds: Collection[str]
    title: str
    cause: str
    lesson: str
    hazard: str
    measure: str
    source: str
    mark: str
    reason: str
    media: Collection[str] = ()
    equipment: str = ""
    year: int | None = None
    deaths: int | None = None
    injured: int | None = None
    is_on: bool = True


def set_case(
    *, actor: Actor, told: Case, now: datetime, file: Enterprise | None = None, client_id: uuid.UUID | None = None
) -> CaseChange:
    """Put a case into the library, write it anew or withdraw it.

    :param file: the enterprise that keeps it for itself; None: the office's library, for everybody.
    :raises Invalid: by field; a case that is not there is withdrawn. :raises NotPermitted: another's library.
    """
    if file is None:
        actor.require(RULES)
        scope: dict[str, Any] = {
            "owner_org_id": actor.organisation_id, "enterprise_id": None, "area_id": None, "links": [],
            "reach": "public",
        }  # fmt: skip
    else:
        require_own(actor, file, WORK)
        scope = file.row_scope()
    given = asdict(told) | {name: clean(getattr(told, name))[:limit] for name, limit in _LIMITS.items()}
    given |= {
        "code": clean(told.code).upper(), "kinds": sorted(set(told.kinds)), "media": sorted(set(told.media)),
    }  # fmt: skip
    wrong = _faults(given, now, is_own=file is not None)
    own = str(file.pk) if file is not None else ""
    if not wrong and not told.is_on and (given["code"], own) not in {
        (one.code, one.own) for one in all_cases(actor=actor)
    }:
        wrong["code"] = _("案例库中没有这个案例。")
    if wrong:
        raise Invalid(fields=wrong)
    return set_once(
        CaseChange, actor=actor, act="permits.case.set",
        given={**scope, **given, "file": file, "entered_by": actor.name[:130]},
        facts=given, now=now, client_id=client_id,
    )  # fmt: skip


def _faults(given: dict[str, Any], now: datetime, *, is_own: bool) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    if not re.fullmatch(r"[A-Z][A-Z0-9-]{1,19}", given["code"]) or given["code"].startswith(OWN) is not is_own:
        wrong["code"] = (
            _("本企业案例的代码以“Q-”开头，由大写字母、数字和连字符组成，至多20个。") if is_own
            else _("代码由2到20个大写字母、数字和连字符组成，以字母开头；“Q-”开头的留给企业自己的案例。")
        )  # fmt: skip
    if not given["kinds"] or set(given["kinds"]) - set(Kind.values):
        wrong["kinds"] = _("请选择作业类别。")
    if set(given["media"]) - set(Medium.values):
        wrong["media"] = _("没有这个选项。")
    if given["mark"] not in ItemMark.values:
        wrong["mark"] = _("没有这个选项。")
    for name in ("title", "cause", "lesson", "hazard", "measure", "source", "reason"):
        if not given[name]:
            wrong[name] = _("请填写此项。")
    if given["year"] is not None and not 1900 <= given["year"] <= now.year:
        wrong["year"] = _("年份应在1900年到今年之间。")
    for name in ("deaths", "injured"):
        if given[name] is not None and not 0 <= given[name] <= 100_000:
            wrong[name] = _("请填写人数。")
    return wrong


def into_analysis(
    *, actor: Actor, permit: Permit, step: str, hazard: str, measure: str, participants: Collection[str],
    now: datetime, client_id: uuid.UUID | None = None,
) -> PermitAnalysis:  # fmt: skip
    """Make a step of the analysis of hazards of a case: the newest analysis with that step behind the others. The same
    request again adds nothing.

    :raises Invalid: by field; a part is missing, the step is there already, there are too many, or nobody took part.
    """
    require_own(actor, permit.file, WORK)
    given = {name: clean(text)[:300] for name, text in (("step", step), ("hazard", hazard), ("measure", measure))}
    if missing := [name for name, text in given.items() if not text]:
        raise Invalid(fields={name: _("请填写此项。") for name in missing})

    def make() -> uuid.UUID:
        # Of two at once neither loses the other's step.
        Permit.objects.select_for_update(of=("self",), no_key=True).get(pk=permit.pk)
        newest = analysis_of(permit)
        before = list(newest.steps) if newest else []
        if given in before:
            raise Invalid(fields={"step": _("作业危害分析中已有这一步骤。")})
        if len(before) >= MOST_STEPS:
            raise Invalid(fields={"step": _("作业危害分析至多%(count)s步。") % {"count": MOST_STEPS}})
        made = analyse(actor=actor, permit=permit, steps=[*before, given], participants=participants, now=now)
        return made.pk

    body = {"permit": str(permit.pk), **given, "participants": sorted(participants)}
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.case.analyse", body=body, now=now, make=make)
    return PermitAnalysis.objects.get(pk=pk)
