"""Forms of plans that units make themselves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import OwnPlan, Plan
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.domains.duty.services.own_plans import ItemSpec
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField

#: Empty lines under those that stand; saving gives as many again.
SPARE_LINES = 5
_LINE = ("topic", "task", "measure", "person", "due_date")


class CallForm(fields.ActorForm):
    """A demand that units make a plan."""

    kinds = {"orgs": ("enterprise", "agency")}

    title = fields.words(_("计划名称"), help_text=_("例如：化工和危险化学品安全生产治本攻坚三年行动计划。"))
    plan = forms.ModelChoiceField(
        label=_("依据的计划文件"), queryset=Plan.objects.none(), required=False, empty_label="—"
    )
    topics = fields.text(
        _("须覆盖的内容"), rows=6, help_text=_("每行一项；企业的计划须对每一项列出任务、措施、责任人和完成时间。")
    )
    text = fields.text(_("要求"), required=False)
    period_from = fields.day(_("计划起始"))
    period_to = fields.day(_("计划截止"))
    due_date = fields.day(_("提交时限"))
    orgs = fields.orgs(_("制定单位"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = plan_queries.list_plans(actor=self.actor).filter(status="RUNNING")
        self.fields["plan"].queryset = offered  # type: ignore[attr-defined]


class ItemsForm(forms.Form):
    """The tasks of a plan, a line each: what stands, and some empty lines."""

    def __init__(self, *args: Any, plan: OwnPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = list(plan.items.all())
        given = [name for name in self.data if name.startswith("task_")]
        self.count = max(len(items) + SPARE_LINES, len(given))
        topics = [("", "—"), *((topic, topic) for topic in plan.call.topics)]
        for number in range(1, self.count + 1):
            known = items[number - 1] if number <= len(items) else None
            words = {"number": number}
            self.fields[f"topic_{number}"] = forms.ChoiceField(
                label=_("第 %(number)s 项对应内容") % words, choices=topics, required=False,
                initial=known.topic if known else "",
            )  # fmt: skip
            self.fields[f"task_{number}"] = forms.CharField(
                label=_("第 %(number)s 项任务") % words, max_length=300, required=False,
                initial=known.task if known else "",
            )  # fmt: skip
            self.fields[f"measure_{number}"] = forms.CharField(
                label=_("第 %(number)s 项措施") % words, max_length=2000, required=False,
                initial=known.measure if known else "", widget=forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
            self.fields[f"person_{number}"] = forms.CharField(
                label=_("第 %(number)s 项责任人") % words, max_length=60, required=False,
                initial=known.person if known else "",
            )  # fmt: skip
            field = fields.day(_("第 %(number)s 项完成时间") % words, required=False)
            field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            field.initial = known.due_date if known else None
            self.fields[f"due_date_{number}"] = field
            for name in _LINE:
                # In a table the column's head is the label that is seen; this one is heard.
                one = self.fields[f"{name}_{number}"]
                one.widget.attrs["aria-label"] = one.label

    def lines(self) -> list[list[forms.BoundField]]:
        """The fields line by line, for the table."""
        return [[self[f"{name}_{number}"] for name in _LINE] for number in range(1, self.count + 1)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(1, self.count + 1):
            rest = ("topic", "measure", "person", "due_date")
            if not given.get(f"task_{number}") and any(given.get(f"{name}_{number}") for name in rest):
                self.add_error(f"task_{number}", _("请填写任务，或清空这一行。"))
        return given

    def items(self) -> list[ItemSpec]:
        given = self.cleaned_data
        return [
            ItemSpec(
                task=given[f"task_{number}"],
                topic=given[f"topic_{number}"],
                measure=given[f"measure_{number}"],
                person=given[f"person_{number}"],
                due_date=given[f"due_date_{number}"],
            )
            for number in range(1, self.count + 1)
            if given[f"task_{number}"]
        ]


class SubmitPlanForm(forms.Form):
    """Handing in: the signed document beside the list."""

    evidence = FilesField(
        label=_("计划原件"), error_messages={"required": _("请上传计划原件。")}, help_text=_("经主要负责人签字的文件。")
    )
