"""Safety labels of chemicals (化学品安全标签) by GB 15258-2009 [G]: elements, sizes by package, the simplified
label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from quancheng.standards.ghs import Hazard, label_of
from quancheng.standards.wording import Text


class Element(NamedTuple):
    """One element of the label; ``on_simplified`` says whether a small package bears it too."""

    key: str
    name: Text
    on_simplified: bool


#: The elements in the order in which the label shows them.
ELEMENTS = (
    Element("name_zh", Text("化学品中文名称", "Chinese name"), True),
    Element("name_en", Text("化学品英文名称", "English name"), False),
    Element("ingredients", Text("有害成分及含量", "Hazardous ingredients and their content"), False),
    Element("pictograms", Text("象形图", "Pictograms"), True),
    Element("signal_word", Text("信号词", "Signal word"), True),
    Element("hazard_statements", Text("危险性说明", "Hazard statements"), True),
    Element("prevention", Text("防范说明：预防措施", "Precautions: prevention"), False),
    Element("response", Text("防范说明：事故响应", "Precautions: response"), False),
    Element("storage", Text("防范说明：安全储存", "Precautions: storage"), False),
    Element("disposal", Text("防范说明：废弃处置", "Precautions: disposal"), False),
    Element("supplier", Text("供应商名称", "Supplier's name"), True),
    Element("supplier_address", Text("供应商地址", "Supplier's address"), False),
    Element("supplier_phone", Text("供应商电话", "Supplier's telephone"), True),
    Element("emergency_phone", Text("应急咨询电话", "Emergency telephone"), True),
    Element("sds_reference", Text("资料参阅提示语", "Reference to the safety data sheet"), True),
)

#: Up to this volume in litres a package may bear the simplified label.
SIMPLIFIED_UP_TO = Decimal("0.1")

#: Volume up to which (litres, None: any) and the smallest label (mm by mm).
_SIZES: tuple[tuple[Decimal | None, tuple[int, int]], ...] = (
    (Decimal(3), (50, 75)),
    (Decimal(50), (75, 100)),
    (Decimal(500), (100, 150)),
    (Decimal(1000), (150, 200)),
    (None, (200, 300)),
)


class Size(NamedTuple):
    """The smallest label in millimetres, the shorter side first."""

    short: int
    long: int


def may_be_simplified(litres: Decimal | float | str) -> bool:
    """Whether a package of this volume may bear the simplified label (up to 100 mL). ValueError for no volume."""
    return _volume(litres) <= SIMPLIFIED_UP_TO


def smallest_size(litres: Decimal | float | str) -> Size | None:
    """The smallest label for a package of this volume; None where the simplified label has no fixed size.
    ValueError for what is no volume above 0."""
    volume = _volume(litres)
    if volume <= SIMPLIFIED_UP_TO:
        return None
    return next(Size(*size) for limit, size in _SIZES if limit is None or volume <= limit)


def is_large_enough(litres: Decimal | float | str, width: float, height: float) -> bool:
    """Whether a label of width by height (mm) is large enough for the package, upright or lying. ValueError as
    above.
    """
    size = smallest_size(litres)
    return size is None or (min(width, height) >= size.short and max(width, height) >= size.long)


def missing_elements(
    label: Mapping[str, object], *, hazards: Iterable[Hazard] | None = None, litres: Decimal | float | str | None = None
) -> tuple[Element, ...]:
    """The elements that a label lacks, in their order.

    ``label`` holds by element key what stands on the label; empty, blank and absent are the same. ``hazards``
    decide whether a pictogram, signal word and hazard statements are due at all; without them all are. ``litres``
    decides whether the simplified label is enough; without it the full label is due. ValueError for a key that is
    no element and for no volume.
    """
    keys = {element.key for element in ELEMENTS}
    if unknown := sorted(set(label) - keys):
        raise ValueError(f"no label element: {', '.join(unknown)}; there are {', '.join(sorted(keys))}")
    not_due: set[str] = set()
    if hazards is not None:
        wanted = label_of(hazards)
        if not wanted.pictograms:
            not_due.add("pictograms")
        if wanted.signal is None:
            not_due.add("signal_word")
        if not wanted.statements:
            not_due.add("hazard_statements")
    simplified = litres is not None and may_be_simplified(litres)
    return tuple(
        element
        for element in ELEMENTS
        if (element.on_simplified or not simplified)
        and element.key not in not_due
        and not _stands(label.get(element.key))
    )


def differences(label: Mapping[str, object], hazards: Iterable[Hazard]) -> tuple[Text, ...]:
    """Where pictograms, signal word and statements on a label differ from those of the classes.

    ``label["pictograms"]`` and ``label["hazard_statements"]`` are codes (GHS02, H225), ``label["signal_word"]``
    危险 or 警告; a key that is absent is not compared.
    """
    wanted = label_of(hazards)
    told = []
    for key, codes, name in (
        ("pictograms", set(wanted.pictograms), Text("象形图", "pictogram")),
        ("hazard_statements", {code for code, _ in wanted.statements}, Text("危险性说明", "hazard statement")),
    ):
        if key not in label:
            continue
        shown = _codes(label[key])
        told += [Text(f"标签缺{name.zh}{code}", f"Missing {name.en} {code}") for code in sorted(codes - shown)]
        told += [Text(f"标签多{name.zh}{code}", f"Superfluous {name.en} {code}") for code in sorted(shown - codes)]
    if "signal_word" in label:
        word = wanted.signal.zh if wanted.signal else ""
        shown_word = str(label["signal_word"] or "").strip()
        if shown_word not in (word, wanted.signal.en if wanted.signal else ""):
            told.append(
                Text(
                    f"信号词应为“{word or '无'}”，标签写“{shown_word or '无'}”",
                    f"The signal word should be {word or 'none'}, not {shown_word or 'none'}",
                )
            )
    return tuple(told)


def _codes(value: object) -> set[str]:
    """Codes from a list of them or from a text with commas between."""
    if isinstance(value, str):
        value = value.replace("、", ",").replace("，", ",").split(",")
    if not isinstance(value, Iterable):
        return set()
    return {str(each).strip().upper() for each in value if str(each).strip()}


def _stands(value: object) -> bool:
    return bool(value.strip()) if isinstance(value, str) else bool(value)


def _volume(litres: Decimal | float | str) -> Decimal:
    try:
        volume = Decimal(str(litres))
    except InvalidOperation:
        raise ValueError(f"a package's volume is a number of litres above 0, not {litres!r}") from None
    if not volume.is_finite() or volume <= 0:
        raise ValueError(f"a package's volume is a number of litres above 0, not {litres!r}")
    return volume
