"""What people type about storage places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import ListField
from quancheng.domains.registry.models import Licence, Unit
from quancheng.kernel.pages import fields


class PlaceForm(forms.Form):
    licence = forms.ChoiceField(label=_("所属证照"), required=False)
    is_unlicensed = forms.BooleanField(label=_("不在任何证照的许可范围内"), required=False)
    shared_with = ListField(label=_("共用单位"), help_text=_("在此一起储存的其他企业，每行一家。"))

    def __init__(self, *args: Any, licences: Sequence[tuple[Licence, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["licence"].choices = [  # type: ignore[attr-defined]
            ("", _("按企业的证照认定")), *((str(one.pk), name) for one, name in licences)
        ]  # fmt: skip


class PlaceClueForm(forms.Form):
    text = fields.text(_("发现的情况"), rows=3, limit=2000,
                       help_text=_("什么物品、大约多少、怎样存放、为何不在许可范围内。"))  # fmt: skip
    evidence = fields.FilesField(label=_("现场照片"), required=False)


class PlaceMergeForm(forms.Form):
    target = forms.ChoiceField(label=_("归并到"))
    on = fields.day(_("归并日期"))
    reason = fields.text(_("归并理由"), rows=2, limit=500)

    def __init__(self, *args: Any, targets: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), f"{one.file.enterprise} {one}") for one in targets
        ]


class ResumePlaceForm(forms.Form):
    reason = fields.text(_("恢复理由"), rows=2, limit=500)
