"""What people type about who is told of alarms (告知规则、升级时限)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import LimitName
from quancheng.domains.monitoring.queries.escalation import WHO, Steps
from quancheng.domains.monitoring.queries.telling import ANY, INBOX, OFF, WORKING
from quancheng.domains.monitoring.services.escalation import MOST_S
from quancheng.domains.monitoring.services.telling_rules import DUTIES, MOST_LIMIT, MOST_WINDOWS, RuleSpec
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.duties import label_of
from quancheng.kernel.notices.channels import channel_names
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import ActorForm
from quancheng.kernel.pages.words import told
from quancheng.kernel.people.queries import list_colleagues

PRIORITIES = [(1, _("一级")), (2, _("二级")), (3, _("三级")), (4, _("四级"))]
WEEKDAYS = [
    (0, _("周一")),
    (1, _("周二")),
    (2, _("周三")),
    (3, _("周四")),
    (4, _("周五")),
    (5, _("周六")),
    (6, _("周日")),
]
DAYS = {ANY: _("不论是否放假"), WORKING: _("仅工作日（按工作日历）"), OFF: _("仅休息日和节假日（按工作日历）")}
_TIME = {"invalid": _("时间应写作 08:30 的形式。")}


def step_words() -> list[tuple[int, str]]:
    """Each step with who hears at it."""
    return [(step, f"{step} {told(who)}") for step, who in WHO.items()]


def channel_words() -> list[tuple[str, Any]]:
    """The inbox and whatever leads out of the house."""
    return [(INBOX, _("站内消息")), *((name, name) for name in channel_names())]


def _several(label: Any, choices: Any, help_text: Any = "") -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, choices=choices, coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )  # fmt: skip


class RuleForm(ActorForm):
    """A rule with its windows, one row each; a window without times is none."""

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["name"] = fields.words(_("规则名称"), limit=100)
        self.fields["priorities"] = _several(_("优先级"), PRIORITIES, _("不选为全部。一级报警不受任何规则限制。"))
        self.fields["types"] = forms.MultipleChoiceField(
            label=_("报警类型"), choices=LimitName.choices, required=False, widget=forms.CheckboxSelectMultiple,
            help_text=_("不选为全部。"),
        )  # fmt: skip
        self.fields["steps"] = _several(_("升级步骤"), step_words(), _("不选为全部。"))
        self.fields["duty"] = fields.choice(
            _("按职责告知"), [(code, label_of(code)) for code in DUTIES], required=False
        )
        whose = actor.organisation_id
        people = [] if whose is None else list_colleagues(organisation_id=whose)
        self.fields["persons"] = forms.MultipleChoiceField(
            label=_("指定人员"), choices=[(str(one.user_id), one.name) for one in people], required=False,
            widget=forms.CheckboxSelectMultiple, help_text=_("职责和人员都不选的，按该步骤的默认人员告知。"),
        )  # fmt: skip
        self.fields["channels"] = forms.MultipleChoiceField(
            label=_("渠道"), choices=channel_words(), required=False, widget=forms.CheckboxSelectMultiple,
            help_text=_("站内消息总会收到；不选为全部已接通的渠道。"),
        )  # fmt: skip
        self.fields["limit_per_hour"] = forms.IntegerField(
            label=_("每小时上限"), required=False, min_value=1, max_value=MOST_LIMIT,
            help_text=_("每人每小时逐条告知的次数，超过的合并为一条；不填不限。"),
        )  # fmt: skip
        for number in range(1, MOST_WINDOWS + 1):
            self._add_window(number)

    def _add_window(self, number: int) -> None:
        name = {"number": number}
        hint = _("所有时段都不填的，任何时间都告知。止于次日的，终止写得比起始早。") if number == 1 else ""
        for part, label in (("begins", _("时段%(number)s起")), ("ends", _("时段%(number)s止"))):
            self.fields[f"w{number}_{part}"] = forms.TimeField(
                label=label % name, required=False, error_messages=_TIME, help_text=hint if part == "begins" else "",
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), input_formats=["%H:%M", "%H:%M:%S"],
            )  # fmt: skip
        self.fields[f"w{number}_weekdays"] = _several(_("时段%(number)s星期") % name, WEEKDAYS, _("不选为每天。"))
        self.fields[f"w{number}_days"] = forms.ChoiceField(
            label=_("时段%(number)s日期") % name, choices=list(DAYS.items()), required=False
        )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(1, MOST_WINDOWS + 1):
            begins, ends = (given.get(f"w{number}_{part}") for part in ("begins", "ends"))
            if (begins is None) != (ends is None):
                self.add_error(f"w{number}_{'begins' if begins is None else 'ends'}", _("起止时间须同时填写。"))
        return given

    def spec(self) -> RuleSpec:
        """As the service takes it."""
        given = self.cleaned_data
        windows = [
            {
                "weekdays": sorted(given[f"w{number}_weekdays"]), "days": given[f"w{number}_days"] or ANY,
                "begins": f"{given[f'w{number}_begins']:%H:%M}", "ends": f"{given[f'w{number}_ends']:%H:%M}",
            }
            for number in range(1, MOST_WINDOWS + 1)
            if given[f"w{number}_begins"] is not None
        ]  # fmt: skip
        return RuleSpec(
            name=given["name"], priorities=given["priorities"], types=given["types"], steps=given["steps"],
            windows=windows, channels=given["channels"], limit_per_hour=given["limit_per_hour"], duty=given["duty"],
            persons=[one.user_id for one in self._people() if str(one.user_id) in given["persons"]],
        )  # fmt: skip

    def _people(self) -> Any:
        return list_colleagues(organisation_id=self.actor.organisation_id) if self.actor.organisation_id else []


def rule_initial(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the form from a rule's columns, ``persons`` as texts."""
    known = {name: value for name, value in stored.items() if name != "windows"}
    for number, window in enumerate(stored["windows"], 1):
        known |= {f"w{number}_{part}": value for part, value in window.items()}
    return known


class EscalationForm(forms.Form):
    """After how many seconds each step is due, by priority; empty where a priority never gets there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for step, words in step_words()[1:]:
            for priority, level in PRIORITIES:
                self.fields[f"s{step}_p{priority}"] = forms.IntegerField(
                    label=_("%(level)s报警：%(step)s（秒）") % {"level": level, "step": words}, required=False,
                    min_value=1, max_value=MOST_S,
                )  # fmt: skip
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)

    def after_s(self) -> dict[int, dict[int, int | None]]:
        given = self.cleaned_data
        return {
            step: {priority: given.get(f"s{step}_p{priority}") for priority, _level in PRIORITIES}
            for step, _words in step_words()[1:]
        }


def escalation_initial(steps: Steps) -> dict[str, Any]:
    """The fields of the form from the table that is in force."""
    return {
        f"s{step}_p{priority}": steps.due_s(step, priority)
        for step, _words in step_words()[1:]
        for priority, _level in PRIORITIES
    }
