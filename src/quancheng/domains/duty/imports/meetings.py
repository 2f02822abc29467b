"""Attendance (出席情况) of a meeting from a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.models import Attendee, Meeting
from quancheng.domains.duty.models.meetings import Attendance
from quancheng.domains.duty.queries import meetings as queries
from quancheng.domains.duty.services import meetings as services
from quancheng.kernel.exchange.imports.columns import Organisations, choice_column, organisation_column
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean


class MeetingForm(GivenForm):
    """Which meeting: one of one's own organisation that was held and is not minuted yet."""

    meeting = forms.ChoiceField(label=gettext_lazy("会议"), error_messages={"required": gettext_lazy("请选择会议。")})

    def prepare(self) -> None:
        held = queries.list_meetings(actor=self.actor).filter(
            status="HELD", owner_org=self.actor.organisation_id
        )  # fmt: skip
        field = self.fields["meeting"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "—"), *((str(one.pk), f"{one.code} {one.title}") for one in held)]


class AttendanceImport(Session):
    """One invited unit a line."""

    keys = ("org",)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            organisation_column("org", gettext_lazy("单位"), Organisations(self.actor), required=True,
                                aliases=("参会单位",)),
            choice_column("attendance", gettext_lazy("出席情况"), Attendance.choices, required=True,
                          words={"出席": "present", "参会": "present", "代会": "substitute"}),
            SheetColumn("person", gettext_lazy("参会人员"), max_length=60, parse=clean, aliases=("姓名",)),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _meeting(self) -> Meeting:
        return queries.get_meeting(actor=self.actor, meeting_id=self.given["meeting"])

    def _attendees(self) -> dict[Key, Attendee]:
        return {(one.org.name,): one for one in queries.list_attendees(meeting=self._meeting)}

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        return {
            key: Standing(str(one.pk), {"org": key[0], "attendance": one.attendance, "person": one.person})
            for key, one in self._attendees().items()
        }

    def check(self, row: Row) -> Iterable[Fault]:
        if row.before is None:
            yield Fault("org", _("该单位不在这次会议的参会单位中。"))
        if row.values["attendance"] == Attendance.SUBSTITUTE and not row.values.get("person"):
            yield Fault("person", _("委托他人到会的，请填写姓名。"))

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        return self._record([row for row in rows if row.mark == "changed"])

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        self._record(restored)

    def _record(self, rows: Sequence[Row]) -> dict[Key, str]:
        attendees = self._attendees()
        entries: dict[Any, tuple[str, str]] = {
            attendees[row.key].pk: (row.values["attendance"] or "", row.values.get("person") or "") for row in rows
        }
        services.record_attendance(actor=self.actor, meeting=self._meeting, entries=entries, now=self.now)
        return {row.key: str(attendees[row.key].pk) for row in rows}


ATTENDANCE = Register(
    code="duty.attendance",
    title=gettext_lazy("会议出席情况"),
    duty=services.MANAGE,
    session=AttendanceImport,
    form=MeetingForm,
    hint=gettext_lazy("每行一个参会单位，登记到会、委托、请假或缺席。"),
    rows_at="duty:meetings",
    order=38,
)
