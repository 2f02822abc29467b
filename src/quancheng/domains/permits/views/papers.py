"""A permit on paper: its copies and placard printed, and the fields of its form told."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits import paper_files
from quancheng.domains.permits.forms.papers import ALL, PLACARD, ParticularsForm, PrintForm, SketchForm
from quancheng.domains.permits.models import Permit, PermitMark
from quancheng.domains.permits.particulars import fields_of
from quancheng.domains.permits.queries import permits as queries
from quancheng.domains.permits.queries.papers import PermitPaper, paper_of, placard_lines, stamp
from quancheng.domains.permits.queries.permits import REQUEST
from quancheng.domains.permits.queries.prints import prints_of
from quancheng.domains.permits.queries.sketches import SKETCHED
from quancheng.domains.permits.services.checking import require_own
from quancheng.domains.permits.services.particulars import OPEN, tell_particulars
from quancheng.domains.permits.services.printing import note_print
from quancheng.domains.permits.services.sketches import draw_sketch
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.files.services import receive_uploads
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.objects import Action
from quancheng.kernel.people.actors import actor_of

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def printed_url(request: HttpRequest, mark: PermitMark) -> str:
    """The address that is printed: under the public name of the house, where one is set."""
    path = reverse("work:mark", args=[mark.code])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def paper_actions(row: Permit, actor: Actor) -> list[Action]:
    """What the permit's page offers of the paper: printing to who sees it, its fields to who asks for the work."""
    found = [Action(name="paper", label=_("打印作业票"), url=reverse("permits:paper", args=[row.pk]))]
    if row.status in OPEN and actor.organisation_id == row.file_id and actor.has(REQUEST) and fields_of(row.kind):
        found.append(Action(name="particulars", label=_("票面事项"), url=reverse("permits:particulars", args=[row.pk])))
        if row.kind in SKETCHED:
            found.append(Action(name="sketch", label=_("上传示意图"), url=reverse("permits:sketch", args=[row.pk])))
    return found


class PrintPermit(CreatePage):
    """Copies 1 to 3 of the form, or the placard, as one file; each print is journaled."""

    title = gettext_lazy("打印作业票")
    lead = gettext_lazy("内容全部取自系统记录，手工涂改无效。每次打印都记入日志。")
    duty: ClassVar[str | None] = None
    form = PrintForm
    template = "permits/paper.html"
    button = gettext_lazy("生成文件")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit = queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        self.paper: PermitPaper = paper_of(permit=self.permit, actor=actor, now=timezone.now())
        self.prints = [(one, _said(one.facts)) for one in prints_of(self.permit)]

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        copies = [(str(number), paper_files.copy_name(self.paper, number)) for number in (1, 2, 3)]
        return PrintForm(*args, copies=copies, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = actor_of(request)
        self.open(actor, **kwargs)
        form = self._form(actor, request.POST)
        if not form.is_valid():
            return self._show(request, form, status=422)
        now = timezone.now()
        what, medium = form.cleaned_data["what"], form.cleaned_data["medium"]
        copies = [] if what == PLACARD else [1, 2, 3] if what == ALL else [int(what)]
        mark, number = note_print(actor=actor, permit=self.permit, copies=copies, medium=medium, now=now)
        printed = f"{actor.name} {stamp(now)} {'打印' if number == 1 else f'第{number}次打印'}"
        same: dict[str, Any] = {"url": printed_url(request, mark), "printed": printed, "now": now}
        if what == PLACARD:
            made = paper_files.placard_pdf(self.paper, lines=placard_lines(self.permit), **same)
        else:
            make = paper_files.permit_pdf if medium == "pdf" else paper_files.permit_docx
            made = make(self.paper, copies=copies, **same)
        return _file(made, f"{self.permit.number or _('未编号')}-{what}.{medium}", medium)


def _file(content: bytes, name: str, medium: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_TYPES[medium])
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _said(facts: Mapping[str, Any]) -> str:
    """What one print was, in words."""
    what = "、".join(str(one) for one in facts["copies"])
    told = _("第%(copies)s联") % {"copies": what} if what else _("现场公示牌")
    return f"{told} · {facts['medium'].upper()} · {_('第%(number)s版') % {'number': facts['edition']}}"


class Particulars(CreatePage):
    """The fields of the form that no check asks for, told before it is presented."""

    title = gettext_lazy("填写票面事项")
    lead = gettext_lazy("标准票样上的专项栏目，打印时原样印出；提交会签后不能再改。")
    duty = None
    form = ParticularsForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.permit: Permit = queries.get_permit(actor=actor, permit_id=kwargs["pk"])
        require_own(actor, self.permit.file, REQUEST)
        if not fields_of(self.permit.kind):
            raise NotFound

    def back_url(self) -> str:
        return reverse("permits:permit", args=[self.permit.pk])

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        return ParticularsForm(*args, kind=self.permit.kind, **kwargs)

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {**self.permit.particulars, "version": self.permit.version}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        told = {one.code: given[one.code] for one in fields_of(self.permit.kind)}
        tell_particulars(actor=actor, permit=self.permit, version=given["version"] or 0, told=told, now=now)
        return self.back_url()


class Sketch(OfPermit):
    """The picture in the form's box for a drawing, uploaded before the permit is presented."""

    title = gettext_lazy("上传示意图")
    lead = gettext_lazy("盲板位置图、动土范围简图或断路地段示意图：打印在票面相应栏内，提交会签后不能再换。")
    duty = None
    form = SketchForm
    button = gettext_lazy("保存")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        lead = self.lead
        super().open(actor, **kwargs)
        self.lead = lead  # type: ignore[misc]
        if self.kind not in SKETCHED:
            raise NotFound

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"version": self.permit.version}

    def back_url(self) -> str:
        return super().back_url() + "?tab=papers"

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        (file,) = receive_uploads(actor=actor, uploads=[given["sketch"]], now=now)
        draw_sketch(actor=actor, permit=self.permit, file_id=file, version=given["version"] or 0, now=now)
        return self.back_url()
