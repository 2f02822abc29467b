"""A row of the exchange becomes a record here: through the services and loops of its room, never beside them.

The same for rows that an enterprise's system sends and for rows of a sheet that a person commits.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.loops.finding import NO_DANGER, OFFICIAL
from quancheng.domains.hazards.models import CheckRecord, CheckStatus, CheckTask, Finding, ReceivedRow, UnitStop
from quancheng.domains.hazards.models.exchange import SHEET
from quancheng.domains.hazards.queries.exchange_facts import MODELS
from quancheng.domains.hazards.services import findings
from quancheng.domains.hazards.services.check_records import CheckSpec, record_check
from quancheng.domains.hazards.services.check_tasks import change_task, end_task, enter_task
from quancheng.domains.hazards.services.unit_stops import change_stop, stop_unit
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.services import risks
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError, Text
from quancheng.kernel.files.services import receive_file
from quancheng.kernel.loops.services import move
from quancheng.kernel.people.models import Membership, User
from quancheng.standards.dual_prevention_exchange import may_change_state, reject_text, table
from quancheng.standards.hidden_dangers.kinds import from_upload
from quancheng.standards.risk.check_cycles import DAYS, UNITS

#: How a model finds the file that it belongs to.
_FILE = {
    "unit": "object__file", "event": "unit__object__file", "measure": "event__unit__object__file", "task": "file",
    "stop": "file", "record": "file", "danger": "file",
}  # fmt: skip
_REASON = "对接系统删除"
#: What a record says where its row has no word for it: of a sheet, and of a system.
_CHECK_NOTES: dict[bool, dict[CheckStatus, Any]] = {
    True: {
        CheckStatus.FOUND: gettext_lazy("排查发现隐患，详见对接系统报送"),
        CheckStatus.NOT_CHECKED: gettext_lazy("对接系统未附原因"), CheckStatus.OTHER: gettext_lazy("对接系统未附说明"),
    },
    False: {
        CheckStatus.FOUND: gettext_lazy("排查发现隐患，表格导入"),
        CheckStatus.NOT_CHECKED: gettext_lazy("表格未附原因"), CheckStatus.OTHER: gettext_lazy("表格未附说明"),
    },
}  # fmt: skip


class Refused(DomainError):
    """A row is not taken: reject code of the exchange, with a sentence (422)."""

    status = 422

    def __init__(self, number: int, sentence: Text = "") -> None:
        super().__init__(sentence or reject_text(number).zh, code=str(number))
        self.number = number


@dataclass(frozen=True, slots=True)
class Applied:
    """What a row became: our record, how it is called, and what of the row was not taken."""

    subject_id: uuid.UUID | None
    title: str
    remark: str = ""


@dataclass(slots=True)
class Applier:
    """Rows of one enterprise, taken for an actor at a time.

    :ivar source: name of the system that they come from; empty where a person enters them from a sheet.
    :ivar batch: by which batch, for the record of what proves a treatment.
    """

    actor: Actor
    file: Enterprise
    now: datetime
    source: str = ""
    batch: str = ""

    def apply(self, code: str, values: Mapping[str, Any], subject_id: uuid.UUID | None) -> Applied:
        """Enter, change or end what a row means.

        :param subject_id: what it became before; None where it is new.
        :raises Refused: with the reject code. :raises DomainError: what the service refuses.
        """
        row = None if subject_id is None else self._own(code).filter(pk=subject_id).first()
        if row is not None and getattr(row, "ended_date", None) is not None:
            if values["deleted"] == "1":
                return Applied(row.pk, str(row))
            row = None
        makers: dict[str, Callable[[Mapping[str, Any], Any], Applied]] = {
            "unit": self._unit, "event": self._event, "measure": self._measure, "task": self._task,
            "stop": self._stop, "record": self._record, "danger": self._danger,
        }  # fmt: skip
        if row is None and values["deleted"] == "1":
            return Applied(None, "")
        return makers[code](values, row)

    def parent(self, code: str, key: str | None, *, needed: bool = True) -> Any:
        """The record that a key of another table means here. :raises Refused: 4001."""
        if key is None:
            if needed:
                raise Refused(4001)
            return None
        subject = subject_of(code, uuid.UUID(key), self.file)
        row = None if subject is None else self._own(code).filter(pk=subject).first()
        if row is None or getattr(row, "ended_date", None) is not None:
            raise Refused(4001, f"{reject_text(4001).zh}：{table(code).name.zh} {key}")
        return row

    def came(self, code: str, subject_id: uuid.UUID) -> bool:
        """Whether a record came by the same door: from this system, or from a sheet. What arose here did not."""
        rows = ReceivedRow.objects.filter(table=code, subject_id=subject_id, file=self.file)
        if not self.source:
            return rows.filter(application__app_id__startswith=SHEET).exists()
        return rows.filter(application__name=self.source).exclude(application__app_id__startswith=SHEET).exists()

    def _own(self, code: str) -> Any:
        return MODELS[code].objects.filter(**{_FILE[code]: self.file})

    # The risk list ------------------------------------------------------------------------------------------------

    def _unit(self, values: Mapping[str, Any], row: RiskUnit | None) -> Applied:
        if row is not None and values["deleted"] == "1":
            risks.end_unit(actor=self.actor, row=row, reason=_REASON, now=self.now)
            return Applied(row.pk, row.name)
        parent = self._object(values)
        if row is None:
            known = {"code": f"X{values['id'].replace('-', '')[-12:]}", "name": values["riskUnitName"]}
            made = risks.enter_unit(actor=self.actor, parent=parent, known=known, now=self.now)
            return Applied(made.pk, made.name)
        if row.object_id != parent.pk:
            raise Refused(4009, _("单元不能改到另一个风险分析对象，请删除后新建。"))
        self._change(risks.change_unit, row, {"name": values["riskUnitName"]})
        return Applied(row.pk, row.name)

    def _object(self, values: Mapping[str, Any]) -> RiskObject:
        """The object of a unit; one that is no major hazard is entered where it is new."""
        code = values["hazardCode"] or values["hazardCode1"]
        told = {"department": values["hazardDep"], "head": values["hazardLiablePerson"]}
        row = RiskObject.objects.filter(file=self.file, code=code, ended_date__isnull=True).first()
        if row is None and values["hazardCode"]:
            raise Refused(4001, _("风险分析对象“%(code)s”没有登记；重大危险源请先在企业档案和风险清单中登记。") % {
                "code": code
            })  # fmt: skip
        if row is None:
            known = {"code": code, "name": values["riskUnitName"], "kind": "place", "place": None, **told}
            return risks.enter_object(actor=self.actor, file=self.file, known=known, now=self.now)
        self._change(risks.change_object, row, told)
        return row

    def _event(self, values: Mapping[str, Any], row: RiskEvent | None) -> Applied:
        if row is not None and values["deleted"] == "1":
            risks.end_event(actor=self.actor, row=row, reason=_REASON, now=self.now)
            return Applied(row.pk, row.name)
        unit = self.parent("unit", values["riskUnitId"])
        if row is None:
            known = {"name": values["riskEventName"]}
            made = risks.enter_event(actor=self.actor, unit=unit, known=known, now=self.now)
            return Applied(made.pk, made.name)
        self._same(row.unit_id, unit.pk)
        self._change(risks.change_event, row, {"name": values["riskEventName"]})
        return Applied(row.pk, row.name)

    def _measure(self, values: Mapping[str, Any], row: Measure | None) -> Applied:
        if row is not None and values["deleted"] == "1":
            risks.end_measure(actor=self.actor, row=row, reason=_REASON, now=self.now)
            return Applied(row.pk, row.text)
        event = self.parent("event", values["riskEventId"])
        known = {
            "mode": values["dataSrc"], "text": values["riskMeasureDesc"], "category": values["classify1"],
            "subcategory": values["classify2"], "own_class": values["classify3"] or "",
            "check_text": values["troubleshootContent"],
        }  # fmt: skip
        if row is None:
            made = risks.enter_measure(actor=self.actor, event=event, known=known, now=self.now)
            return Applied(made.pk, made.text)
        self._same(row.event_id, event.pk)
        self._change(risks.change_measure, row, known)
        return Applied(row.pk, row.text)

    def _change(self, service: Callable[..., Any], row: Any, changes: Mapping[str, Any]) -> None:
        service(actor=self.actor, row=row, version=row.version, changes=changes, now=self.now)

    @staticmethod
    def _same(before: Any, after: Any) -> None:
        if before != after:
            raise Refused(4009, _("上级记录不能改变，请删除后新建。"))

    # Checks -------------------------------------------------------------------------------------------------------

    def _task(self, values: Mapping[str, Any], row: CheckTask | None) -> Applied:
        if row is not None and values["deleted"] == "1":
            end_task(actor=self.actor, row=row, reason=_REASON, now=self.now)
            return Applied(row.pk, row.content)
        measure = self.parent("measure", values["riskMeasureId"])
        kind = int(values["workType"])
        known: dict[str, Any] = {
            "measure": measure, "content": values["troubleshootContent"], "every": values["checkCycle"],
            "cycle_unit": next(code for code, word in UNITS.items() if word.zh == values["checkCycleUnit"]),
            "starts_at": values["taskStartTime"], "window_start": values["workStartTime"],
            "window_end": values["workEndTime"], "days": list(DAYS)[int(values["workDayType"])], "work_type": kind,
            "task_number": int(values["taskNum"]) if kind else None,
        }  # fmt: skip
        if row is None:
            post = measure.event.unit.post
            known |= {"post": post} if post is not None else {"person": self._person(values["createBy"])}
            made = enter_task(actor=self.actor, file=self.file, known=known, now=self.now)
            return Applied(made.pk, made.content)
        self._change(change_task, row, known)
        return Applied(row.pk, row.content)

    def _stop(self, values: Mapping[str, Any], row: UnitStop | None) -> Applied:
        if row is not None and values["deleted"] == "1":
            raise Refused(4009, _("停用记录不能删除，请改为已结束的停用。"))
        unit = self.parent("unit", values["riskUnitId"])
        if row is None:
            made = stop_unit(
                actor=self.actor, unit=unit, begins_at=values["stopStartTime"], ends_at=values["stopEndTime"],
                reason=values["stopReason"], now=self.now,
            )  # fmt: skip
            return Applied(made.pk, made.reason)
        self._same((row.unit_id, row.begins_at), (unit.pk, values["stopStartTime"]))
        change_stop(actor=self.actor, row=row, version=row.version, ends_at=values["stopEndTime"], now=self.now)
        return Applied(row.pk, row.reason)

    def _record(self, values: Mapping[str, Any], row: CheckRecord | None) -> Applied:
        if row is not None:
            # A record stands as it was made; the same again is taken, anything else is not.
            if values["deleted"] == "1" or (row.status, row.at) != (int(values["checkStatus"]), values["checkTime"]):
                raise Refused(4009, _("排查记录不能修改或删除。"))
            return Applied(row.pk, row.content)
        task = self.parent("task", values["checkTaskId"])
        status, actor, said = CheckStatus(int(values["checkStatus"])), self.actor, ""
        if self.source:
            who = task.person or self._person(values["createBy"])
            actor = replace(actor, kind="person", user_id=who.pk, name=f"{who.name}（{self.source}）"[:100])
        elif values["createBy"] != actor.name:
            # Who imports a sheet answers for its lines: a name in it gives nobody's hand.
            said = _("表格所列排查人：%(name)s") % {"name": values["createBy"]}
        note = _CHECK_NOTES[bool(self.source)].get(status, "")
        spec = CheckSpec(
            status=status, at=values["checkTime"], device=values["mobileMe"] or "",
            name=str(note) if status == CheckStatus.FOUND else "",
            note="；".join(str(each) for each in (note, said) if each),
        )  # fmt: skip
        made = record_check(actor=actor, spec=spec, task=task, now=self.now)
        return Applied(made.pk, made.content)

    def _person(self, name: str) -> User:
        """Somebody of the enterprise by his name. :raises Refused: nobody, or several."""
        places = Membership.objects.current().filter(organisation_id=self.file.pk, user__name=name.strip())
        found = {place.user_id: place.user for place in places.select_related("user")}
        if len(found) != 1:
            sentence = _("“%(name)s”不是（或不止一个）本企业的账号，请先建立账号，或在单元上登记责任岗位。")
            raise Refused(4009, sentence % {"name": name})
        user: User = next(iter(found.values()))
        return user

    # Hidden dangers -----------------------------------------------------------------------------------------------

    def _danger(self, values: Mapping[str, Any], row: Finding | None) -> Applied:
        state = int(values["dangerState"])
        if row is None:
            row = self._adopted(values) or self._report(values, None)
        else:
            self._need_theirs(row)
        if values["deleted"] == "1":
            return self._discard(row)
        if not may_change_state(OFFICIAL[row.status], state, values["reopenReason"] or ""):
            raise Refused(4006)
        if OFFICIAL[row.status] == 9 and state == 0:
            row = self._report(values, row)
        remark = self._describe(row, values)
        self._advance(row, values, state)
        return Applied(row.pk, row.name, remark)

    def _need_theirs(self, row: Finding) -> None:
        if row.outside != self.source or not self.came("danger", row.pk):
            raise Refused(4006, _("该隐患在本系统登记，请在本系统办理。"))

    def check_danger(self, values: Mapping[str, Any], subject_id: uuid.UUID | None) -> None:
        """What of a sheet's danger is sure to be refused: told with its line before anybody commits it.

        :raises Refused: 4006, it arose here; 4007, no sheet holds the photo that proves a treatment.
        """
        row = None if subject_id is None else self._own("danger").filter(pk=subject_id).first()
        if row is not None:
            self._need_theirs(row)
        if values["dangerState"] != "0" and (row is None or OFFICIAL[row.status] == 0):
            raise Refused(4007, _("表格不能附整改后照片，请填“整改中”，整改后在本系统提交验收。"))

    def _adopted(self, values: Mapping[str, Any]) -> Finding | None:
        """The danger that the record of this system made here, when it said that something was found."""
        if values["checkRecordId"] is None:
            return None
        record = self.parent("record", values["checkRecordId"])
        if not self.came("record", record.pk):
            return None
        known = ReceivedRow.objects.filter(table="danger", subject_id__isnull=False).values("subject_id")
        row = Finding.objects.filter(check_record=record, status="REPORTED", outside="").exclude(pk__in=known).first()
        if row is not None:
            Finding.objects.filter(pk=row.pk).update(outside=self.source)
            row.refresh_from_db()
        return row

    def _report(self, values: Mapping[str, Any], reopens: Finding | None) -> Finding:
        measure = self.parent("measure", values["riskMeasureId"], needed=False)
        parent = RiskObject.objects.filter(file=self.file, code=values["hazardCode"], ended_date__isnull=True).first()
        if measure is None and parent is None:
            raise Refused(4001, _("没有编码为“%(code)s”的风险分析对象。") % {"code": values["hazardCode"]})
        found: dict[str, Any] = {
            name: from_upload(name, int(values[field])) if values[field] is not None else ""
            for name, field in (
                ("source", "dangerSrc"), ("type", "hazardDangerType"), ("category", "hazardCategory"),
                ("classification", "managementClassification"), ("link", "occurrenceLink"),
            )
        }  # fmt: skip
        spec = findings.FindingSpec(
            name=values["dangerName"], description=values["dangerDesc"], unit=measure.event.unit if measure else None,
            measure=measure, place=parent.name if parent and measure is None else "", found_at=values["registTime"],
            is_major=values["dangerLevel"] == "1", photos=self._photos(values["dangerImg"]),
            check_record=self.parent("record", values["checkRecordId"], needed=False), **found,
        )  # fmt: skip
        row = findings.report_finding(actor=self.actor, file=self.file, spec=spec, now=self.now, reopens=reopens)
        changes: dict[str, Any] = {"outside": self.source, "finder_name": values["registrant"]}
        if parent is not None and row.object_id is None:
            changes["object"] = parent
        Finding.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
        return row

    def _photos(self, content: bytes | None) -> tuple[uuid.UUID, ...]:
        if content is None:
            return ()
        name = "对接照片.png" if content.startswith(b"\x89PNG") else "对接照片.jpg"
        return (receive_file(actor=self.actor, content=BytesIO(content), name=name, now=self.now).pk,)

    def _discard(self, row: Finding) -> Applied:
        if row.status in NO_DANGER:
            return Applied(row.pk, row.name)
        if row.status != "REPORTED":
            raise Refused(4006, _("隐患已核实办理，不能删除。"))
        findings.discard_finding(actor=self.actor, row=row, name="discard", reason=_REASON, now=self.now)
        return Applied(row.pk, row.name)

    def _describe(self, row: Finding, values: Mapping[str, Any]) -> str:
        """Texts follow the source as long as the danger is open; a term only through an extension."""
        if row.is_closed:
            return ""
        changes: dict[str, Any] = {
            "name": values["dangerName"], "description": values["dangerDesc"][:4000],
            "cause": (values["dangerReason"] or row.cause)[:2000],
        }  # fmt: skip
        Finding.objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
        told = Calendar().local_date(values["dangerManageDeadline"])
        if row.deadline is not None and told != row.deadline:
            return _("整改期限仍为%(day)s；延期请在本系统申请。") % {"day": row.deadline.isoformat()}
        return ""

    def _advance(self, row: Finding, values: Mapping[str, Any], state: int) -> None:
        """Step by step through the loop to the official state that the row tells."""
        if row.is_major and (state != 0 or OFFICIAL[row.status] != 0):
            raise Refused(4006, _("重大隐患的方案、整改、验收和销号须在本系统办理。"))
        if row.status == "REPORTED":
            self._confirm(row, values)
        if row.is_major or row.is_closed:
            return
        if row.status == "PLANNING":
            self._plan(row, values)
        if OFFICIAL[row.status] == 1 and state == 0:
            reason = values["reopenReason"] or _("对接系统报送：验收不合格，继续整改")
            findings.reject_finding(actor=self.actor, row=row, reason=reason, now=self.now)
            return
        if state >= 1 and row.status == "FIXING":
            self._finish(row, values)
        if state == 9 and row.status == "ACCEPTING":
            self._accept(row, values)
        if OFFICIAL[row.status] != state:
            raise Refused(4006, _("本系统中该隐患为“%(state)s”。") % {"state": row.status_label})

    def _confirm(self, row: Finding, values: Mapping[str, Any]) -> None:
        findings.grade_finding(
            actor=self.actor, row=row, criterion="", grade="major" if row.is_major else "general", rectifier=None,
            deadline=Calendar().local_date(values["dangerManageDeadline"]), cause=values["dangerReason"] or "",
            person=values["liablePerson"], now=self.now,
        )  # fmt: skip

    def _plan(self, row: Finding, values: Mapping[str, Any]) -> None:
        """The plan stands in the other system; ours says who and what, and that its five parts are not proved here."""
        plan = {**row.plan, "measures": values["controlMeasures"] or "", "person": values["liablePerson"]}
        changes = {"plan": plan, "cost_yuan": _yuan(values["cost"])}
        move(actor=self.actor, row=row, name="plan", now=self.now, given={"plan": plan}, changes=changes)

    def _finish(self, row: Finding, values: Mapping[str, Any]) -> None:
        result = _("“%(system)s”报送：整改完成，待验收") % {"system": self.source or _("表格")}
        findings.finish_finding(
            actor=self.actor, row=row, result=result, lesson=None, photos=self._photos(values["dangerAcceptImg"]),
            now=self.now, told_in=(self.batch or "-") if self.source else "",
        )  # fmt: skip

    def _accept(self, row: Finding, values: Mapping[str, Any]) -> None:
        findings.accept_finding(actor=self.actor, row=row, comment=values["checkAcceptComment"], now=self.now)
        plan = {**row.plan, "accepted_by": values["checkAcceptPerson"]}
        Finding.objects.filter(pk=row.pk).update(plan=plan, accepted_at=min(values["checkAcceptTime"], self.now))
        row.refresh_from_db()


def subject_of(code: str, key: uuid.UUID, file: Enterprise) -> uuid.UUID | None:
    """Our record behind a key of a table, within one file: taken before from outside, or our own; None for none."""
    known = ReceivedRow.objects.filter(table=code, external_id=key, file=file, subject_id__isnull=False).first()
    if known is not None:
        return None if known.is_deleted else known.subject_id
    own = MODELS[code].objects.filter(pk=key, **{_FILE[code]: file})
    return key if own.exists() else None


def is_anothers(code: str, key: uuid.UUID, file: Enterprise) -> bool:
    """Whether a key belongs to another enterprise (4005): told before by it, or a record of it here."""
    if ReceivedRow.objects.filter(table=code, external_id=key).exclude(file=file).exists():
        return True
    return bool(MODELS[code].objects.filter(pk=key).exclude(**{_FILE[code]: file}).exists())


def _yuan(text: str | None) -> Decimal | None:
    """Ten thousand yuan as people write them; None where it is no number."""
    try:
        value = Decimal(str(text)) * 10_000
    except InvalidOperation:
        return None
    return round(value, 2) if value.is_finite() and 0 <= value < 10**12 else None

