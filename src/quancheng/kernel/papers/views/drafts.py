"""Pages on which a paper is drafted and changed."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotFound, NotPermitted, StaleState
from quancheng.kernel.pages.errors import unknown_parameter
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import client_id_of, redirect_to, respond
from quancheng.kernel.papers import queries
from quancheng.kernel.papers.forms import PaperForm, names_in
from quancheng.kernel.papers.models import Paper
from quancheng.kernel.papers.render.paper import arabic_date
from quancheng.kernel.papers.services import drafts
from quancheng.kernel.papers.services.drafts import DraftSpec, issuers_for
from quancheng.kernel.papers.templates_data import fill
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.matching import Matcher


class _FormView(View):
    """What drafting and changing share: the form, and names that become organisations."""

    http_method_names = ["get", "head", "post"]

    def form(self, actor: Actor, *args: Any, **kwargs: Any) -> PaperForm:
        actor.require("papers.draft")
        if actor.organisation_id is None:
            raise NotPermitted
        form = PaperForm(*args, **kwargs)
        field: Any = form.fields["issuer"]
        field.choices = [(str(org.pk), org.name) for org in issuers_for(actor.organisation_id)]
        return form

    def addressees(self, form: PaperForm) -> list[uuid.UUID]:
        """Organisations behind the typed names; what is not sure is told beside the field."""
        matches = Matcher.load().match_all(names_in(form.cleaned_data["addressees"]))
        doubtful = [f"“{match.name}”：{match.reason}" for match in matches if not match.sure]
        if doubtful:
            form.add_error("addressees", "；".join(doubtful))
        return [pk for match in matches for pk in match.organisations]

    def show(self, request: HttpRequest, form: PaperForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = {"form": form, **more}
        return respond(request, page="papers/draft.html", part="papers/_draft.html", context=context, status=status)


class NewPaper(_FormView):
    """Choose a form letter, then draft."""

    def get(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        for name in request.GET:
            if name != "template":
                raise unknown_parameter(name)
        code = request.GET.get("template", "")
        if not code:
            actor.require("papers.draft")
            context = {"templates": queries.list_templates()}
            return respond(request, page="papers/choose.html", part="papers/_choose.html", context=context)
        template = queries.get_template(code=code)
        known = {
            "今日": arabic_date(timezone.localdate()),
            "回复期限": template.reply_working_days,
            "发文机关": actor.organisation_name,
            "前次督办": "",
        }
        initial = {
            "title": fill(template.title, known),
            "body": fill(template.body, known),
            "reply_working_days": template.reply_working_days,
        }
        form = self.form(actor, initial=initial)
        return self.show(request, form, template=template, client_id=str(uuid.uuid4()))

    def post(self, request: HttpRequest) -> HttpResponse:
        actor = actor_of(request)
        template = queries.get_template(code=request.POST.get("template", ""))
        form = self.form(actor, request.POST)
        client_id = client_id_of(request)
        more: dict[str, Any] = {"template": template, "client_id": str(client_id or uuid.uuid4())}
        if not form.is_valid():
            return self.show(request, form, status=422, **more)
        addressees = self.addressees(form)
        if form.errors:
            return self.show(request, form, status=422, **more)
        spec = DraftSpec(
            template=template.code,
            issuer=uuid.UUID(form.cleaned_data["issuer"]),
            addressees=addressees,
            **form.changes(),
        )
        try:
            paper = drafts.create_draft(actor=actor, spec=spec, now=timezone.now(), client_id=client_id)
        except DomainError as refused:
            return self.show(request, form, status=tell(form, refused), **more)
        return redirect_to(request, reverse("papers:paper", args=[paper.pk]), toast=_("已保存草稿。"))


class EditPaper(_FormView):
    """Change a draft; what two change at once is refused to the second, who keeps what he typed."""

    def get(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        paper = self._paper(actor, pk)
        if paper.status != "DRAFT":
            return redirect("papers:paper", pk=pk)
        initial = {
            "issuer": str(paper.issuer_id),
            "title": paper.title,
            "body": paper.body,
            "addressees": "、".join(one.org.name for one in paper.addressees.all()),
            "reply_working_days": paper.reply_working_days,
            "copy_to": paper.copy_to,
            "attachments": "\n".join(paper.attachments),
            "openness": paper.openness,
            "urgency": paper.urgency,
        }
        return self.show(request, self._form(actor, initial=initial), paper=paper, seen=paper.updated_at.isoformat())

    def post(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor = actor_of(request)
        paper = self._paper(actor, pk)
        form = self._form(actor, request.POST)
        more: dict[str, Any] = {"paper": paper, "seen": request.POST.get("seen", "")}
        if not form.is_valid():
            return self.show(request, form, status=422, **more)
        addressees = self.addressees(form)
        if form.errors:
            return self.show(request, form, status=422, **more)
        try:
            if request.POST.get("seen") != paper.updated_at.isoformat():
                raise StaleState(_("该文书刚被他人修改，请核对后重新打开再改；您填写的内容仍在下面。"))
            drafts.change_draft(
                actor=actor, paper=paper, changes=form.changes(), addressees=addressees, now=timezone.now()
            )
        except DomainError as refused:
            return self.show(request, form, status=tell(form, refused), **more)
        return redirect_to(request, reverse("papers:paper", args=[pk]), toast=_("已保存修改。"))

    def _paper(self, actor: Actor, pk: uuid.UUID) -> Paper:
        paper = queries.get_paper(actor=actor, paper_id=pk)
        if paper.owner_org_id != actor.organisation_id:
            raise NotFound
        return paper

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> PaperForm:
        form = self.form(actor, *args, **kwargs)
        # In whose name it goes out is settled with the draft's first save.
        del form.fields["issuer"]
        return form
