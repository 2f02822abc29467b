"""What people type about alarms, what keeps them silent, and the figures by which they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.models import Action, AlarmReview, Comparison, HoldKind, LimitName, Tag
from quancheng.domains.monitoring.queries.alarms import tags_of
from quancheng.domains.monitoring.services.alarm_terms import FIGURES
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.signals.responses import REASONS

_MEASURES = [one for one in Action.choices if one[0] != Action.NONE]


def reason_choices() -> list[tuple[str, str]]:
    return [(code, f"{code} {told(one.name)}") for code, one in REASONS.items()]


class AcknowledgeForm(forms.Form):
    """That somebody has seen an alarm, and what he does about it."""

    action = forms.ChoiceField(
        label=_("采取的措施"), choices=Action.choices, widget=forms.RadioSelect,
        help_text=_("选“暂未采取措施”的，超时后继续向上级升级。"), error_messages={"required": _("请选择采取的措施。")},
    )  # fmt: skip
    comment = fields.words(_("说明"), required=False, limit=500)


class ActForm(forms.Form):
    """What is done now, of an alarm that was acknowledged without."""

    action = forms.ChoiceField(
        label=_("采取的措施"), choices=_MEASURES, widget=forms.RadioSelect,
        error_messages={"required": _("请选择采取的措施。")},
    )  # fmt: skip
    comment = fields.words(_("说明"), required=False, limit=500)


class AnswerForm(forms.Form):
    """Why an alarm came, and what was done."""

    reason = forms.ChoiceField(label=_("报警原因"), error_messages={"required": _("请选择原因。")})
    measures = fields.text(_("处置措施"), limit=2000, help_text=_("写明查到什么、做了什么、现在怎样。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [("", "—"), *reason_choices()]  # type: ignore[attr-defined]
        # The service refuses by this name; a class cannot have it, since forms keep their uploads under it.
        self.fields["files"] = fields.FilesField(
            label=_("照片、材料"), required=False, help_text=_("介质泄漏和仪表故障须附照片。")
        )


class DangerForm(forms.Form):
    """The hidden danger that somebody sees in an alarm."""

    name = fields.words(_("隐患名称"), limit=200, help_text=_("隐患是什么，例如“卸油口可燃气体探测器反复误报”。"))
    description = fields.text(_("隐患描述"), required=False, limit=2000)
    is_major = forms.BooleanField(label=_("疑似重大隐患"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["photos"] = fields.FilesField(label=_("照片"), required=False)


class ReviewForm(forms.Form):
    """What the authority found when it looked again."""

    verdict = fields.choice(_("核实结论"), AlarmReview.Verdict.choices)
    note = fields.text(_("说明"), required=False, rows=3, limit=500, help_text=_("不属实或不到位的须写明。"))


class HoldForm(forms.Form):
    """What is to be silent, why, until when, and how the danger is watched meanwhile."""

    kind = fields.choice(_("停报方式"), HoldKind.choices)
    type = forms.ChoiceField(label=_("报警类型"), required=False)
    reason = fields.text(_("理由"), rows=3, limit=500)
    until = fields.moment(_("截止时间"))
    is_once = forms.BooleanField(
        label=_("至下次恢复"), required=False, help_text=_("信号恢复正常时即结束，不到截止时间也是。")
    )
    measure = fields.text(
        _("替代措施"), required=False, rows=3, limit=1000, help_text=_("停用报警、搁置安全关键报警的必填。")
    )
    ticket = fields.words(_("作业票或工单号"), required=False, limit=60, help_text=_("停用报警的必填。"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_ones = {name for name in ("ll", "l", "h", "hh") if getattr(tag, name) is not None}
        missing = {"ll", "l", "h", "hh"} - set_ones | ({"dev", "disc"} if tag.partner_id is None else set())
        usable = [one for one in LimitName.choices if one[0].lower() not in missing]
        self.fields["type"].choices = [("", _("全部报警")), *usable]  # type: ignore[attr-defined]


class EndHoldForm(forms.Form):
    """What the test told before an alarm went back into service."""

    test_record = fields.text(
        _("恢复前试验记录"), required=False, rows=3, limit=1000, help_text=_("安全关键报警停用后恢复的必填。")
    )


class RuleForm(forms.Form):
    """Which alarm is silent while what stands."""

    type = fields.choice(_("报警类型"), LimitName.choices, required=False, help_text=_("不选时为该点位的全部报警。"))
    comparison = fields.choice(_("抑制条件"), Comparison.choices)
    value = forms.FloatField(label=_("数值"), required=False, help_text=_("条件点位的计量单位；按报警抑制的不填。"))
    reason = fields.text(_("设计依据"), rows=3, limit=500)

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("tag", _("被抑制点位")), ("by_tag", _("条件点位"))):
            self.fields[name] = TagField(label=label, queryset=tags_of(file),
                                         error_messages={"required": _("请选择点位。")})  # fmt: skip
        self.order_fields(["tag", "type", "by_tag", "comparison", "value", "reason"])


class TagField(forms.ModelChoiceField):
    """One tag by its code and name."""

    def label_from_instance(self, obj: Tag) -> str:
        return f"{obj.code} {obj.name}"


class TermsForm(forms.Form):
    """The figures, from when on, and why."""

    def __init__(self, *args: Any, shipped: Sequence[tuple[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, usual in shipped:
            one = FIGURES[name]
            self.fields[name] = forms.IntegerField(
                label=_("%(label)s（%(unit)s）") % {"label": one.words, "unit": one.unit},
                min_value=one.least, max_value=one.most,
                help_text=_("默认值 %(usual)s，可填 %(least)s 至 %(most)s。")
                % {"usual": usual, "least": one.least, "most": one.most},
            )  # fmt: skip
        self.fields["from_date"] = fields.day(_("起用日期"))
        self.fields["reason"] = fields.words(_("理由"), limit=300)
