"""How far protected objects have to lie from explosives (爆炸物外部安全防护距离), by the consequence of an accident.

Source: GB/T 37243-2019 in outline [G]; the arithmetic of the formula is checked [V]. Other installations are assessed
by quantitative risk, or have the distances of their design codes: those come from a report and are not worked out here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, localcontext

from quancheng.standards.risk.basis import BadInput, Step
from quancheng.standards.wording import Text

#: Side-on overpressure that an object of a class of GB 36894 may meet, in Pa.
LIMITS_PA: Mapping[str, Decimal] = {"first": Decimal(2000), "second": Decimal(5000), "third": Decimal(9000)}
#: Largest amount that is taken, in kg of TNT.
MOST_KG = Decimal(10**9)
_TERMS = (Decimal(14), Decimal("4.3"), Decimal("1.1"))
#: Scaled distances, in m/kg^(1/3), between which every answer lies: some 10 MPa and 1 Pa.
_NEAREST, _FURTHEST = Decimal("0.5"), Decimal(200_000)


@dataclass(frozen=True, slots=True)
class Distances:
    """Metres by class of object, rounded up, and how they were found."""

    metres: Mapping[str, int]
    steps: tuple[Step, ...]


def overpressure_pa(tnt_kg: Decimal, distance_m: Decimal) -> Decimal:
    """ΔP = (14·Q/R³ + 4.3·Q^(2/3)/R² + 1.1·Q^(1/3)/R)·10⁵.

    :raises BadInput: an amount or a distance that is not above 0, or not finite.
    """
    if not distance_m.is_finite() or distance_m <= 0:
        raise BadInput("distance_m", Text("应大于0", "must be above 0"))
    with localcontext(prec=28):
        return _pressure(distance_m / _root(tnt_kg))


def distance_m(tnt_kg: Decimal, pressure_pa: Decimal) -> Decimal:
    """The distance at which the overpressure has sunk to a limit, in metres to the millimetre.

    :raises BadInput: an amount not above 0; a limit outside what the formula reaches.
    """
    root = _root(tnt_kg)
    with localcontext(prec=28):
        near, far = _NEAREST, _FURTHEST
        if not pressure_pa.is_finite() or not _pressure(far) < pressure_pa < _pressure(near):
            raise BadInput("pressure_pa", Text("超出公式适用范围", "lies outside what the formula reaches"))
        while (far - near) * root > Decimal("0.0001"):
            middle = (near + far) / 2
            near, far = (middle, far) if _pressure(middle) > pressure_pa else (near, middle)
        return (far * root).quantize(Decimal("0.001"))


def explosive_distances(tnt_kg: Decimal) -> Distances:
    """External safety distance for each class of protected objects, with a step for each.

    :raises BadInput: see :func:`distance_m`.
    """
    metres, steps = {}, []
    for code, limit in LIMITS_PA.items():
        found = distance_m(tnt_kg, limit)
        metres[code] = int(found.to_integral_value(ROUND_CEILING))
        text = Text(f"TNT当量{tnt_kg:f} kg，超压降至{limit} Pa处",
                    f"{tnt_kg:f} kg of TNT, overpressure down to {limit} Pa")  # fmt: skip
        steps.append(Step(code=code, text=text, value=found, mark="V"))
    return Distances(metres, tuple(steps))


def _root(tnt_kg: Decimal) -> Decimal:
    if not tnt_kg.is_finite() or not 0 < tnt_kg <= MOST_KG:
        raise BadInput("tnt_kg", Text(f"应大于0，不超过{MOST_KG}", f"must be above 0 and at most {MOST_KG}"))
    with localcontext(prec=28):
        root: Decimal = tnt_kg ** (Decimal(1) / Decimal(3))
        return root


def _pressure(scaled: Decimal) -> Decimal:
    cubed, squared, plain = _TERMS
    return (cubed / scaled**3 + squared / scaled**2 + plain / scaled) * 100_000
