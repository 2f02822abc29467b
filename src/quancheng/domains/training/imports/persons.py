"""Persons (人员档案) of one's own enterprise from a spreadsheet: one a line, found by the number of his badge."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.training.models import (
    OF_OTHERS,
    Education,
    Employment,
    MajorField,
    Person,
    TitleLevel,
)
from quancheng.domains.training.queries import persons as queries
from quancheng.domains.training.services import persons as services
from quancheng.domains.training.services.persons import FIELDS
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import checked, choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.vault import services as vault


class PersonImport(Session):
    """One person a line. Of who stands already the identity number is compared, never changed."""

    keys = ("staff_no",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._before: dict[str, Person] = {}
        #: Persons of the enterprise by blind index, as far as the sheet names them.
        self._by_index: dict[str, Person] = {}
        self._lines: dict[str, int] = {}

    @cached_property
    def _file(self) -> Enterprise | None:
        return own_file(actor=self.actor)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        return [
            text("staff_no", gettext_lazy("工号（胸卡号）"), 30, required=True, unique=True, sample="A0001",
                 aliases=("工号", "胸卡号"), help=gettext_lazy("据此识别人员；没有工号的外来人员填写胸卡号")),
            text("name", gettext_lazy("姓名"), 60, required=True, sample="张某"),
            SheetColumn("resident_id", gettext_lazy("身份证号码"), max_length=30, parse=checked(_resident_id),
                        aliases=("身份证号", "公民身份号码"), keeps_empty=True, width=24,
                        help=gettext_lazy("新登记的人员必填；加密保存，请设为文本格式")),
            SheetColumn("phone", gettext_lazy("联系电话"), max_length=30, parse=checked(_phone),
                        aliases=("手机", "电话"), keeps_empty=True, help=gettext_lazy("加密保存")),
            choice_column("employment", gettext_lazy("用工类型"), Employment.choices, required=True,
                          sample="本单位职工"),
            text("employer_name", gettext_lazy("用人单位"), 120, width=28,
                 help=gettext_lazy("承包商、派遣等外来人员必填")),
            SheetColumn("employer_code", gettext_lazy("用人单位统一社会信用代码"), max_length=18, width=24,
                        parse=checked(check_credit_code)),
            choice_column("education", gettext_lazy("学历"), Education.choices, sample="大专",
                          words={"高中": "senior", "中专": "senior", "技校": "senior", "硕士": "graduate"}),
            text("major", gettext_lazy("专业"), 60, sample="应用化工技术"),
            choice_column("major_field", gettext_lazy("专业类别"), MajorField.choices,
                          words={"化学": "chemical", "化工": "chemical", "安全": "safety"}),
            choice_column("title_level", gettext_lazy("化工、安全类职称"), TitleLevel.choices),
            text("workshop", gettext_lazy("车间（部门）"), 60, sample="储运车间", aliases=("车间", "部门")),
            text("team", gettext_lazy("班组"), 60, sample="甲班"),
            SheetColumn("joined_date", gettext_lazy("到岗日期"), kind="date", sample="2026-03-01"),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("enterprise", gettext_lazy("企业")), ("posts", gettext_lazy("岗位名称")),
                ("state", gettext_lazy("状态")), ("sex", gettext_lazy("性别")), ("age", gettext_lazy("年龄")),
                ("left_date", gettext_lazy("离岗日期")), ("gap_count", gettext_lazy("不符合项")),
                ("area", gettext_lazy("所在镇街")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        if self._file is None:
            return {}
        numbers = {row.number: row.values.get("resident_id") for row in rows}
        indexes = {vault.blind_index(vault.RESIDENT_ID, one) for one in numbers.values() if one}
        badges = {row.key[0] for row in rows if row.key}
        known = queries.persons_named(actor=self.actor, file_id=self._file.pk, indexes=indexes, badges=badges)
        self._by_index = {one.id_index: one for one in known}
        self._before = {one.staff_no: one for one in known if one.staff_no}
        return {row.key: self._standing(self._before[row.key[0]], row) for row in rows if row.key[0] in self._before}

    def _standing(self, one: Person, row: Row) -> Standing:
        values: dict[str, Any] = {name: getattr(one, name) or None for name in FIELDS}
        texts = {column.key: column.text_of(values.get(column.key)) for column in self._columns if column.is_read}
        # Numbers are told as the sheet tells them where they are the same: nothing reads them from the register.
        number, phone = row.texts.get("resident_id", ""), row.texts.get("phone", "")
        texts["resident_id"] = number if number and vault.blind_index(vault.RESIDENT_ID, number) == one.id_index else ""
        texts["phone"] = phone if phone and one.phone and vault.reveal(vault.PHONE, one.phone) == phone else ""
        return Standing(str(one.pk), texts, str(one.version))

    def check(self, row: Row) -> Iterable[Fault]:
        values = row.values
        if self._file is None:
            yield Fault("staff_no", _("本单位还没有企业档案，请先建立。"))
            return
        number = values.get("resident_id")
        if row.before is None and not number:
            yield Fault("resident_id", _("请填写身份证号码。"))
        if number:
            yield from self._check_number(row, vault.blind_index(vault.RESIDENT_ID, number))
        if values.get("employment") in OF_OTHERS and not values.get("employer_name"):
            yield Fault("employer_name", _("请填写该人员的用人单位。"))
        day = values.get("joined_date")
        if day is not None and day > Calendar().local_date(self.now):
            yield Fault("joined_date", _("到岗日期不能晚于今天。"))

    def _check_number(self, row: Row, index: str) -> Iterable[Fault]:
        there = self._by_index.get(index)
        mine = self._before.get(row.key[0])
        if mine is not None and mine.id_index != index:
            yield Fault("resident_id", _("该工号是另一人的；号码更正请在人员档案上办理。"))
        elif mine is None and there is not None:
            yield Fault("resident_id", _("该身份证号码在本单位已有人员档案；离岗后重新到岗的，请在原档案上办理。"))
        first = self._lines.setdefault(index, row.number)
        if first != row.number:
            yield Fault("resident_id", _("与第 %(row)s 行重复。") % {"row": first})

    def save(self, row: Row) -> str:
        known = {name: row.values.get(name) for name in (*FIELDS, "resident_id", "phone")}
        if row.before is None:
            assert self._file is not None  # noqa: S101 - a sheet without a file is refused in its first row
            return str(services.enter_person(actor=self.actor, file=self._file, known=known, now=self.now).pk)
        person = queries.get_person(actor=self.actor, person_id=uuid.UUID(row.before.id))
        services.change_person(
            actor=self.actor, person=person, version=person.version, known={**known, "resident_id": ""}, now=self.now
        )
        return row.before.id

    def remove(self, row: Row) -> None:
        person = queries.get_person(actor=self.actor, person_id=uuid.UUID(row.saved_id))
        services.remove_person(actor=self.actor, person=person, now=self.now)


def _resident_id(text: str) -> str | None:
    """What the service asks of a number, told in its cell; one that an export masked says nothing."""
    return None if "*" in text else services.check_identity(text)[0]


def _phone(text: str) -> str | None:
    return None if "*" in text else vault.check_phone(text)


OWN_PERSONS = Register(
    code="training.own_persons",
    title=gettext_lazy("本单位人员档案"),
    duty=queries.KEEP,
    session=PersonImport,
    hint=gettext_lazy("每行一人，按工号（胸卡号）识别；已登记的按表中的列更新，身份证号码不会被改。任职和证书另行登记。"),
    rows_at="training:persons",
    seals=True,
    sealed=frozenset({"resident_id", "phone"}),
    most_rows=2_000,
    order=60,
)
