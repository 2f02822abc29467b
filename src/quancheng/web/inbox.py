"""The four ledgers of one's own work: 待办, 已办, 抄送 here, 消息 among the notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quancheng.kernel.access import whys
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import label_of
from quancheng.kernel.access.models import Share
from quancheng.kernel.errors import NotFound
from quancheng.kernel.loops.declare import all_loops, loop_of
from quancheng.kernel.notices.queries import address_of_row
from quancheng.kernel.pages import marks, workview
from quancheng.kernel.pages.filters import Choice, Control, Dates, Filter, Flag, Search
from quancheng.kernel.pages.lists import Asked, BulkAction, Column, ListPage
from quancheng.kernel.pages.loopview import light_of
from quancheng.kernel.pages.times import due_text
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.retention.queries import list_gone
from quancheng.kernel.work import copies, queries
from quancheng.kernel.work.models import WorkItem
from quancheng.web.today import acts_of, loop_of_item, state_of, url_of_item

Text = whys.Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose(Filter):
    """Whose work is shown (范围); nothing chosen means one's own, so the query set must hold more than that.

    :ivar choices: value and label; :ivar narrows: the value, empty for one's own, to the condition.
    """

    choices: tuple[tuple[str, Text], ...]
    narrows: Any

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        value = given.get(self.name, "")
        if value and value not in dict(self.choices):
            raise self.refuse(_("没有这个选项。"))
        return rows.filter(self.narrows(value, actor))

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        value = given.get(self.name, "")
        choices = [(code, label, code == value) for code, label in self.choices]
        return Control("choice", self.name, self.label, self.pinned, [value], choices, error=error, active=bool(value))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        label = dict(self.choices).get(given.get(self.name, ""))
        return f"{self.label}：{label}" if label else ""


def _due(item: WorkItem) -> str:
    said = due_text(item.due_at or item.review_at, now=timezone.now())
    return f"{said}（{item.assumption}）" if item.assumption else said


def _light(item: WorkItem) -> Any:
    now = timezone.now()
    due_at = item.due_at or item.review_at
    light = marks.light(light_of(due_at, now=now), due_text(due_at, now=now))
    if not item.assumption:
        return light
    return format_html('{} <span class="qc-small qc-assumed">{}</span>', light, item.assumption)


def _narrow_open(value: str, actor: Actor) -> Q:
    if value == "taken":
        return Q(person=actor.user_id)
    if value == "deputy":
        return Q(person_id__in=sorted(actor.acts_for))
    return Q() if value == "unit" else queries.mine_q(actor)


def _duties(actor: Actor) -> list[tuple[str, Text]]:
    """Duties under which steps are owed: a chief's list has them all, another's those that he holds."""
    owed = {state.holder.duty for loop in all_loops() for state in loop.states.values() if state.holder}
    shown = owed if actor.is_chief else owed & actor.duties
    return sorted(((duty, label_of(duty)) for duty in shown), key=lambda pair: str(pair[1]))


def _bulk(act: str) -> BulkAction:
    return BulkAction(workview.LABELS[act], lambda: f"{reverse('web:items_act')}?act={act}", icon=workview.ICONS[act])


class InboxList(ListPage):
    """What waits for this person, or for his whole organisation (待办)."""

    code = "work.inbox"
    title = gettext_lazy("待办")
    template = "web/inbox.html"
    empty_title = gettext_lazy("没有待办事项")
    empty_hint = gettext_lazy("有新的事项时会出现在这里，并发送消息提醒。")
    columns = (
        Column("title", gettext_lazy("事项"), sort="title", link=True, card="title", width="wide"),
        Column("state", gettext_lazy("环节"), value=lambda row: str(state_of(row)), card="meta"),
        Column("duty", gettext_lazy("职责"), value=lambda row: label_of(row.duty), sort="duty"),
        Column("light", gettext_lazy("时限"), value=_due, render=_light, card="meta"),
        Column("due_at", gettext_lazy("办理期限"), sort="due_at", card="meta"),
        Column("person", gettext_lazy("领办人"), value=lambda row: row.person.name if row.person else "", card="meta"),
        Column("entered_at", gettext_lazy("到达时间"), sort="entered_at", shown=False),
        Column("urged", gettext_lazy("催办次数"), value=lambda row: row.urged_count, sort="urged_count", numeric=True),
    )
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),
        Whose(
            name="whose",
            label=gettext_lazy("范围"),
            choices=(
                ("taken", gettext_lazy("本人领办")),
                ("deputy", gettext_lazy("受托代办")),
                ("unit", gettext_lazy("本单位全部")),
            ),
            narrows=_narrow_open,
            pinned=True,
        ),
        Choice(name="duty", label=gettext_lazy("职责"), field="duty", choices=_duties, pinned=True),
        Choice(
            name="taken",
            label=gettext_lazy("领办"),
            choices=(("mine", gettext_lazy("已领办")), ("free", gettext_lazy("未领办"))),
            narrows=lambda value: Q(person__isnull=value == "free"),
        ),
        Flag(
            name="late",
            label=gettext_lazy("只看超期"),
            condition=lambda actor: Q(due_at__lt=timezone.now()),
            pinned=True,
        ),
        Dates(name="due", label=gettext_lazy("办理期限"), field="due_at", times=True),
    )
    bulk = (_bulk("take"), _bulk("hand_on"), _bulk("give_back"))
    has_acts = True
    is_live = True

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_unit_items(actor=actor)

    def url_of(self, row: WorkItem) -> str:
        return url_of_item(row)

    def acts(self, row: WorkItem, actor: Actor) -> Any:
        """The ways to the acts at the end of the row, behind the name of whom the reader stands in for."""
        links = ((act.url, act.label) for act in acts_of(row, actor))
        shown = format_html_join(" ", '<a class="btn btn-bare" href="{}">{}</a>', links)
        if row.person is None or row.person_id not in actor.acts_for:
            return shown
        said = _("代 %(name)s") % {"name": row.person.name}
        return format_html('<span class="qc-instead">{}</span> {}', said, shown)


def _outcome(item: WorkItem) -> str:
    loop = loop_of_item(item)
    step = loop.moves.get(item.outcome) if loop else None
    return str(step.label) if step else _("已结束")


def _title(item: WorkItem) -> Any:
    """The title; of a row that was archived with the word, since no page of it is left."""
    if not getattr(item, "is_gone", False):
        return item.title
    return format_html('{} <span class="qc-small qc-muted">{}</span>', item.title, _("原记录已归档"))


class DoneList(ListPage):
    """What this person finished, or his organisation (已办)."""

    code = "work.done"
    title = gettext_lazy("已办")
    template = "web/inbox.html"
    empty_title = gettext_lazy("还没有办结的事项")
    columns = (
        Column("title", gettext_lazy("事项"), sort="title", link=True, card="title", width="wide", render=_title),
        Column("state", gettext_lazy("环节"), value=lambda row: str(state_of(row))),
        Column("outcome", gettext_lazy("办理结果"), value=_outcome, card="meta"),
        Column("done_by", gettext_lazy("经办人"), value=lambda row: row.done_by.name if row.done_by else _("系统"),
               card="meta"),
        Column("duty", gettext_lazy("职责"), value=lambda row: label_of(row.duty), sort="duty", shown=False),
        Column("due_at", gettext_lazy("办理期限"), sort="due_at"),
        Column("done_at", gettext_lazy("办结时间"), sort="done_at", card="meta"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),
        Whose(
            name="whose",
            label=gettext_lazy("范围"),
            choices=(("unit", gettext_lazy("本单位全部")),),
            narrows=lambda value, actor: Q() if value else Q(done_by=actor.user_id),
            pinned=True,
        ),
        Choice(name="duty", label=gettext_lazy("职责"), field="duty", choices=_duties),
        Dates(name="done", label=gettext_lazy("办结时间"), field="done_at", times=True, pinned=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return queries.list_done(actor=actor)

    def _found(self, asked: Asked, start: int) -> list[WorkItem]:
        found: list[WorkItem] = super()._found(asked, start)
        gone = list_gone((item.subject_type, item.subject_id) for item in found)
        for item in found:
            item.is_gone = (item.subject_type, item.subject_id) in gone  # type: ignore[attr-defined]
        return found

    def url_of(self, row: WorkItem) -> str:
        return "" if getattr(row, "is_gone", False) else url_of_item(row)


def _kind(share: Share) -> str:
    try:
        return str(loop_of(apps.get_model(share.subject_type).loop_code).name)
    except (LookupError, AttributeError):
        return ""


def _seen(share: Share) -> str:
    if share.seen_at is None:
        return _("未阅")
    return _("%(name)s已阅") % {"name": share.seen_by.name if share.seen_by else ""}


class CopyList(ListPage):
    """What was sent to this organisation for knowledge (抄送)."""

    code = "work.copies"
    title = pgettext_lazy("inbox", "抄送")
    template = "web/inbox.html"
    empty_title = gettext_lazy("没有抄送内容")
    empty_hint = gettext_lazy("抄送本单位、请本单位配合或知悉的文件和事项会出现在这里。")
    columns = (
        Column("title", gettext_lazy("标题"), sort="title", link=True, card="title", width="wide"),
        Column("kind", gettext_lazy("类别"), value=_kind, sort="subject_type", card="meta"),
        Column("why", gettext_lazy("方式"), value=lambda row: whys.label_of(row.why), sort="why", card="meta"),
        Column("granted_at", gettext_lazy("送达时间"), sort="granted_at", card="meta"),
        Column("seen", gettext_lazy("阅知"), value=_seen, sort="seen_at", card="meta"),
        Column("seen_at", gettext_lazy("阅知时间"), sort="seen_at", shown=False),
    )
    filters = (
        Search(name="q", label=gettext_lazy("关键词"), fields=("title",), pinned=True),
        Choice(name="why", label=gettext_lazy("方式"), field="why", choices=lambda actor: whys.all_whys(), pinned=True),
        Flag(
            name="unseen", label=gettext_lazy("只看未阅"), condition=lambda actor: Q(seen_at__isnull=True), pinned=True
        ),
        Dates(name="at", label=gettext_lazy("送达时间"), field="granted_at", times=True),
    )

    def queryset(self, actor: Actor) -> QuerySet[Any]:
        return copies.list_copies(actor=actor)

    def url_of(self, row: Share) -> str:
        return reverse("web:copy", args=[row.pk])


@never_cache
@require_safe
def open_copy(request: HttpRequest, share_id: Any) -> HttpResponse:
    """Note who read it first, and go to the row. A browser that only looks ahead (HEAD, prefetch) has read nothing."""
    actor = actor_of(request)
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        found = copies.get_copy(actor=actor, share_id=share_id)
    else:
        found = copies.see_copy(actor=actor, share_id=share_id, now=timezone.now())
    url = address_of_row(found.subject_type, found.subject_id)
    if not url:
        raise NotFound
    return redirect(url)
