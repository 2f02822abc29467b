"""What people type about products, their data sheets and what hangs on their codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField, form_of
from quancheng.domains.registry.models import Product
from quancheng.domains.registry.models.codes import ExtensionKind
from quancheng.domains.registry.services.products import FIELDS, SECTION_LIMIT
from quancheng.kernel.pages import fields
from quancheng.standards.gbt16483 import TITLES

_ORDER = ["name", "english", "parts", *FIELDS[2:]]
ProductForm = form_of(
    "ProductForm",
    Product,
    _ORDER,
    parts=ListField(label=_("成分和含量"), help_text=_("每行一种：目录中的名称或CAS号，空格，含量，例如 甲醇 99.5%。")),
    hazard_classes=ListField(
        label=_("危险性类别"), help_text=_("每行一个，例如 易燃液体,类别2；单一成分可不填，按化学品目录带入。")
    ),
    packages=ListField(label=_("包装规格"), help_text=_("每行一种，写明容积，例如 塑料桶 25 L；标签尺寸按容积确定。")),
    phone=fields.words(
        _("24小时应急咨询电话"), limit=40, help_text=_("昼夜有人接听的固定电话或代理电话，不写个人号码。")
    ),
    national_url=fields.words(
        _("国家登记系统信息码链接"), required=False, limit=300, help_text=_("已登记的产品填写，公开页会给出这个链接。")
    ),
)  # fmt: skip


class SheetForm(forms.Form):
    """The sixteen sections of a draft; a text pasted whole is taken apart into them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    revision_date = fields.day(_("修订日期"), required=False)
    whole = forms.CharField(
        label=_("粘贴全文自动分段"), required=False, max_length=500_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("把整份安全技术说明书粘贴在这里，保存时按标题分到十六个部分，已有内容会被替换。"),
    )  # fmt: skip
    evidence = fields.FilesField(label=_("原件"), required=False, help_text=_("只在系统内保存，公开页不提供。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "zh"
        for number, title in enumerate(TITLES, 1):
            self.fields[f"section_{number}"] = forms.CharField(
                label=f"{number} {title.in_language(language)}", required=False, max_length=SECTION_LIMIT,
                widget=forms.Textarea(attrs={"rows": 6}),
            )  # fmt: skip


class ExtendForm(forms.Form):
    kind = fields.choice(_("扩展码类别"), ExtensionKind.choices)
    text = fields.words(_("扩展码"), limit=24, help_text=_("批号或包装编号，大写字母、数字和连字符，接在固定码后面。"))
    produced_date = fields.day(_("生产日期"), required=False)
    package = fields.words(_("包装规格"), required=False, limit=60)


class WithdrawForm(forms.Form):
    reason = fields.text(_("作废原因"), rows=2, help_text=_("作废后扫码与不存在的码一样，不能恢复。"))
