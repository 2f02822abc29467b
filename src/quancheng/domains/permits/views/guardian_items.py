"""Guardians' lists (监护人检查清单): as they stand, and changing one item."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views import View

from quancheng.domains.permits.forms.guardian_items import GuardianItemForm
from quancheng.domains.permits.models import GuardianItemChange, ItemMark, Kind
from quancheng.domains.permits.models.guardian_items import COMMON
from quancheng.domains.permits.queries import guardian_items as queries
from quancheng.domains.permits.queries.audits import RULES
from quancheng.domains.permits.queries.permits import VIEW
from quancheng.domains.permits.services import guardian_items as services
from quancheng.domains.permits.services.checking import said
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.people.actors import actor_of
from quancheng.standards.gb30871.watching import Item


class GuardianItems(View):
    """Every list as it stands today, and what begins later."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        actor, now = actor_of(request), timezone.now()
        actor.require(VIEW)
        changes, day = queries.item_changes(), Calendar().local_date(now)
        lists: list[tuple[Text, Sequence[tuple[Item, str]]]] = []
        for kind, label in Kind.choices:
            items = queries.items_at(kind, now, changes)
            if not lists:
                lists.append((gettext_lazy("各类作业"), [(one, said(one.text)) for one in items if one.kind == COMMON]))
            lists.append((label, [(one, said(one.text)) for one in items if one.kind != COMMON]))
        context = {
            "lists": lists, "coming": [one for one in changes if one.valid_from > day], "may_set": actor.has(RULES)
        }  # fmt: skip
        return render(request, "permits/guardian_items.html", context)


class NewItem(CreatePage):
    """An item put on a list."""

    title = gettext_lazy("监护检查项")
    lead = gettext_lazy("从起用日期起开始的作业按新清单检查；已开始的作业沿用开始时的清单。")
    duty = RULES
    form = GuardianItemForm
    template = "permits/guardian_item.html"
    back = "permits:guardian_items"
    button = gettext_lazy("保存设置")
    key = ""

    @property
    def changes(self) -> Sequence[GuardianItemChange]:
        """How this item was set, the newest first."""
        return [one for one in reversed(queries.item_changes()) if one.key == self.key]

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"is_on": True, "mark": ItemMark.OWN, "valid_from": Calendar().local_date(now)}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        services.set_item(actor=actor, now=now, client_id=client_id, **given)
        return reverse("permits:guardian_items")


class ChangeItem(NewItem):
    """An item of a list written anew or taken off."""

    def open(self, actor: Actor, **kwargs: Any) -> None:
        now, changes = timezone.now(), queries.item_changes()
        found = (one for kind in Kind.values for one in queries.items_at(kind, now, changes))
        item = next((one for one in found if one.key == kwargs["key"]), None)
        if item is None:
            raise NotFound
        self.item, self.key = item, item.key

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        one = self.item
        mark = one.mark if one.mark in ItemMark.values else ItemMark.OWN
        told = {"kind": one.kind, "code": one.code, "zh": one.text.zh, "en": one.text.en, "clause": one.clause}
        return super().initial(actor, now) | told | {"mark": mark}
