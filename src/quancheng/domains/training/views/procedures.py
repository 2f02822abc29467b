"""Pages of operating procedures and rules (操作规程、规章制度)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.queries.enterprises import required_file
from quancheng.domains.training.forms import procedures as forms
from quancheng.domains.training.models import DocumentKind, RuleDocument
from quancheng.domains.training.queries import procedures as queries
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.persons import KEEP, VIEW
from quancheng.domains.training.services import procedures as services
from quancheng.domains.training.services.keeping import may_keep
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.files.queries import files_of
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab


def read_said(row: Any) -> str:
    """Who acknowledged it of whom it concerns, as the query counted them."""
    if row.role_id is not None:
        return f"{row.holders_read}/{row.holders}"
    return f"{row.all_read}/{row.everybody}"


class DocumentList(ListPage):
    """Procedures and rules (操作规程和规章制度)."""

    code = "training.documents"
    title = gettext_lazy("操作规程和规章制度")
    duty = VIEW
    columns = (
        Column("title", gettext_lazy("名称"), link=True, sort="title", card="title", width="wide"),
        Column("kind", gettext_lazy("文件类别"), value=lambda row: row.get_kind_display(), sort="kind", card="meta"),
        Column("role", gettext_lazy("适用岗位角色"), value=lambda row: row.role.shown if row.role else _("全体人员"),
               card="meta"),
        Column("enterprise", gettext_lazy("企业"), value=words.enterprise_of, sort="enterprise__pinyin", card="meta"),
        Column("edition", gettext_lazy("版次")),
        Column("in_force_date", gettext_lazy("施行日期"), sort="in_force_date", card="meta"),
        Column("read", gettext_lazy("已签收/应签收"), value=read_said, card="meta"),
        Column("ended_date", gettext_lazy("废止日期"), sort="ended_date"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、企业"), pinned=True, fields=("title", "enterprise__name")),
        Choice(name="kind", label=gettext_lazy("文件类别"), choices=DocumentKind.choices, field="kind", multiple=True,
               pinned=True),
        Flag(name="now", label=gettext_lazy("只看现行的"),
             condition=lambda actor: queries.in_force_on(timezone.localdate())),
    )  # fmt: skip
    empty_title = gettext_lazy("没有操作规程和规章制度")

    def queryset(self, actor: Actor) -> QuerySet[RuleDocument]:
        return queries.list_documents(actor=actor)

    def url_of(self, row: RuleDocument) -> str:
        return reverse("training:document", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("发布文件"), reverse("training:document_new"))] if actor.has(KEEP) else []


class NewDocument(CreatePage):
    title = gettext_lazy("发布操作规程、规章制度")
    duty = KEEP
    form = forms.DocumentForm
    back = "training:documents"
    button = gettext_lazy("发布")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.file = required_file(actor=actor)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = dict(given)
        known["text"] = receive_uploads(actor=actor, uploads=known["text"], now=now)
        row = services.issue_document(actor=actor, file=self.file, now=now, **known)
        return reverse("training:document", args=[row.pk])


class DocumentPage(ObjectPage[RuleDocument]):
    """One edition with its text, and who read it."""

    duty = VIEW
    back = (gettext_lazy("操作规程和规章制度"), lambda: reverse("training:documents"))
    forms: ClassVar = {"edition": forms.EditionForm, "end": forms.EndForm}
    own_acts: ClassVar = {
        "read": gettext_lazy("登记签收"), "edition": gettext_lazy("发布新版"), "end": gettext_lazy("废止"),
    }  # fmt: skip

    def get_row(self, actor: Actor, **kwargs: Any) -> RuleDocument:
        return queries.get_document(actor=actor, document_id=kwargs["pk"])

    def head(self, row: RuleDocument, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.edition, subtitle=words.enterprise_of(row))

    def facts(self, row: RuleDocument, actor: Actor) -> Sequence[Fact]:
        facts = [
            Fact(label=_("文件类别"), value=row.get_kind_display()),
            Fact(label=_("适用岗位角色"), value=row.role.shown if row.role else _("全体人员")),
            Fact(label=_("施行日期"), value=row.in_force_date),
            Fact(label=_("批准人"), value=row.approved_by),
            Fact(label=_("已签收/应签收"), value=read_said(row)),
            Fact(label=_("废止日期"), value=row.ended_date),
        ]
        if row.replaces_id is not None:
            url = reverse("training:document", args=[row.replaces_id])
            facts.append(Fact(label=_("代替"), value=format_html('<a href="{}">{}</a>', url, _("查看原版"))))
        return facts

    def tabs(self, row: RuleDocument, actor: Actor) -> Sequence[Tab]:
        held, read = list(files_of(row)), queries.readings_of(row)
        unread = list(queries.unread_by(row)) if queries.is_in_force(row, timezone.localdate()) else []
        return [
            Tab(name="text", label=_("文件正文"), count=len(held), template="training/_held.html",
                context=lambda: {"files": held}),
            Tab(name="unread", label=_("未签收"), count=len(unread), template="training/_unread.html",
                context=lambda: {"people": unread}),
            Tab(name="read", label=_("已签收"), count=len(read), template="training/_readings.html",
                context=lambda: {"readings": read}),
        ]  # fmt: skip

    def history(self, row: RuleDocument, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: RuleDocument, actor: Actor) -> Sequence[Action]:
        if not may_keep(actor, row.file) or not queries.is_in_force(row, timezone.localdate()):
            return []
        read = Action(name="read", label=_("登记签收"), asks=True, primary=True)
        if row.ended_date is not None:
            return [read]
        return [
            read,
            Action(name="edition", label=_("发布新版"), asks=True),
            Action(name="end", label=_("废止"), asks=True),
        ]

    def form_for(
        self, action: Action, row: RuleDocument, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        if action.name != "read":
            return super().form_for(action, row, actor, data, files)
        form = forms.ReadForm(data, initial={"read_date": timezone.localdate()})
        form.fields["people"].queryset = queries.unread_by(row)  # type: ignore[attr-defined]
        return form

    def perform(
        self, *, actor: Actor, row: RuleDocument, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "read":
            services.acknowledge(
                actor=actor, document=row, persons=list(given["people"]), read_date=given["read_date"],
                signature=given["signature"], now=now,
            )  # fmt: skip
        elif name == "edition":
            known = dict(given)
            known["text"] = receive_uploads(actor=actor, uploads=known["text"], now=now)
            services.issue_document(
                actor=actor, file=row.file, kind=row.kind, role=row.role, title=row.title, replaces=row, now=now,
                **known,
            )
        elif name == "end":
            services.end_document(actor=actor, document=row, reason=given["reason"], now=now)
        else:
            raise NotFound
