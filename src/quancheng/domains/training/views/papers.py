"""Pages of rules for papers and of what the district demands of every exam."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django import forms as django_forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.training.forms import exams as forms
from quancheng.domains.training.models import PaperRule, QuestionKind
from quancheng.domains.training.models.exams import PaperRuleQuerySet
from quancheng.domains.training.queries import papers as queries
from quancheng.domains.training.queries.history import acts_on
from quancheng.domains.training.queries.papers import ORDER, SET_EXAMS
from quancheng.domains.training.queries.questions import subject_names
from quancheng.domains.training.queries.roles import list_roles
from quancheng.domains.training.services import papers as services
from quancheng.domains.training.services.papers import RULES
from quancheng.domains.training.views import words
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound, NotPermitted, Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.create import CreatePage
from quancheng.kernel.pages.filters import Flag, Search
from quancheng.kernel.pages.lists import Column, ListPage
from quancheng.kernel.pages.objects import Action, Fact, HistoryLine, ObjectHead, ObjectPage
from quancheng.kernel.pages.words import listed


def counted(rule: PaperRule) -> str:
    """Kinds with their numbers and marks, e.g. 单选题 40×1."""
    return listed(
        f"{QuestionKind(kind).label} {rule.counts[kind]}×{rule.marks[kind]}"
        for kind in ORDER if rule.counts.get(kind)
    )  # fmt: skip


class RuleList(ListPage):
    """Rules for papers (组卷规则)."""

    code = "training.paper_rules"
    title = gettext_lazy("组卷规则")
    duty = SET_EXAMS
    columns = (
        Column("name", gettext_lazy("规则名称"), link=True, sort="name", card="title", width="wide"),
        Column("counts", gettext_lazy("题型、题数、分值"), value=counted, card="meta", width="wide"),
        Column("minutes", gettext_lazy("考试时间（分钟）"), numeric=True, sort="minutes"),
        Column("major_share", gettext_lazy("重大事故隐患试题占比（%）"), numeric=True, sort="major_share"),
        Column("owner", gettext_lazy("制定单位"), value=lambda row: row.owner_org.name, sort="owner_org__name",
               card="meta"),
        Column("retired", gettext_lazy("停用时间"), value=lambda row: row.retired_at, sort="retired_at"),
    )  # fmt: skip
    filters = (
        Search(name="q", label=gettext_lazy("规则名称"), pinned=True, fields=("name",)),
        Flag(name="used", label=gettext_lazy("只看在用的"), condition=lambda actor: Q(retired_at__isnull=True)),
    )
    empty_title = gettext_lazy("没有组卷规则")

    def queryset(self, actor: Actor) -> PaperRuleQuerySet:
        return queries.list_rules(actor=actor)

    def url_of(self, row: PaperRule) -> str:
        return reverse("training:paper_rule", args=[row.pk])

    def head_actions(self, actor: Actor) -> Sequence[tuple[Text, str]]:
        found: list[tuple[Text, str]] = []
        if actor.has(SET_EXAMS):
            found.append((gettext_lazy("增加组卷规则"), reverse("training:paper_rule_new")))
        if actor.has(RULES):
            found.append((gettext_lazy("考试规定"), reverse("training:exam_policy")))
        return found


class NewRule(CreatePage):
    title = gettext_lazy("增加组卷规则")
    lead = gettext_lazy("总分 100 分；每位考生按各自的随机种子组卷，题目和选项顺序不同。")
    duty = SET_EXAMS
    form = forms.RuleForm
    template = "training/paper_rule_new.html"
    back = "training:paper_rules"
    button = gettext_lazy("保存")

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return {"minutes": 90, "major_share": queries.policy().major_share}

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        self.typed = self.form(*args, **kwargs)
        return self.typed

    def known(self) -> dict[str, Any]:
        assert isinstance(self.typed, forms.RuleForm)  # noqa: S101 - made by _form
        return self.typed.known()

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        row = services.add_rule(actor=actor, known=self.known(), now=now)
        return reverse("training:paper_rule", args=[row.pk])


class ChangeRule(NewRule):
    title = gettext_lazy("修改组卷规则")
    lead = gettext_lazy("已安排的考试仍按原规则组卷。")

    def open(self, actor: Actor, **kwargs: Any) -> None:
        self.rule = queries.get_rule(actor=actor, rule_id=kwargs["pk"])
        if self.rule.owner_org_id != actor.organisation_id:
            raise NotPermitted

    def initial(self, actor: Actor, now: datetime) -> dict[str, Any]:
        return forms.initial_of(self.rule)

    def back_url(self) -> str:
        return reverse("training:paper_rule", args=[self.rule.pk])

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        version = given["version"] or 0
        services.change_rule(actor=actor, rule=self.rule, version=version, known=self.known(), now=now)
        return self.back_url()


class RulePage(ObjectPage[PaperRule]):
    """One rule, and whether the bank suffices for it."""

    duty = SET_EXAMS
    back = (gettext_lazy("组卷规则"), lambda: reverse("training:paper_rules"))
    own_acts: ClassVar = {"retire": gettext_lazy("停用")}

    def get_row(self, actor: Actor, **kwargs: Any) -> PaperRule:
        return queries.get_rule(actor=actor, rule_id=kwargs["pk"])

    def head(self, row: PaperRule, actor: Actor) -> ObjectHead:
        word, tone = (_("停用"), "quiet") if row.retired_at else (_("在用"), "done")
        return ObjectHead(title=row.name, subtitle=row.owner_org.name, marks=[marks.badge(word, tone)])

    def facts(self, row: PaperRule, actor: Actor) -> Sequence[Fact]:
        names, roles = subject_names(), {one.code: one.shown for one in list_roles()}
        short = queries.what_lacks(organisation=actor.organisation_id, paper=queries.paper_of(row))
        return [
            Fact(label=_("题型、题数、分值"), value=counted(row), wide=True),
            Fact(label=_("考试时间（分钟）"), value=row.minutes),
            Fact(label=_("重大事故隐患试题占比（%）"), value=row.major_share),
            Fact(label=_("各知识点最少题数"),
                 value=listed(f"{names.get(one, one)} {count}" for one, count in row.least.items()) or _("不限")),
            Fact(label=_("适用岗位角色"), value=roles.get(row.role, row.role) or _("都适用")),
            Fact(label=_("多选题少选按比例给分"), value=_("是") if row.is_partial else _("否")),
            Fact(label=_("题库是否够用"), value="".join(short) or _("够用"), wide=True),
        ]  # fmt: skip

    def history(self, row: PaperRule, actor: Actor) -> Sequence[HistoryLine]:
        return words.history(acts_on(row))

    def actions(self, row: PaperRule, actor: Actor) -> Sequence[Action]:
        if row.owner_org_id != actor.organisation_id or row.retired_at is not None or not actor.has(SET_EXAMS):
            return []
        return [
            Action(name="change", label=_("修改"), url=reverse("training:paper_rule_change", args=[row.pk])),
            Action(name="retire", label=_("停用"), confirm=_("停用后不能再按此规则安排考试，确定吗？")),
        ]

    def perform(
        self, *, actor: Actor, row: PaperRule, name: str, given: Mapping[str, Any], now: datetime,
        client_id: uuid.UUID | None,
    ) -> None:  # fmt: skip
        if name != "retire":
            raise NotFound
        services.retire_rule(actor=actor, rule=row, now=now)


class PolicyPage(CreatePage):
    """What the district demands of every exam (考试规定)."""

    title = gettext_lazy("考试规定")
    lead = gettext_lazy("对全区企业和监管部门的考试都适用；已安排的考试不变。")
    duty = RULES
    form = forms.PolicyForm  # type: ignore[assignment]
    back = "training:paper_rules"
    button = gettext_lazy("保存")

    def _form(self, actor: Actor, *args: Any, **kwargs: Any) -> django_forms.Form:
        row = queries.policy()
        given = {"version": row.version, **kwargs.pop("initial", {})}
        policy_form: Any = forms.PolicyForm
        made: django_forms.Form = policy_form(*args, instance=row, initial=given)
        return made

    def make(self, *, actor: Actor, given: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None) -> str:
        known = dict(given)
        services.set_policy(
            actor=actor, version=known.pop("version"), reason=known.pop("reason"), known=known, now=now
        )
        return reverse("training:paper_rules")
