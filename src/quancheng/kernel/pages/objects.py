"""Object pages (一事一页): head, loop with the present state lit, one next action, facts with gaps, history."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db.models import Model
from django.forms import CharField, Field, Form, Textarea
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.pages import loopview, workview
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.lists import shown_text
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import add_toast, add_trigger, is_htmx, redirect_to, respond
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.work.models import WorkItem

if TYPE_CHECKING:
    from quancheng.kernel.longwork.models import LongWork

Text = str | Promise
RowT = TypeVar("RowT", bound=Model)

#: Labels and help of what moves commonly ask for; a page adds its own through ``need_fields``.
NEEDS: dict[str, tuple[Text, Text]] = {
    "reason": (gettext_lazy("原因"), gettext_lazy("写明理由，对方会看到。")),
    "evidence": (gettext_lazy("办理情况"), gettext_lazy("写明做了什么、结果如何。")),
    "note": (gettext_lazy("说明"), ""),
    "result": (gettext_lazy("结果"), ""),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. An empty one is a gap: shown as such with who must fill it."""

    label: Text
    value: Any = None
    _: KW_ONLY
    #: Who must fill it where it is empty, e.g. 承办部门; empty where nobody need.
    filled_by: Text = ""
    help: Text = ""
    wide: bool = False

    @property
    def is_gap(self) -> bool:
        return self.value is None or self.value == ""

    @property
    def shown(self) -> Any:
        """The value as people read it."""
        return shown_text(self.value)


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """The top of the page. ``marks`` are safe HTML from :mod:`quancheng.kernel.pages.marks`."""

    title: Text
    _: KW_ONLY
    code: str = ""
    marks: Sequence[Any] = ()
    subtitle: Text = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """Related things. The template of the present tab alone is rendered, with what ``context`` gives."""

    name: str
    label: Text
    _: KW_ONLY
    template: str
    count: int | None = None
    context: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True, slots=True)
class Action:
    """Something the actor may do now.

    :param name: for moves of the loop the move's name: the page asks for what it needs and makes it.
    :param url: another page that does it; then ``name`` is only a label for tests.
    :param asks: a form must be filled in first.
    :param confirm: a sentence to agree to before it happens.
    """

    name: str
    label: Text
    _: KW_ONLY
    primary: bool = False
    url: str = ""
    asks: bool = False
    confirm: Text = ""
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """One sentence of the history: who did what when, and what was said."""

    at: datetime
    who: str
    what: Text
    note: str = ""
    organisation: str = ""


@dataclass(slots=True)
class Panel:
    """An action's form, opened under the strip."""

    action: Action
    form: Form
    client_id: str


class ObjectPage(View, Generic[RowT]):
    """Base of object pages. A subclass gives the row from its domain's ``queries``, and what is said about it."""

    http_method_names = ["get", "head", "post"]

    #: Where the way back leads: label and function giving the address.
    back: ClassVar[tuple[Text, Callable[[], str]] | None] = None
    duty: ClassVar[str | None] = None
    template: ClassVar[str] = "web/object.html"
    part: ClassVar[str] = "web/_object.html"
    #: Forms of single actions; others are built from what the move needs.
    forms: ClassVar[Mapping[str, type[Form]]] = {}
    need_fields: ClassVar[Mapping[str, tuple[Text, Text]]] = {}
    #: Labels of actions that are no moves of a loop. One that is no longer open is tried all the same, as moves are:
    #: its service says why not.
    own_acts: ClassVar[Mapping[str, Text]] = {}

    # What a domain gives -----------------------------------------------------------------------------------------

    def get_row(self, actor: Actor, **kwargs: Any) -> RowT:
        """The row that the actor may see, from a query function that raises ``NotFound`` otherwise."""
        raise NotImplementedError

    def way_back(self, row: RowT) -> tuple[Text, str] | None:
        """Label and address of the way back, where it depends on the row; else that of ``back``."""
        return (self.back[0], self.back[1]()) if self.back else None

    def head(self, row: RowT, actor: Actor) -> ObjectHead:
        return ObjectHead(title=str(row))

    def facts(self, row: RowT, actor: Actor) -> Sequence[Fact]:
        return ()

    def tabs(self, row: RowT, actor: Actor) -> Sequence[Tab]:
        return ()

    def actions(self, row: RowT, actor: Actor) -> Sequence[Action]:
        """What the actor may do now: by default the loop's moves that are open to him, the main one first."""
        return loopview.actions_of(row, actor) if isinstance(row, LoopRow) else ()

    def history(self, row: RowT, actor: Actor) -> Sequence[HistoryLine]:
        """Newest first: by default the moves made on the row."""
        return loopview.history_of(row) if isinstance(row, LoopRow) else ()

    def perform(
        self,
        *,
        actor: Actor,
        row: RowT,
        name: str,
        given: Mapping[str, Any],
        now: datetime,
        client_id: uuid.UUID | None,
    ) -> LongWork | None:
        """Do an action. By default the loop's own move; a domain calls its service instead.

        :returns: the long work that it was begun as, where it takes too long to wait for.
        """
        if not isinstance(row, LoopRow):
            raise NotFound()
        loopview.make_move(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)
        return None

    def form_for(self, action: Action, row: RowT, actor: Actor, data: Any = None, files: Any = None) -> Form:
        """The form of an action, unbound or bound."""
        own = self.forms.get(action.name)
        if own is not None:
            return own(data, files)
        needs = loopview.needs_of(row, action.name) if isinstance(row, LoopRow) else ()
        return needs_form(needs, {**NEEDS, **self.need_fields})(data, files)

    def more_context(self, row: RowT, actor: Actor) -> dict[str, Any]:
        return {}

    # Requests ----------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor, row = self._open(request, kwargs)
        for name in request.GET:
            if name not in ("tab", "act"):
                raise unknown_parameter(name)
        panel = None
        if wanted := request.GET.get("act"):
            action = self._action(wanted, row, actor)
            if action is None:
                # A bookmark or a second tab: somebody was faster. The page shows where things stand.
                return redirect(request.path)
            panel = Panel(action, self._form(action, row, actor), str(uuid.uuid4()))
        return self._show(request, row, actor, panel)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor, row = self._open(request, kwargs)
        name = request.POST.get("act", "")
        client_id = _client_id(request.POST.get("client_id", ""))
        action = self._action(name, row, actor) or self._lost_action(name, row)
        form = self._form(action, row, actor, request.POST, request.FILES)
        panel = Panel(action, form, str(client_id or uuid.uuid4()))
        if not form.is_valid():
            return self._show(request, row, actor, panel, status=422)
        try:
            long = self._do(actor, row, name, form.cleaned_data, client_id)
        except DomainError as refused:
            status = tell(form, refused)
            row.refresh_from_db()
            return self._show(request, row, actor, panel, status=status)
        if long is not None:
            return redirect_to(request, long.get_absolute_url(), toast=_("已转入后台办理，完成后会收到消息。"))
        done = _("已完成：%(label)s") % {"label": action.label}
        if not is_htmx(request):
            return redirect_to(request, request.path, toast=done)
        row = self.get_row(actor, **kwargs)
        response = self._show(request, row, actor, None, counts=True)
        return add_trigger(add_toast(response, done, kind="success"), "qc:changed")

    def _open(self, request: HttpRequest, kwargs: Mapping[str, Any]) -> tuple[Actor, RowT]:
        actor = actor_of(request)
        if self.duty is not None:
            actor.require(self.duty)
        return actor, self.get_row(actor, **kwargs)

    def _action(self, name: str, row: RowT, actor: Actor) -> Action | None:
        if workview.is_act(name):
            offered: Sequence[Action] = workview.actions_of(self._item(row), actor)
        else:
            offered = self.actions(row, actor)
        return next((each for each in offered if each.name == name), None)

    def _lost_action(self, name: str, row: RowT) -> Action:
        """An action that is no longer open: it is tried all the same, for the refusal says why."""
        if workview.is_act(name):
            return workview.action_of(name.removeprefix(workview.PREFIX))
        label = self.own_acts.get(name) or loopview.label_of(row, name)
        return Action(name=name, label=label, asks=True)

    def _item(self, row: RowT) -> WorkItem | None:
        return loopview.open_item(row) if isinstance(row, LoopRow) else None

    def _form(self, action: Action, row: RowT, actor: Actor, data: Any = None, files: Any = None) -> Form:
        if workview.is_act(action.name):
            item = self._item(row)
            return workview.form_for(action.name, item, actor, data) if item is not None else Form(data)
        return self.form_for(action, row, actor, data, files)

    def _do(
        self, actor: Actor, row: RowT, name: str, given: Mapping[str, Any], client_id: uuid.UUID | None
    ) -> LongWork | None:
        now = timezone.now()
        if workview.is_act(name):
            item = workview.item_for_act(self._item(row))
            workview.perform(actor=actor, item=item, act=name, given=given, now=now, client_id=client_id)
            return None
        return self.perform(actor=actor, row=row, name=name, given=given, now=now, client_id=client_id)

    def _show(
        self,
        request: HttpRequest,
        row: RowT,
        actor: Actor,
        panel: Panel | None,
        *,
        status: int = 200,
        counts: bool = False,
    ) -> HttpResponse:
        now = timezone.now()
        actions = list(self.actions(row, actor))
        primary = next((each for each in actions if each.primary), None)
        tabs = list(self.tabs(row, actor))
        tab = _chosen_tab(tabs, request.GET.get("tab", ""))
        facts = list(self.facts(row, actor))
        strip = loopview.strip_of(row, now=now) if isinstance(row, LoopRow) else None
        context: dict[str, Any] = {
            "page": self,
            "path": request.path,
            "row": row,
            "head": self.head(row, actor),
            "back": self.way_back(row),
            "strip": strip,
            "primary": primary,
            "others": [each for each in actions if each is not primary],
            "item_acts": workview.actions_of(strip.item if strip else None, actor),
            "counts": counts,
            "panel": panel,
            "facts": facts,
            "gap_count": sum(1 for fact in facts if fact.is_gap and fact.filled_by),
            "tabs": tabs,
            "tab": tab,
            "history": self.history(row, actor),
            "now": now,
            "client_id": str(uuid.uuid4()),
        }
        if tab is not None:
            context |= tab.context()
        context |= self.more_context(row, actor)
        return respond(request, page=self.template, part=self.part, context=context, status=status)


def needs_form(needs: Sequence[str], labels: Mapping[str, tuple[Text, Text]]) -> type[Form]:
    """A form that asks for what a move needs: one text of at most 2000 characters each."""
    fields: dict[str, Field] = {}
    for name in needs:
        label, hint = labels.get(name, (name, ""))
        fields[name] = CharField(
            label=str(label),
            help_text=str(hint),
            max_length=2000,
            widget=Textarea(attrs={"rows": 4}),
        )
    return type("NeedsForm", (Form,), fields)


def _chosen_tab(tabs: Sequence[Tab], wanted: str) -> Tab | None:
    if not wanted:
        return tabs[0] if tabs else None
    found = next((tab for tab in tabs if tab.name == wanted), None)
    if found is None:
        raise unknown_parameter("tab")
    return found


def _client_id(text: str) -> uuid.UUID | None:
    if not text:
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid(_("请求标识有误，请刷新页面后重试。"), code="client_id") from None
