"""The arrangement of a year from a spreadsheet; a year that is entered again is replaced whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy

from quancheng.kernel.calendar import services
from quancheng.kernel.calendar.models import HolidayDay, HolidayYear
from quancheng.kernel.calendar.services import DayOff
from quancheng.kernel.errors import Invalid
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn

COLUMNS = (
    SheetColumn("day", gettext_lazy("日期"), kind="date", required=True, sample="2027-01-01"),
    SheetColumn(
        "works",
        gettext_lazy("安排"),
        kind="choice",
        required=True,
        choices={"off": gettext_lazy("放假"), "work": gettext_lazy("上班")},
        words={"休": "off", "调休": "off", "班": "work", "调休上班": "work"},
        sample="放假",
    ),
    SheetColumn("name", gettext_lazy("节日名称"), required=True, max_length=40, sample="元旦"),
    # Kept with what stood before, so that an undo gives it back.
    SheetColumn("source", gettext_lazy("依据"), is_read=False),
)


class YearForm(GivenForm):
    """The year and the notice that says so."""

    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2100)
    source = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=200,
        help_text=gettext_lazy("通知名称、文号和日期"),
        error_messages={"required": gettext_lazy("请写明依据（通知名称、文号）。")},
    )


class YearImport(Session):
    """One day a line: off, or worked to make up."""

    keys = ("day",)

    def columns(self) -> Sequence[SheetColumn]:
        return COLUMNS

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        days = HolidayDay.objects.filter(day__in=[row.values["day"] for row in rows if row.values["day"]])
        return {(day.day.isoformat(),): _standing(day) for day in days.select_related("year")}

    def gone(self, rows: Sequence[Row]) -> Sequence[tuple[Key, Standing]]:
        kept = {row.key[0] for row in rows}
        days = HolidayDay.objects.filter(year_id=self.given["year"]).select_related("year").order_by("day")
        return [((day.day.isoformat(),), _standing(day)) for day in days if day.day.isoformat() not in kept]

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        try:
            services.check_year(self.given["year"], _days(rows), self.given["source"])
        except Invalid as refused:
            for reason in refused.fields.values():
                yield Fault("day", reason)

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        services.import_year(
            actor=self.actor, year=self.given["year"], days=_days(rows), source=self.given["source"], now=self.now
        )
        return {row.key: row.key[0] for row in rows}

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        year, new = self.given["year"], {row.values["day"] for row in added}
        standing = HolidayYear.objects.get(pk=year)
        back = {day.day: day for day in _days(restored)}
        known = {day.day: DayOff(day.day, day.works, day.name) for day in standing.days.all()}
        days = [day for day in {**known, **back}.values() if day.day not in new]
        if not days:
            services.remove_year(actor=self.actor, year=year, now=self.now)
            return
        source = next((row.texts["source"] for row in restored if row.texts.get("source")), standing.source)
        services.import_year(actor=self.actor, year=year, days=days, source=source, now=self.now)


def _standing(day: HolidayDay) -> Standing:
    works = "work" if day.works else "off"
    texts = {"day": day.day.isoformat(), "works": works, "name": day.name, "source": day.year.source}
    return Standing(day.day.isoformat(), texts)


def _days(rows: Sequence[Row]) -> list[DayOff]:
    return [DayOff(row.values["day"], row.values["works"] == "work", str(row.values["name"])) for row in rows]


YEARS = Register(
    code="workcalendar.years",
    title=gettext_lazy("节假日安排"),
    duty="calendar.manage",
    session=YearImport,
    form=YearForm,
    hint=gettext_lazy("每行一天：放假，或调休上班。同一年度再次录入即整体替换。未办结事项的期限随后据此更正。"),
    rows_at="workcalendar:years",
    order=60,
)
