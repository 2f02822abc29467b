"""Fields of the eight forms (票面事项) that no check asks for, so that nothing on the paper is written by hand.

Codes and names are those of ``standards.gb30871.tickets.form_fields``; what other rows tell (level, height, mass,
methods, people, gas) is not asked again.
"""

from __future__ import annotations

from quancheng.standards.gb30871.tickets import FormField, form_fields

#: By kind, in the order in which the form has them.
ASKED: dict[str, tuple[str, ...]] = {
    "HW": (),
    "CS": ("space_name", "former_medium", "rescue_plan"),
    "BL": ("equipment", "pipe", "plate", "drawing"),
    "WH": (),
    "LF": ("gear", "load"),
    "TE": ("supply_point", "voltage", "devices", "power_user"),
    "EX": ("extent",),
    "RC": ("units_concerned", "reason", "sketch"),
}
LONGEST = 300


def fields_of(kind: str) -> tuple[FormField, ...]:
    """The fields that are asked of a kind, in order."""
    known = {one.code: one for one in form_fields(kind)}
    return tuple(known[code] for code in ASKED[kind])
