"""How many people of a post law makes units employ: set by the district, ended, never worded anew."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.training.models import RoleRequirement, StaffQuota
from quancheng.domains.training.models.certificates import SourceMark
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.services.programmes import PROGRAMME_CODE
from quancheng.domains.training.services.set_rows import add_row, change_row
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, StaleState, Text
from quancheng.kernel.names import clean

MOST_PEOPLE = 1000
_ACT = "training.quota"


def add_quota(*, actor: Actor, code: str, known: Mapping[str, Any], reason: str, now: datetime) -> StaffQuota:
    """Set a quota. :param known: role, kinds, least, share_percent, staff_over, basis, mark, valid_from.

    :raises Invalid: by field. :raises Conflict: the code is taken.
    """
    actor.require(RULES)
    given = {"role_id": known["role"].pk, **{name: known.get(name) for name in ("kinds", "mark", "valid_from")}}
    given |= {name: known.get(name) or 0 for name in ("least", "share_percent", "staff_over")}
    given["basis"] = clean(known.get("basis") or "")
    wrong: dict[str, Text] = {}
    if not given["kinds"] or set(given["kinds"]) - set(Kind.values):
        wrong["kinds"] = _("请选择适用企业类别。")
    if not given["least"] and not given["share_percent"]:
        wrong["least"] = _("请填写至少人数或比例。")
    elif given["least"] > MOST_PEOPLE:
        wrong["least"] = _("不能大于%(most)s。") % {"most": MOST_PEOPLE}
    if given["share_percent"] > 100:
        wrong["share_percent"] = _("不能大于%(most)s。") % {"most": 100}
    if given["mark"] not in SourceMark.values:
        wrong["mark"] = _("没有这个选项。")
    proofs = RoleRequirement.objects.on(Calendar().local_date(now))
    if not proofs.filter(role=known["role"], certificate__isnull=False).exists():
        # Who holds it is counted by certificates; without one every unit would lack for ever.
        wrong["role"] = _("该岗位没有证书要求，不能按有效证书统计配备。")
    for name, value in (("basis", given["basis"]), ("reason", clean(reason))):
        if not value:
            wrong[name] = _("请填写此项。")
    if wrong:
        raise Invalid(fields=wrong)
    return add_row(
        actor=actor, model=StaffQuota, code=code, pattern=PROGRAMME_CODE, given=given, reason=reason, now=now, act=_ACT,
        written=_("代码写作小写字母、数字和连字符，以字母开头，最多40个字符。"),
    )  # fmt: skip


def end_quota(
    *, actor: Actor, quota: StaffQuota, version: int, valid_to: date, reason: str, now: datetime
) -> None:
    """Let a quota count to a day, and no longer. :raises Invalid: by field. :raises StaleState: changed, or ended."""
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if quota.valid_from is not None and valid_to < quota.valid_from:
        wrong["valid_to"] = _("停用日期不能早于启用日期。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    if quota.valid_to is not None:
        raise StaleState(_("该配备标准已停用。"))
    changed = {"valid_to": valid_to}
    change_row(actor=actor, row=quota, version=version, changed=changed, reason=reason, now=now, act=_ACT)
