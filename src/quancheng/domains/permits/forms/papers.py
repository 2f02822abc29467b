"""What is printed of a permit, and the fields of its form that no check asks for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.permits.forms.asking import words_of
from quancheng.domains.permits.particulars import LONGEST, fields_of
from quancheng.kernel.pages import fields

PLACARD = "placard"
ALL = "all"


class PrintForm(forms.Form):
    """Which copies, and as what."""

    what = fields.choice(_("打印内容"), [])
    medium = fields.choice(_("文件格式"), [("pdf", "PDF"), ("docx", "Word（DOCX）")])

    def __init__(self, *args: Any, copies: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(ALL, _("三联全部")), *copies, (PLACARD, _("现场公示牌（PDF）"))]
        self.fields["what"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("what") == PLACARD and given.get("medium") == "docx":
            self.add_error("medium", _("公示牌只有PDF。"))
        return given


class ParticularsForm(forms.Form):
    """The form's own fields of one kind."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in fields_of(kind):
            self.fields[one.code] = fields.text(words_of(one.name), required=False, rows=2, limit=LONGEST)


class SketchForm(forms.Form):
    """The picture of the form's box for a drawing."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    sketch = forms.FileField(
        label=_("示意图"), help_text=_("PNG或JPEG图片；再次上传即替换。"),
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"}),
    )  # fmt: skip


class ScreenForm(forms.Form):
    """A screen that shows the permit board."""

    name = fields.words(_("屏幕位置"), limit=60, help_text=_("如中控室、调度室。"))
