"""What people type about a sanction to test: which points, until when; whose crew is clear; how the test went."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.isolations import PointField
from quancheng.domains.permits.forms.widgets import SignatureField
from quancheng.domains.permits.models import IsolationPoint
from quancheng.domains.permits.queries.sanctions import Crew
from quancheng.kernel.pages import fields


class PointsField(forms.ModelMultipleChoiceField):
    label_from_instance = PointField.label_from_instance


class AskForm(forms.Form):
    """The view fills in points upon which the permit relies."""

    points = PointsField(
        label=_("临时解除的隔离点"), queryset=IsolationPoint.objects.none(), widget=forms.CheckboxSelectMultiple,
        help_text=_("只列本票依靠的、已验证的隔离点；盲板须凭盲板抽堵作业票抽出。"),
    )  # fmt: skip
    purpose = fields.text(_("试运内容和理由"), rows=2, limit=500)
    ends_at = fields.moment(_("试运截止时间"))

    def __init__(self, *args: Any, points: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["points"].queryset = points  # type: ignore[attr-defined]


class ClearForm(forms.Form):
    """One crew; each of its workers is ticked, and its leader signs."""

    def __init__(self, *args: Any, crew: Crew, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        leader = crew.leader.person.name if crew.leader else ""
        self.fields["workers"] = forms.MultipleChoiceField(
            label=_("已撤离的作业人"), required=bool(crew.workers), widget=forms.CheckboxSelectMultiple,
            choices=[(str(one.pk), f"{one.code} {one.person.name}") for one in crew.workers],
            help_text=_("%(permit)s：作业负责人%(leader)s逐人核对后手写签名。") % {
                "permit": crew.permit, "leader": leader
            },
        )  # fmt: skip
        self.fields["image"] = SignatureField(required=True)


class EndForm(forms.Form):
    result = fields.text(_("试运结果"), rows=2, limit=500)
