"""What people type while they watch for fire after hot work."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages import fields

#: Offered beside the least that holds [D].
_MINUTES = (30, 60, 120)


class _WithPhotos(forms.Form):
    #: Which of the two was asked, whatever came since.
    act = forms.CharField(widget=forms.HiddenInput)
    photos = fields.FilesField(label=_("现场照片"))


class BeginForm(_WithPhotos):
    watcher = fields.words(_("监火人"), limit=60)

    def __init__(self, *args: Any, least: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = sorted({least, *(one for one in _MINUTES if one >= least)})
        self.fields["minutes"] = forms.TypedChoiceField(
            label=_("监火时长"), coerce=int, choices=[(one, _("%(n)s分钟") % {"n": one}) for one in offered]
        )
        self.order_fields(["act", "watcher", "minutes", "photos"])


class EndForm(_WithPhotos):
    words = fields.text(_("监火情况"), rows=2, limit=500)

    field_order = ("act", "words", "photos")
