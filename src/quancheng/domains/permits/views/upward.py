"""Permits and alarms on their way up (作业票上报): the common queue, narrowed to this room's records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from quancheng.domains.hazards.models import ExchangeRow
from quancheng.domains.hazards.models.exchange import Family, TableCode
from quancheng.domains.hazards.views.exchange import ExchangeList
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages.filters import Choice

_TABLES = (TableCode.TICKET, TableCode.ALARM)


def _filters() -> tuple[Any, ...]:
    """Those of the common queue; of tables this room's alone."""
    own = Choice(
        name="table", label=gettext_lazy("数据表"), choices=[(one.value, one.label) for one in _TABLES], field="table",
        pinned=True,
    )  # fmt: skip
    kept = (one for one in ExchangeList.filters if one.name != "family")
    return tuple(own if one.name == "table" else one for one in kept)


class UploadList(ExchangeList):
    """What of permits and alarms was sent, refused, or waits."""

    code = "permits.exchange"
    title = gettext_lazy("作业票上报")
    filters = _filters()
    empty_hint = gettext_lazy("设置特殊作业的上级平台并全部排队后，作业票和作业报警会列在这里。")

    def queryset(self, actor: Actor) -> QuerySet[ExchangeRow]:
        return super().queryset(actor).filter(adapter__family=Family.PERMITS)

    def head_actions(self, actor: Actor) -> Sequence[tuple[Any, str]]:
        return [
            (gettext_lazy("上级平台对接"), reverse("hazards:exchange_adapters")),
            (gettext_lazy("企业系统接入"), reverse("hazards:exchange_applications")),
        ]
