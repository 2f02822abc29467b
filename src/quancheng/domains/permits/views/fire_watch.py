"""The page of the watch for fire after hot work (监火): begun, and ended when its time is over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django import forms as django_forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.permits.forms import fire_watch as forms
from quancheng.domains.permits.queries.fire_watch import watch_of
from quancheng.domains.permits.services import fire_watch as services
from quancheng.domains.permits.views.entering import OfPermit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, NotFound
from quancheng.kernel.files.services import receive_uploads

_ACTS: Mapping[str, Callable[..., Any]] = {"begin": services.begin_watch, "end": services.end_watch}


class FireWatchPage(OfPermit):
    """One address for both: what is next is asked, and what was sent says which of the two it is."""

    title = gettext_lazy("监火")
    duty = None
    template = "permits/entry.html"
    form = forms.BeginForm

    def open(self, actor: Actor, **kwargs: Any) -> None:
        super().open(actor, **kwargs)
        now = timezone.now()
        found = watch_of(self.permit, now)
        if found is None:
            raise NotFound
        self.watch = found
        told = self.request.POST.get("act", "")
        self.is_end = told == "end" if told in _ACTS else found.row is not None
        self.button = _("监火结束，确认无残火") if self.is_end else _("开始监火")  # type: ignore[misc]
        if self.is_end and found.left_min(now):
            self.lead = _("还须监火%(n)s分钟。") % {"n": found.left_min(now)}  # type: ignore[misc]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"act": "end" if self.is_end else "begin"}

    def back_url(self) -> str:
        return super().back_url() + "?tab=guarding"

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        if self.is_end:
            return forms.EndForm(*args, **kwargs)
        return forms.BeginForm(*args, least=self.watch.minutes, **kwargs)

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        if given["act"] not in _ACTS:
            raise Invalid(fields={"act": _("没有这个选项。")})
        told = {name: value for name, value in given.items() if name not in ("act", "photos")}
        photos = receive_uploads(actor=actor, uploads=given["photos"], now=now)
        _ACTS[given["act"]](
            actor=actor, permit=self.permit, photos=photos, now=now, client_id=client_id, **told
        )
        return self.back_url()
