"""Reporters (信息报送员) and report duties (报告要求) from spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.models import Plan, ReportDuty
from quancheng.domains.duty.models.reports import ReportKind
from quancheng.domains.duty.queries import plans
from quancheng.domains.duty.queries import reports as queries
from quancheng.domains.duty.services import demands, reports
from quancheng.domains.duty.services.demands import ACCEPT, FIGURES, DemandSpec
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import (
    Organisations,
    choice_column,
    flat,
    organisation_column,
    organisations_column,
)
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.queries import Person, get_person, list_colleagues


class ReporterImport(Session):
    """One unit a line; the person must hold the duty to write that unit's reports."""

    keys = ("org",)

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            organisation_column("org", gettext_lazy("单位"), Organisations(self.actor), required=True),
            SheetColumn("user", gettext_lazy("信息报送员"), required=True, max_length=60, parse=clean,
                        aliases=("姓名", "报送员"), help=gettext_lazy("该单位负有填报职责的人员姓名"), sample="张某"),
            SheetColumn("named_at", gettext_lazy("确定时间"), is_read=False),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        named = queries.current_reporters(actor=self.actor)
        return {
            (one.owner_org.name,): Standing(
                str(one.pk), {"org": one.owner_org.name, "user": one.user.name}, str(one.user_id)
            )
            for one in named
        }  # fmt: skip

    def check(self, row: Row) -> Iterable[Fault]:
        org: Organisation = row.values["org"]
        if not reports.may_name_for(self.actor, org):
            yield Fault("org", _("只能登记本单位，或由接收报告的单位登记。"))
        elif row.mark != "unchanged" and len(self._able(row)) != 1:
            # Neither who else works there nor whether the name exists is told.
            yield Fault("user", _("该单位没有，或不止一名叫这个名字、负有填报职责的人员。"))

    def _able(self, row: Row) -> list[Person]:
        people = list_colleagues(organisation_id=row.values["org"].pk, duty="duty.reports.write")
        return [person for person in people if person.name == row.values["user"]]

    def save(self, row: Row) -> str:
        user = get_person(actor=self.actor, user_id=self._able(row)[0].user_id)
        named = reports.name_reporter(actor=self.actor, org=row.values["org"], user=user, now=self.now)
        return str(named.pk)

    def remove(self, row: Row) -> None:
        reports.end_reporter(actor=self.actor, org=row.values["org"], now=self.now)


class DemandImport(Session):
    """One report a line, under a plan of one's own organisation."""

    keys = ("plan", "title")

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        kinds = [(code, label) for code, label in ReportKind.choices if code in FIGURES]
        return [
            SheetColumn("plan", gettext_lazy("计划文件"), required=True, max_length=200, parse=self._plan, width=36,
                        text=lambda plan: plan.code, help=gettext_lazy("编号、文号或标题；须由本单位下达并在执行中")),
            SheetColumn("title", gettext_lazy("报告"), required=True, max_length=200, parse=clean, width=36,
                        aliases=("报告名称",), sample="危险化学品安全整治月报"),
            choice_column("kind", gettext_lazy("类型"), kinds, required=True, aliases=("报告类型",)),
            SheetColumn("day", gettext_lazy("报送日"), kind="integer", minimum=1, maximum=31, sample="20",
                        help=gettext_lazy("每期最后一个月（月报为每月）的几日前报送；一次性报告不填")),
            SheetColumn("month", gettext_lazy("报送月份"), kind="integer", minimum=1, maximum=12,
                        help=gettext_lazy("年度总结填写")),
            SheetColumn("on", gettext_lazy("报送日期"), kind="date", help=gettext_lazy("一次性报告填写")),
            organisations_column("orgs", gettext_lazy("报送单位"), Organisations(self.actor), required=True),
            SheetColumn("last_date", gettext_lazy("截止日期"), kind="date", required=True,
                        help=gettext_lazy("这一天以后不再要求")),
            SheetColumn("text", gettext_lazy("要求"), max_length=2000, width=40, aliases=("原文要求",)),
            SheetColumn("needs_approval", gettext_lazy("须经单位内部审核"), kind="boolean"),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("receiver", gettext_lazy("报送对象")), ("report_count", gettext_lazy("已生成")),
                ("waiting_count", gettext_lazy("未报")), ("late_count", gettext_lazy("迟报")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    @cached_property
    def _plans(self) -> list[Plan]:
        mine = plans.list_plans(actor=self.actor).filter(status="RUNNING", owner_org=self.actor.organisation_id)
        return list(mine)

    def _plan(self, text: str) -> Plan:
        found = [plan for plan in self._plans if text in (plan.code, plan.number, plan.title)]
        if len(found) != 1:
            raise BadCell("unknown_plan", _("没有找到本单位下达、正在执行的计划“%(name)s”。") % {"name": text[:60]})
        return found[0]

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        wanted = {row.values["plan"].pk for row in rows if row.values.get("plan")}
        duties = queries.list_duties(actor=self.actor).filter(plan__in=wanted)
        # One that demands nothing more has ended, and may be demanded anew.
        duties = duties.exclude(rule__last_day__lte=Calendar().local_date(self.now))
        duties = duties.prefetch_related("rule__organisations")
        return {(one.plan.code, one.title): self._standing(one) for one in duties}

    def _standing(self, one: ReportDuty) -> Standing:
        figures = one.rule.figures if one.rule else {}
        orgs = list(one.rule.organisations.all()) if one.rule else []
        on = (figures.get("dates") or [""])[0] if one.kind == ReportKind.ONCE else ""
        texts = {
            "plan": one.plan.code,
            "title": one.title,
            "kind": one.kind,
            "day": str(figures.get("day", "")),
            "month": str(figures.get("month", "")) if one.kind == ReportKind.YEARLY else "",
            "on": on,
            "orgs": "、".join(sorted(org.name for org in orgs)),
            "last_date": one.rule.last_day.isoformat() if one.rule and one.rule.last_day else "",
            "text": one.text,
            "needs_approval": "是" if one.needs_approval else "否",
        }
        return Standing(str(one.pk), texts)

    def check(self, row: Row) -> Iterable[Fault]:
        if row.before is not None:
            # Reports have arisen from it; what they rest on is not changed under them.
            for key in row.changes:
                if key != "needs_approval" or row.values["needs_approval"] is not None:
                    yield Fault(key, _("该报告要求已登记，请在其页面修改。"))
            return
        for name in demands.missing_figures(self._spec(row)):
            yield Fault(name, _("这种类型的报告须填写此项。"))

    @staticmethod
    def _spec(row: Row) -> DemandSpec:
        values = row.values
        return DemandSpec(
            title=values["title"], kind=values["kind"], orgs=flat(values["orgs"]), last_date=values["last_date"],
            text=values["text"] or "", day=values["day"], month=values["month"], on=values["on"],
            needs_approval=bool(values["needs_approval"]),
        )  # fmt: skip

    def save(self, row: Row) -> str:
        if row.before is not None:
            return row.before.id
        made = demands.demand_report(actor=self.actor, plan=row.values["plan"], spec=self._spec(row), now=self.now)
        return str(made.pk)

    def remove(self, row: Row) -> None:
        duty = queries.get_duty(actor=self.actor, duty_id=row.saved_id)  # type: ignore[arg-type]
        demands.withdraw_demand(actor=self.actor, duty=duty, reason=_("撤销导入"), now=self.now)


REPORTERS = Register(
    code="duty.reporters",
    title=gettext_lazy("信息报送员"),
    duty=ACCEPT,
    session=ReporterImport,
    hint=gettext_lazy("每行一个单位的信息报送员，由接收报告的单位按各单位报来的名单登记。"),
    rows_at="duty:reporters",
    order=34,
)
REPORT_DUTIES = Register(
    code="duty.report_duties",
    title=gettext_lazy("报告要求"),
    duty=ACCEPT,
    session=DemandImport,
    hint=gettext_lazy("每行一项报告：谁、按什么周期、报到哪一天为止；到期的报告自动生成。撤销导入时取消未报的报告。"),
    rows_at="duty:report_duties",
    order=36,
)
