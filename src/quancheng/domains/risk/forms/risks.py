"""What people type about objects, units, events, measures and posts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import fields_of
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Measure, Post, RiskEvent, RiskObject, RiskUnit
from quancheng.domains.risk.queries import posts as post_queries
from quancheng.domains.risk.queries import risks as queries
from quancheng.domains.risk.services import posts as post_services
from quancheng.domains.risk.services import risks as services
from quancheng.kernel.pages import fields

_PLAIN_OBJECT = tuple(name for name in services.OBJECT_FIELDS if name != "place")
_PLAIN_UNIT = tuple(name for name in services.UNIT_FIELDS if name not in ("facility", "post"))


class ObjectForm(forms.Form):
    """A risk analysis object."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_of(RiskObject, _PLAIN_OBJECT))
        self.fields["code"].help_text = _("重大危险源填写登记系统中的12位危险源编码，其他对象用本单位编码。")
        self.fields["place"] = forms.ModelChoiceField(
            label=_("登记单元"), queryset=queries.places_of(file), required=False,
            help_text=_("对象是重大危险源时必选。"),
        )  # fmt: skip
        self.order_fields(services.OBJECT_FIELDS)


class UnitForm(forms.Form):
    """A risk analysis unit."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_of(RiskUnit, _PLAIN_UNIT))
        self.fields["facility"] = forms.ModelChoiceField(
            label=_("登记设施"), queryset=queries.facilities_of(file), required=False
        )
        self.fields["post"] = forms.ModelChoiceField(
            label=_("责任岗位"), queryset=post_queries.posts_of(file), required=False,
            help_text=_("一个单元由一个岗位负责。"),
        )  # fmt: skip
        for name in ("lon", "lat"):
            self.fields[name].help_text = _("CGCS2000，登记设施没有位置时填写。")
        self.order_fields(services.UNIT_FIELDS)


class EventForm(forms.Form):
    """A risk event."""

    def __init__(self, *args: Any, accidents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(
            fields_of(
                RiskEvent, services.EVENT_FIELDS,
                accident=fields.choice(_("可能导致的事故类型"), accidents, required=False),
            )
        )  # fmt: skip
        self.fields["name"].help_text = _("写明部位、介质、偏差和后果，例如：储罐超液位溢料引发火灾。")


class MeasureForm(forms.Form):
    """A control measure."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_of(Measure, services.MEASURE_FIELDS))
        self.fields["text"].widget.attrs["rows"] = 3
        self.fields["check_text"].widget.attrs["rows"] = 3
        self.fields["check_text"].help_text = _("写明检查什么、怎样算正常，任务会照此下发。")


class PostForm(forms.Form):
    """A post."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.update(fields_of(Post, post_services.FIELDS))


class PutAtPostForm(forms.Form):
    """Who holds a post."""

    def __init__(self, *args: Any, file: Enterprise, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"] = fields.choice(_("人员"), [("", "—"), *post_queries.staff_of(file)])
        self.fields["since"] = fields.day(_("到岗日期"))


class LeavePostForm(forms.Form):
    """Who leaves a post."""

    def __init__(self, *args: Any, post: Post, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = [(str(one.pk), one.user.name) for one in getattr(post, "now_there", ())]
        self.fields["person"] = fields.choice(_("人员"), there)


class EndForm(forms.Form):
    """Why something is taken out of the list."""

    reason = fields.words(_("撤销理由"), limit=300)
