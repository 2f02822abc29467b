"""What an office types about an item of a guardians' list."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.models import ItemMark, Kind
from quancheng.domains.permits.models.guardian_items import COMMON
from quancheng.kernel.pages import fields


class GuardianItemForm(forms.Form):
    """One item from a day on."""

    kind = fields.choice(_("作业类别"), [(COMMON, _("各类作业")), *Kind.choices])
    code = fields.words(
        _("检查项代码"), limit=20, help_text=_("已有代码的改写该项；新代码新增一项。大写字母、数字和下划线。")
    )
    zh = fields.words(_("检查内容"), limit=200)
    en = fields.words(_("检查内容（英文）"), limit=200, required=False)
    clause = fields.words(_("依据"), limit=120)
    mark = fields.choice(_("确信程度"), ItemMark.choices)
    is_on = forms.BooleanField(
        label=_("列入清单"), required=False, help_text=_("不勾选的，从起用日期起不再检查该项。")
    )
    valid_from = fields.day(_("起用日期"))
    reason = fields.words(_("理由"), limit=300)
