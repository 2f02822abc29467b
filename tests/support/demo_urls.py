"""Throw-away pages for the tests of the shell: a ledger and an object page over organisations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from tests.support.pages import as_someone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, StaleState, TooMany
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.filters import Choice, Dates, Flag, Organisations, Search
from quancheng.kernel.pages.lists import BulkAction, Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage, Tab
from quancheng.kernel.people.models import Organisation, OrganisationKind
from quancheng.web.gallery import gallery
from quancheng.web.inbox import InboxList
from quancheng.web.today import today


class OrganisationList(ListPage):
    code = "demo.organisations"
    title = "单位台账"
    default_sort = "name"
    page_size = 20
    empty_hint = "由系统管理员登记单位。"
    columns = (
        Column(key="name", label="单位全称", sort="pinyin", link=True, card="title", width="wide"),
        Column(key="short_name", label="简称", sort="short_name"),
        Column(
            key="kind",
            label="单位类别",
            value=lambda row: row.get_kind_display(),
            render=lambda row: marks.badge(row.get_kind_display()),
            sort="kind",
            card="meta",
        ),
        Column(
            key="light",
            label="任务灯",
            value=lambda row: "超期",
            render=lambda row: marks.light("red", "超期 2 天"),
            card="meta",
        ),
        Column(key="risk", label="风险", value=lambda row: "重大", render=lambda row: marks.risk("red")),
        Column(key="document_word", label="机关代字"),
        Column(key="created_at", label="登记时间", sort="created_at", card="meta"),
        Column(key="credit_code", label="统一社会信用代码", shown=False, total=Count("credit_code")),
    )
    filters = (
        Search(name="q", label="关键词", fields=("name", "short_name"), pinyin=("initials", "pinyin"), pinned=True,
               placeholder="名称、拼音首字母"),
        Choice(name="kind", label="类别", field="kind", choices=OrganisationKind.choices, pinned=True, multiple=True),
        Organisations(name="parent", label="上级单位", field="parent", pinned=True),
        Dates(name="created", label="登记日期", field="created_at", times=True),
        Flag(name="open", label="只看监管单位", condition=lambda actor: Q(supervises=True), pinned=True),
    )  # fmt: skip
    bulk = (BulkAction(label="批量催办", url=lambda: "/demo/bulk", icon="bell"),)

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return Organisation.objects.visible_to(actor)

    def url_of(self, row: Any) -> str:
        return reverse("demo-object", args=[row.pk])

    def head_actions(self, actor: Actor) -> list[tuple[str, str]]:
        return [("导入计划", "/demo/import"), ("下载模板", "/demo/template")]


class FastList(OrganisationList):
    """Another list over the same rows, which only holders of a duty may open."""

    code = "demo.fast"
    duty = "demo.fast.open"


class RenameForm(forms.Form):
    name = forms.CharField(label="单位全称", max_length=20, help_text="不超过 20 个字。")


class OrganisationPage(ObjectPage[Organisation]):
    back = ("单位台账", lambda: reverse("demo-list"))
    forms = {"rename": RenameForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Organisation:
        row = Organisation.objects.visible_to(actor).filter(pk=kwargs["pk"]).first()
        if row is None:
            raise NotFound()
        return row

    def head(self, row: Organisation, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.actor_code, marks=(marks.light("yellow", "还剩 1 天"),))

    def facts(self, row: Organisation, actor: Actor) -> list[Fact]:
        return [
            Fact(label="简称", value=row.short_name, filled_by="系统管理员"),
            Fact(label="单位类别", value=row.get_kind_display()),
            Fact(label="登记时间", value=row.created_at),
            Fact(label="上级单位", value=row.parent),
            Fact(label="说明", value=row.name * 3, wide=True),
        ]

    def tabs(self, row: Organisation, actor: Actor) -> list[Tab]:
        return [
            Tab(name="people", label="人员", template="cotton/empty.html", count=0, context=lambda: {"title": "人员"}),
            Tab(name="papers", label="文书", template="cotton/empty.html", count=12, context=lambda: {"title": "文书"}),
        ]

    def actions(self, row: Organisation, actor: Actor) -> list[Action]:
        return [
            Action(name="rename", label="更名", primary=True, asks=True, icon="pencil"),
            Action(name="end", label="撤销", confirm="撤销后不能恢复，确定吗？"),
            Action(name="visit", label="查看下级", url="/demo/"),
        ]

    def history(self, row: Organisation, actor: Actor) -> list[HistoryLine]:
        return [
            HistoryLine(at=row.created_at, who="甲某", what="登记单位", organisation="示范区安委办", note="首次登记")
        ]

    def perform(self, *, row: Organisation, name: str, given: Any, **rest: Any) -> None:
        if name == "end":
            raise StaleState("该单位刚被他人撤销。")
        if given["name"] == row.name:
            raise Invalid(fields={"name": "新名称与原名称相同。"})
        Organisation.objects.filter(pk=row.pk).update(name=given["name"])


def refused(request: HttpRequest) -> HttpResponse:
    """Raises the refusal that the address names."""
    raise {"conflict": Conflict, "many": TooMany}[request.GET["how"]]


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


urlpatterns = [
    path("", include("quancheng.runtime.urls")),
    path("demo/", as_someone(OrganisationList.as_view()), name="demo-list"),
    path("demo/fast", as_someone(FastList.as_view()), name="demo-fast"),
    path("demo/refused", as_someone(refused)),
    path("demo/broken", as_someone(broken)),
    path("api/demo/refused", as_someone(refused)),
    path("api/demo/broken", as_someone(broken)),
    path("demo/gallery", as_someone(gallery)),
    path("demo/today", as_someone(today)),
    path("demo/todo", as_someone(InboxList.as_view())),
    path("demo/<uuid:pk>", as_someone(OrganisationPage.as_view()), name="demo-object"),
]

handler400 = "quancheng.kernel.pages.errors.bad_request"
handler403 = "quancheng.kernel.pages.errors.permission_denied"
handler404 = "quancheng.kernel.pages.errors.not_found"
handler500 = "quancheng.kernel.pages.errors.server_error"
