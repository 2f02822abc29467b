"""Forms of a plan's parents and of what its tasks carry out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import Plan, Task
from quancheng.domains.duty.queries import parents as queries
from quancheng.domains.duty.queries import plans as plan_queries
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import fields


class ParentForm(forms.Form):
    """A parent in the house, or a document outside it by title, number and issuer."""

    parent = forms.ModelChoiceField(
        label=_("系统内的计划文件"), queryset=Plan.objects.none(), required=False, empty_label="—",
        help_text=_("上级文件不在系统内时留空，填写下面三项。"),
    )  # fmt: skip
    title = fields.words(_("标题"), required=False)
    number = fields.words(_("文号"), required=False, limit=60)
    issuer = fields.words(_("发文机关"), required=False, limit=120)

    def __init__(self, *args: Any, actor: Actor, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = plan.parents.filter(parent__isnull=False).values("parent")
        found = plan_queries.list_plans(actor=actor).exclude(status="DISCARDED").exclude(pk__in=known)
        self.fields["parent"].queryset = found.exclude(pk=plan.pk)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("parent") and not given.get("title"):
            self.add_error("title", _("请填写上级文件的标题，或选择系统内的计划文件。"))
        return given


class DropParentForm(forms.Form):
    """Which parent is taken off."""

    link = forms.ChoiceField(label=_("上级文件"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        links = plan.parents.order_by("pk")
        self.fields["link"].choices = [(str(one.pk), " ".join(filter(None, (one.title, one.number)))) for one in links]  # type: ignore[attr-defined]


class _TaskField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Task) -> str:
        return f"{obj.code} {obj.title}"


class _TasksField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Task) -> str:
        return f"{obj.code} {obj.title}"


class CarryForm(forms.Form):
    """A task of a parent plan, and one's own tasks that carry it out."""

    parent = _TaskField(
        label=_("上级任务"), queryset=Task.objects.none(), error_messages={"required": _("请选择上级任务。")}
    )
    children = _TasksField(
        label=_("本计划中承接它的任务"), queryset=Task.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple, help_text=_("以这次所选为准；都不选即取消承接。"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = queries.list_parent_tasks(actor=actor, plan=plan)  # type: ignore[attr-defined]
        self.fields["children"].queryset = queries.list_standing_tasks(actor=actor, plan=plan)  # type: ignore[attr-defined]
