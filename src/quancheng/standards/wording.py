"""What the standards say to people: each sentence in Chinese and English, and how sure we are of a datum.

The standards stand below Django, so their sentences cannot go through a catalogue; they bring both languages along
and the page picks one.
"""

from __future__ import annotations

from typing import NamedTuple

#: How sure we are of a datum: V verified against a text, V~ verified against a close foreign or secondary text, G
#: general knowledge to be verified before legal use, D a default of ours that a district may change.
MARKS = ("V", "V~", "G", "D")


class Text(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh

    def in_language(self, code: str) -> str:
        """English for ``en`` and its variants, Chinese for every other code."""
        return self.en if code.lower().startswith("en") else self.zh


def weakest(*marks: str) -> str:
    """The mark of what rests on several data: that of the least sure one. ValueError for an unknown mark."""
    if not marks:
        raise ValueError("no mark given")
    for mark in marks:
        if mark not in MARKS:
            raise ValueError(f"unknown mark: {mark!r}")
    return max(marks, key=MARKS.index)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power(value: float | str) -> str:
    """A number, or its text, to three digits, for reading only: 5×10⁻⁵, and as it is from 0.001 to a million."""
    number = float(f"{float(value):.3g}")
    if not number or 1e-3 <= abs(number) < 1e6:
        return f"{number:g}"
    mantissa, exponent = f"{number:.2e}".split("e")
    factor = f"{float(mantissa):g}"
    return ("" if factor == "1" else f"{factor}×") + "10" + str(int(exponent)).translate(_RAISED)
