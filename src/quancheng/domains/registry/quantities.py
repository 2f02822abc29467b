"""Quantities as people write them (数量): a number with its unit, to tonnes; no guess where the unit is missing."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from quancheng.kernel.errors import Invalid

#: Unit to tonnes (mass) or cubic metres (volume).
_MASS = {"t": Decimal(1), "吨": Decimal(1), "kg": Decimal("0.001"), "千克": Decimal("0.001"), "公斤": Decimal("0.001"),
         "g": Decimal("0.000001"), "克": Decimal("0.000001")}  # fmt: skip
_VOLUME = {"m3": Decimal(1), "m³": Decimal(1), "立方米": Decimal(1), "方": Decimal(1), "l": Decimal("0.001"),
           "升": Decimal("0.001"), "ml": Decimal("0.000001"), "毫升": Decimal("0.000001")}  # fmt: skip
_SHAPE = re.compile(r"^([+-]?[\d.,，]+)\s*(\D.*)?$")
#: Nothing in a district holds more than ten million tonnes.
LARGEST_T = Decimal(10_000_000)
#: A gram: columns keep no less.
SMALLEST_T = Decimal("0.000001")


def tonnes(text: str, *, density: Decimal | None = None, field: str = "quantity") -> Decimal:
    """``30 m³`` at 0.84 t/m³ gives 25.2; six decimals.

    :param density: t/m³, asked for where the unit is one of volume.
    :raises Invalid: no number, no unit, an unknown one, a volume without density, negative or impossibly large; under
        ``field``.
    """

    def refuse(sentence: str) -> Invalid:
        return Invalid(fields={field: sentence})

    shape = _SHAPE.match(text.strip())
    if shape is None:
        raise refuse(_("请填写数量和单位，例如 25.2 t、800 kg、30 m³。"))
    try:
        number = Decimal(shape[1].replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise refuse(_("“%(text)s”不是数字。") % {"text": shape[1]}) from None
    unit = (shape[2] or "").strip().lower()
    if not unit:
        raise refuse(_("请写明单位（t、kg、L、m³），只有数字无法计算。"))
    if number < 0:
        raise refuse(_("数量不能为负数。"))
    if unit in _MASS:
        found = number * _MASS[unit]
    elif unit in _VOLUME:
        if density is None:
            raise refuse(_("按体积填写时须有密度（吨/立方米），请先填写密度。"))
        found = number * _VOLUME[unit] * density
    else:
        raise refuse(_("不认识的单位“%(unit)s”，可用 t、kg、g、m³、L、mL。") % {"unit": unit})
    if found > LARGEST_T:
        raise refuse(_("数量超出合理范围（一千万吨以内），请核对单位。"))
    return found.quantize(SMALLEST_T)


def in_tonnes(value: Decimal | None) -> str:
    """``65 t``, which :func:`tonnes` reads again; empty for none."""
    return "" if value is None else f"{value.normalize():f} t"
