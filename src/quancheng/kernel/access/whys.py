"""Why a row is shared (共享事由): the codes of shares by which people learn of something without owing a step of it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Text = str | Promise

_whys: dict[str, Text] = {"copy": pgettext_lazy("how", "抄送"), "addressee": pgettext_lazy("how", "主送")}

_parts: set[str] = set()


def declare_why(code: str, label: Text) -> None:
    """Let rows shared for a reason stand among the copies of whom they are shared with; from an app's ``ready``."""
    _whys[code] = label


def declare_part(subject_type: str) -> None:
    """Leave a kind of row out of the copies: whoever got it was sent the row it belongs to with it."""
    _parts.add(subject_type)


def all_parts() -> list[str]:
    return sorted(_parts)


def all_whys() -> list[tuple[str, Text]]:
    """Code and label, in the order of their declaration."""
    return list(_whys.items())


def label_of(code: str) -> str:
    return str(_whys.get(code, code))
