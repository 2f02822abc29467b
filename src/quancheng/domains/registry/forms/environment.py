"""What people type about the environment: attributes of chemicals, risk assessments, disposal."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import fields_of, form_of
from quancheng.domains.registry.models import ChemicalEnvironment, EnvironmentRecord, Unit, WasteArrangement
from quancheng.domains.registry.services.environment import CHEMICAL_FIELDS, RECORD_FIELDS, WASTE_FIELDS
from quancheng.kernel.pages import fields

_MARKS = (("V", _("已核对原文")), ("G", _("一般知识，执法使用前须核对")), ("D", _("本平台默认值，可修改")))

ChemicalEnvironmentForm = form_of(
    "ChemicalEnvironmentForm", ChemicalEnvironment, CHEMICAL_FIELDS,
    source=fields.words(_("依据"), help_text=_("名录名称和年份，或登记证。")),
    mark=fields.choice(_("可信程度"), _MARKS),
)  # fmt: skip

_RECORD: dict[str, forms.Field] = {
    "review_date": fields.day(_("下次复核日期"), required=False,
                              help_text=_("不填时为评估日期后三年；生产工艺、物料有重大变化的应提前。")),
    "registration_no": fields.words(_("环境管理登记编号"), required=False, limit=60,
                                    help_text=_("按现行规定须办理登记的填写。")),
    "remark": fields.text(_("备注"), required=False, rows=2, limit=500),
}  # fmt: skip


class EnvironmentForm(forms.Form):
    """An assessment of an enterprise or of one unit, with its plan and its registration."""

    unit = forms.ModelChoiceField(label=_("单元"), queryset=Unit.objects.none(), required=False,
                                  empty_label=_("整个企业"))  # fmt: skip

    def __init__(self, *args: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields.update(fields_of(EnvironmentRecord, RECORD_FIELDS, **_RECORD))
        self.fields["evidence"] = fields.FilesField(label=_("评估报告、备案表"), required=False)


EnvironmentChangeForm = type(
    "EnvironmentChangeForm",
    (forms.Form,),
    {
        **fields_of(EnvironmentRecord, RECORD_FIELDS, **_RECORD),
        "evidence": fields.FilesField(label=_("评估报告、备案表"), required=False),
        "__doc__": "What may be changed of a record.",
    },
)

WasteForm = form_of(
    "WasteForm", WasteArrangement, WASTE_FIELDS,
    how=fields.text(_("处置方法和去向"), rows=2, limit=300,
                    help_text=_("例如中和后排入处理站、焚烧、交某单位蒸馏回收。")),
    waste_code=fields.words(_("危险废物代码"), required=False, limit=20, help_text=_("例如 900-404-06。")),
    handler_licence_no=fields.words(_("受托单位许可证编号"), required=False, limit=80,
                                    help_text=_("危险废物经营许可证编号；委托处置的必填。")),
    until_date=fields.day(_("委托有效期至"), required=False, help_text=_("合同和受托单位许可证两者较早的日期。")),
)  # fmt: skip


class VerifyEnvironmentForm(forms.Form):
    remark = fields.text(_("核验情况"), required=False, rows=2, limit=500)
