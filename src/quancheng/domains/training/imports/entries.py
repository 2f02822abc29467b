"""People from outside (外来人员名单) of one's own enterprise from a spreadsheet: their file and for what they come.

One person a line, known by badge and identity number as in the sheet of persons, of which this is the longer one. The
four steps and the gate stay acts of people.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.training.imports.persons import PersonImport
from quancheng.domains.training.models import Employment, SiteEntry, WorkRole
from quancheng.domains.training.queries import entries as queries
from quancheng.domains.training.queries.persons import get_person
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services import entries as services
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

_ENTRY = ("trade", "work_area", "zones")


class OutsiderImport(PersonImport):
    """One person from outside a line."""

    @cached_property
    def _roles(self) -> dict[str, WorkRole]:
        return {one.code: one for one in list_roles()}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        known: list[SheetColumn] = [one for one in super()._columns if one.is_read]
        here = next(place for place, one in enumerate(known) if one.key == "education")
        entry = [
            text("work_area", gettext_lazy("作业区域"), 60, required=True, sample="罐区"),
            choice_column("trade", gettext_lazy("工种（岗位角色）"),
                          [(code, one.shown) for code, one in self._roles.items()],
                          help=gettext_lazy("入厂时核验该工种须持的证书；不从事须持证作业的留空。")),
            text("zones", gettext_lazy("准入范围"), 200),
        ]  # fmt: skip
        of_others = choice_column(
            "employment", gettext_lazy("用工类型"),
            [one for one in Employment.choices if one[0] != Employment.OWN], required=True, sample="承包商人员",
        )  # fmt: skip
        shown = [of_others if one.key == "employment" else one for one in known]
        return [*shown[:here], *entry, *shown[here:], *(
            SheetColumn(key, heading, is_read=False) for key, heading in (
                ("enterprise", gettext_lazy("企业")), ("done_count", gettext_lazy("四个统一已完成")),
                ("last", gettext_lazy("在厂")),
            )
        )]  # fmt: skip

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        found = super().standing(rows)
        persons = {one.pk: key for key, one in self._before.items()}
        told = {persons[one.person_id]: one for one in queries.entries_of(list(persons))}
        return {key: self._with_entry(one, told.get(key[0])) for key, one in found.items()}

    def _with_entry(self, one: Standing, entry: SiteEntry | None) -> Standing:
        values = {} if entry is None else {
            "trade": entry.trade.code if entry.trade else None, "work_area": entry.work_area,
            "zones": entry.zones or None,
        }  # fmt: skip
        texts = {each.key: each.text_of(values.get(each.key)) for each in self._columns if each.key in _ENTRY}
        return replace(one, texts={**one.texts, **texts})

    def check(self, row: Row) -> Iterable[Fault]:
        yield from super().check(row)
        before = self._before.get(row.key[0])
        if before is not None and before.employment == Employment.OWN:
            yield Fault("staff_no", _("该工号是本单位职工，不办理外来人员入厂。"))
        if before is not None and before.left_date is not None:
            yield Fault("staff_no", _("该人员已离场，请先在其档案办理重新到岗。"))

    def save(self, row: Row) -> str:
        saved = super().save(row)
        if row.before is None or set(row.changes) & set(_ENTRY):
            person = get_person(actor=self.actor, person_id=uuid.UUID(saved))
            given = row.values
            if given.get("work_area"):
                services.register_entry(
                    actor=self.actor, person=person, trade=self._roles.get(given.get("trade") or ""),
                    work_area=given["work_area"], zones=given.get("zones") or "", now=self.now,
                )  # fmt: skip
            else:
                # An undo, of somebody who was not registered before.
                services.withdraw_entry(actor=self.actor, person=person, now=self.now)
        return saved


OWN_OUTSIDERS = Register(
    code="training.own_outsiders",
    title=gettext_lazy("外来人员名单"),
    duty=queries.KEEP,
    session=OutsiderImport,
    hint=gettext_lazy("每行一人，按工号（胸卡号）和身份证号码识别；没有档案的同时建立档案。四个统一和进出厂另行登记。"),
    rows_at="training:entries",
    seals=True,
    sealed=frozenset({"resident_id", "phone"}),
    most_rows=2_000,
    order=63,
)
