"""Forms of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.duty.models import CampaignAnswer, CampaignItem
from quancheng.domains.duty.models.campaigns import Answer
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


class CampaignForm(fields.ActorForm):
    """A campaign to be prepared."""

    title = fields.words(_("行动名称"))
    leader = fields.words(_("组长"), limit=60)
    target = fields.words(_("行动目标"), limit=300, help_text=_("例如：覆盖率 100%，全年零事故。"))
    period_from = fields.day(_("开始日期"))
    period_to = fields.day(_("结束日期"))
    rounds = forms.IntegerField(
        label=_("轮次"),
        min_value=1,
        max_value=12,
        initial=1,
        required=False,
        help_text=_("每个单位在行动期间检查几轮。"),
    )
    text = fields.text(_("行动内容"), required=False)
    items = fields.text(
        _("检查清单"), rows=8, help_text=_("每行一个检查项，写成可以回答“符合、存在问题、不涉及”的句子。")
    )
    answers_itself = forms.BooleanField(label=_("由覆盖单位自行填报"), required=False, initial=True)
    orgs = fields.orgs(_("覆盖单位"))


class SchemeForm(CampaignForm):
    """The scheme of a campaign that stands already, and the version of it that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ChecklistForm(forms.Form):
    """The checklist of one unit: two fields a question, and the evidence."""

    def __init__(
        self, *args: Any, items: Sequence[CampaignItem], answers: Sequence[CampaignAnswer], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        before = {one.item_id: one for one in answers}
        for item in items:
            known = before.get(item.pk)
            self.fields[f"answer_{item.pk}"] = forms.ChoiceField(
                label=f"{item.order}. {item.text}",
                choices=Answer.choices,
                widget=forms.RadioSelect,
                initial=known.answer if known else None,
                error_messages={"required": _("请选择检查结果。")},
            )
            self.fields[f"text_{item.pk}"] = forms.CharField(
                label=_("第 %(number)s 项说明") % {"number": item.order},
                max_length=500,
                required=False,
                initial=known.text if known else "",
            )
        self.fields["evidence"] = FilesField(
            label=_("佐证材料"), error_messages={"required": _("请至少上传一份佐证材料。")}
        )


class CampaignTaskForm(fields.ActorForm):
    text = fields.text(_("任务内容"), rows=3)
    leads = fields.orgs(_("责任单位"))
    due_date = fields.day(_("完成时限"))
