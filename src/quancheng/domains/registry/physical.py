"""Physical data of the chemicals that ship (理化数据), as ``bin/quancheng dev chemical-data`` wrote them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parent / "data" / "physical.csv"
#: Fields of a chemical that the file may speak of. Temperatures in °C, densities in t/m³ at 20 °C, limits of explosion
#: in volume per cent, of exposure in mg/m³ at 25 °C, the molar mass in g/mol.
FIELDS = (
    "molar_mass", "boiling_point_c", "flash_point_c", "autoignition_c", "density", "lower_limit", "upper_limit",
    "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3",
)  # fmt: skip
#: What holds for a solution or a grade as well as for the substance whose CAS number it has.
_OF_EACH = frozenset({"molar_mass", "twa_mg_m3", "stel_mg_m3", "ceiling_mg_m3"})
_NOT_PURE = re.compile(r"溶液|水合|盐酸|氢氟酸|[\[［(（][^\]］)）]*[含%％]")


class Value(NamedTuple):
    """One datum with where it comes from, and how sure it is (V, G or D)."""

    value: Decimal
    source: str
    mark: str


@cache
def physical_data() -> Mapping[str, Mapping[str, Value]]:
    """By CAS number and field."""
    found: dict[str, dict[str, Value]] = {}
    with PATH.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            value = Value(Decimal(row["value"]), row["source"], row["mark"])
            found.setdefault(row["cas"], {})[row["field"]] = value
    return found


def data_for(*, name: str, cas: str) -> Iterator[tuple[str, Value]]:
    """What the file says of a chemical; of solutions and grades only what does not depend on the content."""
    pure = _NOT_PURE.search(name) is None
    for field, value in physical_data().get(cas, {}).items():
        if pure or field in _OF_EACH:
            yield field, value
