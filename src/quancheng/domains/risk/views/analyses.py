"""Analyses by method (风险分析): the list, one session with its rows, taking over, printing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk import analysis_scheme as scheme
from quancheng.domains.risk.forms import analyses as forms
from quancheng.domains.risk.forms.gradings import NoteForm
from quancheng.domains.risk.kinds import AnalysisMethod, Level, Occasion
from quancheng.domains.risk.loops.analysis import ANALYSIS
from quancheng.domains.risk.models import Analysis, AnalysisRow
from quancheng.domains.risk.queries import analyses as queries
from quancheng.domains.risk.queries.risks import get_unit
from quancheng.domains.risk.queries.taking_over import LABELS, proposals_of
from quancheng.domains.risk.services import analyses as services
from quancheng.domains.risk.services import taking_over
from quancheng.domains.risk.services.keeping import may_keep
from quancheng.domains.risk.views import words
from quancheng.domains.risk.views.keeping import KeeperPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, NotPermitted
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of

_LEVELS = [(str(code), label) for code, label in Level.choices]
TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path))  # fmt: skip


def today() -> date:
    return Calendar().local_date(timezone.now())


class AnalysisList(ListPage):
    """Analyses of units by method (风险分析)."""

    code = "risk.analyses"
    title = gettext_lazy("风险分析")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("分析名称"), link=True, sort="title", card="title", width="wide"),
        Column("method", gettext_lazy("分析方法"), sort="method", card="meta"),
        Column("unit", gettext_lazy("风险分析单元"), value=lambda row: row.unit.name),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("edition", gettext_lazy("版次"), numeric=True, sort="edition"),
        Column("occasion", gettext_lazy("分析时机"), value=lambda row: row.get_occasion_display(), shown=False),
        Column("analysed_date", gettext_lazy("分析日期"), sort="analysed_date"),
        Column("review_date", gettext_lazy("下次分析日期"), sort="review_date"),
        Column("rows", gettext_lazy("行数"), value=lambda row: row.row_count, numeric=True, sort="row_count"),
        Column("open", gettext_lazy("未关闭建议"), value=lambda row: row.open_count, numeric=True, sort="open_count"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、编号、企业"), pinned=True,
               fields=("title", "code", "file__enterprise__name", "unit__name")),
        Choice(name="method", label=gettext_lazy("分析方法"), choices=AnalysisMethod.choices, field="method",
               multiple=True, pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=ANALYSIS.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="occasion", label=gettext_lazy("分析时机"), choices=Occasion.choices, field="occasion"),
        Dates(name="review", label=gettext_lazy("下次分析日期"), field="review_date"),
        TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("还没有风险分析")
    empty_hint = gettext_lazy("在风险分析单元的页面上开始一次分析。")

    def queryset(self, actor: Actor) -> QuerySet[Analysis]:
        return queries.list_analyses(actor=actor)

    def url_of(self, row: Analysis) -> str:
        return reverse("risk:analysis", args=[row.pk])


class _RowList(ListPage):
    """Rows of all analyses by one method, with the headings of its spreadsheet."""

    method: ClassVar[str] = ""
    empty_title = gettext_lazy("还没有分析记录")

    def queryset(self, actor: Actor) -> QuerySet[AnalysisRow]:
        return queries.list_rows(actor=actor, method=self.method)

    def url_of(self, row: AnalysisRow) -> str:
        return reverse("risk:analysis", args=[row.analysis_id])


def _columns(method: str, linked: str) -> tuple[Column, ...]:
    """Columns of a method's rows by the five-by-five matrix, which is how spreadsheets have them."""

    def column(one: scheme.Field) -> Column:
        def value(row: AnalysisRow) -> Any:
            return shown_value(one, row.values.get(one.code))

        is_link = one.code == linked
        main = one.is_needed or one.code in ("deviation", "suggestion")
        return Column(
            one.code, _lazy(one.name), value=value, shown=main and one.code not in ("basis", "drawing_no"),
            link=is_link, card="title" if is_link else "", width="wide" if one.kind == "long" else "",
        )  # fmt: skip

    top = (
        Column("file", gettext_lazy("企业"), value=lambda row: row.analysis.file.enterprise.name),
        Column("analysis", gettext_lazy("分析编号"), value=lambda row: row.analysis.code, sort="analysis__code",
               card="meta"),
        Column("level", gettext_lazy("风险等级"), value=lambda row: row.get_level_display(),
               render=lambda row: words.colour(row.level), sort="level", card="meta"),
        Column("residual", gettext_lazy("建议措施后"), value=lambda row: row.get_residual_level_display() or "",
               render=lambda row: words.colour(row.residual_level), sort="residual_level", shown=False),
    )  # fmt: skip
    return (*top, *(column(one) for one in scheme.row_fields(method, "LS")))


def _lazy(text: Any) -> Any:
    return lazy(lambda: told(text), str)()


def shown_value(one: scheme.Field, value: Any) -> Any:
    """A value of a row as a page and a spreadsheet show it: codes by their words, factors by their number."""
    if value is None:
        return ""
    if one.code[:2] in ("f_", "r_"):
        return value
    if one.kind == "choice":
        return told(one.choices[value]) if value in one.choices else value
    if one.kind == "yes":
        return _("是") if value else _("否")
    return date.fromisoformat(value) if one.kind == "day" else value


_ROW_FILTERS = (
    Search(name="q", label=gettext_lazy("分析编号、企业"), pinned=True,
           fields=("analysis__code", "analysis__title", "analysis__file__enterprise__name")),
    Choice(name="level", label=gettext_lazy("风险等级"), choices=_LEVELS, field="level", multiple=True, pinned=True),
    Flag(name="apart", label=gettext_lazy("只看没有转入清单的"), condition=lambda actor: Q(event__isnull=True)),
)  # fmt: skip


class JhaRows(_RowList):
    code, method = "risk.rows.jha", scheme.JHA
    title = gettext_lazy("工作危害分析记录")
    columns, filters = _columns(scheme.JHA, "hazard"), _ROW_FILTERS
    imports = ("risk.jha",)


class SclRows(_RowList):
    code, method = "risk.rows.scl", scheme.SCL
    title = gettext_lazy("安全检查表分析记录")
    columns, filters = _columns(scheme.SCL, "check_item"), _ROW_FILTERS
    imports = ("risk.scl",)


class HazopRows(_RowList):
    code, method = "risk.rows.hazop", scheme.HAZOP
    title = gettext_lazy("HAZOP分析记录")
    columns, filters = _columns(scheme.HAZOP, "deviation"), _ROW_FILTERS
    imports = ("risk.hazop",)


class AnalysisPage(ObjectPage[Analysis]):
    """One session: its head, its rows with their colours, what it recommends, what is doubted."""

    template = "risk/object.html"
    back = (gettext_lazy("风险分析"), lambda: reverse("risk:analyses"))
    forms: ClassVar = {"approve": NoteForm, "renew": forms.OccasionForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Analysis:
        return queries.get_analysis(actor=actor, analysis_id=kwargs["pk"])

    def head(self, row: Analysis, actor: Actor) -> ObjectHead:
        edition = marks.badge(_("第%(number)s版") % {"number": row.edition})
        return ObjectHead(title=row.title, code=row.code, subtitle=row.get_method_display(), marks=[edition])

    def facts(self, row: Analysis, actor: Actor) -> Sequence[Fact]:
        days = queries.interval_of(row.unit)
        found = [
            Fact(label=_("企业"), value=words.link_to(row.file)),
            Fact(label=_("风险分析单元"), value=words.link("unit", row.unit)),
            Fact(label=_("评价方法"), value=row.get_rating_display()),
            Fact(label=_("分析时机"), value=row.get_occasion_display()),
            *(Fact(label=told(name), value=row.head.get(code, "")) for code, name in scheme.head_fields(row.method)),
            Fact(label=_("分析人员"), value=row.team),
            Fact(label=_("组长"), value=row.leader),
            Fact(label=_("分析日期"), value=row.analysed_date),
            Fact(label=_("审核人"), value=row.approved_by),
            Fact(label=_("下次分析日期"), value=row.review_date, help=told(days.why)),
        ]
        if days.must_be_hazop and row.method != scheme.HAZOP:
            said = _("该单元应采用HAZOP分析，本分析不能替代。")
            found.append(Fact(label=_("提示"), value=said, wide=True))
        if row.replaces is not None:
            found.append(Fact(label=_("上一版"), value=words.link("analysis", row.replaces)))
        return found

    def tabs(self, row: Analysis, actor: Actor) -> Sequence[Tab]:
        rows, wishes = queries.rows_of(row), queries.recommendations_of(row)
        edits = row.status == "DRAFT" and services.may_analyse(actor, row.file_id)
        shown = scheme.row_fields(row.method, row.rating)
        is_hazop, counts = row.method == scheme.HAZOP, row.status in (*queries.OPEN, *queries.COUNTING)
        return [
            Tab(name="rows", label=_("分析记录"), count=len(rows), template="risk/_analysis_rows.html",
                context=lambda: {"lines": lines_of(rows, shown), "edits": edits, "is_hazop": is_hazop,
                                 "may_add": is_hazop and counts and may_keep(actor, row.file)}),
            Tab(name="wishes", label=_("建议措施"), count=len(wishes), template="risk/_wishes.html",
                context=lambda: {"wishes": wishes, "closing": queries.closing_of(wishes, today())}),
            Tab(name="doubts", label=_("存疑"), count=len(row.doubts), template="risk/_analysis_doubts.html",
                context=lambda: {"doubts": words.reasons(row.doubts)}),
        ]  # fmt: skip

    def actions(self, row: Analysis, actor: Actor) -> Sequence[Action]:
        found = [
            Action(name=one.name, label=one.label, primary=one.primary, asks=one.name != "submit")
            for one in super().actions(row, actor)
            if one.name != "supersede"
        ]
        url = reverse("risk:analysis_print", args=[row.pk])
        found.append(Action(name="print", label=_("打印"), url=url, icon="printer"))
        if not services.may_analyse(actor, row.file_id):
            return found
        if row.status == "DRAFT":
            found += [
                Action(name="row", label=_("增加一行"), url=reverse("risk:analysis_row_new", args=[row.pk])),
                Action(name="head", label=_("修改表头"), url=reverse("risk:analysis_head", args=[row.pk])),
                Action(name="import", label=_("从表格导入"),
                       url=reverse("exchange:import_new", args=[f"risk.{row.method.lower()}"])),
            ]  # fmt: skip
        if row.status in queries.COUNTING:
            found.append(Action(name="renew", label=_("开始新版"), asks=True, primary=row.status == "DUE"))
            url = reverse("risk:analysis_take", args=[row.pk])
            found.append(Action(name="take", label=_("转入风险清单"), url=url, primary=row.status == "IN_FORCE"))
        return found

    def perform(
        self, *, actor: Actor, row: Analysis, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        common: dict[str, Any] = {"actor": actor, "row": row, "now": now, "client_id": client_id}
        steps: dict[str, Callable[[], Any]] = {
            "submit": lambda: services.submit_analysis(**common),
            "approve": lambda: services.approve_analysis(**common, text=given["text"]),
            "renew": lambda: services.renew_analysis(**common, occasion=given["occasion"]),
        }
        if name in steps:
            steps[name]()
        elif name in ("return", "withdraw", "end", "change", "order"):
            services.answer_analysis(**common, name=name, reason=given["reason"])
        else:
            raise NotFound


def lines_of(rows: Sequence[AnalysisRow], shown: Sequence[scheme.Field]) -> list[dict[str, Any]]:
    """Rows as the page shows them: what it is about, its colours, its measures and factors, its event."""
    found = []
    for one in rows:
        method = one.analysis.method
        values = one.values
        first = str(values.get(scheme.KEYS[method][0], ""))
        told_values = [
            (told(each.name), shown_value(each, values.get(each.code)))
            for each in shown if values.get(each.code) not in (None, "")
        ]  # fmt: skip
        found.append({
            "row": one, "number": first, "title": scheme.title_of(method, values), "values": told_values,
            "measures": [text for _group, text in scheme.measures_of(method, values)],
            "wish": values.get("suggestion", ""),
        })  # fmt: skip
    return found


class PrintAnalysis(View):
    """One analysis as a sheet to be printed and signed."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        row = queries.get_analysis(actor=actor, analysis_id=pk)
        shown = scheme.row_fields(row.method, row.rating)
        rows = queries.rows_of(row)
        heads = [(told(name), row.head.get(code, "")) for code, name in scheme.head_fields(row.method)]
        table = [([shown_value(one, each.values.get(one.code)) for one in shown], each) for each in rows]
        context = {"row": row, "heads": heads, "columns": [told(one.name) for one in shown], "table": table}
        return render(request, "risk/analysis_print.html", context)


class _HeadPage(KeeperPage):
    """The head of an analysis, typed."""

    form = forms.HeadForm

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.HeadForm(*args, method=self.method, is_new=self.is_new, **kwargs)
        return self.asked

    method = ""
    is_new = True


class BeginAnalysis(_HeadPage):
    title = gettext_lazy("开始风险分析")
    lead = gettext_lazy("设备设施用SCL，作业活动用JHA，工艺过程用HAZOP。颜色由评价方法推算。")
    button = gettext_lazy("保存，开始填写")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.unit = get_unit(actor=actor, unit_id=kwargs["pk"])
        self.method = kwargs["method"].upper()
        if self.method not in AnalysisMethod.values:
            raise Http404
        if not services.may_analyse(actor, self.unit.object.file_id):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"title": self.unit.name, "analysed_date": Calendar().local_date(now), "rating": "LS"}

    def back_url(self) -> str:
        return reverse("risk:unit", args=[self.unit.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        made = services.begin_analysis(
            actor=actor, unit=self.unit, method=self.method, rating=given["rating"], known=given,
            head=self.asked.head(), now=now, client_id=client_id,
        )  # fmt: skip
        return reverse("risk:analysis", args=[made.pk])


class ChangeHead(_HeadPage):
    title = gettext_lazy("修改表头")
    button = gettext_lazy("保存")
    is_new = False

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_analysis(actor=actor, analysis_id=kwargs["pk"])
        self.method = self.row.method
        if not services.may_analyse(actor, self.row.file_id):
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        known = {name: getattr(self.row, name) for name in services.HEAD}
        return known | {f"head_{code}": text for code, text in self.row.head.items()}

    def back_url(self) -> str:
        return reverse("risk:analysis", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.change_head(actor=actor, row=self.row, known=given, head=self.asked.head(), now=now)
        return self.back_url()


class NewRow(KeeperPage):
    """One row is written; the next one can follow at once."""

    title = gettext_lazy("增加分析记录")
    lead = gettext_lazy("风险等级由评价参数推算；一般及以上风险须写明建议措施、责任人和期限。")
    form = forms.RowForm
    button = gettext_lazy("保存")
    row: AnalysisRow | None = None

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.analysis = queries.get_analysis(actor=actor, analysis_id=kwargs["pk"])
        self._allow(actor)

    def _allow(self, actor: Actor) -> None:
        if not services.may_analyse(actor, self.analysis.file_id):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.asked = forms.RowForm(
            *args, method=self.analysis.method, rating=self.analysis.rating, is_new=self.row is None, **kwargs
        )
        return self.asked

    def back_url(self) -> str:
        return reverse("risk:analysis", args=[self.analysis.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.save_row(
            actor=actor, analysis=self.analysis, values=self.asked.values(), now=now, row=self.row,
            version=given.get("version"), client_id=client_id,
        )  # fmt: skip
        return self.back_url()


class ChangeRow(NewRow):
    title = gettext_lazy("修改分析记录")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_row(actor=actor, row_id=kwargs["pk"])
        self.analysis = self.row.analysis
        self._allow(actor)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        assert self.row is not None  # noqa: S101 - opened
        return {**self.row.values, "version": self.row.version}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        if given.get("drop") and self.row is not None:
            services.drop_row(actor=actor, row=self.row, now=now)
            return self.back_url()
        return super().make(actor=actor, given=given, now=now, client_id=client_id)


class TakeOver(KeeperPage):
    """What rows would bring into the risk list; a person ticks those that shall."""

    title = gettext_lazy("转入风险清单")
    lead = gettext_lazy("新的行成为风险事件和管控措施；已转入的行只在有变化时列出，原值和新值并列。")
    form = forms.TakeOverForm
    button = gettext_lazy("转入所选")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.row = queries.get_analysis(actor=actor, analysis_id=kwargs["pk"])
        if not services.may_analyse(actor, self.row.file_id):
            raise NotPermitted
        self.proposals = [one for one in proposals_of(self.row) if one.kind != "same"]

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        rows = [(str(one.row.pk), one.wanted["name"]) for one in self.proposals]
        return forms.TakeOverForm(*args, rows=rows, **kwargs)

    def back_url(self) -> str:
        return reverse("risk:analysis", args=[self.row.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        chosen = [uuid.UUID(one) for one in given["rows"]]
        taking_over.take_over(actor=actor, analysis=self.row, rows=chosen, now=now)
        return self.back_url()

    def _show(self, request: HttpRequest, form: django_forms.Form, *, status: int = 200) -> HttpResponse:
        chosen = set(request.POST.getlist("rows"))
        lines = [
            {
                "one": one, "chosen": str(one.row.pk) in chosen or request.method != "POST",
                "differences": [(LABELS[name], old, new) for name, old, new in one.differences],
            }
            for one in self.proposals
        ]  # fmt: skip
        context = {
            "page": self, "form": form, "lines": lines, "back_url": self.back_url(),
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
        }  # fmt: skip
        return render(request, "risk/take_over.html", context, status=status)
