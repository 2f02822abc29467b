"""Pages of post coverage (岗位覆盖率): enterprises in numbers, one of them, and the rows behind each number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views import View

from quancheng.domains.hazards.queries import post_coverage as queries
from quancheng.domains.hazards.services.check_tasks import may_keep
from quancheng.domains.hazards.views import check_words as words
from quancheng.domains.registry.filters import FileFilter
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.completeness import town_choices
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Post, PostPerson
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.filters import Choice, Control, Filter, Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.models import LINKS

#: How many months, quarters and years are offered; an address may name any.
_MONTHS, _QUARTERS, _YEARS = 13, 8, 4


def _today() -> date:
    return Calendar().local_date(timezone.now())


def period_choices() -> list[tuple[str, str]]:
    """The periods on offer, the running month first."""
    today = _today()
    months = [divmod(today.year * 12 + today.month - 1 - back, 12) for back in range(_MONTHS)]
    quarters = [divmod(today.year * 4 + (today.month - 1) // 3 - back, 4) for back in range(_QUARTERS)]
    return [
        *((f"{year}-{month + 1:02}", f"{year}-{month + 1:02}") for year, month in months),
        *((f"{year}-Q{one + 1}", _("%(year)s年第%(number)s季度") % {"year": year, "number": one + 1})
          for year, one in quarters),
        *((str(year), _("%(year)s年") % {"year": year}) for year in range(today.year, today.year - _YEARS, -1)),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFilter(Filter):
    """The period in which is counted; empty stands for the running month. It stands first: others ask for counts."""

    count: Any

    def _read(self, given: QueryDict) -> queries.Period:
        try:
            return queries.period_of(given.get(self.name, "").strip(), today=_today())
        except ValueError:
            raise self.refuse(_("周期应为年、季度或月份，例如 2026、2026-Q3、2026-09，且已经开始。")) from None

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        counted: QuerySet[Any] = self.count(rows, self._read(given))
        return counted

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = given.get(self.name, "").strip()
        offered = period_choices()
        if chosen and chosen not in dict(offered) and not error:
            offered.append((chosen, chosen))
        return Control("pick", self.name, self.label, self.pinned, [chosen], error=error, active=bool(chosen),
                       choices=[(code, label, code == chosen) for code, label in offered])  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return f"{self.label}：{self._read(given).code}"


_PERIOD = gettext_lazy("统计周期")


def _share(part: str, whole: str) -> Any:
    return lambda row: words.share(getattr(row, part), getattr(row, whole))


class CoverageList(ListPage):
    """Enterprises with how many posts and persons screen (岗位覆盖率)."""

    code = "hazards.post_coverage"
    title = gettext_lazy("岗位覆盖率")
    template = "hazards/post_coverage_list.html"
    columns = (
        Column("name", gettext_lazy("企业名称"), value=lambda row: row.enterprise.name, link=True,
               sort="enterprise__pinyin", card="title", width="wide"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path", card="meta"),
        Column("posts", gettext_lazy("岗位数"), value=lambda row: row.posts_all, numeric=True, sort="posts_all"),
        Column("tasked", gettext_lazy("有任务的岗位"), value=lambda row: row.tasked, numeric=True, sort="tasked"),
        Column("task_share", gettext_lazy("任务覆盖率"), value=_share("tasked", "posts_all"), numeric=True,
               sort="task_share", card="meta"),
        Column("recorded", gettext_lazy("按时排查的岗位"), value=lambda row: row.recorded, numeric=True,
               sort="recorded"),
        Column("record_share", gettext_lazy("岗位覆盖率"), value=_share("recorded", "posts_all"), numeric=True,
               sort="record_share", card="meta"),
        Column("persons", gettext_lazy("在岗人数"), value=lambda row: row.persons, numeric=True, sort="persons"),
        Column("active", gettext_lazy("按时排查的人数"), value=lambda row: row.active, numeric=True, sort="active"),
        Column("person_share", gettext_lazy("全员参与率"), value=_share("active", "persons"), numeric=True,
               sort="person_share", card="meta"),
    )  # fmt: skip
    filters = (
        PeriodFilter(name="period", label=_PERIOD, pinned=True, count=queries.with_counts),
        Search(name="q", label=gettext_lazy("企业名称"), fields=("enterprise__name",), pinned=True),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS, pinned=True,
               narrows=lambda code: Q(links__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(area__path__startswith=path)),
        Flag(name="partial", label=gettext_lazy("只看未全覆盖的"),
             condition=lambda actor: Q(record_share__lt=100) | Q(person_share__lt=100)),
        Flag(name="none", label=gettext_lazy("只看没有登记岗位的"), condition=lambda actor: Q(posts_all=0)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return queries.list_files(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        asked: Any = row
        return f"{reverse('hazards:post_coverage_of', args=[row.pk])}?{urlencode({'period': asked.period_code})}"


class CoveragePage(View):
    """One enterprise: its numbers, each of which opens its rows, what counts and what to do."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "period":
                raise unknown_parameter(name)
        try:
            period = queries.period_of(request.GET.get("period", ""), today=_today())
        except ValueError:
            raise unknown_parameter("period") from None
        row = queries.get_coverage(actor=actor, file_id=pk, period=period)

        def to(page: str, **more: str) -> str:
            return f"{reverse(page)}?{urlencode({'period': period.code, 'file': str(pk), **more})}"

        posts, people = "hazards:post_coverage_posts", "hazards:post_coverage_people"
        lines = [
            (_("有排查任务的岗位"), row.tasked, row.posts_all, words.share(row.tasked, row.posts_all),
             to(posts, task="yes"), row.posts_all - row.tasked, to(posts, task="no")),
            (_("按时排查过的岗位"), row.recorded, row.posts_all, words.share(row.recorded, row.posts_all),
             to(posts, record="yes"), row.posts_all - row.recorded, to(posts, record="no")),
            (_("按时排查过的在岗人员"), row.active, row.persons, words.share(row.active, row.persons),
             to(people, record="yes"), row.persons - row.active, to(people, record="no")),
        ]  # fmt: skip
        context = {
            "file": row, "period": period, "lines": lines, "may_arrange": may_keep(actor, row),
            "periods": [(code, label, code == period.code) for code, label in period_choices()],
        }  # fmt: skip
        return render(request, "hazards/post_coverage.html", context)


_YES_NO = (("yes", gettext_lazy("有")), ("no", gettext_lazy("没有")))


def _yes(value: bool) -> str:
    return _("有") if value else _("没有")


class CoveragePostList(ListPage):
    """Posts with whether they have a task and a record: the rows behind the numbers; a task is arranged from here."""

    code = "hazards.post_coverage_posts"
    title = gettext_lazy("岗位排查覆盖明细")
    has_acts = True
    columns = (
        Column("name", pgettext_lazy("post", "岗位"), link=True, sort="name", card="title"),
        Column("layer", gettext_lazy("管控层级"), value=lambda row: row.get_layer_display(), sort="layer", card="meta"),
        Column("department", gettext_lazy("所属部门"), sort="department"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.file.enterprise.name, sort="file__pinyin",
               card="meta"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.file.area.name if row.file.area else "",
               shown=False),
        Column("holders", gettext_lazy("在岗人员"), value=lambda row: listed(row.holders)),
        Column("task", gettext_lazy("排查任务"), value=lambda row: _yes(row.has_task), sort="has_task", card="meta"),
        Column("record", gettext_lazy("按时排查记录"), value=lambda row: _yes(row.has_record), sort="has_record",
               card="meta"),
    )  # fmt: skip
    filters = (
        PeriodFilter(name="period", label=_PERIOD, pinned=True, count=queries.posts_with_counts),
        Search(name="q", label=gettext_lazy("岗位、企业"), fields=("name", "file__enterprise__name"), pinned=True),
        FileFilter(name="file", label=gettext_lazy("企业"), field="file"),
        Choice(name="task", label=gettext_lazy("排查任务"), choices=_YES_NO, pinned=True,
               narrows=lambda code: Q(has_task=code == "yes")),
        Choice(name="record", label=gettext_lazy("按时排查记录"), choices=_YES_NO, pinned=True,
               narrows=lambda code: Q(has_record=code == "yes")),
        Choice(name="layer", label=gettext_lazy("管控层级"), choices=Layer.choices, field="layer", multiple=True),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda code: Q(file__links__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有这样的岗位")

    def queryset(self, actor: Actor) -> QuerySet[Post]:
        return queries.list_posts(actor=actor)

    def url_of(self, row: Post) -> str:
        return reverse("risk:post", args=[row.pk])

    def acts(self, row: Any, actor: Actor) -> Any:
        if row.has_task or row.ended_date is not None or not may_keep(actor, row.file):
            return ""
        address = f"{reverse('hazards:check_task_new', args=[row.file_id])}?post={row.pk}"
        return format_html('<a class="btn btn-sm" href="{}">{}</a>', address, _("安排排查"))


class CoveragePeopleList(ListPage):
    """Holders of posts with whether they recorded a check: the rows behind the numbers."""

    code = "hazards.post_coverage_people"
    title = gettext_lazy("在岗人员排查参与明细")
    columns = (
        Column("name", gettext_lazy("姓名"), value=lambda row: row.user.name, sort="user__pinyin", card="title"),
        Column("posts", pgettext_lazy("post", "岗位"), value=lambda row: listed(row.post_names), card="meta"),
        Column("file", gettext_lazy("企业"), value=lambda row: row.post.file.enterprise.name,
               sort="post__file__pinyin", card="meta"),
        Column("record", gettext_lazy("按时排查记录"), value=lambda row: _yes(row.has_record), sort="has_record",
               card="meta"),
    )  # fmt: skip
    filters = (
        PeriodFilter(name="period", label=_PERIOD, pinned=True, count=queries.people_with_counts),
        Search(name="q", label=gettext_lazy("姓名、企业"), fields=("user__name", "post__file__enterprise__name"),
               pinned=True),
        FileFilter(name="file", label=gettext_lazy("企业"), field="post__file"),
        Choice(name="record", label=gettext_lazy("按时排查记录"), choices=_YES_NO, pinned=True,
               narrows=lambda code: Q(has_record=code == "yes")),
        Choice(name="link", label=gettext_lazy("链条环节"), choices=LINKS,
               narrows=lambda code: Q(post__file__links__contains=[code])),
        Choice(name="town", label=gettext_lazy("镇街"), choices=town_choices,
               narrows=lambda path: Q(post__file__area__path__startswith=path)),
    )  # fmt: skip
    empty_title = gettext_lazy("没有这样的在岗人员")

    def queryset(self, actor: Actor) -> QuerySet[PostPerson]:
        return queries.list_people(actor=actor)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [(gettext_lazy("岗位覆盖率"), reverse("hazards:post_coverage"))]


class OwnCoverage(View):
    """Leads to the page of one's own enterprise."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        file = own_file(actor=actor_of(request))
        return redirect("registry:own_new") if file is None else redirect("hazards:post_coverage_of", file.pk)
