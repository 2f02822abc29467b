"""``quancheng dev chemical-data``: writes the physical data of the chemicals that ship, from the library ``chemicals``.

The library with what it needs is large and only wanted here: ``requirements-data.lock`` installs it; the product reads
the file that this program writes.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

from quancheng.runtime.cli import set_up_django
from quancheng.runtime.engines.processes import EngineTrouble

#: Estimated, not measured.
_ESTIMATES = frozenset({"JOBACK"})
#: mg/m³ of 1 ppm and 1 g/mol: litres of a mole of gas at 25 °C and 101.3 kPa, at which limits of exposure are stated.
_MOLE_L = 24.45
_ZERO_C = 273.15
_ROOM_K = _ZERO_C + 20


def chemical_data_command(arguments: list[str]) -> int:
    """Write the file; the same library gives the same bytes."""
    parser = argparse.ArgumentParser(
        prog="quancheng dev chemical-data",
        description="Write domains/registry/data/physical.csv from the package chemicals (requirements-data.lock).",
    )
    parser.parse_args(arguments)
    try:
        import chemicals
    except ImportError as absent:
        raise EngineTrouble(
            "the package chemicals is not installed; install requirements-data.lock into the environment first"
        ) from absent
    set_up_django()
    from quancheng.domains.registry import physical
    from quancheng.domains.registry.services.chemicals import shipped_numbers

    target = io.StringIO()
    out = csv.writer(target, lineterminator="\n")
    out.writerow(["cas", "field", "value", "source", "mark"])
    count = 0
    for cas in sorted(shipped_numbers(), key=lambda one: tuple(map(int, one.split("-")))):
        for field, value, source in _values(chemicals, cas):
            out.writerow([cas, field, value, f"chemicals {chemicals.__version__}: {source}", "G"])
            count += 1
    physical.PATH.write_text(target.getvalue(), encoding="utf-8")
    print(f"{count} values written to {physical.PATH.name}")
    return 0


def _values(library: Any, cas: str) -> Iterator[tuple[str, str, str]]:
    """Field, value as it is written, and the library's name of the source."""
    mass = _mass(library, cas)
    if mass is not None:
        yield "molar_mass", f"{mass:.3f}", "molecular formula"
    boiling = _best(library.Tb, library.Tb_methods, cas)
    flash = _best(library.T_flash, library.T_flash_methods, cas)
    if flash is not None and boiling is not None and flash[0] >= boiling[0]:
        flash = None  # of a solution
    for field, found in (
        ("boiling_point_c", boiling),
        ("flash_point_c", flash),
        ("autoignition_c", _best(library.T_autoignition, library.T_autoignition_methods, cas)),
    ):
        if found is not None:
            yield field, f"{found[0] - _ZERO_C:.1f}", found[1]
    # What boils below room temperature is kept as a gas or under pressure: its density depends on how.
    if boiling is None or boiling[0] > _ROOM_K:
        yield from _density(cas, mass)
    limits = [_best(one, methods, cas) for one, methods in (
        (_by_name(library.LFL), _by_name(library.LFL_methods)), (_by_name(library.UFL), _by_name(library.UFL_methods))
    )]  # fmt: skip
    low, high = limits
    if low is not None and high is not None and 0 < low[0] < high[0] <= 1:
        yield "lower_limit", f"{low[0] * 100:.2f}", low[1]
        yield "upper_limit", f"{high[0] * 100:.2f}", high[1]
    for field, value, methods in (
        ("twa_mg_m3", library.TWA, library.TWA_methods), ("stel_mg_m3", library.STEL, library.STEL_methods),
        ("ceiling_mg_m3", library.Ceiling, library.Ceiling_methods),
    ):  # fmt: skip
        found = _best(value, methods, cas)
        if found is None:
            continue
        amount, unit = found[0]
        if unit == "ppm":
            if mass is None:
                continue
            amount *= mass / _MOLE_L
        yield field, _figures(amount), found[1]


def _mass(library: Any, cas: str) -> float | None:
    try:
        return float(library.MW(cas))
    except ValueError:  # the library does not know the number
        return None


def _density(cas: str, mass: float | None) -> Iterator[tuple[str, str, str]]:
    """Density at 20 °C: of a liquid by the correlation of Perry's handbook in its range, else by the molar volume."""
    from chemicals import volume

    if mass is None:
        return
    volume._load_rho_data()
    table = volume.rho_data_Perry_8E_105_l
    if cas in table.index:
        row = table.loc[cas]
        if row["Tmin"] <= _ROOM_K <= row["Tmax"]:
            power = 1 + (1 - _ROOM_K / row["C3"]) ** row["C4"]
            yield "density", f"{row['C1'] / row['C2'] ** power * mass / 1e6:.3f}", "PERRYDIPPR"
            return
    for table, source in (
        (volume.rho_data_CRC_inorg_l_const, "CRC_INORG_L_CONST"), (volume.rho_data_CRC_inorg_s_const, "CRC_INORG_S"),
    ):  # fmt: skip
        if cas in table.index:
            yield "density", f"{mass / table.loc[cas]['Vm'] / 1e6:.3f}", source
            return


def _by_name(function: Callable[..., Any]) -> Callable[..., Any]:
    """Those of explosion take the heat of combustion first, which is not asked."""

    def asked(cas: str, **given: Any) -> Any:
        return function(CASRN=cas, **given)

    return asked


def _best(value: Callable[..., Any], methods: Callable[..., Any], cas: str) -> tuple[Any, str] | None:
    """The value of the first source that measured it, in the library's own order."""
    for method in methods(cas):
        if method not in _ESTIMATES and (found := value(cas, method=method)) is not None:
            return found, method
    return None


def _figures(value: float) -> str:
    """Three significant figures, written out."""
    from decimal import Decimal

    rounded = Decimal(f"{value:.3g}")
    return f"{rounded:f}"
