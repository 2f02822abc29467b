"""The page of a committed plan (计划文件): head, tasks under their headings, parents, receipts, the document itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.duty.forms import parents as parent_forms
from quancheng.domains.duty.forms.receipts import RecipientForm
from quancheng.domains.duty.forms.tasks import SupersedeForm
from quancheng.domains.duty.models import Plan, PlanLink
from quancheng.domains.duty.queries import library
from quancheng.domains.duty.queries import parents as parent_queries
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.queries import tasks as task_queries
from quancheng.domains.duty.queries.tree import Node, build_tree
from quancheng.domains.duty.services import parents, receipts
from quancheng.domains.duty.services.library import supersede
from quancheng.domains.duty.views.lists import colour_mark
from quancheng.domains.duty.views.page import DomainPage
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, Tab
from quancheng.kernel.pages.words import listed


class PlanPage(DomainPage[Plan]):
    """A committed plan."""

    back = (gettext_lazy("计划文件"), lambda: reverse("duty:plans"))

    def get_row(self, actor: Actor, **kwargs: Any) -> Plan:
        row = queries.get_plan(actor=actor, plan_id=kwargs["pk"])
        prefetch_related_objects([row], "parents")
        return row

    def head(self, row: Plan, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.title, code=row.number, subtitle=row.issuer)

    def facts(self, row: Plan, actor: Actor) -> Sequence[Fact]:
        links = sorted(row.parents.all(), key=lambda link: link.pk)
        return [
            Fact(label=_("发文机关"), value=row.issuer),
            Fact(label=_("文号"), value=row.number),
            Fact(label=_("成文日期"), value=row.document_date),
            Fact(label=_("计划期间"), value=_period(row)),
            Fact(label=_("主送"), value=listed(row.addressees), wide=True),
            Fact(label=_("抄送"), value=listed(row.copies), wide=True),
            Fact(label=_("公开属性"), value=row.openness),
            Fact(label=_("上级文件"), value=_parents(links), wide=True),
            *([Fact(label=_("替代文件"), value=_plan_link(row.superseded_by), wide=True)] if row.superseded_by else []),
            Fact(label=_("原文件"), value=row.source_name),
            Fact(label=_("原文件摘要"), value=row.source_sha256, wide=True),
        ]

    def tabs(self, row: Plan, actor: Actor) -> Sequence[Tab]:
        groups = task_queries.list_headings(actor=actor, plan=row, now=timezone.now())
        inside = list(queries.list_receipts(actor=actor, plan=row))
        outside = list(queries.list_outside_receipts(actor=actor).filter(plan=row))
        parent_count = len(row.parents.all())
        return [
            Tab(name="tasks", label=_("任务"), count=sum(len(one.tasks) for one in groups),
                template="duty/_plan_tasks.html", context=lambda: {"groups": groups}),
            Tab(name="tree", label=_("目标树"), template="duty/_tree.html",
                context=lambda: {"nodes": _marked(build_tree(actor=actor, plan=row, now=timezone.now()))}),
            Tab(name="parents", label=_("上级文件"), count=parent_count, template="duty/_parents.html",
                context=lambda: {"parents": parent_queries.list_parents(actor=actor, plan=row)}),
            Tab(name="receipts", label=_("签收"), count=len(inside) + len(outside), template="duty/_receipts.html",
                context=lambda: {"receipts": inside, "outside": outside}),
            Tab(name="source", label=_("原文"), template="duty/_source.html",
                context=lambda: {"lines": list(enumerate(row.lines, 1))}),
        ]  # fmt: skip

    def actions(self, row: Plan, actor: Actor) -> Sequence[Action]:
        found = list(super().actions(row, actor))
        if row.owner_org_id != actor.organisation_id or not actor.has(parents.REVIEW):
            return found
        if row.status in ("RUNNING", "CLOSED") and row.superseded_by_id is None:
            found.append(Action(name="supersede", label=_("标记为已被替代"), asks=True))
        if row.is_closed:
            return found
        found.append(Action(name="link_parent", label=_("关联上级文件"), asks=True))
        if row.parents.all():
            found.append(Action(name="drop_parent", label=_("取消上级文件"), asks=True))
        if row.status == "RUNNING":
            found.append(Action(name="send_on", label=_("增发"), asks=True))
        if row.status == "RUNNING" and any(link.parent_id for link in row.parents.all()):
            found.append(Action(name="carry_out", label=_("承接上级任务"), asks=True))
        return found

    def form_for(
        self, action: Action, row: Plan, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        makers: dict[str, Callable[[], django_forms.Form]] = {
            "link_parent": lambda: parent_forms.ParentForm(data, actor=actor, plan=row),
            "send_on": lambda: RecipientForm(data, actor=actor),
            "drop_parent": lambda: parent_forms.DropParentForm(data, plan=row),
            "carry_out": lambda: parent_forms.CarryForm(data, actor=actor, plan=row),
            "supersede": lambda: SupersedeForm(data, choices=library.list_successors(actor=actor, plan=row)),
        }
        return makers[action.name]() if action.name in makers else super().form_for(action, row, actor, data, files)

    def perform(
        self, *, actor: Actor, row: Plan, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name == "link_parent":
            if given["parent"]:
                parents.link_parent(actor=actor, plan=row, parent=given["parent"], now=now)
            else:
                words = {key: given[key] for key in ("title", "number", "issuer")}
                parents.cite_parent(actor=actor, plan=row, **words, now=now)
        elif name == "drop_parent":
            link = parent_queries.get_parent_link(actor=actor, plan=row, link_id=uuid.UUID(given["link"]))
            parents.drop_parent(actor=actor, link=link, now=now)
        elif name == "send_on":
            receipts.send_on(actor=actor, plan=row, org=given["org"], name=given["name"], capacity=given["capacity"],
                             now=now)  # fmt: skip
        elif name == "carry_out":
            parents.carry_out(actor=actor, plan=row, parent=given["parent"], children=list(given["children"]), now=now)
        elif name == "supersede":
            successor = queries.get_plan(actor=actor, plan_id=uuid.UUID(given["plan"]))
            supersede(actor=actor, plan=row, successor=successor, now=now)
        else:
            super().perform(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)


def _plan_link(plan: Plan) -> Any:
    return format_html('<a href="{}">{}</a>', reverse("duty:plan", args=[plan.pk]), plan.title)


def _marked(nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Nodes of the objective tree with their lights as marks."""
    return [
        {
            "node": node,
            "light": colour_mark(node.light) if node.total else "",
            "strands": [(strand, colour_mark(strand.light)) for strand in node.strands],
            "tasks": [(task, colour_mark(one.light), one.percent) for task, one in node.tasks],
            "children": _marked(node.children),
        }
        for node in nodes
    ]


def _parents(links: Sequence[PlanLink]) -> Any:
    """Each parent in a line: a link where it is in the house, with number and issuer beside it."""
    if not links:
        return None
    lines = []
    for one in links:
        title: Any = one.title
        if one.parent_id:
            title = format_html('<a href="{}">{}</a>', reverse("duty:plan", args=[one.parent_id]), one.title)
        lines.append((title, " ".join(filter(None, (one.number, one.issuer)))))
    return format_html_join(mark_safe("<br>"), "{} {}", lines)


def _period(row: Plan) -> str | None:
    if not row.period_from and not row.period_to:
        return None
    return f"{row.period_from or '…'} — {row.period_to or '…'}"
