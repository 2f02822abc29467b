"""Forms of planning zones (规划分区)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.registry.forms.places import BoundaryField
from quancheng.domains.registry.points import System
from quancheng.domains.risk.services.zones import FIELDS, MOST_BYTES, read_zone_file
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.risk.layout import zone_kinds

_PEOPLE: dict[str, Any] = {"required": False, "min_value": 0, "max_value": 10_000_000}


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of planned use in the reader's language."""
    return [(code, told(one.name)) for code, one in zone_kinds().items()]


class CommonForm(forms.Form):
    """What is the same for every zone of a plan."""

    document = fields.words(_("规划文件"), help_text=_("例如“东片区控制性详细规划”。"))
    document_no = fields.words(_("文件编号"), required=False, limit=80, help_text=_("批复文号或成果编号。"))
    from_date = fields.day(_("生效日期"), help_text=_("同一编号已有版本的，原版本到前一天为止，仍可查阅。"))
    system = fields.choice(_("坐标系"), System.choices, help_text=_("保存时换算为CGCS2000。"))
    population_source = fields.words(_("人口数据来源"), required=False, limit=120)
    population_date = fields.day(_("人口数据日期"), required=False)

    def common(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data}


class ZoneForm(CommonForm):
    """A zone or a new edition of one."""

    code = fields.words(_("分区编号"), limit=40, help_text=_("规划中的地块或分区编号，全区唯一。"))
    name = fields.words(_("分区名称"), limit=120)
    polygon = BoundaryField(
        label=pgettext_lazy("zone", "范围"), widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("GeoJSON多边形（Polygon）的全文，首尾顶点相同。"),
        error_messages={"invalid": _("不是GeoJSON，请检查括号和逗号。")},
    )  # fmt: skip
    population_day = forms.IntegerField(label=_("白天人口"), **_PEOPLE)
    population_night = forms.IntegerField(label=_("夜间人口"), **_PEOPLE)
    field_order = (
        "code", "name", "kind", "document", "document_no", "from_date", "system", "polygon", "population_day",
        "population_night", "population_source", "population_date",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = fields.choice(_("规划用途"), kind_choices())
        self.order_fields(self.field_order)


class ZoneFileForm(CommonForm):
    """Many zones of one plan from a GeoJSON file."""

    geojson = forms.FileField(
        label=_("GeoJSON文件"),
        help_text=_("每个分区一个多边形；属性code、name、kind必填，population_day、population_night选填。"),
        error_messages={"required": _("请选择文件。"), "empty": _("该文件是空的，请检查后重新上传。")},
    )  # fmt: skip
    field_order = (
        "geojson", "document", "document_no", "from_date", "system", "population_source", "population_date",
    )  # fmt: skip

    def clean_geojson(self) -> list[dict[str, Any]]:
        upload = self.cleaned_data["geojson"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("文件最大5 MB。"))
        try:
            return read_zone_file(upload.read())
        except Invalid as refused:
            raise forms.ValidationError(str(refused.fields["geojson"])) from refused


class EndForm(forms.Form):
    """The last day of a zone and why."""

    day = fields.day(_("最后一天"))
    reason = fields.text(_("原因"), rows=2, limit=300)
