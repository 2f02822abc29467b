"""What people type about inspected products."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import fields_of
from quancheng.domains.registry.models import Enterprise, Inspection, Product
from quancheng.domains.registry.queries.quality import products_to_inspect
from quancheng.domains.registry.services.quality import FIELDS
from quancheng.kernel.pages import fields


class InspectionForm(forms.Form):
    """One report of an institute about one sample."""

    product = forms.ModelChoiceField(label=_("产品"), queryset=Product.objects.none(), required=False,
                                     empty_label=_("不在产品清单中"))  # fmt: skip

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].queryset = products_to_inspect(file)  # type: ignore[attr-defined]
        self.fields.update(
            fields_of(
                Inspection, FIELDS,
                product_name=fields.words(_("样品名称"), required=False, limit=120,
                                          help_text=_("不填时与所选产品同名；包装、容器写品种规格。")),
                issuer=fields.words(_("出具单位"), required=False, limit=120,
                                    help_text=_("海关等其他单位作出的结果写明该单位；不填为本单位。")),
                failed_items=fields.text(_("不合格项目"), required=False, rows=2, limit=500,
                                         help_text=_("结论为不合格时必填，写明项目、标准值和实测值。")),
                disposal=fields.text(_("处置措施"), required=False, rows=2, limit=500,
                                     help_text=_("例如停止销售、封存、召回、通报许可机关。")),
                due_date=fields.day(_("整改时限"), required=False,
                                    help_text=_("不合格的填写；不填为六十日。其后十五日内复检。")),
            )
        )  # fmt: skip
        self.fields["evidence"] = fields.FilesField(label=_("检验报告"), required=False)


class AnswerForm(forms.Form):
    text = fields.text(_("整改情况"), rows=4, limit=2000, help_text=_("原因、措施、已售产品怎样处理、何时可以复检。"))
    evidence = fields.FilesField(label=_("佐证材料"), required=False)


class RetestForm(forms.Form):
    day = fields.day(_("复检日期"))
    institute = fields.words(_("复检机构"), limit=120)
    report_no = fields.words(_("复检报告编号"), limit=60)
    evidence = fields.FilesField(label=_("检验报告"), required=False)


class FailedAgainForm(RetestForm):
    reason = fields.text(_("不合格项目"), rows=2, limit=500)
    due_date = fields.day(_("整改时限"))
    field_order = ("day", "institute", "report_no", "reason", "due_date", "evidence")


class VoidForm(forms.Form):
    reason = fields.text(_("作废理由"), rows=2, limit=500, help_text=_("作废后该报告编号可以重新登记。"))


class CaseForm(forms.Form):
    case = fields.words(_("案件编号或链接"), help_text=_("立案决定书文号，或执法系统中的链接。"))
