"""Certificates (人员证书) of people of one's own enterprise from a spreadsheet: one a line, as it is printed.

A line is known by the person's badge, the kind, the first day of validity and what the card is limited to; its number
is sealed and told to nobody.
What stands is never changed by a sheet. Each is verified by another person, as one that was typed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.training.models import CertificateKind, Person, PersonQualification
from quancheng.domains.training.queries import certificates as queries
from quancheng.domains.training.queries.persons import KEEP, persons_named
from quancheng.domains.training.services import qualifications as services
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.kernel.vault import services as vault


class CertificateImport(Session):
    """One certificate a line."""

    keys = ("staff_no", "kind", "valid_from", "limited_to")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._people: dict[str, Person] = {}
        #: Of lines whose certificate was revoked or replaced, how their numbers are found.
        self._over: dict[Key, set[str]] = {}
        #: What cards that stand are limited to, by person, kind and how their number is found.
        self._limits: dict[tuple[str, str, str], str] = {}

    @cached_property
    def _file(self) -> Enterprise | None:
        return own_file(actor=self.actor)

    @cached_property
    def _kinds(self) -> dict[str, CertificateKind]:
        return {one.code: one for one in queries.list_kinds()}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        def day(key: str, heading: Any, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, kind="date", **more)

        kinds = [(code, one.shown) for code, one in self._kinds.items()]
        words = {
            word: code for code, one in self._kinds.items() for word in (one.card_code, one.name, one.name_en) if word
        }
        return [
            text("staff_no", gettext_lazy("工号（胸卡号）"), 30, required=True, sample="A0001",
                 aliases=("工号", "胸卡号")),
            text("name", gettext_lazy("姓名"), 60, required=True, sample="张某"),
            choice_column("kind", gettext_lazy("证书种类"), kinds, required=True, words=words,
                          sample=kinds[0][1] if kinds else "", help=gettext_lazy("名称、目录代码或证面代号")),
            SheetColumn("number", gettext_lazy("证书编号"), max_length=60, parse=_whole, required=True, width=24,
                        help=gettext_lazy("加密保存，请设为文本格式")),
            text("limited_to", gettext_lazy("证面限定"), 120),
            text("issuer", gettext_lazy("发证机关"), 120, sample="示例市应急管理局"),
            day("issued_date", gettext_lazy("发证日期"), required=True, sample="2025-03-01"),
            day("valid_from", gettext_lazy("有效期起"), required=True, sample="2025-03-01"),
            day("valid_to", gettext_lazy("有效期止"), sample="2031-02-28"),
            day("recheck_due", gettext_lazy("应复审日期"), keeps_empty=True,
                help=gettext_lazy("留空的，按证书目录的复审周期计算")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("enterprise", gettext_lazy("企业")), ("state", gettext_lazy("状态")),
                ("ends_date", gettext_lazy("到期或应复审日期")), ("group", gettext_lazy("证书类别")),
                ("employer_name", gettext_lazy("用人单位")), ("verified_at", gettext_lazy("核验时间")),
                ("area", gettext_lazy("所在镇街")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        if self._file is None:
            return {}
        badges = {row.key[0] for row in rows} - {""}
        people = persons_named(actor=self.actor, file_id=self._file.pk, indexes=(), badges=badges)
        self._people = {one.staff_no: one for one in people}
        told = {row.key: row.texts.get("number", "") for row in rows}
        found = {}
        for one in queries.cards_of(actor=self.actor, file_id=self._file.pk, badges=badges):
            texts = self._texts(one)
            key = self.key_of(texts)
            if one.replaced_by_id is not None or one.revoked_date is not None:
                self._over.setdefault(key, set()).add(one.number_index)
                continue
            self._limits[texts["staff_no"], one.kind.code, one.number_index] = one.limited_to
            # The number is told as the sheet tells it where it is the same: nothing reads it from the register.
            number = told.get(key, "")
            if number and vault.blind_index(queries.NUMBER, number.upper()) == one.number_index:
                texts["number"] = number
            found[key] = Standing(str(one.pk), texts, str(one.version))
        return found

    def _texts(self, one: PersonQualification) -> dict[str, str]:
        values: dict[str, Any] = {
            "staff_no": one.person.staff_no, "name": one.person.name, "kind": one.kind.code,
            "limited_to": one.limited_to or None, "issuer": one.issuer or None, "issued_date": one.issued_date,
            "valid_from": one.valid_from, "valid_to": one.valid_to, "recheck_due": one.recheck_due,
        }  # fmt: skip
        return {each.key: each.text_of(values.get(each.key)) for each in self._columns if each.is_read}

    def check(self, row: Row) -> Iterable[Fault]:
        if self._file is None:
            yield Fault("staff_no", _("本单位还没有企业档案，请先建立。"))
            return
        person = self._people.get(row.key[0])
        if person is None:
            yield Fault("staff_no", _("本单位没有这个工号（胸卡号）的人员。"))
            return
        if row.values.get("name") != person.name:
            yield Fault("name", _("姓名与该工号的人员不一致。"))
        if row.before is not None:
            yield from (
                Fault(key, _("该证书已登记，内容不同；更正请在证书页面办理。")) for key in row.changes if key != "name"
            )
            return
        number = row.values.get("number")
        if not number:
            yield Fault("number", _("请填写完整的证书编号。"))
            return
        if vault.blind_index(queries.NUMBER, number.upper()) in self._over.get(row.key, ()):
            yield Fault("number", _("该证书已登记，并已注销或换证；确需重新登记的请在证书页面办理。"))
            return
        at = (row.key[0], row.values.get("kind") or "", vault.blind_index(queries.NUMBER, number.upper()))
        limited = self._limits.get(at)
        if limited is not None and limited != (row.values.get("limited_to") or ""):
            yield Fault("limited_to", _("该编号的证书已登记，证面限定为“%(limited)s”；更正请在证书页面办理。") % {
                "limited": limited or _("无")
            })  # fmt: skip
            return
        kind = self._kinds.get(row.values.get("kind") or "")
        if kind is None:  # a cell that could not be read is told by itself
            return
        try:
            services.checked(person, kind, row.values, self.now)
        except Invalid as wrong:
            yield from (Fault(name, str(said)) for name, said in wrong.fields.items())

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        """One card stands under one person, in the sheet too."""
        seen: dict[tuple[str, str], Row] = {}
        for row in rows:
            number, kind = row.values.get("number"), row.values.get("kind")
            if not number or not kind:
                continue
            at = (kind, vault.blind_index(queries.NUMBER, number.upper()))
            other = seen.setdefault(at, row)
            if other.key[0] != row.key[0]:
                yield Fault("number", _("第%(row)s行的证书编号与第%(other)s行另一人的相同。") % {
                    "row": row.number, "other": other.number
                })  # fmt: skip

    def save(self, row: Row) -> str:
        person, kind = self._people[row.key[0]], self._kinds[row.values["kind"]]
        known = {name: row.values.get(name) for name in services.FIELDS}
        made = services.enter_qualification(actor=self.actor, person=person, kind=kind, known=known, now=self.now)
        return str(made.pk)

    def remove(self, row: Row) -> None:
        found = queries.get_qualification(
            actor=self.actor, qualification_id=uuid.UUID(row.saved_id), on=Calendar().local_date(self.now)
        )
        services.remove_qualification(actor=self.actor, row=found, now=self.now)


def _whole(text: str) -> str | None:
    """A number that an export masked says nothing."""
    return None if "*" in text else clean(text).upper()


OWN_CERTIFICATES = Register(
    code="training.own_certificates",
    title=gettext_lazy("人员证书"),
    duty=KEEP,
    session=CertificateImport,
    hint=gettext_lazy("每行一张证书，按工号、证书种类、有效期起和证面限定识别；已登记的不会被改。导入后由另一人核验，核验后生效。"),
    rows_at="training:qualifications",
    seals=True,
    sealed=frozenset({"number"}),
    most_rows=2_000,
    order=61,
)
