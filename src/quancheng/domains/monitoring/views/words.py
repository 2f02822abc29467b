"""How tags are shown: their kinds, states, limits, what happened to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import LimitEvent, LimitName, PastAlarm, Tag, TagStatus
from quancheng.domains.monitoring.queries.tags import changes_of
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import HistoryLine
from quancheng.kernel.pages.words import listed, told
from quancheng.standards.signals import hj212, payloads, tags

_ACTS: dict[str, Text] = {
    "monitoring.tag.enter": gettext_lazy("登记点位"),
    "monitoring.tag.find": gettext_lazy("由未登记名称建立待确认点位"),
    "monitoring.tag.confirm": gettext_lazy("确认点位"),
    "monitoring.tag.change": gettext_lazy("修改点位"),
    "monitoring.tag.limits": gettext_lazy("修改限值"),
    "monitoring.tag.service": gettext_lazy("转入检维修"),
    "monitoring.tag.return": gettext_lazy("恢复使用"),
    "monitoring.tag.end": gettext_lazy("停用点位"),
    "monitoring.tag.exempt": gettext_lazy("批准限值豁免"),
    "monitoring.tag.exempt_end": gettext_lazy("撤销限值豁免"),
}
_TONES = {TagStatus.FOUND: "active", TagStatus.LIVE: "done", TagStatus.SERVICE: "active", TagStatus.ENDED: "quiet"}


#: Why gateways and processors refuse, where no standard says it in words.
_REFUSALS: dict[str, Text] = {
    "topic": gettext_lazy("主题不属于该接入源"),
    "form": gettext_lazy("未选用的报文格式"),
    "FORM": gettext_lazy("不认识的报文格式"),
    "too_large": gettext_lazy("报文过大"),
    "over_limit": gettext_lazy("超过每秒点数上限"),
    "NODES": gettext_lazy("边缘节点过多（每个接入源最多64个）"),
    "over_quota": gettext_lazy("超过每日点数上限"),
    "not_kept": gettext_lazy("消息流未收下，由设备重发"),
    "gzip": gettext_lazy("压缩内容损坏"),
    "INTERNAL": gettext_lazy("平台程序出错"),
}


def reason(code: str) -> str:
    """Why a message was refused, in words; its code where nobody has any."""
    if code in _REFUSALS:
        return str(_REFUSALS[code])
    found = payloads.REASONS.get(code) or hj212.REASONS.get(code)
    return code if found is None else told(found)


def kind(code: str) -> str:
    """A kind of tag in words; empty of a found one."""
    found = tags.kinds().get(code)
    return "" if found is None else told(found.name)


def parameter(code: str) -> str:
    """What a tag monitors, in words."""
    found = tags.PARAMETERS.get(code)
    return "" if found is None else told(found)


def status(row: Tag) -> Any:
    """The state of a tag as a badge."""
    return marks.badge(row.get_status_display(), _TONES[TagStatus(row.status)])


def number(value: float | None, unit: str = "") -> str:
    """A value with its unit; nothing for none."""
    return "" if value is None else f"{value:.10g} {unit}".strip()


#: How units are written where they are read and not entered.
_SIGNS = {
    "Cel": "℃",
    "m3/h": "m³/h",
    "Nm3/h": "Nm³/h",
    "mg/m3": "mg/m³",
    "m/s2": "m/s²",
    "um": "µm",
    "1": "",
    "bool": "",
}


def sign(unit: str) -> str:
    """A unit as people write it."""
    return _SIGNS.get(unit, unit)


def reading(value: float, unit: str) -> str:
    """A value as pages show it, the same as ``values.js`` writes it: no more digits than an instrument has."""
    if not math.isfinite(value):
        return "—"
    if unit == "bool":
        return str(_("是")) if value else str(_("否"))
    places = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 else 3
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def quantity(value: float | None, unit: str) -> str:
    """A value with its unit as people write it; empty for none."""
    return "" if value is None else f"{reading(value, unit)} {sign(unit)}".strip()


def tag_name(row: Tag) -> str:
    """The name of a tag in the reader's language."""
    return row.name_en if get_language() == "en" and row.name_en else row.name


def split(row: Tag) -> str:
    """That a tag cannot be compared with its partner, and since when; empty where it can. What a device fills up for
    long is told alike: by arrival it is no other than a clock that is behind.
    """
    if row.split is None:
        return ""
    known = {
        "seconds": round(row.split.apart_ms / 1000), "at": f"{timezone.localtime(row.split.since_at):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    said = _("与对照点位的数据时间相差%(seconds)s秒（时钟不一致，或一方正在补传），自%(at)s起不能对照，不会报警")
    return said % known


def limit(code: str) -> str:
    """A limit in words; empty for none."""
    return str(LimitName(code).label) if code else ""


def limit_badge(row: LimitEvent | PastAlarm) -> Any:
    """Which limit was passed, as a badge; the outer ones stand out."""
    return marks.badge(row.get_limit_display(), "active" if row.limit in ("LL", "HH") else "plain")


def limits(row: Tag) -> str:
    """The limits of a tag in a line; empty for none."""
    named = zip(("LL", "L", "H", "HH"), row.limits, strict=True)
    return "，".join(f"{limit(code)} {quantity(value, row.unit)}" for code, value in named if value is not None)


#: The warning colour of a single tag by the limit that stands [D]: the operational colours of the standards.
COLOURS = {"HH": "orange", "LL": "orange", "H": "blue", "L": "blue"}


def span(row: Tag) -> str:
    """From where to where a tag tells."""
    if row.range_lo is None and row.range_hi is None:
        return ""
    return f"{number(row.range_lo) or '…'} – {number(row.range_hi, row.unit) or '…'}"


def history(row: Tag) -> list[HistoryLine]:
    """What was done with a tag, from the journal."""
    return [
        HistoryLine(at=one.at, who=one.who, what=str(_ACTS.get(one.act, one.act)), note=_changed(one.facts))
        for one in changes_of(row)
    ]


def _changed(facts: Mapping[str, Any]) -> str:
    before, after = facts.get("before"), facts.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _("；").join(
            f"{_label(name)}：{_value(before.get(name))} → {_value(value)}" for name, value in after.items()
        )
    return listed(str(facts[name]) for name in ("reason", "document_no", "key") if facts.get(name))


def _label(name: str) -> str:
    return str(Tag._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return "—" if value in (None, "") else str(value)
