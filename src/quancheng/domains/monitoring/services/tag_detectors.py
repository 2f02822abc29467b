"""What is written of a detector that is carried or calibrated (便携式、标定气体), and where a tag hangs."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.errors import Text
from quancheng.kernel.names import clean
from quancheng.standards import cas
from quancheng.standards.gb30871.gases import gas_named

DETECTOR_FIELDS = ("is_portable", "calibration_gas", "corrections", "lon", "lat")
#: Kinds that may be carried to where somebody works.
CARRIED = ("flammable", "toxic", "oxygen")
#: A factor beyond this is a slip of the hand; what the rules of gas analysis take as one.
_LEAST, _MOST = 0.01, 100.0
_MOST_GASES = 40
_BETWEEN, _IS = re.compile(r"[;；,，\n]+"), re.compile(r"[=＝:：]")


def corrections_said(factors: Mapping[str, float]) -> str:
    """Factors as people write them: ``74-98-6=1.6；71-43-2=2.3``."""
    return "；".join(f"{gas}={factor:g}" for gas, factor in sorted(factors.items()))


def detector_faults(given: dict[str, Any]) -> dict[str, Text]:
    """What is wrong with what is told of a detector, by field; completes ``given``.

    :param given: all of a tag; ``corrections`` as a mapping, or as somebody wrote it.
    """
    wrong: dict[str, Text] = {}
    given["is_portable"] = bool(given["is_portable"])
    if given["is_portable"] and given["kind"] not in CARRIED:
        wrong["is_portable"] = _("只有可燃气体、有毒气体和氧气的点位可以是便携式。")
    elif given["is_portable"] and given["facility"] is not None:
        # Else what guards a facility would stop no work there any more, and still count as its detector.
        wrong["is_portable"] = _("便携式检测仪不装在设施上，请清除关联设施；固定安装的不能勾选。")
    text = clean(str(given["calibration_gas"] or ""))
    given["calibration_gas"] = _gas(text) if text else ""
    if text and not given["calibration_gas"]:
        wrong["calibration_gas"] = _("没有这种气体，请填写名称或CAS号，例如 74-82-8。")
    try:
        given["corrections"] = _factors(given["corrections"])
    except ValueError as bad:
        given["corrections"] = {}
        wrong["corrections"] = str(bad)
    if given["kind"] not in ("flammable", ""):
        for name in ("calibration_gas", "corrections"):
            if given[name]:
                wrong.setdefault(name, _("只有可燃气体点位填写此项。"))
    elif given["corrections"] and not given["calibration_gas"]:
        wrong.setdefault("calibration_gas", _("填写修正系数须同时填写标定气体（GB 30871-2022，5.3.2）。"))
    return wrong | _point_faults(given)


def _point_faults(given: dict[str, Any]) -> dict[str, Text]:
    found: dict[str, Text] = {}
    for name, most in (("lon", 180), ("lat", 90)):
        value = given[name]
        try:
            given[name] = None if value is None else float(value)
        except (TypeError, ValueError):
            given[name] = math.nan
        if given[name] is not None and not -most <= given[name] <= most:
            found[name] = _("须在-%(most)s至%(most)s之间。") % {"most": most}
    if (given["lon"] is None) is not (given["lat"] is None):
        found.setdefault("lat" if given["lat"] is None else "lon", _("经度和纬度须同时填写。"))
    return found


def _gas(text: str) -> str:
    """The CAS number of a gas by what somebody called it; empty where there is none such."""
    known = gas_named(text)
    if known is not None and known.cas:
        return known.cas
    found = cas.read(text)
    return found.number[:12] if found.is_valid else ""


def _factors(told: Any) -> dict[str, float]:
    """Factors by CAS number. :raises ValueError: with the sentence for people."""
    if not told:
        return {}
    pairs: list[tuple[str, Any]]
    if isinstance(told, Mapping):
        pairs = [(str(gas), factor) for gas, factor in told.items()]
    else:
        parts = [_IS.split(one, maxsplit=1) for one in _BETWEEN.split(str(told)) if one.strip()]
        if any(len(one) != 2 for one in parts):
            raise ValueError(_("修正系数写作“气体=系数”，几种气体用分号隔开，例如 74-98-6=1.6；71-43-2=2.3。"))
        pairs = [(gas.strip(), factor.strip()) for gas, factor in parts]
    if len(pairs) > _MOST_GASES:
        raise ValueError(_("最多%(count)s种气体。") % {"count": _MOST_GASES})
    found = {}
    for gas, factor in pairs:
        number = _gas(clean(gas))
        if not number:
            raise ValueError(_("没有“%(gas)s”这种气体，请填写名称或CAS号。") % {"gas": gas[:40]})
        try:
            value = math.nan if isinstance(factor, bool) else float(factor)
        except (TypeError, ValueError):
            value = math.nan
        if not _LEAST <= value <= _MOST:
            raise ValueError(_("%(gas)s的修正系数须在0.01至100之间。") % {"gas": gas[:40]})
        found[number] = value
    return found
