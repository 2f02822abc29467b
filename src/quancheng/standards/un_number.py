"""UN numbers of dangerous goods (联合国编号): one form for what people type.

Source: UN Model Regulations, chapter 3.2, column 1: four digits. Whether a number is assigned, and to what, is *not*
checked: the list grows with every edition.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_LABEL = re.compile(r"^(?:UN(?:NO|号|编号)?|联合国编号)[.:#-]*")
_SHAPE = re.compile(r"([A-Z]*)([0-9]+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong.

    ``shape``: not a number of goods at all. ``prefix``: another list's (``NA`` of North America, ``ID`` of air
    transport). ``length``: not four digits; ``expected`` is the number with its noughts where a spreadsheet may have
    dropped them. ``unassigned``: 0000.
    """

    code: str
    found: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class UnNumber:
    """A number as read: ``UN1017``; as typed, without blanks, where it is none."""

    number: str
    fault: Fault | None = None

    @property
    def is_valid(self) -> bool:
        return self.fault is None


def read(text: str) -> UnNumber:
    """Read a number as people type it: ``1017``, ``un 1017``, ``UN No. 1017``, full width."""
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    found = _SHAPE.fullmatch(_LABEL.sub("UN", plain))
    if found is None:
        return UnNumber(plain, Fault("shape", plain))
    prefix, digits = found.groups()
    if prefix not in ("", "UN"):
        return UnNumber(plain, Fault("prefix", prefix, "UN"))
    if len(digits) != 4:
        return UnNumber(plain, Fault("length", digits, f"UN{digits:0>4}" if len(digits) < 4 else ""))
    if digits == "0000":
        return UnNumber(plain, Fault("unassigned", digits))
    return UnNumber(f"UN{digits}")
