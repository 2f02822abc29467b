"""Hours and completed online courses (培训学时) from a spreadsheet, one a line: of people of one's own enterprise, and
of people of enterprises whom an office taught.

A line is known by the person's badge (with the enterprise, for an office) and the number under which whoever keeps the
source knows it: the same sheet twice changes nothing. What stands is never changed by a sheet: it is struck out on its
own page, with a reason.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.training.models import Course, EducationLevel, Person, Programme, RecordSource, TrainingRecord
from quancheng.domains.training.queries import education as queries
from quancheng.domains.training.queries.courses import list_courses
from quancheng.domains.training.queries.persons import KEEP, persons_badged, persons_named
from quancheng.domains.training.queries.programmes import list_programmes
from quancheng.domains.training.queries.standing import LEVELS, levels_of
from quancheng.domains.training.services import records as services
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.imports.columns import Organisations, choice_column, organisation_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean

#: How hours come by a sheet.
WAYS = [(RecordSource.SHEET.value, gettext_lazy("集中培训")), (RecordSource.ONLINE.value, RecordSource.ONLINE.label)]


class HoursImport(Session):
    """One person, day and programme a line."""

    keys: ClassVar[tuple[str, ...]] = ("staff_no", "number")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        #: By what of the key names a person.
        self._people: dict[Key, Person] = {}
        #: Hours of each person and day that stand, and those of lines above that are new.
        self._hours: dict[tuple[uuid.UUID, date], Decimal] = defaultdict(Decimal)

    @cached_property
    def _file(self) -> Enterprise | None:
        return own_file(actor=self.actor)

    @cached_property
    def _programmes(self) -> dict[str, Programme]:
        rows = list_programmes().on(timezone.localdate(self.now)).exclude(kind="regulator")
        return {one.code: one for one in rows}

    @cached_property
    def _courses(self) -> dict[str, list[Course]]:
        found: dict[str, list[Course]] = defaultdict(list)
        for one in list_courses(actor=self.actor):
            found[one.title].append(one)
        return found

    @cached_property
    def _most(self) -> Decimal:
        return queries.rules().most_hours_a_day

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        programmes = [(code, one.shown) for code, one in self._programmes.items()]
        return [
            text("staff_no", gettext_lazy("工号（胸卡号）"), 30, required=True, sample="A0001",
                 aliases=("工号", "胸卡号")),
            text("name", gettext_lazy("姓名"), 60, required=True, sample="张某"),
            text("number", gettext_lazy("来源编号"), 60, required=True, sample="示结业0001",
                 aliases=("证书编号", "记录编号"),
                 help=gettext_lazy("网络课程结业编号或签到表编号；同一人同一编号只登记一次")),
            choice_column("way", gettext_lazy("培训方式"), WAYS, required=True, sample="网络课程",
                          words={"线上": "online", "在线": "online", "面授": "sheet", "线下": "sheet"}),
            choice_column("programme", gettext_lazy("培训大纲"), programmes, required=True,
                          sample=programmes[0][1] if programmes else ""),
            choice_column("level", gettext_lazy("教育级别"), EducationLevel.choices,
                          help=gettext_lazy("三级安全教育、调岗复岗教育须填写。")),
            SheetColumn("held_date", gettext_lazy("培训日期"), kind="date", required=True, sample="2026-03-01"),
            SheetColumn("hours", gettext_lazy("学时"), kind="decimal", required=True, sample="2", minimum=0.5,
                        maximum=24),
            text("teacher", gettext_lazy("授课人"), 60, required=True, sample="讲师甲"),
            text("place", gettext_lazy("培训地点"), 120, required=True, sample="网络培训平台（示例）",
                 aliases=("培训平台", "平台")),
            text("content", gettext_lazy("培训内容"), 500, required=True, sample="事故案例"),
            SheetColumn("score", gettext_lazy("成绩"), kind="integer", minimum=0, maximum=100),
            text("course", gettext_lazy("所用课程"), 120),
            *(SheetColumn(key, heading, is_read=False) for key, heading in self._shown),
        ]  # fmt: skip

    @property
    def _shown(self) -> list[tuple[str, Any]]:
        """Columns of the list of hours that a sheet does not tell."""
        return [("person", gettext_lazy("人员")), ("enterprise", gettext_lazy("企业")),
                ("source", gettext_lazy("记录来源")), ("struck", gettext_lazy("状态"))]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        self._people = self._named(rows)
        people = self._people.values()
        days = {day for row in rows if isinstance(day := row.values.get("held_date"), date)}
        self._hours = defaultdict(Decimal, queries.hours_by_day(list(people), days))
        found = queries.imported_of(
            actor=self.actor, files={one.file_id for one in people}, badges={one.staff_no for one in people},
            numbers={row.key[-1] for row in rows},
        )  # fmt: skip
        keys = {one.pk: key for key, one in self._people.items()}
        return {
            (*keys[one.person_id], one.source_number): self._standing(one) for one in found if one.person_id in keys
        }

    def _named(self, rows: Sequence[Row]) -> dict[Key, Person]:
        """Whom the lines mean, by what of their key names him; one query."""
        if self._file is None:
            return {}
        badges = {row.key[0] for row in rows} - {""}
        people = persons_named(actor=self.actor, file_id=self._file.pk, indexes=(), badges=badges)
        return {(one.staff_no,): one for one in people}

    def _standing(self, one: TrainingRecord) -> Standing:
        values: dict[str, Any] = {
            "staff_no": one.person.staff_no, "name": one.person.name, "number": one.source_number, "way": one.source,
            "programme": one.programme.code, "level": one.level or None, "held_date": one.held_date,
            "hours": one.hours.normalize(), "teacher": one.teacher, "place": one.place, "content": one.content,
            "score": one.score, "course": one.course.title if one.course else None,
        }  # fmt: skip
        return Standing(str(one.pk), {each.key: each.text_of(values.get(each.key)) for each in self._read}, "")

    @property
    def _read(self) -> list[SheetColumn]:
        return [one for one in self._columns if one.is_read]

    def check(self, row: Row) -> Iterable[Fault]:
        person = self._people.get(row.key[:-1])
        if person is None:
            yield self._nobody()
            return
        if row.values.get("name") != person.name:
            yield Fault("name", _("姓名与该工号的人员不一致。"))
        if row.before is not None:
            if row.changes:
                yield Fault("number", _("该来源编号的学时已登记；更正请先在培训记录中作废。"))
            return
        yield from self._check_learned(row, person)

    def _nobody(self) -> Fault:
        if self._file is None:
            return Fault("staff_no", _("本单位还没有企业档案，请先建立。"))
        return Fault("staff_no", _("本单位没有这个工号（胸卡号）的人员。"))

    def _check_learned(self, row: Row, person: Person) -> Iterable[Fault]:
        title = row.values.get("course")
        if title and len(self._found(row)) != 1:
            yield Fault("course", _("在该培训大纲下没有找到这门课程，或有多门同名。"))
        try:
            learned = self._learned(row)
        except KeyError:  # a cell that could not be read is told by itself
            return
        try:
            services.checked(learned, now=self.now)
        except Invalid as wrong:
            yield from (Fault(name, str(said)) for name, said in wrong.fields.items())
            return
        levels = [level for level, _needed in levels_of(learned.programme)]
        if levels and learned.level not in levels:
            yield Fault("level", _("三级安全教育、调岗复岗教育须填写。"))
        if person.left_date is not None and person.left_date < learned.held_date:
            yield Fault("held_date", _("该人员在培训日期前已离岗。"))
        at = (person.pk, learned.held_date)
        self._hours[at] += learned.hours
        if self._hours[at] > self._most:
            yield Fault("hours", _("该人员这一天合计%(sum)s学时，每人每天最多%(most)s学时。") % {
                "sum": queries.hours_said(self._hours[at]), "most": queries.hours_said(self._most)
            })  # fmt: skip

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Plant before workshop before team, as they are credited."""
        places = {level.value: place for place, level in enumerate(LEVELS, start=1)}
        return sorted(rows, key=lambda row: (row.values["held_date"], places.get(row.values.get("level") or "", 0)))

    def save(self, row: Row) -> str:
        person = self._people[row.key[:-1]]
        return str(services.record_hours(
            actor=self.actor, person=person, learned=self._learned(row), source=row.values["way"],
            signature=_("表格导入"), is_signed=False, now=self.now,
        ).pk)  # fmt: skip

    def remove(self, row: Row) -> None:
        record = queries.get_record(actor=self.actor, record_id=uuid.UUID(row.saved_id))
        services.strike_record(actor=self.actor, record=record, reason=_("撤销表格导入"), now=self.now)

    def _found(self, row: Row) -> list[Course]:
        return [
            one for one in self._courses.get(row.values.get("course") or "", [])
            if one.programme.code == row.values.get("programme")
        ]  # fmt: skip

    def _learned(self, row: Row) -> services.Learned:
        """:raises KeyError: a cell that is needed was not read."""
        given, found = row.values, self._found(row)
        return services.Learned(
            programme=self._programmes[given["programme"]], held_date=given["held_date"], hours=given["hours"],
            teacher=given["teacher"], place=given["place"], content=given["content"], level=given.get("level") or "",
            score=given.get("score"), course=found[0] if found else None, number=row.key[-1],
        )  # fmt: skip


class OfficeHoursImport(HoursImport):
    """One person of an enterprise, day and programme a line, whom the office taught."""

    keys = ("enterprise", "staff_no", "number")

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        find = Organisations(self.actor, kinds=("enterprise",))
        unit = organisation_column("enterprise", gettext_lazy("企业"), find, required=True, sample="示例化工有限公司")
        return [unit, *super()._columns]

    @property
    def _shown(self) -> list[tuple[str, Any]]:
        return [one for one in super()._shown if one[0] != "enterprise"]

    def _named(self, rows: Sequence[Row]) -> dict[Key, Person]:
        units = {row.values["enterprise"].pk: row.key[0] for row in rows if row.values.get("enterprise") is not None}
        badges = {row.key[1] for row in rows} - {""}
        people = persons_badged(actor=self.actor, files=units, badges=badges)
        return {(units[one.file_id], one.staff_no): one for one in people}

    def _standing(self, one: TrainingRecord) -> Standing:
        told = super()._standing(one)
        name = one.person.enterprise.name if one.person.enterprise else ""
        return replace(told, texts={**told.texts, "enterprise": name})

    def _nobody(self) -> Fault:
        return Fault("staff_no", _("该企业没有这个工号（胸卡号）的人员，或不在本部门监管范围内。"))

    def save(self, row: Row) -> str:
        return str(services.record_office_hours(
            actor=self.actor, person=self._people[row.key[:-1]], learned=self._learned(row), source=row.values["way"],
            signature=_("表格导入"), now=self.now,
        ))  # fmt: skip


OWN_HOURS = Register(
    code="training.own_hours",
    title=gettext_lazy("培训学时和网络课程"),
    duty=KEEP,
    session=HoursImport,
    hint=gettext_lazy("每行一人一天一个大纲，按工号和来源编号识别；同一表格再次导入不会重复登记。已登记的不会被改，更正请作废后重新登记。"),
    rows_at="training:records",
    most_rows=2_000,
    order=62,
)

OFFICE_HOURS = Register(
    code="training.office_hours",
    title=gettext_lazy("本部门组织的培训学时"),
    duty=queries.OFFICE_HOURS,
    session=OfficeHoursImport,
    hint=gettext_lazy("每行一名企业人员一天一个大纲，按企业、工号和来源编号识别；只登记本部门组织的集中培训和网络课程。"),
    rows_at="training:records",
    most_rows=2_000,
    order=64,
)
