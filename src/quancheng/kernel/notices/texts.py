"""Kinds of notice and their texts: declared by the code that sends them, filled when they are read.

The text is a lazily translated sentence with named placeholders; both languages stand in the catalogues.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from quancheng.kernel.errors import Text


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """One kind: a label for filters and a sentence with placeholders such as ``%(title)s``."""

    code: str
    label: Text
    sentence: Any
    #: The placeholder that decides between singular and plural, where the sentence has both.
    number: str = ""


_kinds: dict[str, NoticeKind] = {}


def declare_notice(code: str, label: Text, sentence: Any, *, number: str = "") -> None:
    """Declare a kind of notice; called from an app's ``ready``."""
    kind = NoticeKind(code, label, sentence, number)
    known = _kinds.setdefault(code, kind)
    if (known.code, known.number) != (code, number):
        raise ValueError(f"kind of notice declared twice: {code}")


def is_declared(code: str) -> bool:
    return code in _kinds


def all_kinds() -> list[NoticeKind]:
    return [_kinds[code] for code in sorted(_kinds)]


def label_of(code: str) -> str:
    return str(_kinds[code].label) if code in _kinds else code


def sentence_of(code: str, data: Mapping[str, Any]) -> str:
    """The notice as its reader reads it, in the language that is active now.

    A kind that is declared no longer still shows its title: an old notice must not break the list.
    """
    kind = _kinds.get(code)
    if kind is None:
        return str(data.get("title", code))
    return str(kind.sentence % dict(data))


def declare_own() -> None:
    """The kinds that belong to work items."""
    declare_notice(
        "work.due",
        _("期限提醒"),
        ngettext_lazy("您有%(count)s项待办即将到期或今日到期。", "您有%(count)s项待办即将到期或今日到期。", "count"),
        number="count",
    )
    declare_notice("work.urged", _("催办"), _("%(from)s催办：%(title)s"))
    declare_notice("work.handed_on", _("转办"), _("%(from)s转给您办理：%(title)s"))
    declare_notice(
        "work.redated",
        _("期限更正"),
        ngettext_lazy(
            "放假安排有变动，您有%(count)s项待办的期限据此更正。",
            "放假安排有变动，您有%(count)s项待办的期限据此更正。",
            "count",
        ),
        number="count",
    )
    declare_notice("work.delegated", _("委托"), _("%(from)s委托您自%(first_day)s至%(last_day)s代为办理其待办。"))
