"""Forms of the rooms of governance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import DutyList, Task
from quancheng.domains.duty.models.governance import ActKind, DutyListKind, SupportKind
from quancheng.domains.duty.queries.tasks import list_tasks
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField
from quancheng.kernel.people.queries import list_colleagues


def _year() -> forms.IntegerField:
    return forms.IntegerField(label=_("年度"), min_value=2000, max_value=2100)


class DutyListForm(forms.Form):
    """One's own duty list or yearly task list."""

    year = _year()
    kind = fields.choice(_("清单类别"), [one for one in DutyListKind.choices if one[0] != DutyListKind.LEADER])
    entries = fields.text(_("清单内容"), rows=12, limit=100_000, help_text=_("每行一项；再次提交会替换原内容。"))


class LeaderListForm(fields.ActorForm):
    """The duty list of one leader of one's own organisation."""

    year = _year()
    person = forms.ChoiceField(label=_("领导"), error_messages={"required": _("请选择本单位的领导。")})
    entries = fields.text(_("清单内容"), rows=12, limit=100_000, help_text=_("每行一项；再次提交会替换原内容。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organisation_id = self.actor.organisation_id
        found = list_colleagues(organisation_id=organisation_id) if organisation_id else []
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            (str(one.user_id), f"{one.name}（{one.post}）" if one.post else one.name) for one in found
        ]


class ActForm(forms.Form):
    """What was done against an entry of a list."""

    entry = forms.ChoiceField(label=_("对应职责"), error_messages={"required": _("请选择清单中的一项。")})
    kind = fields.choice(_("履职方式"), ActKind.choices)
    done_date = fields.day(_("履职日期"))
    place = fields.words(_("地点或对象"), required=False)
    text = fields.text(_("履职情况"))
    found_count = forms.IntegerField(label=_("发现问题"), min_value=0, max_value=9999, initial=0, required=False)
    solved_count = forms.IntegerField(label=_("解决问题"), min_value=0, max_value=9999, initial=0, required=False)
    evidence = FilesField(label=_("佐证材料"), error_messages={"required": _("请至少上传一份佐证材料。")})

    def __init__(self, *args: Any, duty_list: DutyList, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entry"].choices = [(one, one) for one in duty_list.entries]  # type: ignore[attr-defined]


class YearForm(forms.Form):
    """Which year a page shows."""

    year = _year()


class SupportForm(fields.ActorForm):
    org = fields.org(_("受支持单位"))
    kind = fields.choice(_("支持方式"), SupportKind.choices)
    title = fields.words(_("支持事项"))
    amount = forms.DecimalField(
        label=_("金额（元）"), min_value=0, max_digits=14, decimal_places=2, required=False,
        help_text=_("资金支持必填。"),
    )  # fmt: skip
    given_date = fields.day(_("日期"))
    text = fields.text(_("说明"), required=False)


class StudyForm(forms.Form):
    topic = fields.words(_("学习主题"))
    held_date = fields.day(_("学习日期"))
    attendees = fields.words(_("参加人员"), limit=500)
    material = fields.words(_("学习材料"), limit=300)
    text = fields.text(_("学习情况"), required=False)
    evidence = FilesField(label=_("佐证材料"), error_messages={"required": _("请至少上传一份佐证材料。")})


class _TaskField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Task) -> str:
        return f"{obj.code} {obj.title}"


class RuleForm(fields.ActorForm):
    """A rule and the task that it grew out of."""

    title = fields.words(_("制度名称"))
    number = fields.words(_("文号"), required=False, limit=60)
    task = _TaskField(
        label=_("来源任务"), queryset=Task.objects.none(), error_messages={"required": _("请选择来源任务。")}
    )
    in_force_from = fields.day(_("施行日期"))
    text = fields.text(_("主要内容"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].queryset = list_tasks(actor=self.actor).order_by("-created_at", "pk")  # type: ignore[attr-defined]


class VetoForm(fields.ActorForm):
    kinds = {"org": ("department", "town", "village", "enterprise")}

    org = fields.org(_("单位"))
    event_date = fields.day(_("事故日期"))
    reason = fields.text(_("否决理由"), help_text=_("写明事故情况和责任认定；该单位当年成绩记为一票否决。"))
