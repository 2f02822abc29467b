"""Pages of cases that are published (典型案例): list, one, writing, the open pages; who counts as doing such work."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import exposed as forms
from quancheng.domains.permits.loops.case import CASE
from quancheng.domains.permits.models import DangerousWorkRule, ExposedCase, Kind
from quancheng.domains.permits.queries import dangerous_work
from quancheng.domains.permits.queries import exposed as queries
from quancheng.domains.permits.queries.audits import AUDIT, RULES, get_finding
from quancheng.domains.permits.services import exposed as services
from quancheng.domains.permits.views.audits import finding_text
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.pages import loopview, marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.kernel.pages.open import OpenPage

#: Cases of one open page.
_ROWS = 100


def _shown_name(row: ExposedCase) -> str:
    return row.shown_name or _("未公开")


class CaseList(ListPage):
    """Cases that are published, and those of one's own office that are not yet."""

    code = "permits.exposed_cases"
    title = gettext_lazy("典型案例")
    columns = (
        Column("title", gettext_lazy("标题"), link=True, card="title", width="wide"),
        Column("kind", gettext_lazy("作业类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=_shown_name, card="meta"),
        Column("rule", gettext_lazy("违反的规定"), width="wide"),
        Column("owner", gettext_lazy("发布机关"), value=lambda row: row.owner_org.label),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("published_at", gettext_lazy("发布时间"), sort="published_at", card="meta"),
        Column("code", gettext_lazy("编号"), sort="code", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("标题、规定、编号"), fields=("title", "rule", "code"), pinned=True),
        Choice(name="kind", label=gettext_lazy("作业类别"), choices=Kind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CASE.choices, field="status", multiple=True),
        Dates(name="published", label=gettext_lazy("发布时间"), field="published_at", times=True),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有典型案例")
    empty_hint = gettext_lazy("监管部门从审计和抽查发现的问题中选取，经另一人审批后发布。")

    def queryset(self, actor: Actor) -> QuerySet[ExposedCase]:
        return queries.list_cases(actor=actor)

    def url_of(self, row: ExposedCase) -> str:
        return reverse("permits:exposed_case", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.supervises and actor.has(AUDIT):
            found.append((gettext_lazy("从审计问题中选取"), f"{reverse('permits:findings')}?unexposed=1"))
        if actor.has(RULES):
            found.append((gettext_lazy("必检单位认定"), reverse("permits:dangerous_work_rule")))
        return found


class CasePage(ObjectPage[ExposedCase]):
    """One case: what was wrong, which rule it broke, what came of it."""

    back = (gettext_lazy("典型案例"), lambda: reverse("permits:exposed_cases"))
    forms: ClassVar = {
        "return": forms.ReasonForm, "drop": forms.ReasonForm, "withdraw": forms.ReasonForm, "confirm": forms.NoteForm,
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> ExposedCase:
        return queries.get_case(actor=actor, case_id=kwargs["pk"])

    def head(self, row: ExposedCase, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.owner_org.label,
                          marks=[marks.badge(row.get_kind_display(), "plain")])  # fmt: skip

    def facts(self, row: ExposedCase, actor: Actor) -> Sequence[Fact]:
        shown = [
            Fact(label=_("作业类别"), value=row.get_kind_display()),
            Fact(label=_("企业"), value=_shown_name(row)),
            Fact(label=_("违规情形"), value=row.what, wide=True),
            Fact(label=_("违反的规定"), value=row.rule, wide=True),
            Fact(label=_("处理结果"), value=row.outcome, wide=True),
            Fact(label=_("发布时间"), value=row.published_at),
        ]
        if not queries.is_own(row, actor):
            return shown
        # Whose case it is, and of which finding, is told to the office alone.
        shown.append(Fact(label=_("公开企业名称"), value=_("是") if row.is_named else _("否")))
        if row.finding is not None:
            url = reverse("permits:finding", args=[row.finding_id])
            link = format_html('<a href="{}">{}</a>', url, finding_text(row.finding))
            shown.append(Fact(label=_("审计问题"), value=link, wide=True))
        shown += [
            Fact(label=_("编写人"), value=row.writer),
            Fact(label=_("退回、撤回或放弃的理由"), value=row.reason, wide=True),
        ]
        if row.status == "PUBLISHED":
            url = reverse("work:case", args=[row.pk])
            shown.append(Fact(label=_("公开网页"), value=format_html('<a href="{}">{}</a>', url, url), wide=True))
        return shown

    def actions(self, row: ExposedCase, actor: Actor) -> Sequence[Action]:
        edit = reverse("permits:exposed_case_edit", args=[row.pk])
        return [
            Action(name="edit", label=one.label, url=edit) if one.name == "change" else
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name in self.forms)
            for one in loopview.actions_of(row, actor)
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: ExposedCase, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "change":
            # It has a page of its own, where the text is.
            raise NotFound
        services.move_case(actor=actor, case=row, name=name, reason=given.get("reason") or given.get("note") or "",
                           now=now, client_id=client_id)  # fmt: skip


class NewCase(CreatePage):
    """A case written of a finding."""

    title = gettext_lazy("编写典型案例")
    lead = gettext_lazy("经另一人审批后向辖区企业发布，并在公开网页展示；不公开人员姓名，企业名称可选是否公开。")
    duty = AUDIT
    form = forms.CaseForm
    button = gettext_lazy("保存草稿")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.finding = get_finding(actor=actor, finding_id=kwargs["pk"])
        if not actor.supervises:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        violation = getattr(self.finding, "violation", None)
        return {
            "title": finding_text(self.finding)[:120], "what": self.finding.note, "rule": self.finding.clause,
            "outcome": violation.note if violation is not None else "",
        }  # fmt: skip

    def back_url(self) -> str:
        return reverse("permits:finding", args=[self.finding.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        spec = services.CaseSpec(**given)
        made = services.write_case(actor=actor, finding=self.finding, spec=spec, now=now, client_id=client_id)
        return reverse("permits:exposed_case", args=[made.pk])


class EditCase(CreatePage):
    """A case while it is written."""

    title = gettext_lazy("修改典型案例")
    duty = AUDIT
    form = forms.CaseForm
    button = gettext_lazy("保存草稿")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.case = queries.get_case(actor=actor, case_id=kwargs["pk"])
        if not queries.is_own(self.case, actor):
            raise NotPermitted
        if self.case.status != "DRAFT" and self.request.method != "POST":
            raise StaleState(_("案例已提交审批或已结束，不能再修改。"))

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {name: getattr(self.case, name) for name in ("title", "what", "rule", "outcome", "is_named")}

    def back_url(self) -> str:
        return reverse("permits:exposed_case", args=[self.case.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_case(actor=actor, case=self.case, spec=services.CaseSpec(**given), now=now)
        return self.back_url()


class SetMonths(CreatePage):
    """For how many months back special work marks a unit; below, how it was set before."""

    title = gettext_lazy("必检单位认定")
    lead = gettext_lazy("追溯期内签发过作业票、报备过作业或报送过外部作业票的企业，每次专项检查都有特殊作业必检部分。")
    duty = RULES
    form = forms.MonthsForm
    template = "permits/dangerous_work_rule.html"
    back = "permits:exposed_cases"
    button = gettext_lazy("保存设置")

    @property
    def standing(self) -> int:
        """Months that count now."""
        return dangerous_work.months_on(dangerous_work.rule_changes(), Calendar().local_date(timezone.now()))

    @property
    def changes(self) -> Sequence[DangerousWorkRule]:
        return dangerous_work.rule_changes()

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"months": self.standing, "from_day": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_months(actor=actor, now=now, client_id=client_id, **given)
        return reverse("permits:dangerous_work_rule")


class OpenCases(OpenPage):
    """What was published, for anybody; each address is counted."""

    place, busy = "permits.cases", "cases_busy"

    def kept(self, request: HttpRequest) -> Mapping[str, str]:
        number = self._number(request)
        return {"page": str(number)} if number > 1 else {}

    def get(self, request: HttpRequest) -> HttpResponse:
        number = self._number(request)
        first = (number - 1) * _ROWS
        rows = list(queries.open_cases()[first : first + _ROWS + 1])
        context = {"rows": rows[:_ROWS], "newer": number - 1, "older": number + 1 if len(rows) > _ROWS else 0}
        return self.page(request, "permits/open_cases.html", context)

    @staticmethod
    def _number(request: HttpRequest) -> int:
        """Which page; what is no number, or beyond all cases of a century, is the first."""
        told = request.GET.get("page", "")
        return int(told) if told.isascii() and told.isdigit() and 0 < len(told) < 5 and int(told) else 1


class OpenCase(OpenPage):
    """One that was published; a withdrawn one is as one that never was."""

    place, busy = "permits.cases", "cases_busy"

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        found = queries.open_case(pk)
        if found is None:
            return self.page(request, "permits/open_case_none.html", {}, status=404)
        return self.page(request, "permits/open_case.html", {"case": found})
