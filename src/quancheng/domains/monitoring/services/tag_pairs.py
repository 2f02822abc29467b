"""What is written of a tag's partner (对照点位): another sensor, a set point, the command that it follows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import PartnerRole, Tag, TagStatus
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import Conflict, Text

PAIR_FIELDS = ("partner", "partner_as", "apart_limit", "apart_delay_s", "travel_s")
#: A chain of partners is followed so far; nobody compares more than two or three sensors.
_MOST = 10
_LONGEST_S = 86_400.0


def pair_faults(
    given: dict[str, Any], told: Mapping[str, Any], *, file: Enterprise, row: Tag | None
) -> dict[str, Text]:
    """What is wrong with a partner, by field; completes ``given``. Nothing that has no meaning is kept.

    :param given: all of a tag in base units, its kind and unit known. :param told: what was told now. :param row: to
        which the partners may not lead back; None: to none that is known yet.
    """
    partner, role = given["partner"], given["partner_as"] or ""
    given["apart_delay_s"] = given["apart_delay_s"] or 0.0
    if partner is None:
        if any(told.get(name) not in (None, "", 0) for name in PAIR_FIELDS):
            return {"partner": _("请选择对照点位。")}
        given |= {"partner_as": "", "apart_limit": None, "apart_delay_s": 0.0, "travel_s": None}
        return {}
    wrong: dict[str, Text] = {}
    if role not in PartnerRole.values:
        wrong["partner_as"] = _("请选择对照方式。")
    elif (role == PartnerRole.COMMAND) != (given["kind"] == "discrete"):
        wrong["partner_as"] = _("开关量与指令对照，其他点位与冗余仪表或设定值对照。")
    if said := _partner_fault(partner, given, file, row):
        wrong["partner"] = said
    is_command = role == PartnerRole.COMMAND
    unused = {"apart_limit": None, "apart_delay_s": 0.0} if is_command else {"travel_s": None}
    for name, none in unused.items():
        if told.get(name) not in (None, 0):
            wrong.setdefault(name, _("该对照方式不填此项。"))
        given[name] = none
    needed = "travel_s" if is_command else "apart_limit"
    if given[needed] is None or not 0 < given[needed] < math.inf:
        wrong.setdefault(needed, _("与对照点位比较须填写，且大于0。"))
    for name in ("travel_s", "apart_delay_s"):
        if given[name] is not None and not 0 <= given[name] <= _LONGEST_S:
            wrong.setdefault(name, _("须在0至86400秒之间。"))
    return wrong


def _partner_fault(partner: Tag, given: Mapping[str, Any], file: Enterprise, row: Tag | None) -> Text:
    if partner.file_id != file.pk:
        return _("不是该企业的点位。")
    if partner.status in (TagStatus.FOUND, TagStatus.ENDED):
        return _("对照点位须是已确认且未停用的点位。")
    if (partner.kind, partner.unit) != (given["kind"], given["unit"]):
        return _("对照点位须是同一监测类型、同一计量单位的点位。")
    if row is not None and _leads_to(partner, row):
        return _("对照点位不能是自身，也不能互相对照或成环。")
    return ""


def _leads_to(partner: Tag, row: Tag) -> bool:
    """Whether the partners of a partner end at a tag. Two that are saved in the same moment may still be each other's:
    then each is judged against the other, and both alarm."""
    key: Any = partner.pk
    for _step in range(_MOST):
        if key is None:
            return False
        if key == row.pk:
            return True
        key = Tag.objects.filter(pk=key).values_list("partner_id", flat=True).first()
    return True


def compared_faults(given: Mapping[str, Any], row: Tag) -> dict[str, Text]:
    """A tag with which others are compared stays of its kind and unit."""
    if (given["kind"], given["unit"]) == (row.kind, row.unit) or not is_compared(row):
        return {}
    said = _("有点位以它为对照，监测类型和计量单位不能修改。")
    return {"kind" if given["kind"] != row.kind else "unit": said}


def hold_pair(given: Mapping[str, Any], *, file: Enterprise, row: Tag | None) -> None:
    """Look again, in the caller's transaction, with both tags held: what was checked may have changed since.

    :raises Conflict: the partner ended or is another kind of tag now, or somebody was compared with this one.
    """
    partner = given["partner"]
    changes = row is not None and (given["kind"], given["unit"]) != (row.kind, row.unit)
    if partner is None and not changes:
        return
    # In the order of their keys, so that two who name each other do not wait for each other.
    both = [one.pk for one in (partner, row) if one is not None]
    held = {one.pk: one for one in Tag.objects.filter(pk__in=both).order_by("pk").select_for_update(no_key=True)}
    wrong = {} if row is None else compared_faults(given, row)
    if partner is not None:
        said = _partner_fault(held[partner.pk], given, file, row) if partner.pk in held else _("该对照点位已不存在。")
        wrong |= {"partner": said} if said else {}
    if wrong:
        raise Conflict(next(iter(wrong.values())), fields=wrong)


def is_compared(row: Tag) -> bool:
    """Whether a tag that has not ended names this one as its partner."""
    return _comparing(row).exists()


def _comparing(row: Tag) -> QuerySet[Tag]:
    return Tag.objects.filter(partner=row).exclude(status=TagStatus.ENDED)


def refuse_compared(row: Tag) -> None:
    """In the transaction that ends a tag: it is held, so that nobody names it meanwhile.

    :raises Conflict: others are compared with this tag, and would silently be compared with nothing.
    """
    Tag.objects.select_for_update(no_key=True).filter(pk=row.pk).values("pk").first()
    other = _comparing(row).order_by("code").first()
    if other is not None:
        raise Conflict(_("点位 %(code)s 以它为对照，请先修改那个点位。") % {"code": other.code})
