"""The seven tables as the exchange spec has them (交换数据表): official headings, codes in words; as sheets too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.models.exchange import TableCode
from quancheng.domains.hazards.queries.exchange import list_table
from quancheng.domains.hazards.queries.exchange_facts import Subject, subject_of_row
from quancheng.domains.hazards.services.exchange_queue import READ
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import told
from quancheng.kernel.vault import services as vault
from quancheng.standards import dual_prevention_exchange as standard

_words = lazy(told, str)
#: Where the text of each table's records stands, for the search, and the file of each.
_TEXT = {"unit": "name", "event": "name", "measure": "text", "task": "content", "stop": "reason", "record": "content",
         "danger": "name"}  # fmt: skip
_LEFT_OUT = frozenset({
    "companyCode", "tyshxydm", "deleted", "createDate", "createBy", "updateDate", "updateBy", "dangerImg",
    "dangerAcceptImg", "reopenReason",
})  # fmt: skip
#: Shown at once; the other columns are chosen, and all are exported that are chosen.
_HIDDEN = frozenset({"id", "createByMobile", "updateByMobile", "mobileMe"})


def _subject(code: str, row: Any) -> Subject:
    """The record's facts, made once for all its columns."""
    if not hasattr(row, "told_subject"):
        row.told_subject = subject_of_row(code, row)
    found: Subject = row.told_subject
    return found


def _value(code: str, one: standard.Field) -> Callable[[Any], Any]:
    def value(row: Any) -> Any:
        if one.name == "id":
            return str(row.pk)
        found = _subject(code, row).facts.get(one.name)
        if found is None or found == "":
            return ""
        if one.type == "secret":
            return vault.mask(vault.PHONE, str(found))
        if one.type == "code":
            return next((told(each.word) for each in standard.codes(one.codes) if each.code == str(found)), found)
        if isinstance(found, time):
            return standard.write_clock(found)
        return found if isinstance(found, datetime) or one.type == "decimal" else str(found)

    return value


def _columns(code: str) -> tuple[Column, ...]:
    titles = ("riskUnitName", "riskEventName", "riskMeasureDesc", "troubleshootContent", "dangerName", "stopReason")
    fields = [one for one in standard.table(code).fields if one.name not in _LEFT_OUT]
    title = next((one.name for one in fields if one.name in titles), "checkTime")
    return tuple(
        Column(
            one.name, _words(one.label), value=_value(code, one), shown=one.name not in _HIDDEN and not one.parent,
            width="wide" if one.type == "text" and one.length > 300 else "",
            card="title" if one.name == title else "meta" if one.type == "code" else "",
        )
        for one in fields
    )  # fmt: skip


class TablePage(ListPage):
    """One table of the exchange."""

    duty = READ
    table = ""
    empty_title = gettext_lazy("这张表还没有记录")

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return list_table(actor=actor, code=self.table)

    def url_of(self, row: Any) -> str:
        return ""

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [
            (label, reverse(f"hazards:exchange_table_{code}"))
            for code, label in TableCode.choices if code in _TEXT and code != self.table
        ]  # fmt: skip


def _page(code: str) -> type[TablePage]:
    return type(f"{code.title()}Table", (TablePage,), {
        "__doc__": TablePage.__doc__, "code": f"hazards.exchange_table_{code}", "table": code,
        "title": TableCode(code).label, "columns": _columns(code), "imports": (f"hazards.exchange_{code}",),
        "filters": (Search(name="q", label=gettext_lazy("内容"), fields=(_TEXT[code],), pinned=True),),
    })  # fmt: skip


PAGES = {code: _page(code) for code in standard.tables()}
