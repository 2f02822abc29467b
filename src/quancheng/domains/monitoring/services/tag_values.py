"""What is written of a tag (监测点位), read and checked: units, limits, defaults of its kind, where it hangs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.queries.limits import exemption_of, legal_limits, moved
from quancheng.domains.monitoring.services.tag_detectors import DETECTOR_FIELDS, detector_faults
from quancheng.domains.monitoring.services.tag_pairs import PAIR_FIELDS, compared_faults, pair_faults
from quancheng.domains.registry.kinds import FacilityKind
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.errors import Text
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards import cas
from quancheng.standards.signals import gb50493, tags, units
from quancheng.standards.signals.basis import Problem, Refused

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{1,63}\Z")
LIMITS = ("ll", "l", "h", "hh")
FIELDS = (
    "name", "name_en", "unit_place", "facility", "place", "source", "key", "quota_code", "kind", "parameter", "unit",
    "medium", "range_lo", "range_hi", "scale", "shift", *LIMITS, "deadband", "on_delay_s", "off_delay_s", "roc_limit",
    "roc_window_s", *PAIR_FIELDS, "scan_s", "is_by_exception", "stale_after_s", "flat_after_s", "flat_within",
    "priority",
    "is_critical", "is_latched", "acks_itself", "first_out_group", "is_uploaded", "calibrated_until",
    *DETECTOR_FIELDS,
)  # fmt: skip
#: What is set apart from the rest of a tag: when it is an alarm.
LIMIT_FIELDS = (
    *LIMITS, "deadband", "on_delay_s", "off_delay_s", "roc_limit", "roc_window_s", *PAIR_FIELDS, "priority",
)  # fmt: skip
_TEXTS = {"name": 100, "name_en": 100, "place": 200, "key": 200, "quota_code": 40, "medium": 12, "first_out_group": 40}
#: In the tag's unit, so that they change with it: places on the scale, and widths of it.
_PLACES, _WIDTHS = ("range_lo", "range_hi", *LIMITS), ("deadband", "roc_limit", "flat_within", "apart_limit")
_NUMBERS = (*_PLACES, *_WIDTHS, "scale", "shift", "on_delay_s", "off_delay_s", "scan_s", "apart_delay_s", "travel_s")
_WHOLE = {"roc_window_s": 86_400, "stale_after_s": 31_536_000, "flat_after_s": 31_536_000, "priority": 4}
_FLAGS = ("is_by_exception", "is_critical", "is_latched", "acks_itself", "is_uploaded")
#: Kinds of facilities that are rooms, of which the air is measured.
_ROOMS = (FacilityKind.BAY, FacilityKind.CYLINDERS)
_OF_ROOM = {"temperature": "room_temperature", "pressure": "room_pressure"}
_NAMES = {"low": "range_lo", "high": "range_hi"}
_LONGEST_S = 86_400.0
#: Letters after ISA-5.1 with which a loop begins, by kind of tag; others have none of their own.
LETTERS = {
    "level": "L", "temperature": "T", "pressure": "P", "flow": "F", "flammable": "A", "toxic": "A", "oxygen": "A",
    "voc": "A", "analyser": "A", "humidity": "M", "electrical": "IE", "position": "Z", "speed": "S", "vibration": "V",
    "gas_imaging": "A", "acoustic_leak": "A", "discrete": "XZ",
}  # fmt: skip


@dataclass
class Checked:
    """What is written down of a tag, all of :data:`FIELDS` in base units, and what is wrong with it by field."""

    given: dict[str, Any]
    is_loosened: bool = False
    wrong: dict[str, Text] = field(default_factory=dict)


def code_hint(code: str, kind: str) -> str:
    """What is unusual about a code; empty where it follows ``site.unit.loop.attribute``. No reason to refuse it."""
    parts = code.split(".")
    if len(parts) < 4:
        return _("建议写作“企业.单元.回路.属性”，例如 JYZ001.G1.LT101.PV。")
    letters = LETTERS.get(kind, "")
    if letters and parts[2][:1].upper() not in letters:
        return _("回路编号通常以%(letter)s开头（ISA-5.1）。") % {"letter": letters[0]}
    return ""


def in_base_units(known: Mapping[str, Any], kind: str, medium: str, *, is_new: bool) -> dict[str, Any]:
    """The same with its numbers in the base unit of its dimension, where it tells a unit that is another.

    What the source sends is in the unit that is told, so ``scale`` and ``shift`` lead on from there, where they are
    told or the tag is new.

    :raises Refused: no unit of the kind, or one that needs to know the gas.
    """
    unit = (known.get("unit") or "").strip()
    if not unit or not kind:
        return dict(known)
    dimension = tags.dimension_of(kind, unit)
    gas = gb50493.gases().get(medium)
    found = units.conversion(unit, dimension, molar_mass=None if gas is None else gas.molar_mass)
    given = dict(known) | {"unit": found.base}
    if (found.factor, found.offset) == (1.0, 0.0):
        return given
    for name in _PLACES:
        if _is_number(given.get(name)):
            given[name] = _short(found.apply(float(given[name])))
    for name in _WIDTHS:
        if _is_number(given.get(name)):
            given[name] = _short(float(given[name]) * found.factor)
    scale, shift = known.get("scale"), known.get("shift")
    if not (is_new or ("scale" in known and "shift" in known)):
        return given
    if (scale is None or _is_number(scale)) and (shift is None or _is_number(shift)):
        given["scale"] = _short((1.0 if scale is None else float(scale)) * found.factor)
        given["shift"] = _short(found.apply(0.0 if shift is None else float(shift)))
    return given


def checked(
    file: Enterprise, known: Mapping[str, Any], row: Tag | None, *, today: date, judges_circles: bool = True
) -> Checked:
    """Read what is told of a tag of an enterprise.

    :param known: of :data:`FIELDS`; what is left out stands as in ``row``, of a new one it is empty. Numbers are in the
        unit that ``known`` tells; empty ones are the kind's usual.
    :param row: the tag that is changed; None for a new one. :param judges_circles: whether partners may lead back to it
        as they stand; the caller knows how they will stand.
    """
    stands = {} if row is None else {name: getattr(row, name) for name in FIELDS}
    kind = known.get("kind", stands.get("kind")) or ""
    medium = clean(str(known.get("medium", stands.get("medium")) or ""))
    medium = cas.read(medium).number if medium else ""
    result = Checked({})
    if kind not in tags.kinds():
        result.wrong["kind"] = _("请选择监测类型。")
        kind = ""
    if row is not None and row.kind == kind and not (known.get("unit") or "").strip():
        known = {name: value for name, value in known.items() if name != "unit"}
    try:
        known = in_base_units(known, kind, medium, is_new=row is None)
    except Refused as refused:
        result.wrong["unit"] = told(refused.text)
    result.given = {name: known.get(name, stands.get(name)) for name in FIELDS} | {"medium": medium}
    if kind and "unit" not in result.wrong and (unit := result.given["unit"]):
        try:
            tags.dimension_of(kind, unit)
        except Refused as refused:
            result.wrong["unit"] = told(refused.text)
    _texts(result)
    result.wrong |= detector_faults(result.given)
    _where(result, file)
    _plain(result)
    if not result.wrong:
        _usual(result.given, kind)
        _judge(result, row, today)
        result.wrong |= pair_faults(result.given, known, file=file, row=row if judges_circles else None)
        if row is not None:
            result.wrong |= compared_faults(result.given, row)
    return result


def _texts(result: Checked) -> None:
    for name, limit in _TEXTS.items():
        text = clean(str(result.given[name] or ""))
        result.given[name] = text
        if len(text) > limit:
            result.wrong[name] = _("最多%(count)s个字。") % {"count": limit}
    if not result.given["name"]:
        result.wrong["name"] = _("请填写名称。")
    if result.given["medium"] and not cas.read(result.given["medium"]).is_valid:
        result.wrong["medium"] = _("CAS号有误，形如 7782-50-5。")
    elif result.given["kind"] == "toxic" and not result.given["medium"]:
        result.wrong["medium"] = _("有毒气体须填写介质CAS号，限值由它而定。")
    result.given["parameter"] = result.given["parameter"] or ""
    if result.given["parameter"] not in ("", *tags.PARAMETERS):
        result.wrong["parameter"] = _("没有这个监测参数。")


def _where(result: Checked, file: Enterprise) -> None:
    facility, unit, source = (result.given[name] for name in ("facility", "unit_place", "source"))
    if facility is not None:
        if facility.unit.file_id != file.pk:
            result.wrong["facility"] = _("不是该企业的设施。")
        elif unit is not None and unit.pk != facility.unit_id:
            result.wrong["unit_place"] = _("所选设施不在这个单元内。")
        result.given["unit_place"] = facility.unit if unit is None else unit
    elif unit is not None and unit.file_id != file.pk:
        result.wrong["unit_place"] = _("不是该企业的单元。")
    if source is not None and source.file_id != file.pk:
        result.wrong["source"] = _("不是该企业的接入源。")
    if result.given["key"] and source is None:
        result.wrong["key"] = _("填写源内名称须先选择接入源。")


def _plain(result: Checked) -> None:
    """Numbers finite and in their bounds, flags yes or no."""
    for name in _NUMBERS:
        value = result.given[name]
        if value is None:
            continue
        if not _is_number(value):
            result.wrong[name] = _("应填写有限的数字。")
            continue
        result.given[name] = float(value)
    for name, most in _WHOLE.items():
        value = result.given[name]
        if value is None:
            continue
        if isinstance(value, bool) or value != int(value) or not 1 <= value <= most:
            result.wrong[name] = _("须为1至%(most)s的整数。") % {"most": most}
        else:
            result.given[name] = int(value)
    bounds: tuple[tuple[str, Callable[[float], bool], Text], ...] = (
        ("scale", lambda value: value != 0, _("系数不能为0。")),
        ("scan_s", lambda value: 0 < value <= _LONGEST_S, _("须大于0，不超过86400秒。")),
        ("on_delay_s", lambda value: 0 <= value <= _LONGEST_S, _("须在0至86400秒之间。")),
        ("off_delay_s", lambda value: 0 <= value <= _LONGEST_S, _("须在0至86400秒之间。")),
        ("flat_within", lambda value: value >= 0, _("不能为负。")),
    )
    for name, is_right, sentence in bounds:
        value = result.given[name]
        if value is not None and name not in result.wrong and not is_right(value):
            result.wrong[name] = sentence


def _usual(given: dict[str, Any], code: str) -> None:
    """Fill what was left empty from the kind."""
    kind = tags.kinds()[code]
    if not given["unit"]:
        given["unit"] = tags.units_of(code)[0]
    if given["scan_s"] is None:
        given["scan_s"] = kind.scan_s
    usual: dict[str, Any] = {
        "scale": 1.0, "shift": 0.0, "on_delay_s": kind.on_delay_s, "off_delay_s": kind.off_delay_s,
        "roc_window_s": 60, "priority": kind.priority, "is_critical": code in ("flammable", "toxic"),
        "is_by_exception": False, "is_uploaded": False, "is_latched": False, "acks_itself": False,
        "parameter": _parameter(given, code),
        "stale_after_s": math.ceil(tags.stale_after_s(given["scan_s"])),
    }  # fmt: skip
    for name, value in usual.items():
        if given[name] in (None, ""):
            given[name] = value
    if given["deadband"] is None:
        limits = tags.Limits(low=given["range_lo"], high=given["range_hi"], **{name: given[name] for name in LIMITS})
        given["deadband"] = _short(tags.usual_deadband(limits, kind.deadband_pct))


def _parameter(given: Mapping[str, Any], kind: str) -> str:
    if given["facility"] is not None and given["facility"].kind in _ROOMS and kind in _OF_ROOM:
        return _OF_ROOM[kind]
    return kind if kind in tags.PARAMETERS else ""


def _judge(result: Checked, row: Tag | None, today: date) -> None:
    given = result.given
    if given["acks_itself"] and given["priority"] < 3:
        result.wrong["acks_itself"] = _("优先级1、2的报警须由人确认。")
    limits = tags.Limits(
        low=given["range_lo"], high=given["range_hi"], **{name: given[name] for name in LIMITS},
        deadband=given["deadband"], on_delay_s=given["on_delay_s"], off_delay_s=given["off_delay_s"],
        roc_limit=given["roc_limit"], roc_window_s=given["roc_window_s"], stale_after_s=given["stale_after_s"],
    )  # fmt: skip
    for one in tags.problems(limits, kind=given["kind"]):
        result.wrong.setdefault(_NAMES.get(one.field, one.field), _sentence(one))
    legal = legal_limits(kind=given["kind"], unit=given["unit"], medium=given["medium"], range_hi=given["range_hi"])
    if legal is None:
        if given["kind"] == "toxic":
            for name in ("h", "hh"):
                if given[name] is None:
                    result.wrong.setdefault(name, _("有毒气体须设置高限和高高限。"))
        return
    exemption = None if row is None else exemption_of(row, today=today)
    for one in gb50493.may_set(limits, moved(legal, exemption)).problems:
        sentence = _("%(said)s（%(clause)s）") % {"said": _sentence(one), "clause": gb50493.CLAUSE}
        result.wrong.setdefault(one.field, sentence)
    result.is_loosened = not gb50493.may_set(limits, legal).may


def _sentence(problem: Problem) -> str:
    return told(problem.text)


def _is_number(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and math.isfinite(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def _short(value: float) -> float:
    """Without the noise of a conversion."""
    return float(f"{value:.12g}")
