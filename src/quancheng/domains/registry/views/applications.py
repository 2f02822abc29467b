"""The public page on which an enterprise asks to be registered, and the office's pages that answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from quancheng.domains.registry.forms import applications as forms
from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.loops.application import APPLICATION
from quancheng.domains.registry.models import Application
from quancheng.domains.registry.queries import applications as queries
from quancheng.domains.registry.services import applications as services
from quancheng.domains.registry.services.applications import ApplicationSpec
from quancheng.domains.registry.services.enterprises import ENTER
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, NotFound
from quancheng.kernel.pages.filters import Choice, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, ObjectHead, ObjectPage
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import client_id_of
from quancheng.kernel.people.actors import actor_of
from quancheng.kernel.people.middleware import origin_of
from quancheng.kernel.vault import services as vault


@login_not_required
@never_cache
@sensitive_post_parameters("phone", "contact_name")
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """Ask to be registered; the receipt number is shown once."""
    form, status = forms.ApplyForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                receipt = services.apply(
                    spec=ApplicationSpec(**form.cleaned_data), address=origin_of(request).address, now=timezone.now()
                )
            except DomainError as refused:
                status = tell(form, refused)
            else:
                return render(request, "registry/applied.html", {"receipt": receipt})
    return render(request, "registry/apply.html", {"form": form}, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """What became of an application, by its receipt number; it says nothing of the enterprise."""
    form, found, status = forms.ReceiptForm(request.POST or None), None, 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found = services.find_receipt(
                    receipt=form.cleaned_data["receipt"], address=origin_of(request).address, now=timezone.now()
                )
            except DomainError as refused:
                status = tell(form, refused)
            else:
                status = 200 if found else 422
                if found is None:
                    form.add_error("receipt", _("没有这个回执编号，请核对。"))
    return render(request, "registry/receipt.html", {"form": form, "found": found}, status=status)


class ApplicationList(ListPage):
    """Applications to be registered (企业注册申请)."""

    code = "registry.applications"
    title = gettext_lazy("企业注册申请")
    duty = ENTER
    columns = (
        Column("code", gettext_lazy("编号"), link=True, sort="code", card="meta"),
        Column("name", gettext_lazy("企业全称"), sort="name", card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name, card="meta"),
        Column("status", gettext_lazy("状态"), value=lambda row: row.status_label, sort="status", card="meta"),
        Column("owner", gettext_lazy("受理单位"), value=lambda row: row.owner_org.label),
        Column("created_at", gettext_lazy("申请时间"), sort="created_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("名称、代码"), pinned=True, fields=("name", "credit_code", "code")),
        Choice(name="status", label=gettext_lazy("状态"), choices=APPLICATION.choices, field="status", pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind"),
    )
    empty_title = gettext_lazy("没有注册申请")

    def queryset(self, actor: Actor) -> QuerySet[Application]:
        return queries.list_applications(actor=actor)

    def url_of(self, row: Application) -> str:
        return reverse("registry:application", args=[row.pk])


class ApplicationPage(ObjectPage[Application]):
    """One application: what the applicant says, what stands already under its code, and the answer."""

    template = "registry/object.html"
    back = (gettext_lazy("企业注册申请"), lambda: reverse("registry:applications"))
    forms: ClassVar[Mapping[str, type[django_forms.Form]]] = {"refuse": forms.RefuseForm}

    def get_row(self, actor: Actor, **kwargs: Any) -> Application:
        return queries.get_application(actor=actor, application_id=kwargs["pk"])

    def head(self, row: Application, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.name, code=row.code, subtitle=row.get_kind_display())

    def facts(self, row: Application, actor: Actor) -> Sequence[Fact]:
        known = "；".join(
            _("%(name)s（已有档案）") % {"name": one.name} if filed else _("%(name)s（无档案）") % {"name": one.name}
            for one, filed in queries.same_enterprise(row)
        )
        return [
            Fact(label=_("统一社会信用代码"), value=row.credit_code),
            Fact(label=_("已登记的同码或同名单位"), value=known or _("没有")),
            Fact(label=_("同码的其他申请"), value=queries.other_applications(row)),
            Fact(label=_("所在镇街"), value=row.area.name if row.area else ""),
            Fact(label=_("实际经营地址"), value=row.address),
            Fact(label=_("联系人"), value=_("%(name)s（%(role)s）") % {
                "name": row.contact_name, "role": row.get_contact_role_display()}),
            Fact(label=_("手机号码"), value=vault.masked(vault.PHONE, row.phone)),
            Fact(label=_("不予登记的理由"), value=row.reason, wide=True),
        ]  # fmt: skip

    def actions(self, row: Application, actor: Actor) -> Sequence[Action]:
        """Admission is a page of its own, since it shows a password once."""
        url = reverse("registry:application_admit", args=[row.pk])
        return [
            replace(one, url=url, asks=False) if one.name == "admit" else one for one in super().actions(row, actor)
        ]

    def perform(
        self, *, actor: Actor, row: Application, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "refuse":
            raise NotFound
        services.refuse(actor=actor, application=row, reason=given["reason"], now=now, client_id=client_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def admit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Register the applicant; the first account's password is shown once."""
    actor = actor_of(request)
    actor.require(ENTER)
    row = queries.get_application(actor=actor, application_id=pk)
    form, status = forms.AdmitForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = services.admit(
                    actor=actor, application=row, username=form.cleaned_data["username"], now=timezone.now(),
                    client_id=client_id_of(request),
                )  # fmt: skip
            except DomainError as refused:
                status = tell(form, refused)
            else:
                return render(request, "registry/admitted.html", {"done": done})
    return render(request, "registry/admit.html", {"form": form, "row": row}, status=status)
