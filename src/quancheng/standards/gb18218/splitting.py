"""Whether a unit is cut where the standard cuts.

Source: GB 18218-2018, terms 3.5 and 3.6 [G]: production ends at shut-off valves, a tank farm at its dike, a warehouse
is one independent building. Nothing is said where nothing is told about the boundary.
"""

from __future__ import annotations

from quancheng.standards.gb18218.model import Note, Unit

_STORAGE = ("dike", "building", "shed")
#: Belongs to the plant that it serves.
_SERVING = ("loading_rack", "filling_shed", "pump_room")


def check(unit: Unit) -> list[Note]:
    """Doubts about the cut; none of them changes the sum."""
    found = []
    if unit.boundary and (unit.boundary in _STORAGE) != (unit.kind == "storage"):
        found.append(Note.of("split.kind", boundary=f"boundary.{unit.boundary}", kind=f"kind.{unit.kind}"))
    if unit.boundary in _STORAGE and unit.boundary_count > 1:
        values = {"boundary": f"boundary.{unit.boundary}", "count": str(unit.boundary_count)}
        found.append(Note.of("split.several", **values))
    if unit.boundary in ("dike", "building") and unit.is_partial:
        found.append(Note.of("split.partial", boundary=f"boundary.{unit.boundary}"))
    cut = unit.kind == "production" and (unit.boundary == "valves" or unit.is_partial)
    if cut and not unit.valve_tags:
        found.append(Note.of("split.valves"))
    for place in dict.fromkeys(stock.place for stock in unit.stocks):
        if unit.kind == "storage" and place in _SERVING:
            found.append(Note.of("split.serving", place=f"place.{place}"))
        if unit.kind == "production" and place == "cylinder_shed":
            found.append(Note.of("split.cylinders"))
    return found
