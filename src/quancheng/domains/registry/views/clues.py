"""Pages of clues (无证场所线索), and of files that were merged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.forms import census as forms
from quancheng.domains.registry.kinds import ClueSource
from quancheng.domains.registry.loops.clue import CLUE
from quancheng.domains.registry.models import Clue, Enterprise, EnterpriseMerge
from quancheng.domains.registry.queries import census as queries
from quancheng.domains.registry.queries.enterprises import find_by_code, list_enterprises, seen_files
from quancheng.domains.registry.services import clues as services
from quancheng.domains.registry.services import merging
from quancheng.domains.registry.services.clues import JUDGE, REPORT, ClueSpec
from quancheng.domains.registry.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound, Text
from quancheng.kernel.files.queries import files_of_many
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Dates, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage, Tab
from quancheng.kernel.pages.words import listed


class ClueList(ListPage):
    """Clues of places without licence (无证场所线索)."""

    code = "registry.clues"
    title = gettext_lazy("无证场所线索")
    columns = (
        Column("code", gettext_lazy("编号"), sort="code"),
        Column("title", gettext_lazy("场所名称"), link=True, sort="title", card="title", width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("address", gettext_lazy("地址"), width="wide"),
        Column("source", gettext_lazy("线索来源"), value=lambda row: row.get_source_display(), sort="source"),
        Column("finder", gettext_lazy("发现单位"), value=lambda row: row.finder.label, sort="finder__pinyin"),
        Column("found_at", gettext_lazy("发现时间"), sort="found_at"),
        Column("owner", gettext_lazy("核查单位"), value=lambda row: row.owner_org.label, sort="owner_org__pinyin"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta",
               render=lambda row: marks.badge(row.status_label, "done" if row.is_closed else "active")),
        Column("due_date", gettext_lazy("办证期限"), sort="due_date", shown=False),
        Column("handed_to", gettext_lazy("移交单位"), value=lambda row: row.handed_to.label if row.handed_to else "",
               shown=False),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、地址、编号"), fields=("title", "address", "code"), pinned=True),
        Choice(name="status", label=gettext_lazy("状态"), choices=CLUE.choices, field="status", multiple=True,
               pinned=True),
        Choice(name="source", label=gettext_lazy("线索来源"), choices=ClueSource.choices, field="source"),
        Dates(name="found", label=gettext_lazy("发现时间"), field="found_at"),
    )  # fmt: skip
    empty_title = gettext_lazy("没有无证场所线索")

    def queryset(self, actor: Actor) -> QuerySet[Clue]:
        return queries.list_clues(actor=actor)

    def url_of(self, row: Clue) -> str:
        return reverse("registry:clue", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("报告线索"), reverse("registry:clue_new"))] if actor.has(REPORT) else []


class NewClue(CreatePage):
    title = gettext_lazy("报告无证场所线索")
    lead = gettext_lazy("发现未登记、无证照的储存、经营场所时填写；由监管牵头部门核查并决定办证、取缔或移交。")
    duty = REPORT
    form = forms.ClueForm
    back = "registry:clues"
    button = gettext_lazy("提交")

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {key: value for key, value in given.items() if key not in ("evidence", "credit_code")}
        file = None
        if given["credit_code"]:
            file = find_by_code(actor=actor, code=given["credit_code"])
            if file is None:
                raise Invalid(fields={"credit_code": _("没有找到这个代码的企业档案。")})
        evidence = receive_uploads(actor=actor, uploads=given["evidence"], now=now)
        spec = ClueSpec(**told, file=file)
        made = services.report_clue(actor=actor, spec=spec, evidence=evidence, now=now, client_id=client_id)
        return reverse("registry:clue", args=[made.pk])


class CluePage(ObjectPage[Clue]):
    """One clue from its finding to what was decided."""

    template = "registry/object.html"
    back = (gettext_lazy("无证场所线索"), lambda: reverse("registry:clues"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Clue:
        return queries.get_clue(actor=actor, clue_id=kwargs["pk"])

    def head(self, row: Clue, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.code, subtitle=row.get_source_display())

    def facts(self, row: Clue, actor: Actor) -> Sequence[Fact]:
        file: Any = ""
        if row.file is not None:
            is_seen = bool(seen_files(actor=actor, ids=[row.file.pk]))
            file = words.link_to(row.file) if is_seen else str(row.file.enterprise)
        found = [
            Fact(label=_("所在镇街"), value=row.area.name if row.area else ""),
            Fact(label=_("地址"), value=row.address),
            Fact(label=_("经纬度（CGCS2000）"), value=words.point(row.lon, row.lat)),
            Fact(label=_("企业档案"), value=file, filled_by=row.owner_org.label),
            Fact(label=_("发现的情况"), value=row.text, wide=True),
            Fact(label=_("发现单位"), value=row.finder.label),
            Fact(label=_("发现时间"), value=row.found_at),
            Fact(label=_("核查情况"), value=row.verdict, filled_by=row.owner_org.label, wide=True),
            Fact(label=_("处置情况"), value=row.decision, filled_by=row.owner_org.label, wide=True),
        ]
        if row.due_date is not None:
            found.append(Fact(label=_("办证期限"), value=row.due_date))
        if row.handed_to is not None:
            found.append(Fact(label=_("移交单位"), value=row.handed_to.label))
        return found

    def tabs(self, row: Clue, actor: Actor) -> Sequence[Tab]:
        files = files_of_many(Clue, [row.pk]).get(row.pk, [])
        return [Tab(name="files", label=_("照片和材料"), count=len(files), template="registry/_files.html",
                    context=lambda: {"files": files})]  # fmt: skip

    def actions(self, row: Clue, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        mine = row.owner_org_id == actor.organisation_id and actor.has(JUDGE)
        if mine and row.file_id is None and not row.is_closed:
            found.append(Action(name="file", label=_("建立档案"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Clue, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "verify": lambda: forms.VerdictForm(data, files),
            "legalize": lambda: forms.LegalizeForm(data),
            "settle": lambda: forms.DecisionForm(data, files),
            "strike": lambda: forms.DecisionForm(data, files),
            "hand_over": lambda: forms.HandOverForm(data, actor=actor),
            "file": lambda: forms.FilePlaceForm(data, initial={"name": row.title, "kind": "unlicensed"}),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Clue, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "file":
            services.file_place(actor=actor, clue=row, now=now, **given)
            return
        evidence = receive_uploads(actor=actor, uploads=given.get("evidence") or [], now=now)
        services.judge_clue(
            actor=actor, clue=row, name=name, text=given.get("text") or given.get("reason", ""), now=now,
            evidence=evidence, due_date=given.get("due_date"), to_org=given.get("to_org"), client_id=client_id,
        )  # fmt: skip


class MergePage(ObjectPage[EnterpriseMerge]):
    """Two files that were joined: which stays, why, what moved; it can be undone."""

    template = "registry/object.html"

    def get_row(self, actor: Actor, **kwargs: Any) -> EnterpriseMerge:
        return queries.get_merge(actor=actor, merge_id=kwargs["pk"])

    def head(self, row: EnterpriseMerge, actor: Actor) -> ObjectHead:
        return ObjectHead(title=_("档案合并"), subtitle=str(row.kept.enterprise))

    def facts(self, row: EnterpriseMerge, actor: Actor) -> Sequence[Fact]:
        found = [
            Fact(label=_("保留的档案"), value=words.link_to(row.kept)),
            Fact(label=_("停用的档案"), value=words.link_to(row.retired)),
            Fact(label=_("合并理由"), value=row.reason, wide=True),
            Fact(label=_("合并人"), value=row.by_name),
            Fact(label=_("合并时间"), value=row.at),
            Fact(label=_("移动的记录数"), value=len({pk for pks in row.moved.values() for pk in pks})),
            Fact(label=_("留在原档案的记录数"), value=sum(row.stayed.values())),
        ]
        if row.renamed:
            found.append(Fact(label=_("因编号相同改了编号的单元"), value=listed(row.renamed.values()), wide=True))
        if row.undone_at is not None:
            found += [
                Fact(label=_("撤销时间"), value=row.undone_at),
                Fact(label=_("撤销理由"), value=row.undone_reason, wide=True),
            ]
        return found

    def actions(self, row: EnterpriseMerge, actor: Actor) -> Sequence[Action]:
        if row.undone_at is not None or not actor.has(merging.MERGE):
            return []
        return [Action(name="undo", label=_("撤销合并"), asks=True)]

    def form_for(
        self, action: Action, row: EnterpriseMerge, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.UndoForm(data)

    def perform(
        self, *, actor: Actor, row: EnterpriseMerge, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "undo":
            raise NotFound
        merging.undo_merge(actor=actor, merge=row, reason=given["reason"], now=now)


# What an enterprise's page says of doubles ------------------------------------------------------------------------


class Doubles:
    """Other files that may be the same enterprise's, read only where the form is opened."""

    def __init__(self, file: Enterprise) -> None:
        self.file = file

    def action(self, actor: Actor) -> Action | None:
        """For who may merge files, and has another's before him that was not merged already."""
        if not actor.has(merging.MERGE) or self.file.merged_into_id or self.file.pk == actor.organisation_id:
            return None
        return Action(name="merge", label=_("合并重复档案"), asks=True)

    def form(self, data: Any, actor: Actor) -> django_forms.Form:
        return forms.MergeForm(data, doubles=queries.doubles_of(actor=actor, file=self.file))

    def perform(self, *, actor: Actor, given: Mapping[str, Any], now: datetime) -> None:
        said = given["other"].strip()
        rows = list_enterprises(actor=actor)
        if given["double"]:
            double = rows.filter(pk=given["double"]).first()
        else:
            double = rows.filter(enterprise__name=said).first() or find_by_code(actor=actor, code=said)
        if double is None:
            raise Invalid(fields={"other": _("没有找到这份档案，请填写全称或18位代码。")})
        merging.merge_files(actor=actor, kept=self.file, double=double, reason=given["reason"], now=now)

    def facts(self) -> list[Fact]:
        """Where a retired file went, and which doubles a standing one took in, each with the record of the merge."""
        found = []
        for one in getattr(self.file, "merge_rows", ()):
            gone = one["retired"] == str(self.file.pk)
            link = format_html(
                '<a href="{}">{}</a>', reverse("registry:merge", args=[one["id"]]),
                one["kept_name"] if gone else one["retired_name"],
            )  # fmt: skip
            found.append(Fact(label=_("已合并到") if gone else _("并入的重复档案"), value=link))
        return found
