"""Pages of what is stored wrongly (储存问题): the list, one finding, the limits, and a facility's own check."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.registry.forms.storage import AcceptForm, ExplainForm, LimitForm
from quancheng.domains.registry.kinds import Basis, Kind
from quancheng.domains.registry.loops.storage import STORAGE
from quancheng.domains.registry.models import Facility, Holding, StorageFinding
from quancheng.domains.registry.models.storage import StorageKind
from quancheng.domains.registry.queries import storage as queries
from quancheng.domains.registry.queries.enterprises import Finding
from quancheng.domains.registry.queries.storage import Judged, measured, sentence
from quancheng.domains.registry.services import storage as services
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.actors import actor_of

_BASES = ((Basis.PRESENT, gettext_lazy("现存")), (Basis.LEGAL, gettext_lazy("按设计、许可")))


def _language() -> str:
    return translation.get_language() or "zh"


def _basis(code: str) -> str:
    return str(dict(_BASES)[Basis(code)])


def _told(row: StorageFinding) -> str:
    """What is wrong, in the reader's language: goods that do not go together, or a figure beside its limit."""
    why = words.in_language(row.reason)
    if row.kind == StorageKind.INCOMPATIBLE:
        return f"{'；'.join(row.chemicals)}：{why}"
    return f"{'、'.join(row.chemicals)} {why}".strip()


def _unit(row: StorageFinding) -> Any:
    """The unit in which it lies; None of the whole enterprise."""
    return row.facility.unit if row.facility is not None else row.unit


class StorageList(ListPage):
    """What may not lie together, or is more than allowed, wherever one may see it."""

    code = "registry.storage"
    title = gettext_lazy("储存问题")
    columns = (
        Column("what", gettext_lazy("问题"), value=_told, link=True, card="title", width="wide"),
        Column("kind", gettext_lazy("问题类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.enterprise.name,
               sort="enterprise__pinyin", card="meta", width="wide"),
        Column("facility", gettext_lazy("设施"), sort="facility__code",
               value=lambda row: row.place_name),
        Column("basis", gettext_lazy("口径"), value=lambda row: _basis(row.basis), sort="basis"),
        Column("figure", gettext_lazy("数值"), value=lambda row: measured(row.figure, row.measure), numeric=True,
               sort="figure"),
        Column("limit", gettext_lazy("限值"), value=lambda row: measured(row.limit, row.measure), numeric=True,
               sort="limit"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("found_at", gettext_lazy("发现时间"), sort="found_at"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
        Column("clause", gettext_lazy("依据"), value=lambda row: words.in_language(row.clause), shown=False,
               width="wide"),
        Column("mark", gettext_lazy("可信程度"), value=lambda row: words.mark(row.mark), shown=False),
        Column("unit", gettext_lazy("单元"), value=lambda row: unit.name if (unit := _unit(row)) else "",
               shown=False),
        Column("enterprise_kind", gettext_lazy("企业类别"), value=lambda row: row.file.get_kind_display(),
               sort="file__kind", shown=False),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.supervisor.label, shown=False),
        Column("gone_at", gettext_lazy("消除时间"), sort="gone_at", shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、设施、化学品"), pinned=True,
               fields=("enterprise__name", "facility__code", "facility__name", "told")),
        Choice(name="kind", label=gettext_lazy("问题类别"), choices=StorageKind.choices, field="kind", multiple=True,
               pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=STORAGE.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="basis", label=gettext_lazy("口径"), choices=_BASES, field="basis"),
        Choice(name="enterprise_kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="file__kind",
               multiple=True),
        Flag(name="standing", label=gettext_lazy("只看未消除"), condition=lambda actor: queries.still_standing()),
    )  # fmt: skip
    empty_title = gettext_lazy("没有储存问题")

    def queryset(self, actor: Actor) -> QuerySet[StorageFinding]:
        return queries.list_findings(actor=actor)

    def url_of(self, row: StorageFinding) -> str:
        return reverse("registry:storage_finding", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        if not actor.has(services.LIMITS):
            return []
        return [(gettext_lazy("消防限量设置"), reverse("registry:storage_limits"))]


class StorageFindingPage(ObjectPage[StorageFinding]):
    """One thing that is stored wrongly."""

    template = "registry/object.html"
    back = (gettext_lazy("储存问题"), lambda: reverse("registry:storage"))
    forms: ClassVar[Mapping[str, type[Form]]] = {"explain": ExplainForm, "accept": AcceptForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> StorageFinding:
        return queries.get_finding(actor=actor, finding_id=kwargs["pk"])

    def head(self, row: StorageFinding, actor: Actor) -> ObjectHead:
        place = row.place_name or row.enterprise.name  # type: ignore[union-attr]
        shown_marks = [marks.badge(_("原因已消除"), "quiet")] if row.gone_at is not None else []
        return ObjectHead(title=place, subtitle=row.get_kind_display(), marks=shown_marks)

    def facts(self, row: StorageFinding, actor: Actor) -> Sequence[Fact]:
        file = format_html(
            '<a href="{}">{}</a>', reverse("registry:enterprise", args=[row.file_id]), row.enterprise.name  # type: ignore[union-attr]
        )  # fmt: skip
        place: Any = ""
        if row.facility is not None:
            url = reverse("registry:facility", args=[row.facility_id])
            place = format_html('<a href="{}?tab=storage">{}</a>', url, row.facility)
        if row.unit is not None:
            url = reverse("registry:workshop", args=[row.unit_id])
            place = format_html('<a href="{}">{}</a>', url, row.unit)
        quantity = []
        if row.figure is not None:
            quantity = [
                Fact(label=_("数值"), value=measured(row.figure, row.measure)),
                Fact(label=_("限值"), value=measured(row.limit, row.measure)),
            ]
        return [
            Fact(label=_("企业"), value=file),
            *([Fact(label=_("设施"), value=place)] if place else []),
            Fact(label=_("问题"), value=_told(row), wide=True),
            Fact(label=_("口径"), value=_basis(row.basis)),
            *quantity,
            Fact(label=_("依据"), value=words.in_language(row.clause), wide=True),
            Fact(label=_("可信程度"), value=words.mark(row.mark)),
            Fact(label=_("发现时间"), value=row.found_at),
            *([Fact(label=_("消除时间"), value=row.gone_at)] if row.gone_at else []),
            *([Fact(label=_("企业说明"), value=row.text, wide=True)] if row.text else []),
            Fact(label=_("监管牵头部门"), value=row.supervisor.label),
        ]  # fmt: skip

    def perform(
        self, *, actor: Actor, row: StorageFinding, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name not in ("explain", "accept", "reject"):
            raise NotFound
        text = given.get("text") or given.get("reason", "")
        services.answer_finding(actor=actor, finding=row, name=name, text=text, now=now, client_id=client_id)


class StorageLimits(View):
    """The limits of fire protection as they stand."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require(services.LIMITS)
        for name in request.GET:
            raise unknown_parameter(name)
        rows = [(one, words.mark("D" if one.is_own else one.standard.mark)) for one in queries.limits().values()]
        return render(request, "registry/storage_limits.html", {"rows": rows})


class StorageLimitPage(CreatePage):
    title = gettext_lazy("修改消防限量")
    duty = services.LIMITS
    form = LimitForm
    back = "registry:storage_limits"
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.code = kwargs["code"]
        known = queries.limits().get(self.code)
        if known is None:
            raise NotFound
        self.known = known
        self.lead = known.standard.name.in_language(_language())  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"limit_m3": self.known.limit_m3.normalize(), "is_on": self.known.is_on, "source": self.known.source}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_limit(actor=actor, code=self.code, now=now, **given)
        return reverse("registry:storage_limits")


# On other pages --------------------------------------------------------------------------------------------------


def findings(judged: Judged) -> list[Finding]:
    """What an enterprise's page says first of how things are stored; licence and design are told by the file itself."""
    told = (StorageKind.INCOMPATIBLE, StorageKind.OVER_FIRE)
    advice = [Finding("storage_advice", sentence(one)) for one in judged.cares if one.facility is None]
    return [
        Finding(one.kind, sentence(one), *(("registry:facility", one.facility.pk) if one.facility else ()))
        for one in judged.faults if one.kind in told
    ] + advice  # fmt: skip


def tab(facility: Facility, holdings: Sequence[Holding]) -> Tab:
    """A facility's check: what is wrong, what wants care, what is in doubt, and how much of what is allowed."""
    judged = queries.judge(
        [queries.stock_of(one, facility) for one in holdings], enterprise_kind=facility.unit.file.kind,
        set_limits=queries.limits(),
    )  # fmt: skip
    return Tab(
        name="storage", label=_("储存核对"), count=len(judged.faults), template="registry/_storage.html",
        context=lambda: check_context(facility, judged, holdings),
    )  # fmt: skip


def check_context(facility: Facility, judged: Judged, holdings: Sequence[Holding]) -> dict[str, Any]:
    """Needs one query, for the findings behind the faults."""
    standing = queries.standing_of(facility)
    rows = [
        {
            "fault": one, "kind": StorageKind(one.kind).label, "why": told(one.reason), "way": one.way,
            "basis": _basis(one.basis), "clause": told(one.clause), "mark": words.mark(one.mark),
            "figure": measured(one.figure, one.measure), "limit": measured(one.limit, one.measure),
            "finding": standing.get(one.key),
        }
        for one in [*judged.faults, *judged.cares]
    ]  # fmt: skip
    return {
        "rows": rows, "doubts": [told(one) for one in judged.doubts], "limit": facility.fire_limit_t,
        "is_shared": facility.kind in queries.SHARED_PLACES, "number": len(holdings),
        "total": sum((one.present_t or Decimal(0) for one in holdings), Decimal(0)),
    }  # fmt: skip
