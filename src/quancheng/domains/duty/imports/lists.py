"""Duty lists and yearly task lists (职责清单、年度任务清单) of one's own organisation; a list is replaced whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.models import DutyList
from quancheng.domains.duty.models.governance import DutyListKind
from quancheng.domains.duty.queries import governance as queries
from quancheng.domains.duty.services import governance as services
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

Which = tuple[int, str]
#: A leader's list is of a person, whom this sheet does not name.
_KINDS = [one for one in DutyListKind.choices if one[0] != DutyListKind.LEADER]


class ListImport(Session):
    """One entry a line, in the order of the sheet."""

    keys = ("year", "kind", "entry")

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("no", gettext_lazy("序号"), kind="integer", is_read=False, width=6),
            SheetColumn("year", gettext_lazy("年度"), kind="integer", required=True, minimum=2000, maximum=2100,
                        sample="2026"),
            choice_column("kind", gettext_lazy("清单类别"), _KINDS, required=True,
                          words={"职责清单": "duties", "任务清单": "tasks"}),
            SheetColumn("entry", gettext_lazy("清单内容"), required=True, max_length=500, parse=clean, width=60,
                        aliases=("职责", "工作职责", "任务", "年度任务"), sample="负责危险化学品安全监督管理综合工作"),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def _mine(self) -> dict[Which, DutyList]:
        return {(row.year, row.kind): row for row in queries.list_own_lists(actor=self.actor)}

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        wanted = {row.key[:2] for row in rows}
        return {key: one for key, one in self._entries() if key[:2] in wanted}

    def _entries(self) -> Iterable[tuple[Key, Standing]]:
        for (year, kind), held in self._mine().items():
            for number, entry in enumerate(held.entries, start=1):
                texts = {"no": str(number), "year": str(year), "kind": kind, "entry": entry}
                yield (str(year), kind, entry), Standing(f"{held.pk}:{number}", texts)

    def gone(self, rows: Sequence[Row]) -> Sequence[tuple[Key, Standing]]:
        keys = {row.key for row in rows}
        replaced = {key[:2] for key in keys}
        return [(key, one) for key, one in self._entries() if key[:2] in replaced and key not in keys]

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        for entries in _by_list(rows).values():
            if len(entries) > services.MOST_ENTRIES:
                words = {"most": services.MOST_ENTRIES}
                yield Fault("entry", _("请填写 1 到 %(most)s 项，每行一项。") % words)

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        saved: dict[Key, str] = {}
        changed = {row.key[:2] for row in rows if row.mark != "unchanged"} | {key[:2] for key, _one in gone}
        for (year, kind), entries in _by_list(rows).items():
            if (str(year), kind) in changed:
                made = self._file(year, kind, entries)
                saved |= {(str(year), kind, entry): str(made.pk) for entry in entries}
        return saved

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        new = {row.key for row in added}
        standing = [(int(one.texts["no"]), 1, key) for key, one in self._entries() if key not in new]
        back = [(int(row.texts["no"]), 0, row.key) for row in restored]
        touched = (*new, *(key for _number, _place, key in back))
        entries: dict[Which, list[str]] = {(int(key[0]), key[1]): [] for key in touched}
        # What comes back stands at its old place among what stayed.
        for _number, _place, key in sorted([*back, *standing]):
            if (which := (int(key[0]), key[1])) in entries:
                entries[which].append(key[2])
        for (year, kind), kept in entries.items():
            if kept:
                self._file(year, kind, kept)
            else:
                services.withdraw_duty_list(actor=self.actor, year=year, kind=kind, now=self.now)

    def _file(self, year: int, kind: str, entries: Sequence[str]) -> DutyList:
        return services.file_duty_list(actor=self.actor, year=year, kind=kind, entries=entries, now=self.now)


def _by_list(rows: Sequence[Row]) -> dict[Which, list[str]]:
    found: dict[Which, list[Any]] = {}
    for row in rows:
        found.setdefault((row.values["year"], row.values["kind"]), []).append(row.values["entry"])
    return found


LISTS = Register(
    code="duty.lists",
    title=gettext_lazy("职责清单和年度任务清单"),
    duty=services.LISTS,
    session=ListImport,
    hint=gettext_lazy("每行一项本单位的职责或年度任务；同一年度同一类清单整体替换，移除的内容在核对时列出。"),
    rows_at="duty:duty_lists",
    order=32,
)
