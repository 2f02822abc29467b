"""Duties (职责): what a person may do, declared by the code that asks for them.

A role (岗位) is data and holds duties; which roles hold a duty at first is said where the duty is declared,
and an administrator may change it afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quancheng.kernel.errors import Text

_CODE = re.compile(r"^[a-z]+(\.[a-z_]+)+$")


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: its code, its label for people, and the roles that hold it in a new house."""

    code: str
    label: Text
    roles: tuple[str, ...]


_duties: dict[str, Duty] = {}


def declare_duty(code: str, label: Text, *, roles: tuple[str, ...] = ()) -> None:
    """Declare a duty; called from an app's ``ready``. Declaring the same code twice is a mistake of ours."""
    if not _CODE.match(code):
        raise ValueError(f"malformed duty code: {code}")
    known = _duties.get(code)
    if known is not None and known != Duty(code, label, roles):
        raise ValueError(f"duty declared twice: {code}")
    _duties[code] = Duty(code, label, roles)


def all_duties() -> list[Duty]:
    """Every declared duty, by code."""
    return [_duties[code] for code in sorted(_duties)]


def is_declared(code: str) -> bool:
    return code in _duties


def label_of(code: str) -> str:
    """The duty's name for people; the code itself where nobody declared it."""
    duty = _duties.get(code)
    return str(duty.label) if duty else code
