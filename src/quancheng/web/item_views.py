"""What people do with items, one or several at once: take, hand on, give back, urge (领办、转办、退回、催办)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound, TooLarge
from quancheng.kernel.pages import workview
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import add_toast, client_id_of, is_htmx, own_path, redirect_to
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.queries import Person
from quancheng.kernel.work import queries
from quancheng.kernel.work.forms import HandOnForm
from quancheng.kernel.work.models import WorkItem
from quancheng.kernel.work.services import available_acts
from quancheng.web.today import show_today, state_of, url_of_item

#: Items of one act on several.
MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item of several."""

    item: WorkItem
    url: str
    refusal: str


@require_http_methods(["GET", "HEAD", "POST"])
def item_act(request: HttpRequest, item_id: uuid.UUID, act: str) -> HttpResponse:
    """One act on one item: its form, and doing it. From Today by htmx, Today comes back with its counts."""
    actor, now = actor_of(request), timezone.now()
    _known(act)
    item = queries.get_item(actor=actor, item_id=item_id)
    back = own_path(request, request.POST.get("next") or request.GET.get("next", "")) or reverse("web:inbox")
    given = request.POST if request.method == "POST" else None
    form, status = workview.form_for(act, item, actor, given), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                workview.perform(
                    actor=actor, item=item, act=act, given=form.cleaned_data, now=now, client_id=client_id_of(request)
                )
            except DomainError as refused:
                status = tell(form, refused)
            else:
                done = _("已完成：%(label)s") % {"label": workview.LABELS[act]}
                if is_htmx(request) and request.POST.get("view") == "today":
                    return add_toast(show_today(request, counts=True), done, kind="success")
                return redirect_to(request, back, toast=done)
            if is_htmx(request) and request.POST.get("view") == "today":
                # The line was somebody else's by then: the list as it stands now, with the reason.
                said = " ".join(str(each) for told in form.errors.values() for each in told)
                return add_toast(show_today(request, counts=True), said, kind="warning")
    context = {
        "item": item, "url": url_of_item(item), "state": state_of(item), "act": act, "label": workview.LABELS[act],
        "form": form, "back": back, "now": now, "client_id": str(uuid.uuid4()),
        "refusal": "" if act in available_acts(actor, item) or request.method == "POST" else _refusal(item),
    }  # fmt: skip
    return render(request, "web/item_act.html", context, status=status)


@require_POST
def items_act(request: HttpRequest) -> HttpResponse:
    """One act on the items that were ticked: first to be confirmed one by one, then with a result for each."""
    actor, now, act = actor_of(request), timezone.now(), request.GET.get("act", "")
    if act == "urge":
        raise NotFound
    _known(act)
    items = queries.list_items_of(actor=actor, ids=_ids(request))
    if not items:
        return redirect_to(request, reverse("web:inbox"), toast=_("请先勾选事项。"))
    label = workview.LABELS[act]
    context: dict[str, Any] = {"act": act, "label": label, "now": now}
    form = _form(act, items, actor, request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        results = [_one(actor, item, act, form.cleaned_data) for item in items]
        done = sum(not result.refusal for result in results)
        said = ngettext("已完成 %(count)s 件。", "已完成 %(count)s 件。", done) % {"count": done}
        return render(request, "web/items_done.html", {**context, "results": results, "said": said, "done": done})
    rows = [(item, state_of(item), act in available_acts(actor, item)) for item in items]
    return render(
        request, "web/items_act.html", {**context, "rows": rows, "form": form}, status=422 if form.is_bound else 200
    )


def _one(actor: Actor, item: WorkItem, act: str, given: dict[str, Any]) -> Result:
    """Each item is an act of its own: one that is refused holds up no other."""
    try:
        workview.perform(actor=actor, item=item, act=act, given=given, now=timezone.now())
    except DomainError as refused:
        return Result(item, url_of_item(item), " ".join(map(str, refused.fields.values() or [refused.message])))
    return Result(item, url_of_item(item), "")


def _form(act: str, items: list[WorkItem], actor: Actor, data: Any) -> Form:
    if act != "hand_on":
        return workview.form_for(act, items[0], actor, data)
    people: dict[uuid.UUID, Person] = {}
    for item in {(item.owner_org_id, item.duty): item for item in items}.values():
        people |= {one.user_id: one for one in workview.colleagues_for(item, actor)}
    return HandOnForm(data, people=list(people.values()))


def _ids(request: HttpRequest) -> list[uuid.UUID]:
    texts = request.POST.getlist("ids")
    if len(texts) > MOST_AT_ONCE:
        raise TooLarge(_("一次最多处理 %(most)s 件。") % {"most": MOST_AT_ONCE}, code="too_many_items")
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError:
        raise Invalid from None


def _known(act: str) -> None:
    if act not in workview.LABELS:
        raise NotFound


def _refusal(item: WorkItem) -> str:
    if item.done_at is not None:
        return _("该事项已办结。")
    who = item.person.name if item.person else item.owner_org.label
    return _("该事项由%(who)s办理，您不能执行此操作。") % {"who": who}
