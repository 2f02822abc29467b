"""What people type about points of isolation: the point, its application, trial, removal, and locks upon it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from quancheng.domains.permits.forms.asking import YES_NO, words_of
from quancheng.domains.permits.forms.guarding import CrewField
from quancheng.domains.permits.forms.widgets import PositionField, latitude, longitude
from quancheng.domains.permits.models import IsolationPoint, LinkRole, PermitPerson, PersonalLock
from quancheng.domains.registry.models import Facility, Unit
from quancheng.domains.training.models import Person
from quancheng.kernel.pages import fields
from quancheng.standards.gb30871 import isolation
from quancheng.standards.wording import Text


def options(texts: Mapping[str, Text]) -> list[tuple[str, Any]]:
    return [(code, words_of(text)) for code, text in texts.items()]


class PointField(forms.ModelChoiceField):
    def label_from_instance(self, obj: IsolationPoint) -> str:
        return f"{obj.tag} {obj.place} {obj.status_label}"


class LockField(forms.ModelChoiceField):
    def label_from_instance(self, obj: PersonalLock) -> str:
        return f"{obj.lock_no} {obj.person.name}"


class PersonOfField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Person) -> str:
        return f"{obj.name} {obj.staff_no}".strip()


def _figure(label: Any, *, low: str, high: str, digits: int, places: int, help_text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, min_value=Decimal(low), max_value=Decimal(high), max_digits=digits,
        decimal_places=places, help_text=help_text,
    )  # fmt: skip


class PointForm(forms.Form):
    """A point of isolation. The view fills in units and facilities of the enterprise."""

    tag = fields.words(_("隔离点（盲板）编号"), limit=40, help_text=_("与现场挂牌、盲板位置图上的编号一致（7.4）。"))
    device = fields.choice(_("隔离方式"), options(isolation.DEVICES))
    energy = fields.choice(_("能量类别"), options(isolation.ENERGIES))
    place = fields.words(_("隔离位置"))
    equipment = fields.words(_("设备、管道名称"), required=False, limit=120)
    unit = forms.ModelChoiceField(label=_("所在单元"), queryset=Unit.objects.none(), required=False)
    facility = forms.ModelChoiceField(
        label=_("所在设施"), queryset=Facility.objects.none(), required=False,
        help_text=_("填写后显示在厂区平面图上。"),
    )  # fmt: skip
    owner = fields.words(pgettext_lazy("isolation", "责任人"), limit=60)
    needs_blind = forms.ChoiceField(
        label=_("该处须加盲板或拆短管"), choices=YES_NO, required=False,
        help_text=_("管线填写：不填按须加盲板对待，关阀不算隔离（5.2.2、6.1）。"),
    )  # fmt: skip
    lock_no = fields.words(_("锁号"), required=False, limit=40, help_text=_("上锁的必填。"))
    key_holder = fields.words(_("钥匙保管人"), required=False, limit=60)
    drawing = fields.words(_("盲板位置图号"), required=False, limit=80, help_text=_("以下各项盲板必填（附录A.3）。"))
    plate_form = fields.choice(_("盲板型式"), options(isolation.PLATE_FORMS), required=False)
    diameter_mm = forms.IntegerField(label=_("公称直径DN，mm"), required=False, min_value=1, max_value=5000)
    rated_mpa = _figure(_("盲板压力等级，MPa"), low="0.01", high="500", digits=5, places=2)
    material = fields.words(_("盲板材质"), required=False, limit=60)
    medium = fields.words(_("介质"), required=False, limit=60)
    medium_c = _figure(_("介质温度，℃"), low="-273", high="2000", digits=5, places=1)
    medium_mpa = _figure(_("介质压力，MPa"), low="-0.1", high="500", digits=5, places=2)
    position = PositionField(help_text=_("在现场可直接获取；也可填写经纬度。"))
    lon, lat = longitude(_("经度"), required=False), latitude(_("纬度"), required=False)
    stood_since = fields.day(
        _("建账前已装设，装设日期"), required=False,
        help_text=_("只用于建账前已在位的隔离；盲板由属地单位负责人写明依据登记在位，不需补办盲板作业票。"),
    )  # fmt: skip

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, units: Any, facilities: Any, role: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset, self.fields["facility"].queryset = units, facilities  # type: ignore[attr-defined]
        if role:
            self.fields["role"] = fields.choice(_("与本票的关系"), LinkRole.choices)
            self.order_fields(["role"])

    def clean_seen(self) -> datetime | None:
        """When the point that is changed was last changed as it was read."""
        told = self.cleaned_data["seen"]
        try:
            return datetime.fromisoformat(told) if told else None
        except ValueError as bad:
            raise forms.ValidationError(_("请重新打开本页。")) from bad

    def clean_needs_blind(self) -> bool | None:
        value = self.cleaned_data["needs_blind"]
        return None if value == "" else value == "1"


class LinkForm(forms.Form):
    """A point for a permit; the role is asked of blinding alone."""

    point = PointField(label=_("隔离点"), queryset=IsolationPoint.objects.none())
    role = fields.choice(_("与本票的关系"), LinkRole.choices)

    def __init__(self, *args: Any, points: Any, role: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].queryset = points  # type: ignore[attr-defined]
        if not role:
            del self.fields["role"]


class UnlinkForm(forms.Form):
    point = PointField(label=_("隔离点"), queryset=IsolationPoint.objects.none())

    def __init__(self, *args: Any, points: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["point"].queryset = points  # type: ignore[attr-defined]


class _ByPerson(forms.Form):
    """Told of somebody who acted at the place."""

    person = PersonOfField(label=_("隔离实施人"), queryset=Person.objects.none())

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


class ApplyForm(_ByPerson):
    words = fields.text(_("情况说明"), rows=2, limit=500, required=False)
    photos = fields.FilesField(label=_("现场照片"), required=False)


class VerifyForm(_ByPerson):
    proof = fields.choice(_("验证方法"), options(isolation.PROOFS))
    result = fields.text(_("验证情况"), rows=2, limit=300)

    def __init__(self, *args: Any, device: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].label = _("验证人")
        self.fields["person"].help_text = _("不能是隔离实施人。")
        known = {code: isolation.PROOFS[code] for code in isolation.proofs_of(device)}
        self.fields["proof"].choices = options(known)  # type: ignore[attr-defined]


class RemoveForm(_ByPerson):
    reason = fields.text(
        pgettext_lazy("isolation", "解除说明"), rows=2, limit=500, required=False,
        help_text=_("解除人不是隔离实施人的必填，并须由所在单位负责人授权。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].label = _("解除人")


class ResultForm(forms.Form):
    result = fields.text(_("复查情况"), rows=2, limit=500)


class HangForm(forms.Form):
    """A personal lock. The view fills in people of the permits that rely on the point."""

    worker = CrewField(label=_("锁主"), queryset=PermitPerson.objects.none())
    lock_no = fields.words(_("个人锁号"), limit=40)
    team = fields.words(pgettext_lazy("isolation", "班组"), required=False, limit=60)

    def __init__(self, *args: Any, crew: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["worker"].queryset = crew  # type: ignore[attr-defined]


class TakeForm(_ByPerson):
    lock = LockField(label=_("个人锁号"), queryset=PersonalLock.objects.none())

    def __init__(self, *args: Any, locks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lock"].queryset = locks  # type: ignore[attr-defined]
        self.fields["person"].label = _("取锁人")
        self.fields["person"].help_text = _("个人锁只能由本人取下。")
        self.order_fields(["lock", "person"])


class ForceForm(TakeForm):
    is_away = forms.BooleanField(label=_("已确认锁主离开作业现场并已联系本人"), required=False)
    reason = fields.text(_("拆锁原因"), rows=2, limit=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].label = _("见证人")
        self.fields["person"].help_text = _("锁主和批准人以外的第二人，须在现场。")
