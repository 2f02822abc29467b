"""Key supervised processes (重点监管工艺): the list with what does not conform, and one facility with all of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import Form
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from quancheng.domains.monitoring.forms.retrofits import RetrofitForm
from quancheng.domains.monitoring.models import AutomationRetrofit
from quancheng.domains.monitoring.queries import installations
from quancheng.domains.monitoring.queries import key_processes as queries
from quancheng.domains.monitoring.queries.key_processes import ProcessPlace, Run, place_of
from quancheng.domains.monitoring.services.retrofits import tell_retrofit
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.views import words
from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.risk.views.words import link_to
from quancheng.domains.training.models.certificates import QualificationState
from quancheng.domains.training.queries.operators import Operator, bars_said
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotPermitted, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Asked, Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed, told
from quancheng.standards.lists.processes import KeyProcess, key_processes

REASONS: dict[str, Text] = {
    "no_operators": gettext_lazy("没有登记该工艺的操作人员"),
    "certificates": gettext_lazy("操作人员没有有效的特种作业操作证"),
    "education": gettext_lazy("操作人员学历不符合"),
    "unspecific_operators": gettext_lazy("该工艺不要求单列操作证，操作人员须人工核对"),
    "barred_operators": gettext_lazy("操作人员离岗再培训未完成"),
    "unfit_operators": gettext_lazy("操作人员不符合任职要求（教育、职业禁忌、年龄等）"),
    "shared_operators": gettext_lazy("该工艺在本企业多个单元，操作人员未分到单元，须人工核对"),
    "parameters": gettext_lazy("缺少设有报警限值的控制参数"),
    "limits": gettext_lazy("监测点位没有报警限值"),
    "systems": gettext_lazy("自动化控制、紧急停车或安全仪表系统未投用"),
    "retrofit_untold": gettext_lazy("没有登记自动化改造情况"),
    "retrofit_open": gettext_lazy("自动化改造未完成"),
    "retrofit_late": gettext_lazy("自动化改造超过计划完成日期"),
    "contents": gettext_lazy("没有登记存放的化学品，或其中有未填危险性类别、物态的，应有设施须人工核对"),
}
#: What is said otherwise of major hazards.
_OF_HAZARDS: dict[str, Text] = {
    "no_operators": gettext_lazy("没有登记重大危险源操作人员"),
    "shared_operators": gettext_lazy("本企业有多个重大危险源单元，操作人员未分到单元，须人工核对"),
    "parameters": gettext_lazy("缺少应测参数"),
    "systems": gettext_lazy("应有的监控、切断、联锁等设施未设置或未投用"),
}


def today() -> date:
    """The day here."""
    return Calendar().local_date(timezone.now())


def place_here(row: Any) -> ProcessPlace:
    """How a facility of a list stands; worked out once. Rows of major hazards come with what they hold."""
    if not hasattr(row, "place"):
        row.place = (installations.place_of if hasattr(row, "held") else place_of)(row, on=today())
    found: ProcessPlace = row.place
    return found


def reasons(place: ProcessPlace) -> list[str]:
    """What does not conform, in words."""
    words_of = REASONS if isinstance(place.runs[0].process, KeyProcess) else {**REASONS, **_OF_HAZARDS}
    return [str(words_of[code]) for code in place.reasons]


def _system(name: str) -> str:
    return str(Facility._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _processes(row: Any) -> str:
    return listed(told(run.process.name) for run in place_here(row).runs)


def _holding(row: Any) -> str:
    """``P13 3/4``: how many of the enterprise's operators hold a certificate that counts."""
    runs = place_here(row).runs
    if len(runs) == 1:
        return _held(runs[0])
    return listed(f"{run.process.code} {_held(run)}" for run in runs)


def _held(run: Run) -> str:
    if run.operators and not run.is_specific:
        return _("不要求单列操作证")
    return f"{run.holding}/{len(run.operators)}"


def _expiring(row: Any) -> int:
    return sum(one.is_expiring for run in place_here(row).runs for one in run.operators)


def _state_of(run: Run) -> str:
    return run.retrofit.get_state_display() if run.retrofit is not None else _("未登记")


def retrofit(row: Any) -> str:
    """How far the automation is, by process where there are several."""
    runs = place_here(row).runs
    if len(runs) == 1:
        return _state_of(runs[0])
    return listed(f"{run.process.code} {_state_of(run)}" for run in runs)


def _paper(row: Any) -> str:
    papers = [run.retrofit for run in place_here(row).runs if run.retrofit is not None and run.retrofit.paper]
    return listed(f"{one.paper} {one.paper_date or ''}".strip() for one in papers)


def verdict(row: Any) -> str:
    """What does not conform, in a line."""
    return _("符合") if place_here(row).conforms else _("；").join(reasons(place_here(row)))


def verdict_mark(row: Any) -> Any:
    """The same as a cell."""
    if place_here(row).conforms:
        return marks.badge(_("符合"), "done")
    return format_html_join("", "<div>{}</div>", ((one,) for one in reasons(place_here(row))))


def _process_choices(actor: Actor) -> list[tuple[str, str]]:
    return [(code, told(one.name)) for code, one in key_processes().items()]


#: Of every list of facilities that are held against what must be watched and controlled.
PLACE = (
    Column("facility", gettext_lazy("设施"), value=lambda row: f"{row.code} {row.name}", link=True, card="title",
           sort="code"),
    Column("enterprise", gettext_lazy("企业"), value=lambda row: row.unit.file.enterprise.name, card="meta",
           sort="unit__file__pinyin", width="wide"),
)  # fmt: skip
LACKING = Column("reasons", gettext_lazy("不符合项"), value=verdict, render=verdict_mark, card="meta", width="wide")
BARE = Column("bare", gettext_lazy("没有限值的点位"),
              value=lambda row: listed(words.tag_name(one) for one in place_here(row).bare))  # fmt: skip
RETROFIT = Column("retrofit", gettext_lazy("自动化改造状态"), value=retrofit)
AREA = Column("area", gettext_lazy("所在镇街"), sort="unit__file__area__path", shown=False,
              value=lambda row: row.unit.file.area.name if row.unit.file.area else "")  # fmt: skip
SEARCH = Search(name="q", label=gettext_lazy("企业、设施"), pinned=True,
                fields=("unit__file__enterprise__name", "code", "name"))  # fmt: skip
TOWN = Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
              narrows=lambda path: Q(unit__file__area__path__startswith=path))  # fmt: skip


class KeyProcessList(ListPage):
    """Facilities in which key processes run, with what they lack."""

    code = "monitoring.key_processes"
    title = gettext_lazy("重点监管工艺监控情况")
    summary = "monitoring/_key_processes.html"
    columns = (
        *PLACE,
        Column("processes", gettext_lazy("重点监管工艺"), value=_processes, card="meta"),
        LACKING,
        Column("holding", gettext_lazy("本企业该工艺操作人员持证"), value=_holding),
        Column("expiring", gettext_lazy("证书即将到期"), value=lambda row: _expiring(row) or None, numeric=True),
        Column("watched", gettext_lazy("已监测并有限值"),
               value=lambda row: listed(words.kind(one) for one in place_here(row).watched)),
        Column("lacking_kinds", gettext_lazy("缺少的控制参数"),
               value=lambda row: listed(words.kind(one) for one in place_here(row).lacking)),
        BARE,
        Column("systems", gettext_lazy("未投用的控制系统"),
               value=lambda row: listed(_system(one) for one in place_here(row).systems)),
        RETROFIT,
        Column("paper", gettext_lazy("依据文件"), value=_paper, shown=False, width="wide"),
        AREA,
    )  # fmt: skip
    filters = (
        SEARCH,
        Flag(name="lacking", label=gettext_lazy("只看不符合的"), pinned=True,
             condition=lambda actor: queries.not_conforming(actor=actor, on=today())),
        Choice(name="process", label=gettext_lazy("重点监管工艺"), choices=_process_choices,
               narrows=lambda code: Q(processes__contains=[code])),
        TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有涉及重点监管工艺的设施")

    def queryset(self, actor: Actor) -> QuerySet[Facility]:
        return queries.list_facilities(actor=actor, on=today())

    def url_of(self, row: Any) -> str:
        return reverse("monitoring:key_process", args=[row.pk])

    def summary_context(self, actor: Actor, asked: Asked) -> dict[str, Any]:
        found = list(asked.rows)
        return {"all": len(found), "met": sum(place_here(one).conforms for one in found)}


class KeyProcessPage(ObjectPage[Facility]):
    """One facility: each process with its operators, its parameters with their limits, its automation."""

    operators_label = gettext_lazy("本企业该工艺操作人员")
    back = (gettext_lazy("重点监管工艺监控情况"), lambda: reverse("monitoring:key_processes"))

    def get_place(self, actor: Actor, pk: uuid.UUID) -> ProcessPlace:
        return queries.get_place(actor=actor, facility_id=pk, on=today())

    def subtitle(self, row: Facility) -> str:
        return _processes(row)

    def lacks(self, row: Facility) -> Sequence[Fact]:
        """What of it is not measured."""
        lacking = listed(words.kind(one) for one in place_here(row).lacking)
        return [Fact(label=_("缺少的控制参数"), value=lacking or _("无"))]

    def get_row(self, actor: Actor, **kwargs: Any) -> Facility:
        place = self.get_place(actor, kwargs["pk"])
        place.facility.place = place  # type: ignore[attr-defined]
        return place.facility

    def head(self, row: Facility, actor: Actor) -> ObjectHead:
        place = place_here(row)
        badge = marks.badge(_("符合"), "done") if place.conforms else marks.badge(_("不符合"), "active")
        return ObjectHead(title=f"{row.code} {row.name}", subtitle=self.subtitle(row), marks=[badge])

    def facts(self, row: Facility, actor: Actor) -> Sequence[Fact]:
        place = place_here(row)
        facility = format_html('<a href="{}">{}</a>', reverse("registry:facility", args=[row.pk]), row)
        return [
            Fact(label=_("企业"), value=link_to(row.unit.file)),
            Fact(label=_("设施"), value=facility),
            Fact(label=_("不符合项"), value=_("；").join(reasons(place)) or _("无"), wide=True),
            *self.lacks(row),
            *(Fact(label=_system(name), value=getattr(row, f"get_{name}_display")(), filled_by=_("企业"))
              for name in queries.SYSTEMS),
        ]  # fmt: skip

    def tabs(self, row: Facility, actor: Actor) -> Sequence[Tab]:
        place = place_here(row)
        return [
            Tab("operators", str(self.operators_label), template="monitoring/_process_operators.html",
                count=sum(len(run.operators) for run in place.runs), context=lambda: _operators(place)),
            Tab("parameters", _("控制参数和报警限值"), template="monitoring/_process_tags.html",
                count=len(place.tags), context=lambda: _tags(place)),
            Tab("retrofit", _("自动化改造"), template="monitoring/_process_retrofit.html",
                context=lambda: _retrofits(place)),
        ]  # fmt: skip

    def actions(self, row: Facility, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.unit.file):
            return ()
        url = reverse("monitoring:retrofit_new", args=[row.pk])
        return [Action(name="retrofit", label=_("登记自动化改造情况"), primary=True, url=url)]


def _operators(place: ProcessPlace) -> dict[str, Any]:
    runs = [(told(run.process.name), [(one, card(one), _fits(one)) for one in run.operators]) for run in place.runs]
    return {"runs": runs, "of_hazard": not isinstance(place.runs[0].process, KeyProcess)}


def _fits(one: Operator) -> str:
    if not one.may or one.lacks_schooling:
        return _("不符合")
    if one.is_expiring:
        return _("即将到期")
    return _("符合") if one.is_asked or one.needs_schooling else _("须人工核对")


def card(one: Operator) -> str:
    """How an operator stands with what is asked of him, each in words."""
    said = [_card(one), *([_("学历不符合任职要求")] if one.lacks_schooling else [])]
    if one.is_barred:
        said.append(_("离岗再培训未完成"))
    if one.bars:
        said.append(bars_said(one))
    return listed(said)


def _card(one: Operator) -> str:
    if not one.is_asked:
        return _("按学历等任职要求核对") if one.needs_schooling else _("该工艺没有单列的特种作业操作证，按任职要求核对")
    if not one.state:
        return _("没有该工艺的特种作业操作证")
    label = str(QualificationState(one.state).label)
    return f"{label}（{_('至%(day)s') % {'day': one.ends}}）" if one.ends else label


def _tags(place: ProcessPlace) -> dict[str, Any]:
    return {
        "lines": [(one, words.kind(one.kind), words.limits(one)) for one in place.tags],
        "lacking": [words.kind(one) for one in place.lacking],
        "asked": [(told(run.process.name), listed(_parameters(run))) for run in place.runs],
    }  # fmt: skip


def _parameters(run: Run) -> Sequence[str]:
    if not isinstance(run.process, KeyProcess):
        return ()
    return run.process.parameters_en if get_language() == "en" else run.process.parameters


def _retrofits(place: ProcessPlace) -> dict[str, Any]:
    files = files_of_many(AutomationRetrofit, [one.pk for one in place.told])
    return {"rows": [(one, told(_names()[one.process]), files.get(one.pk, [])) for one in place.told]}


def _names() -> dict[str, Any]:
    """Names of all of which automation is told."""
    known = {code: one.name for code, one in key_processes().items()}
    return {**known, installations.SUBJECT.code: installations.SUBJECT.name}


class NewRetrofit(CreatePage):
    """Tells how far the automation of a process is."""

    title = gettext_lazy("登记自动化改造情况")
    lead = gettext_lazy("每次登记都保留，以最近一次为准。")
    duty = None
    button = gettext_lazy("保存")
    form = RetrofitForm

    def get_place(self, actor: Actor, pk: uuid.UUID) -> ProcessPlace:
        return queries.get_place(actor=actor, facility_id=pk, on=today())

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.place = self.get_place(actor, kwargs["pk"])
        if not may_keep(actor, self.place.facility.unit.file):
            raise NotPermitted

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        subjects = [(run.process.code, told(run.process.name)) for run in self.place.runs]
        return RetrofitForm(*args, subjects=subjects, **kwargs)

    def back_url(self) -> str:
        return reverse("monitoring:key_process", args=[self.place.facility.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        papers = receive_uploads(actor=actor, uploads=given["papers"], now=now)
        tell_retrofit(
            actor=actor, facility=self.place.facility, process=given["process"], known=given, evidence=papers, now=now,
            client_id=client_id,
        )  # fmt: skip
        return f"{self.back_url()}?tab=retrofit"
