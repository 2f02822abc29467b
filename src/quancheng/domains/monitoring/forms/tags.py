"""Forms of tags (监测点位)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.monitoring.forms.alarms import TagField
from quancheng.domains.monitoring.models import PartnerRole, Tag
from quancheng.domains.monitoring.queries.sources import sources_of
from quancheng.domains.monitoring.queries.tags import facilities_of, partners_of, units_of
from quancheng.domains.monitoring.services.tag_templates import Pick
from quancheng.domains.monitoring.services.tag_values import FIELDS, LIMITS
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.words import told
from quancheng.standards.signals import tags
from quancheng.standards.signals.tags import Template

_USUAL = _("不填时按监测类型取常用值。")
#: What the parameters of templates stand for.
PARAMETERS = {
    "max_operating": _("最高操作压力"), "declared": _("已申报的输送速率"), "class_low": _("该类物品的最低温度"),
    "permitted": _("许可储存量"), "set": _("设定温度"), "mtsr": _("失控体系最高温度MTSR"), "relief": _("泄放压力"),
    "normal": _("正常值"), "recipe": _("配方流量"), "recipe_low": _("配方下限"), "recipe_high": _("配方上限"),
    "plan": _("计划压力"), "maop": _("最大允许操作压力"), "balance": _("流量"),
}  # fmt: skip


def kind_choices() -> list[tuple[str, str]]:
    return [(code, told(one.name)) for code, one in tags.kinds().items()]


def parameter_choices() -> list[tuple[str, str]]:
    return [(code, told(text)) for code, text in tags.PARAMETERS.items()]


def _number(label: Any, *, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(label=label, required=False, help_text=help_text)


def _whole(label: Any, *, most: int, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most, help_text=help_text)


class KindForm(forms.Form):
    """Of which kind a new tag is, so that the next page brings its usual settings."""

    kind = forms.ChoiceField(label=_("监测类型"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]


class TagForm(forms.Form):
    """What a tag is and when it is an alarm."""

    def __init__(self, *args: Any, file: Enterprise, row: Tag | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = fields.words(_("点位名称"), limit=100)
        self.fields["name_en"] = fields.words(_("英文名称"), required=False, limit=100)
        self.fields["kind"] = fields.choice(_("监测类型"), kind_choices())
        self.fields["facility"] = forms.ModelChoiceField(
            label=_("所属设施"), required=False,
            queryset=facilities_of(file, also=row.facility_id if row else None),
        )  # fmt: skip
        self.fields["unit_place"] = forms.ModelChoiceField(
            label=_("所属单元"), queryset=units_of(file, also=row.unit_place_id if row else None), required=False,
            help_text=_("选了设施的不用填。"),
        )  # fmt: skip
        self.fields["place"] = fields.words(_("安装位置"), required=False)
        self.fields["parameter"] = fields.choice(
            _("监测参数"), parameter_choices(), required=False,
            help_text=_("法规要求监测的哪一项；开关量须选择，其他不填时按监测类型。"),
        )  # fmt: skip
        self.fields["medium"] = fields.words(
            _("介质CAS号"), required=False, limit=20, help_text=_("有毒气体必填，法定限值由它而定。")
        )
        self._signal(file)
        self._alarm()
        self._pair(file, row)

    def _signal(self, file: Enterprise) -> None:
        self.fields["source"] = forms.ModelChoiceField(label=_("接入源"), queryset=sources_of(file), required=False)
        self.fields["key"] = fields.words(
            _("源内名称"), required=False, help_text=_("报文中该点位的名称；与点位编码相同的不填。")
        )
        self.fields["quota_code"] = fields.words(_("上级指标编码"), required=False, limit=40)
        self.fields["unit"] = fields.words(
            _("计量单位"), required=False, limit=20,
            help_text=_("下面的数值都用这个单位；保存时换算成该量纲的基本单位，例如 MPa 换算成 kPa。"),
        )  # fmt: skip
        self.fields["range_lo"] = _number(_("量程下限"))
        self.fields["range_hi"] = _number(_("量程上限"))
        self.fields["scale"] = _number(_("系数"), help_text=_("值 = 原始值 × 系数 + 偏移；源直接上报工程值的不填。"))
        self.fields["shift"] = _number(_("偏移"))
        self.fields["scan_s"] = _number(_("采样周期（秒）"), help_text=_USUAL)
        self.fields["is_by_exception"] = forms.BooleanField(label=_("变化上报"), required=False)
        self.fields["stale_after_s"] = _whole(_("无数据判定（秒）"), most=31_536_000, help_text=_USUAL)
        self.fields["flat_after_s"] = _whole(_("恒值判定（秒）"), most=31_536_000)
        self.fields["flat_within"] = _number(_("恒值容差"))
        self.fields["calibrated_until"] = fields.day(_("检定有效期至"), required=False)
        self.fields["is_uploaded"] = forms.BooleanField(label=_("上报上级平台"), required=False)
        self.fields["lon"] = _number(_("经度"), help_text=_("安装点（CGCS2000，度）；与纬度同时填写。"))
        self.fields["lat"] = _number(_("纬度"))
        self._detector()

    def _detector(self) -> None:
        self.fields["is_portable"] = forms.BooleanField(
            label=_("便携式"), required=False,
            help_text=_("随作业携带的气体检测仪；可与作业票配对，读数可代表取样部位。"),
        )
        self.fields["calibration_gas"] = fields.words(
            _("标定气体CAS号"), required=False, limit=20,
            help_text=_("以%LEL表示的可燃气体探测器用哪种气体标定；不填时只能换算甲烷。"),
        )  # fmt: skip
        self.fields["corrections"] = fields.words(
            _("修正系数"), required=False, limit=400,
            help_text=_("厂家给出的其他气体的修正系数，例如 74-98-6=1.6；71-43-2=2.3。"),
        )  # fmt: skip

    def _alarm(self) -> None:
        labels = {"ll": _("低低限"), "l": _("低限"), "h": _("高限"), "hh": _("高高限")}
        for name in LIMITS:
            self.fields[name] = _number(labels[name])
        self.fields["h"].help_text = _("可燃、有毒气体和氧气的限值不得宽于国家标准。")
        self.fields["deadband"] = _number(_("死区"), help_text=_USUAL)
        self.fields["on_delay_s"] = _number(_("报警延时（秒）"), help_text=_USUAL)
        self.fields["off_delay_s"] = _number(_("恢复延时（秒）"), help_text=_USUAL)
        self.fields["roc_limit"] = _number(_("变化率限值（每分钟）"))
        self.fields["roc_window_s"] = _whole(_("变化率窗口（秒）"), most=86_400, help_text=_USUAL)
        self.fields["priority"] = _whole(_("优先级"), most=4, help_text=_("1最高，4最低。不填时按监测类型取常用值。"))
        self.fields["is_critical"] = forms.BooleanField(
            label=_("安全关键"), required=False, help_text=_("安全仪表、气体检测和火灾探测的点位。")
        )
        self.fields["is_latched"] = forms.BooleanField(
            label=_("报警锁存"), required=False, help_text=_("信号恢复后须人工复位，报警才结束。")
        )
        self.fields["acks_itself"] = forms.BooleanField(
            label=_("恢复即自动确认"), required=False, help_text=_("仅限优先级3、4。")
        )
        self.fields["first_out_group"] = fields.words(_("首出组"), required=False, limit=40)

    def _pair(self, file: Enterprise, row: Tag | None) -> None:
        self.fields["partner"] = TagField(
            label=_("对照点位"), required=False, queryset=partners_of(file, but=row.pk if row else None),
            help_text=_("与它比较的冗余仪表、设定值，或开关量跟随的指令；须是本企业同类型、同单位的点位。"),
        )  # fmt: skip
        self.fields["partner_as"] = fields.choice(_("对照方式"), PartnerRole.choices, required=False)
        self.fields["apart_limit"] = _number(_("偏差限值"), help_text=_("与冗余仪表或设定值相差超过它时报警。"))
        self.fields["apart_delay_s"] = _number(_("偏差延时（秒）"))
        self.fields["travel_s"] = _number(
            _("动作时间（秒）"), help_text=_("阀门、泵等按指令动作到位的时间；不符超过它的1.5倍时报警。")
        )

    def known(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in FIELDS}


class ChangeTagForm(TagForm):
    """The same with the version that was read, so that who saves over a newer one is told."""

    def __init__(self, *args: Any, row: Tag, **kwargs: Any) -> None:
        super().__init__(*args, file=row.file, row=row, **kwargs)
        self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)


class NewTagForm(TagForm):
    """The same with its code, which stays."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, file=file, **kwargs)
        self.fields["code"] = fields.words(
            _("点位编码"), limit=64,
            help_text=_("建议写作“企业.单元.回路.属性”，回路按ISA-5.1编号，例如 JYZ001.G1.LT101.PV；建立后不能修改。"),
        )  # fmt: skip
        self.order_fields(["code"])


class ServiceForm(forms.Form):
    """Why a tag is under repair or calibration, and until when."""

    reason = fields.words(_("检维修原因"), limit=300, help_text=_("例如：年度检定、更换探头。"))
    until = fields.moment(_("预计结束时间"))


class EndTagForm(forms.Form):
    reason = fields.words(_("停用原因"), limit=300)


class ExemptionForm(forms.Form):
    """How far the limits of a tag may go, until when, on which paper."""

    l = _number(_("允许低限"))  # noqa: E741 - the field's own name of this limit
    h = _number(_("允许高限"), help_text=_("填写允许放宽到的值；不放宽的不填。"))
    hh = _number(_("允许高高限"))
    until_date = fields.day(_("豁免截止日期"), help_text=_("最长一年。"))
    reason = fields.text(_("理由"), rows=3, limit=500)
    document_no = fields.words(_("批准文号"), limit=80)
    papers = fields.FilesField(label=_("批准文件"))


class EndExemptionForm(forms.Form):
    reason = fields.words(_("撤销原因"), limit=300)


class TemplateForm(forms.Form):
    """Which template is used at which facility."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facility"] = forms.ModelChoiceField(label=_("所属设施"), queryset=facilities_of(file))
        choices = [(code, told(text)) for code, text in tags.FACILITIES.items()]
        self.fields["template"] = fields.choice(_("模板"), choices)


class PicksForm(forms.Form):
    """Which tags of the template are made, and what their limits are relative to."""

    def __init__(self, *args: Any, file: Enterprise, template: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._templates = tags.templates(template)
        self.fields["prefix"] = fields.words(
            _("编码前缀"), limit=40, help_text=_("点位编码为前缀加模板编号，例如 JYZ001.G1.T-1.LT11.PV。")
        )
        self.fields["source"] = forms.ModelChoiceField(
            label=_("接入源"), queryset=sources_of(file), required=False, help_text=_("点位编码就是源内名称。")
        )
        choices = [(one.code, f"{told(one.name)}（{one.code}）") for one in self._templates]
        self.fields["picks"] = forms.MultipleChoiceField(
            label=_("建立的点位"), choices=choices, widget=forms.CheckboxSelectMultiple
        )
        for place, one in enumerate(self._templates):
            for parameter in sorted(one.parameters()):
                self.fields[_field(place, parameter)] = _number(
                    f"{told(one.name)}：{PARAMETERS[parameter]}（{one.unit}）"
                )

    def picks(self) -> list[Pick]:
        wanted = self.cleaned_data["picks"]
        return [self._pick(place, one) for place, one in enumerate(self._templates) if one.code in wanted]

    def _pick(self, place: int, template: Template) -> Pick:
        told_of = {name: self.cleaned_data[_field(place, name)] for name in template.parameters()}
        return Pick(template, {name: value for name, value in told_of.items() if value is not None})


def _field(place: int, parameter: str) -> str:
    return f"p{place}_{parameter}"
