"""Major hazards without a key process (重大危险源监控): the list with what does not conform, and one facility."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.queries import installations as queries
from quancheng.domains.monitoring.queries.installations import InstallationPlace
from quancheng.domains.monitoring.queries.key_processes import ProcessPlace
from quancheng.domains.monitoring.services.sources import may_keep
from quancheng.domains.monitoring.views import key_processes as pages
from quancheng.domains.monitoring.views import words
from quancheng.domains.monitoring.views.key_processes import KeyProcessList, KeyProcessPage
from quancheng.domains.registry.models import Facility
from quancheng.domains.registry.views.words import hazard
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag
from quancheng.kernel.pages.lists import Column
from quancheng.kernel.pages.objects import Action, Fact, Tab
from quancheng.kernel.pages.words import listed, told

_STATES: dict[str, tuple[Text, str]] = {
    queries.MET: (gettext_lazy("符合"), "done"), queries.GAP: (gettext_lazy("未设置或未投用"), "active"),
    queries.OPEN: (gettext_lazy("须人工核对"), "quiet"),
}  # fmt: skip


def _place(row: Any) -> InstallationPlace:
    found = pages.place_here(row)
    assert isinstance(found, InstallationPlace)  # noqa: S101 - rows of the list below
    return found


def _parameters(codes: Sequence[str]) -> str:
    return listed(words.parameter(one) for one in codes)


def _asked(row: Any, state: str) -> str:
    return listed(told(one.asked.text) for one in _place(row).duties if one.state == state)


def _schooled(row: Any) -> str:
    (run,) = _place(row).runs
    return f"{run.schooled}/{len(run.operators)}"


class InstallationList(KeyProcessList):
    """Facilities of major hazards without a key process, with what they lack."""

    code = "monitoring.installations"
    title = gettext_lazy("重大危险源监控和自动化情况")
    summary = "monitoring/_installations.html"
    columns = (
        *pages.PLACE,
        Column("unit", gettext_lazy("单元"), value=lambda row: str(row.unit)),
        Column("grade", gettext_lazy("重大危险源级别"), value=lambda row: hazard(row.unit.legal_grade), card="meta",
               sort="unit__legal_grade"),
        pages.LACKING,
        Column("schooled", gettext_lazy("本企业重大危险源操作人员学历符合"), value=_schooled),
        Column("watched", gettext_lazy("已监测并有限值"), value=lambda row: _parameters(_place(row).watched)),
        Column("lacking_parameters", gettext_lazy("缺少的应测参数"),
               value=lambda row: _parameters(_place(row).lacking)),
        pages.BARE,
        Column("systems", gettext_lazy("未设置或未投用的设施"), value=lambda row: _asked(row, queries.GAP),
               width="wide"),
        Column("open", gettext_lazy("须人工核对的要求"), value=lambda row: _asked(row, queries.OPEN), width="wide",
               shown=False),
        pages.RETROFIT,
        pages.AREA,
    )  # fmt: skip
    filters = (
        pages.SEARCH,
        Flag(name="lacking", label=gettext_lazy("只看不符合的"), pinned=True,
             condition=lambda actor: queries.not_conforming(actor=actor, on=pages.today())),
        Choice(name="grade", label=gettext_lazy("重大危险源级别"), field="unit__legal_grade", multiple=True,
               choices=[(str(one), hazard(one)) for one in (1, 2, 3, 4)]),
        pages.TOWN,
    )  # fmt: skip
    empty_title = gettext_lazy("没有重大危险源设施")

    def queryset(self, actor: Actor) -> QuerySet[Facility]:
        return queries.list_facilities(actor=actor, on=pages.today())

    def url_of(self, row: Any) -> str:
        return reverse("monitoring:installation", args=[row.pk])


class InstallationPage(KeyProcessPage):
    """One facility: its operators, its parameters with their limits, the systems that are asked for, its automation."""

    back = (gettext_lazy("重大危险源监控和自动化情况"), lambda: reverse("monitoring:installations"))
    operators_label = gettext_lazy("本企业重大危险源操作人员")

    def get_place(self, actor: Actor, pk: uuid.UUID) -> ProcessPlace:
        return queries.get_place(actor=actor, facility_id=pk, on=pages.today())

    def subtitle(self, row: Facility) -> str:
        return listed([hazard(row.unit.legal_grade), str(row.unit)])

    def lacks(self, row: Facility) -> Sequence[Fact]:
        return [
            Fact(label=_("缺少的应测参数"), value=_parameters(_place(row).lacking) or _("无")),
            Fact(label=_("须人工核对的要求"), value=_asked(row, queries.OPEN) or _("无"), wide=True),
        ]

    def tabs(self, row: Facility, actor: Actor) -> Sequence[Tab]:
        place = _place(row)
        operators, _parameters_of_process, retrofits = super().tabs(row, actor)
        return [
            operators,
            Tab("parameters", _("应测参数和报警限值"), template="monitoring/_installation_tags.html",
                count=len(place.parameters), context=lambda: _tags(place)),
            Tab("systems", _("应有的设施"), template="monitoring/_installation_duties.html",
                count=len(place.duties), context=lambda: _duties(place)),
            retrofits,
        ]  # fmt: skip

    def actions(self, row: Facility, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.unit.file):
            return ()
        url = reverse("monitoring:installation_retrofit", args=[row.pk])
        return [Action(name="retrofit", label=_("登记自动化改造情况"), primary=True, url=url)]


def _tags(place: InstallationPlace) -> dict[str, Any]:
    lines = [
        (words.parameter(one.due.parameter), told(one.due.note), one.due.mark, one.is_limited, bool(one.tags),
         [(tag, words.limits(tag)) for tag in one.tags if tag.is_seen])  # type: ignore[attr-defined]
        for one in place.parameters
    ]  # fmt: skip
    return {"lines": lines}


def _duties(place: InstallationPlace) -> dict[str, Any]:
    return {
        "lines": [
            (told(one.asked.text), marks.badge(*_STATES[one.state]), told(one.asked.basis), one.asked.valid_from,
             one.asked.mark)
            for one in place.duties
        ],
        "is_known": place.is_known,
    }  # fmt: skip


class NewRetrofit(pages.NewRetrofit):
    """Tells how far the automation at a major hazard is."""

    def get_place(self, actor: Actor, pk: uuid.UUID) -> ProcessPlace:
        return queries.get_place(actor=actor, facility_id=pk, on=pages.today())

    def back_url(self) -> str:
        return reverse("monitoring:installation", args=[self.place.facility.pk])
