"""Pages of how many people of a post units must employ, who lacks some, and the quotas themselves."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.registry.kinds import Kind
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.forms import quotas as forms
from quancheng.domains.training.models import StaffQuota, WorkRole
from quancheng.domains.training.queries import quotas as queries
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.coverage import list_units
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.persons import VIEW
from quancheng.domains.training.queries.quotas import QuotaState
from quancheng.domains.training.services import quotas as services
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Choice, Control, Filter, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage
from quancheng.kernel.pages.words import listed


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFilter(Filter):
    """The post that units are looked at for. It stands first: others ask for what it counts."""

    def _chosen(self, given: QueryDict) -> WorkRole | None:
        code = given.get(self.name, "").strip() or queries.FIRST
        offered = queries.quota_roles(timezone.localdate())
        found = next((one for one in offered if one.code == code), None)
        if found is None and given.get(self.name, "").strip():
            raise self.refuse(_("没有这个选项。"))
        return found

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        chosen = self._chosen(given)
        code = chosen.code if chosen else queries.FIRST
        return queries.with_quota(rows, code, actor=actor, on=timezone.localdate())

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        chosen = given.get(self.name, "").strip() or queries.FIRST
        offered = [(one.code, one.shown) for one in queries.quota_roles(timezone.localdate())]
        return Control("pick", self.name, self.label, self.pinned, [chosen], error=error, active=bool(chosen),
                       choices=[(code, label, code == chosen) for code, label in offered])  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        chosen = self._chosen(given)
        return f"{self.label}：{chosen.shown}" if chosen else ""


def _state_mark(row: Any) -> Any:
    return marks.badge(QuotaState(row.quota_state).label, "done" if row.quota_state == "met" else "active")


class QuotaList(ListPage):
    """Units that must employ holders of a post, and whether they do (法定人员配备)."""

    code = "training.quotas"
    title = gettext_lazy("法定人员配备")
    duty = VIEW
    columns = (
        Column("name", gettext_lazy("企业"), value=lambda row: row.enterprise.name, link=True, sort="pinyin",
               card="title", width="wide"),
        Column("kind", gettext_lazy("企业类别"), value=lambda row: row.get_kind_display(), sort="kind"),
        Column("quota_state", gettext_lazy("配备情况"), value=lambda row: QuotaState(row.quota_state).label,
               render=_state_mark, sort="quota_state", card="meta"),
        Column("required", gettext_lazy("应配备人数"), numeric=True, sort="required", card="meta"),
        Column("held", gettext_lazy("持证在岗人数"), numeric=True, sort="held", card="meta"),
        Column("lacking", gettext_lazy("缺少人数"), numeric=True, sort="lacking"),
        Column("unfit", gettext_lazy("在岗无有效证书人数"), numeric=True, sort="unfit"),
        Column("managers", gettext_lazy("安全生产管理人员数"), numeric=True, sort="managers"),
        Column("staff", gettext_lazy("从业人数"), numeric=True, sort="staff_count",
               value=lambda row: row.staff_count if row.staff_count is not None else ""),
        Column("area", gettext_lazy("所在镇街"), value=lambda row: row.area.name if row.area else "",
               sort="area__path"),
    )  # fmt: skip
    filters = (
        RoleFilter(name="role", label=gettext_lazy("岗位角色"), pinned=True),
        Search(name="q", label=gettext_lazy("企业名称"), pinned=True, fields=("enterprise__name",),
               pinyin=("enterprise__pinyin", "enterprise__initials")),
        Choice(name="state", label=gettext_lazy("配备情况"), choices=QuotaState.choices, field="quota_state",
               multiple=True, pinned=True),
        Choice(name="kind", label=gettext_lazy("企业类别"), choices=Kind.choices, field="kind", multiple=True),
    )  # fmt: skip
    empty_title = gettext_lazy("没有应配备的企业")

    def queryset(self, actor: Actor) -> QuerySet[Enterprise]:
        return list_units(actor=actor)

    def url_of(self, row: Enterprise) -> str:
        return reverse("training:staff", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("配备标准"), reverse("training:quota_rules"))]


class QuotaRuleList(ListPage):
    """Quotas of staff (人员配备标准)."""

    code = "training.quota_rules"
    title = gettext_lazy("人员配备标准")
    duty = VIEW
    columns = (
        Column("role", gettext_lazy("岗位角色"), value=lambda row: row.role.shown, link=True, sort="position",
               card="title", width="wide"),
        Column("least", gettext_lazy("至少人数"), numeric=True, sort="least", card="meta"),
        Column("share_percent", gettext_lazy("占安全生产管理人员的比例（%）"), numeric=True, sort="share_percent",
               card="meta"),
        Column("staff_over", gettext_lazy("比例适用于从业人数超过"), numeric=True, sort="staff_over"),
        Column("basis", gettext_lazy("依据"), value=lambda row: row.shown_basis, width="wide"),
        Column("mark", gettext_lazy("确信程度"), value=lambda row: row.get_mark_display()),
        Column("valid_from", gettext_lazy("启用日期"), sort="valid_from"),
        Column("valid_to", gettext_lazy("停用日期"), sort="valid_to", card="meta"),
        Column("code", gettext_lazy("代码"), sort="code", shown=False),
    )  # fmt: skip
    filters = (Search(name="q", label=gettext_lazy("名称、代号"), pinned=True, fields=("role__name", "code", "basis")),)
    empty_title = gettext_lazy("没有配备标准")

    def queryset(self, actor: Actor) -> QuerySet[StaffQuota]:
        return queries.list_quotas()

    def url_of(self, row: StaffQuota) -> str:
        return reverse("training:quota_rule", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        return [(gettext_lazy("增加配备标准"), reverse("training:quota_rule_new"))] if actor.has(RULES) else []


class NewQuotaRule(CreatePage):
    title = gettext_lazy("增加配备标准")
    duty = RULES
    form = forms.QuotaForm
    back = "training:quota_rules"
    button = gettext_lazy("增加")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"mark": "D", "least": 1, "valid_from": timezone.localdate()}

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = {name: value for name, value in given.items() if name not in ("code", "reason")}
        row = services.add_quota(actor=actor, code=given["code"], known=known, reason=given["reason"], now=now)
        return reverse("training:quota_rule", args=[row.pk])


class QuotaRulePage(ObjectPage[StaffQuota]):
    """One quota."""

    duty = VIEW
    back = (gettext_lazy("人员配备标准"), lambda: reverse("training:quota_rules"))
    own_acts: ClassVar = {"end": gettext_lazy("停用")}

    def get_row(self, actor: Actor, **kwargs: Any) -> StaffQuota:
        return queries.get_quota(quota_id=kwargs["pk"])

    def head(self, row: StaffQuota, actor: Actor) -> ObjectHead:
        return ObjectHead(title=row.role.shown, code=row.code)

    def facts(self, row: StaffQuota, actor: Actor) -> Sequence[Fact]:
        return [
            Fact(label=_("至少人数"), value=row.least),
            Fact(label=_("占安全生产管理人员的比例（%）"), value=row.share_percent),
            Fact(label=_("比例适用于从业人数超过"), value=row.staff_over),
            Fact(label=_("适用企业类别"), wide=True, value=listed(str(Kind(one).label) for one in row.kinds)),
            Fact(label=_("依据"), value=row.shown_basis, wide=True),
            Fact(label=_("确信程度"), value=row.get_mark_display()),
            Fact(label=_("启用日期"), value=row.valid_from),
            Fact(label=_("停用日期"), value=row.valid_to),
        ]

    def history(self, row: StaffQuota, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: StaffQuota, actor: Actor) -> Sequence[Action]:
        if not actor.has(RULES) or row.valid_to is not None:
            return []
        return [Action(name="end", label=_("停用"), asks=True)]

    def form_for(
        self, action: Action, row: StaffQuota, actor: Actor, data: Any = None, files: Any = None
    ) -> django_forms.Form:
        return forms.EndQuotaForm(data, initial={"version": row.version, "valid_to": timezone.localdate()})

    def perform(
        self, *, actor: Actor, row: StaffQuota, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "end":
            raise NotFound
        services.end_quota(actor=actor, quota=row, now=now, **given)
