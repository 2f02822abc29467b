"""Storage places (储存场所): the district's list, and what the page of a unit says and does of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django import forms as django_forms
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import storage_places as forms
from quancheng.domains.registry.kinds import FacilityKind, Kind
from quancheng.domains.registry.models import Unit
from quancheng.domains.registry.models.licences import LicenceState
from quancheng.domains.registry.queries import storage_places as queries
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import seen_files, shown
from quancheng.domains.registry.services import storage_places as services
from quancheng.domains.registry.services.clues import REPORT
from quancheng.domains.registry.services.enterprises import may_keep
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, Text
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact
from quancheng.kernel.pages.words import listed


def _inside(row: Any) -> str:
    """``储罐 4、库房、仓间 2``."""
    known = dict(FacilityKind.choices)
    return listed(f"{known[kind]} {count}" for kind, count in Counter(row.inside).items())


def _state(row: Any) -> str:
    place = getattr(row, "place", None)
    if place is not None and place.is_unlicensed:
        return str(_("不在许可范围内"))
    state = queries.licence_of(row).state
    return words.licence_state(state) if state else str(_("无证照"))


def _state_mark(row: Any) -> Any:
    state = queries.licence_of(row).state
    return words.licence_mark(state) if state else marks.badge(_state(row), "active")


def _percent(row: Any) -> str:
    return "" if row.percent is None else f"{row.percent:.0f}"


def _percent_mark(row: Any) -> Any:
    text = _percent(row)
    return marks.badge(_("%(percent)s 超量") % {"percent": text or "—"}, "active") if row.is_over else text


def _merged(row: Any) -> str:
    return "" if not row.merge_row else f"{row.merge_row['enterprise']} {row.merge_row['code']} {row.merge_row['name']}"


def _on_map(row: Any) -> Any:
    if row.file.lon is None:
        return ""
    url = f"{reverse('registry:map')}?q={quote(row.file.enterprise.name)}"
    return format_html('<a href="{}">{}</a>', url, _("地图"))


class StoragePlaceList(ListPage):
    """Every storage place of the district: tank areas, warehouses, stores of traders and users."""

    code = "registry.storage_places"
    title = gettext_lazy("储存场所")
    columns = (
        Column("name", gettext_lazy("储存场所"), value=lambda row: f"{row.code} {row.name}", link=True, sort="code",
               card="title", width="wide"),
        Column("enterprise", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name,
               sort="file__enterprise__pinyin", card="meta", width="wide"),
        Column("percent", gettext_lazy("占设计量（%）"), value=_percent, numeric=True, sort="percent", card="meta",
               render=_percent_mark),
        Column("state", gettext_lazy("证照状态"), value=_state, sort="licence_state", card="meta", render=_state_mark),
        Column("licence", gettext_lazy("所属证照"), width="wide",
               value=lambda row: " ".join(filter(None, (words.licence_kind(one.kind) if one.kind else "", one.number)))
               if (one := queries.licence_of(row)) else ""),
        Column("valid_to", gettext_lazy("有效期止"), value=lambda row: row.licence_to, sort="licence_to"),
        Column("inside", gettext_lazy("设施"), value=_inside),
        Column("design_t", gettext_lazy("设计最大量（吨）"), value=lambda row: row.design_t, numeric=True,
               sort="design_t", render=lambda row: shown(row.design_t)),
        Column("licensed_t", gettext_lazy("许可量（吨）"), value=lambda row: row.licensed_t, numeric=True,
               sort="licensed_t", render=lambda row: shown(row.licensed_t)),
        Column("present_t", gettext_lazy("实际存量（吨）"), value=lambda row: row.present_t, numeric=True,
               sort="present_t", render=lambda row: shown(row.present_t)),
        Column("shared", gettext_lazy("共用单位"), width="wide",
               value=lambda row: listed(row.place.shared_with) if getattr(row, "place", None) else ""),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               sort="file__area__path"),
        Column("map", gettext_lazy("位置"), value=lambda row: words.point(row.file.lon, row.file.lat), render=_on_map),
        Column("merged", gettext_lazy("归并到"), value=_merged, width="wide", shown=False),
        Column("merged_date", gettext_lazy("归并日期"), shown=False,
               value=lambda row: row.merge_row["day"] if row.merge_row else ""),
        Column("clue", gettext_lazy("未办结线索"), value=lambda row: _("有") if row.has_clue else "", shown=False),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.file.get_kind_display(), sort="file__kind",
               shown=False),
        Column("address", gettext_lazy("地址"), value=lambda row: row.file.address, shown=False, width="wide"),
        Column("supervisor", gettext_lazy("监管牵头部门"), value=lambda row: row.file.supervisor.label, shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("企业、场所、地址"), pinned=True,
               fields=("file__enterprise__name", "code", "name", "file__address")),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="file__kind", multiple=True),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
        Flag(name="unlicensed", label=gettext_lazy("只看无证照"), pinned=True,
             condition=lambda actor: ~queries.is_licensed()),
        Flag(name="expired", label=gettext_lazy("只看证照已过期"), pinned=True,
             condition=lambda actor: Q(licence_state=LicenceState.EXPIRED)),
        Flag(name="over", label=gettext_lazy("只看超量"), pinned=True, condition=lambda actor: queries.is_over()),
        Flag(name="shared", label=gettext_lazy("只看多家共用"),
             condition=lambda actor: Q(place__shared_with__len__gt=0)),
        Flag(name="merged", label=gettext_lazy("只看已归并"), condition=lambda actor: queries.is_away()),
        Flag(name="running", label=gettext_lazy("不看已归并的"), condition=lambda actor: ~queries.is_away()),
        Flag(name="clue", label=gettext_lazy("只看有未办结线索"), condition=lambda actor: Q(has_clue=True)),
    )  # fmt: skip
    empty_title = gettext_lazy("还没有储存场所")

    def queryset(self, actor: Actor) -> QuerySet[Unit]:
        return queries.list_storage_places(actor=actor, on=timezone.localdate())

    def url_of(self, row: Unit) -> str:
        return reverse("registry:unit", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("企业分布图"), reverse("registry:map"))] if actor.supervises else []


# What the page of a unit says ------------------------------------------------------------------------------------


class PlacePart:
    """A unit as a storage place, read once for its page; ``row`` is empty where nothing is stored in it."""

    def __init__(self, unit: Unit, actor: Actor) -> None:
        self.unit, self.actor = unit, actor
        rows = queries.list_storage_places(actor=actor, on=timezone.localdate())
        self.row: Any = rows.filter(pk=unit.pk).first()

    def facts(self) -> list[Fact]:
        row = self.row
        if row is None:
            return []
        found = queries.licence_of(row)
        licence: Any = ""
        if found.id is not None:
            named = f"{words.licence_kind(found.kind)} {found.number}"
            how = "" if found.is_chosen else _("（按企业的证照认定）")
            url = reverse("registry:licence", args=[found.id])
            licence = format_html('<a href="{}">{}</a>{} {}', url, named, how, words.licence_mark(found.state))
        elif row.place.is_unlicensed if getattr(row, "place", None) else False:
            licence = _state_mark(row)
        shares = listed(row.place.shared_with) if getattr(row, "place", None) else ""
        told = [
            Fact(label=_("所属证照"), value=licence, filled_by=_("企业"), wide=True),
            Fact(label=_("共用单位"), value=shares),
        ]
        if row.merge_row:
            values = {"place": _merged(row), "day": row.merge_row["day"], "reason": row.merge_row["reason"]}
            said = _("%(day)s 归并到 %(place)s，停止储存。理由：%(reason)s") % values
            told.append(Fact(label=_("归并情况"), value=said, wide=True))
        taken = queries.taken_in(self.unit)
        if taken:
            seen = seen_files(actor=self.actor, ids=[one.source.file_id for one in taken])
            named = listed(f"{one.source.file.enterprise} {one.source}" for one in taken if one.source.file_id in seen)
            told.append(Fact(label=_("并入的储存场所"), value=named, wide=True))
        if row.has_clue:
            links = format_html_join(
                " ", '<a href="{}">{}</a>',
                ((reverse("registry:clue", args=[one.pk]), str(one))
                 for one in queries.clues_of(actor=self.actor, unit=self.unit)),
            )  # fmt: skip
            told.append(Fact(label=_("无证场所线索"), value=links, wide=True))
        return told

    def actions(self) -> list[Action]:
        if self.row is None:
            return []
        found = []
        if may_keep(self.actor, self.unit.file):
            found.append(Action(name="place", label=_("所属证照和共用单位"), asks=True))
            if self.row.merge_row:
                found.append(Action(name="resume", label=_("恢复储存"), asks=True))
            else:
                found.append(Action(name="merge", label=_("归并到其他场所"), asks=True))
        own = self.unit.file_id == self.actor.organisation_id
        if self.actor.has(REPORT) and not own and not self.row.has_clue:
            found.append(Action(name="clue", label=_("报告无证线索"), asks=True))
        return found

    def form(self, name: str, data: Any, files: Any) -> django_forms.Form | None:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "place": lambda: self._place_form(data),
            "merge": lambda: forms.PlaceMergeForm(
                data, initial={"on": timezone.localdate().isoformat()},
                targets=queries.merge_targets(actor=self.actor, unit=self.unit, on=timezone.localdate()),
            ),
            "resume": lambda: forms.ResumePlaceForm(data),
            "clue": lambda: forms.PlaceClueForm(data, files),
        }  # fmt: skip
        return makers[name]() if name in makers else None

    def _place_form(self, data: Any) -> django_forms.Form:
        place = getattr(self.row, "place", None)
        licences = [
            (one, f"{words.licence_kind(one.kind)} {one.number}")
            for one in queries.licences_for(self.unit.file, on=timezone.localdate())
        ]
        known = {} if place is None else {
            "licence": place.licence_id, "is_unlicensed": place.is_unlicensed, "shared_with": place.shared_with
        }  # fmt: skip
        known["version"] = place.version if place else 0
        carries = type("PlaceForm", (forms.PlaceForm,), {
            "version": django_forms.IntegerField(widget=django_forms.HiddenInput)
        })  # fmt: skip
        made: django_forms.Form = carries(data, initial=known, licences=licences)
        return made

    def perform(self, name: str, given: Mapping[str, Any], now: datetime) -> None:
        """:raises NotFound: it is none of these acts, or the place is not there any more."""
        if self.row is None:
            raise NotFound
        if name == "place":
            changes = {key: given[key] for key in services.FIELDS}
            known = queries.licences_for(self.unit.file, on=timezone.localdate())
            changes["licence"] = next((one for one in known if str(one.pk) == given["licence"]), None)
            services.set_place(actor=self.actor, unit=self.unit, version=given["version"], changes=changes, now=now)
        elif name == "merge":
            offered = queries.merge_targets(actor=self.actor, unit=self.unit, on=timezone.localdate())
            target = next((one for one in offered if str(one.pk) == given["target"]), None)
            if target is None:
                raise Invalid(fields={"target": _("请选择另一处储存场所。")})
            services.merge_places(
                actor=self.actor, source=self.unit, target=target, on=given["on"], reason=given["reason"], now=now
            )
        elif name == "resume":
            merge = queries.standing_merge(self.unit)
            if merge is None:
                raise NotFound
            services.resume_place(actor=self.actor, merge=merge, reason=given["reason"], now=now)
        elif name == "clue":
            evidence = receive_uploads(actor=self.actor, uploads=given["evidence"], now=now)
            services.report_place(actor=self.actor, unit=self.unit, text=given["text"], evidence=evidence, now=now)
        else:
            raise NotFound
