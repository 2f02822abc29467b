"""Importing a document and reviewing what was read: the source on the left, the tasks on the right, doubts first."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from quancheng.domains.duty.documents.errors import DocumentError
from quancheng.domains.duty.documents.read import read_document, read_pasted
from quancheng.domains.duty.drafts import doubts_of, split_names, units_from
from quancheng.domains.duty.forms.review import DraftForm, ImportForm, PlanForm
from quancheng.domains.duty.models import DraftTask, Plan
from quancheng.domains.duty.queries import plans as queries
from quancheng.domains.duty.services import linking
from quancheng.domains.duty.services import review as services
from quancheng.domains.duty.services.commit import commit_plan
from quancheng.domains.duty.services.importing import import_document
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Invalid, NotFound
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import add_toast, client_id_of, is_htmx, redirect_to
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.matching import Matcher


class ImportView(View):
    """Import a document: read in a guarded child process, parsed, registered for review."""

    def get(self, request: HttpRequest) -> HttpResponse:
        actor_of(request).require("duty.plans.import")
        return self._show(request, ImportForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        actor.require("duty.plans.import")
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, form, status=422)
        upload = form.cleaned_data["file"]
        try:
            if upload:
                data = upload.read()
                document = read_document(name=upload.name or "", data=data)
            else:
                document = read_pasted(form.cleaned_data["text"])
                data = document.text.encode()
            plan = import_document(
                actor=actor,
                document=document,
                name=upload.name if upload else f"{_('粘贴的文字')}.txt",
                data=data,
                kind=form.cleaned_data["kind"],
                now=timezone.now(),
                client_id=client_id_of(request),
            )
        except (DocumentError, DomainError) as refused:
            form.add_error("file" if upload else "text", str(refused))
            return self._show(request, form, status=getattr(refused, "status", 422))
        return redirect_to(request, reverse("duty:review", args=[plan.pk]))

    def _show(self, request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "client_id": str(uuid.uuid4())}
        return render(request, "duty/import.html", context, status=status)


class ReviewView(View):
    """The review of one plan. Every act is a form post; htmx swaps the card it concerns."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, plan = self._open(request, pk)
        if plan.status != "REVIEW":
            return redirect("duty:plan", pk=plan.pk)
        for name in request.GET:
            if name not in ("order", "show"):
                raise unknown_parameter(name)
        return self._page(request, actor, plan)

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor, plan = self._open(request, pk)
        name = request.POST.get("act", "")
        acts: dict[str, Callable[[HttpRequest, Actor, Plan], HttpResponse]] = {
            "save": self._save,
            "confirm": self._confirm,
            "match": self._match,
            "split": self._split,
            "merge": self._merge,
            "drop": self._drop,
            "restore": self._restore,
            "add": self._add,
            "serve": self._serve,
            "sentences": self._sentences,
            "lead_rest": self._lead_rest,
            "confirm_many": self._confirm_many,
            "confirm_all": self._confirm_many,
            "head": self._head,
            "commit": self._commit,
            "discard": self._discard,
        }
        if name not in acts:
            raise unknown_parameter("act")
        return acts[name](request, actor, plan)

    def _open(self, request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, Plan]:
        actor = actor_of(request)
        return actor, queries.get_review(actor=actor, plan_id=pk)

    # Acts --------------------------------------------------------------------------------------------------------

    def _save(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        form = DraftForm.of(draft, request.POST)
        if not form.is_valid():
            return self._card(request, actor, plan, draft, form=form, status=422)
        fields = form.changes(draft)
        units = self._units(draft, form)
        if units != draft.units:
            fields["units"] = units
        try:
            services.correct_draft(
                actor=actor, draft=draft, fields=fields, version=_number(request, "version"), now=timezone.now()
            )
        except DomainError as refused:
            status, errors = tell(form, refused), list(map(str, form.non_field_errors()))
            draft.refresh_from_db()
            return self._card(request, actor, plan, draft, form=form, errors=errors, status=status)
        return self._card(request, actor, plan, draft, toast=_("已保存并确认。"))

    def _units(self, draft: DraftTask, form: DraftForm) -> list[dict[str, Any]]:
        matcher = Matcher.load(speaker=draft.plan.owner_org)
        leads = [unit for unit in draft.units if unit["role"] == "lead"]
        supports = [unit for unit in draft.units if unit["role"] == "support"]
        found = units_from(split_names(form.cleaned_data["leads"]), "lead", leads, matcher)
        typed = split_names(form.cleaned_data.get("supports", ""))
        return found + units_from(typed, "support", supports, matcher)

    def _confirm(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        return self._act(
            request, actor, plan, draft, _("已确认。"),
            lambda: services.correct_draft(
                actor=actor, draft=draft, fields={}, version=_number(request, "version"), now=timezone.now()
            ),
        )  # fmt: skip

    def _match(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        names = split_names(request.POST.get("organisations", ""))
        known = {org.name: org for org in people.list_organisations(actor=actor).filter(name__in=names)}
        wrong = [name for name in names if name not in known]
        if wrong or not names:
            sentence = _("没有登记名为“%(names)s”的单位，请从列表中选择全称。") % {"names": "、".join(wrong)}
            errors = [sentence if wrong else _("请选择单位。")]
            return self._card(request, actor, plan, draft, errors=errors, status=422)
        return self._act(
            request, actor, plan, draft, _("已指定单位。"),
            lambda: services.match_unit(
                actor=actor, draft=draft, index=_number(request, "unit"), organisations=list(known.values()),
                learn=request.POST.get("learn") == "1", version=_number(request, "version"), now=timezone.now(),
            ),
        )  # fmt: skip

    def _split(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        try:
            services.split_draft(
                actor=actor, draft=draft, at=_number(request, "at"), version=_number(request, "version"),
                now=timezone.now(),
            )  # fmt: skip
        except Invalid as refused:
            return self._card(request, actor, plan, draft, errors=list(map(str, refused.fields.values())), status=422)
        return redirect_to(request, f"{self._url(plan)}#draft-{draft.pk}", toast=_("已拆分为两条任务。"))

    def _merge(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        wanted = set(request.POST.getlist("draft"))
        drafts = [one for one in queries.list_drafts(actor=actor, plan=plan) if str(one.pk) in wanted]
        try:
            first = services.merge_drafts(actor=actor, drafts=drafts, now=timezone.now())
        except Invalid as refused:
            return self._page(request, actor, plan, errors=[str(refused.message)], status=422)
        return redirect_to(request, f"{self._url(plan)}#draft-{first.pk}", toast=_("已合并。"))

    def _serve(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        wanted, title = set(request.POST.getlist("serves")), request.POST.get("title", "").strip()
        texts = [
            one
            for one in queries.list_drafts(actor=actor, plan=plan)
            if not one.dropped and not one.is_report and not one.content.get("row")
        ]
        served = [one for one in texts if str(one.pk) in wanted]
        added = [one for one in texts if title and one.content.get("title") == title and one not in served]
        if title and len(added) != 1:
            sentence = _("正文中没有名为“%(title)s”的任务。") if not added else _("正文中有多条任务名为“%(title)s”。")
            return self._card(request, actor, plan, draft, errors=[sentence % {"title": title}], status=422)
        served += added
        return self._act(
            request, actor, plan, draft, _("已保存对应的正文任务。"),
            lambda: linking.serve(
                actor=actor, draft=draft, served=served, version=_number(request, "version"), now=timezone.now()
            ),
        )  # fmt: skip

    def _sentences(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        try:
            made = linking.split_sentences(
                actor=actor, draft=draft, version=_number(request, "version"), now=timezone.now()
            )
        except Invalid as refused:
            return self._card(request, actor, plan, draft, errors=[str(refused.message)], status=422)
        toast = _("已按句拆分为 %(count)s 条任务。") % {"count": len(made)}
        return redirect_to(request, f"{self._url(plan)}#draft-{draft.pk}", toast=toast)

    def _lead_rest(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        names = request.POST.get("leads", "")[:2000]
        try:
            count = linking.lead_rest(actor=actor, plan=plan, names=names, now=timezone.now())
        except Invalid as refused:
            errors = list(map(str, refused.fields.values()))
            return self._page(request, actor, plan, errors=errors, leads=names, status=422)
        toast = _("已为 %(count)s 条任务指定责任单位。") % {"count": count}
        return redirect_to(request, self._url(plan), toast=toast)

    def _confirm_many(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        """Those selected, or all that are doubtful, as the page showed them."""
        wanted, seen = set(request.POST.getlist("draft")), set(request.POST.getlist("seen"))
        everything = request.POST["act"] == "confirm_all"
        drafts = [
            one
            for one in queries.list_drafts(actor=actor, plan=plan)
            if not one.dropped and (bool(doubts_of(one)) if everything else str(one.pk) in wanted)
        ]
        if not drafts:
            return self._page(request, actor, plan, errors=[_("请先选中要确认的任务。")], status=422)
        if any(f"{one.pk}:{one.version}" not in seen for one in drafts):
            sentence = _("有任务在您打开页面后被他人修改，现已更新，请核对后再确认。")
            return self._page(request, actor, plan, errors=[sentence], status=409)
        count = linking.confirm_many(actor=actor, drafts=drafts, now=timezone.now())
        return redirect_to(request, self._url(plan), toast=_("已确认 %(count)s 条任务。") % {"count": count})

    def _drop(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        return self._act(
            request, actor, plan, draft, _("已移出，可随时恢复。"),
            lambda: services.drop_draft(
                actor=actor, draft=draft, reason=request.POST.get("reason", ""),
                version=_number(request, "version"), now=timezone.now(),
            ),
        )  # fmt: skip

    def _restore(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        draft = self._draft(request, actor, plan)
        return self._act(
            request, actor, plan, draft, _("已恢复。"),
            lambda: services.restore_draft(
                actor=actor, draft=draft, version=_number(request, "version"), now=timezone.now()
            ),
        )  # fmt: skip

    def _add(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        line = _number(request, "line") if request.POST.get("line") else None
        if line is not None and not 1 <= line <= len(plan.lines):
            raise unknown_parameter("line")
        text = request.POST.get("text", "") or (plan.lines[line - 1] if line else "")
        try:
            draft = services.add_draft(actor=actor, plan=plan, text=text, line=line, now=timezone.now())
        except Invalid as refused:
            return self._page(request, actor, plan, errors=list(map(str, refused.fields.values())), status=422)
        return redirect_to(request, f"{self._url(plan)}?show=all#draft-{draft.pk}", toast=_("已添加任务。"))

    def _head(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        form, status = PlanForm(request.POST, instance=plan), 422
        if form.is_valid():
            plan.refresh_from_db()
            try:
                services.correct_plan(
                    actor=actor, plan=plan, fields=form.changes(), version=_number(request, "version"),
                    now=timezone.now(),
                )  # fmt: skip
            except DomainError as refused:
                status = tell(form, refused)
            else:
                return redirect_to(request, self._url(plan), toast=_("文件信息已保存。"))
        plan.refresh_from_db()
        errors = list(map(str, form.non_field_errors()))
        return self._page(request, actor, plan, head=form, errors=errors, status=status)

    def _commit(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        try:
            commit_plan(actor=actor, plan=plan, now=timezone.now(), client_id=client_id_of(request))
        except Invalid as refused:
            plan.refresh_from_db()
            waiting = {name.removeprefix("draft-"): str(text) for name, text in refused.fields.items()}
            return self._page(
                request, actor, plan, errors=[str(refused.message)], waiting=waiting, status=refused.status
            )
        toast = _("已下达 %(count)s 项任务。") % {"count": plan.tasks.count()}
        return redirect_to(request, reverse("duty:plan", args=[plan.pk]), toast=toast)

    def _discard(self, request: HttpRequest, actor: Actor, plan: Plan) -> HttpResponse:
        try:
            services.discard_plan(actor=actor, plan=plan, reason=request.POST.get("reason", ""), now=timezone.now())
        except Invalid as refused:
            return self._page(request, actor, plan, errors=[str(refused.message)], status=422)
        return redirect_to(request, reverse("duty:plans"), toast=_("已作废。"))

    # Showing -----------------------------------------------------------------------------------------------------

    def _act(
        self, request: HttpRequest, actor: Actor, plan: Plan, draft: DraftTask, done: str, act: Callable[[], Any]
    ) -> HttpResponse:
        try:
            act()
        except DomainError as refused:
            if refused.status not in (409, 422):
                raise
            errors = [str(text) for text in refused.fields.values()] or [str(refused.message)]
            draft.refresh_from_db()
            return self._card(request, actor, plan, draft, errors=errors, status=refused.status)
        return self._card(request, actor, plan, draft, toast=done)

    def _draft(self, request: HttpRequest, actor: Actor, plan: Plan) -> DraftTask:
        try:
            draft = queries.get_draft(actor=actor, draft_id=uuid.UUID(request.POST.get("draft", "")))
        except ValueError:
            raise NotFound from None
        if draft.plan_id != plan.pk:
            raise NotFound
        return draft

    def _url(self, plan: Plan) -> str:
        return reverse("duty:review", args=[plan.pk])

    def _card(
        self,
        request: HttpRequest,
        actor: Actor,
        plan: Plan,
        draft: DraftTask,
        *,
        form: DraftForm | None = None,
        errors: list[str] | None = None,
        toast: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """The card of one draft for htmx, with the bar on top; the whole page for a browser without scripts."""
        if not is_htmx(request):
            if status == 200:
                return redirect_to(request, f"{self._url(plan)}#draft-{draft.pk}", toast=toast)
            return self._page(request, actor, plan, opened=draft, form=form, errors=errors, status=status)
        plan.refresh_from_db()
        drafts = queries.list_drafts(actor=actor, plan=plan)
        context = {
            "plan": plan,
            "card": card_of(draft, _names(drafts), form=form, errors=errors),
            "bar": self._bar(drafts),
            "swap_bar": True,
            "client_id": str(uuid.uuid4()),
        }
        response = render(request, "duty/_draft.html", context, status=status)
        return add_toast(response, toast, kind="success") if toast else response

    def _bar(self, drafts: list[DraftTask]) -> dict[str, int]:
        kept = [one for one in drafts if not one.dropped]
        return {
            "tasks": sum(not one.is_report for one in kept),
            "reports": sum(one.is_report for one in kept),
            "doubtful": sum(bool(doubts_of(one)) for one in kept),
            "dropped": len(drafts) - len(kept),
        }

    def _page(
        self,
        request: HttpRequest,
        actor: Actor,
        plan: Plan,
        *,
        head: PlanForm | None = None,
        opened: DraftTask | None = None,
        form: DraftForm | None = None,
        errors: list[str] | None = None,
        waiting: dict[str, str] | None = None,
        leads: str = "",
        status: int = 200,
    ) -> HttpResponse:
        drafts = queries.list_drafts(actor=actor, plan=plan)
        names = _names(drafts)
        cards = [
            card_of(
                one,
                names,
                form=form if opened and one.pk == opened.pk else None,
                waiting=(waiting or {}).get(str(one.pk)),
            )
            for one in drafts
        ]
        by_doubt = request.GET.get("order", "doubt") != "document"
        if by_doubt:
            cards.sort(key=lambda card: (card["draft"].dropped, not card["doubts"], card["draft"].order))
        context = {
            "plan": plan,
            "head": head or PlanForm(instance=plan),
            "head_doubts": [doubt["text"] for doubt in plan.parsed.get("meta", {}).get("doubts", ())],
            "warnings": plan.parsed.get("warnings", ()),
            "cards": cards,
            "bar": self._bar(drafts),
            "texts": list(
                dict.fromkeys(names[str(one.pk)] for one in drafts if not one.dropped and not one.content.get("row"))
            ),
            "has_chart": any(one.content.get("row") for one in drafts),
            "without_lead": sum(
                not one.dropped
                and not one.content.get("carried_by")
                and not any(unit["role"] == "lead" for unit in one.units)
                for one in drafts
            ),
            "leads": leads,
            "by_doubt": by_doubt,
            "errors": errors or [],
            "lines": _marked_lines(plan, drafts),
            "organisations": people.list_organisations(actor=actor).values_list("name", flat=True)[:2000],
            "client_id": str(uuid.uuid4()),
        }
        return render(request, "duty/review.html", context, status=status)


def _names(drafts: list[DraftTask]) -> dict[str, str]:
    """Titles of the drafts that stand, by identifier."""
    return {str(one.pk): str(one.content.get("title", "")) for one in drafts if not one.dropped}


def card_of(
    draft: DraftTask,
    names: Mapping[str, str],
    *,
    form: DraftForm | None = None,
    errors: list[str] | None = None,
    waiting: str | None = None,
) -> dict[str, Any]:
    """What the card of a draft shows. ``names`` are the titles of all drafts, by identifier."""
    return {
        "serves": [(link, names.get(link["draft"], "")) for link in draft.content.get("serves", ())],
        "carriers": [(key, names.get(key, "")) for key in draft.content.get("carried_by", ())],
        "sentences": 0 if draft.is_report or draft.content.get("row") else len(linking.sentences_of(draft)),
        "draft": draft,
        "content": draft.content,
        "form": form or DraftForm.of(draft),
        "doubts": doubts_of(draft),
        "errors": errors or [],
        "waiting": waiting or "",
        "open": bool(form or errors),
        "leads": [unit for unit in draft.units if unit["role"] == "lead"],
        "supports": [unit for unit in draft.units if unit["role"] == "support"],
        "unmatched": [(index, unit) for index, unit in enumerate(draft.units) if not unit["sure"]],
        "kind_label": dict(DraftForm.base_fields["kind"].choices).get(draft.content.get("kind")),  # type: ignore[attr-defined]
    }


def _marked_lines(plan: Plan, drafts: list[DraftTask]) -> list[tuple[int, str, str]]:
    """Each source line with its number and the draft that begins there."""
    starts = {draft.content.get("line"): str(draft.pk) for draft in reversed(drafts) if not draft.dropped}
    return [(number, text, starts.get(number, "")) for number, text in enumerate(plan.lines, 1)]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise unknown_parameter(name)
    return int(text)
