"""Pages on which a record is entered (新建): one form, one act, then the record's own page."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import DomainError, Text
from quancheng.kernel.pages.fields import ActorForm
from quancheng.kernel.pages.refusals import tell
from quancheng.kernel.pages.respond import client_id_of, redirect_to
from quancheng.kernel.people.actors import actor_of


class CreatePage(View):
    """Base: a subclass names its form, its duty, and the service that makes the record."""

    http_method_names = ["get", "head", "post"]

    title: ClassVar[Text]
    #: A sentence that says what will happen.
    lead: ClassVar[Text] = ""
    #: Who may; None where the row that ``open`` reads says so, and ``open`` refuses everybody else.
    duty: ClassVar[str | None]
    form: ClassVar[type[Form]]
    #: One that extends the common page, where something stands above its fields.
    template: ClassVar[str] = "web/create.html"
    #: URL name of the list to which one returns.
    back: ClassVar[str] = ""
    #: Label of the button.
    button: ClassVar[Text]

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        """Make the record; returns the address to go to."""
        raise NotImplementedError

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {}

    def open(self, actor: Actor, **kwargs: Any) -> None:
        """Read what the address names, e.g. the row to which the record belongs; it may be kept on the page."""

    def back_url(self) -> str:
        """Where one returns without having made anything."""
        return reverse(self.back)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = self._actor(request)
        self.open(actor, **kwargs)
        return self._show(request, self._form(actor, initial=self.initial(actor, timezone.now())))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        actor = self._actor(request)
        self.open(actor, **kwargs)
        form = self._form(actor, request.POST, request.FILES)
        if not form.is_valid():
            return self._show(request, form, status=422)
        try:
            url = self.make(actor=actor, given=form.cleaned_data, now=timezone.now(), client_id=client_id_of(request))
        except DomainError as refused:
            return self._show(request, form, status=tell(form, refused))
        return redirect_to(request, url)

    def _actor(self, request: HttpRequest) -> Actor:
        actor = actor_of(request)
        if self.duty is not None:
            actor.require(self.duty)
        return actor

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> Form:
        if issubclass(self.form, ActorForm):
            return self.form(*args, actor=actor, **kwargs)
        return self.form(*args, **kwargs)

    def _show(self, request: HttpRequest, form: Form, *, status: int = 200) -> HttpResponse:
        context = {
            "page": self,
            "form": form,
            "client_id": request.POST.get("client_id") or str(uuid.uuid4()),
            "back_url": self.back_url(),
        }
        return render(request, self.template, context, status=status)
