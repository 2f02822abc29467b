"""What is typed while work runs: a guardian's look, hand-overs, who is inside, observers, the acceptance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.forms.permits import AddPersonForm
from quancheng.domains.permits.models import Part, PermitPerson
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871 import watching

GOOD, BAD, NONE = "1", "0", "-"
_VALUES = {GOOD: True, BAD: False, NONE: None}


class CrewField(forms.ModelChoiceField):
    def label_from_instance(self, obj: PermitPerson) -> str:
        return f"{obj.person.name} {obj.get_part_display()}"


class ItemsForm(forms.Form):
    """A list of items, each good, bad or not concerned."""

    choices: tuple[tuple[str, Any], ...] = ((GOOD, _("符合")), (BAD, _("不符合")), (NONE, _("不涉及")))

    def __init__(self, *args: Any, items: tuple[watching.Item, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        for one in items:
            self.fields[f"item_{one.key}"] = forms.ChoiceField(
                label=str(words_of(one.text)), widget=forms.RadioSelect,
                # What is asked of every kind concerns every job.
                choices=self.choices[:2] if one.kind == "*" else self.choices,
                error_messages={"required": _("请逐项检查。")},
            )  # fmt: skip

    def told(self) -> dict[str, bool | None]:
        """Items by their key."""
        return {one.key: _VALUES[self.cleaned_data[f"item_{one.key}"]] for one in self.items}


class LookForm(ItemsForm):
    """A guardian's look at running work."""

    guardian = CrewField(label=_("监护人"), queryset=PermitPerson.objects.none())
    remark = fields.text(
        _("说明"), rows=2, limit=500, required=False, help_text=_("有不符合项的必填：作业将立即暂停。")
    )

    def __init__(self, *args: Any, guardians: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guardian"].queryset = guardians  # type: ignore[attr-defined]
        self.order_fields(["guardian", *(f"item_{one.key}" for one in self.items), "remark"])


class AcceptForm(ItemsForm):
    """The acceptance: each condition is met or does not concern the job."""

    choices = ((GOOD, _("满足")), (BAD, _("不满足")), (NONE, _("不涉及")))
    plate_no = fields.words(_("盲板编号"), limit=40)
    note = fields.text(_("情况说明"), rows=2, limit=500)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, items=watching.acceptance_items(kind), **kwargs)
        if kind != "BL":
            del self.fields["plate_no"]
        self.order_fields([*(f"item_{one.key}" for one in self.items), "plate_no", "note"])


def told_items(kind: str, given: Mapping[str, Any]) -> dict[str, bool | None]:
    """Conditions of the acceptance as they were typed, by their key."""
    return {one.key: _VALUES[given[f"item_{one.key}"]] for one in watching.acceptance_items(kind)}


class HandOverForm(AddPersonForm):
    """Somebody who comes in place of another, or in addition."""

    outgoing = CrewField(label=_("交班人"), queryset=PermitPerson.objects.none(), required=False,
                         help_text=_("不选则为增加人员。"))  # fmt: skip
    briefing = fields.text(
        _("交接和交底内容"), rows=3, limit=1000,
        help_text=_("交接时作业已停止；接班人已在现场核对作业票和措施，并接受交底。"),
    )  # fmt: skip

    def __init__(self, *args: Any, crew: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].label = _("接班人")
        self.fields["outgoing"].queryset = crew  # type: ignore[attr-defined]
        self.fields["part"].choices = [  # type: ignore[attr-defined]
            (one.value, one.label) for one in (Part.GUARDIAN, Part.WORKER)
        ]
        self.order_fields(["part", "outgoing", "person", "tasks"])


class EnterForm(forms.Form):
    person = CrewField(label=_("进入人员"), queryset=PermitPerson.objects.none())
    tools = forms.IntegerField(label=_("带入工器具件数"), min_value=0, max_value=500)

    def __init__(self, *args: Any, crew: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = crew  # type: ignore[attr-defined]


class LeaveForm(forms.Form):
    tools = forms.IntegerField(label=_("带出工器具件数"), min_value=0, max_value=500)


class ObserverForm(forms.Form):
    org_name = fields.words(_("第三方单位"), limit=120)
    name = fields.words(_("旁站人员"), limit=60)


class ObservedForm(forms.Form):
    is_good = fields.choice(_("结论"), [("1", _("未发现问题")), ("0", _("发现问题，须停工处理"))])
    result = fields.text(_("旁站情况"), rows=3, limit=1000)
