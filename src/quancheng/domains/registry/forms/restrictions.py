"""What people type into the catalogue of prohibited, restricted and controlled chemicals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from quancheng.domains.registry.forms.base import codes, form_of
from quancheng.domains.registry.models import Restriction
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.domains.registry.services.restrictions import FIELDS
from quancheng.kernel.pages import fields
from quancheng.kernel.people.models import LINKS

RestrictionChangeForm = form_of(
    "RestrictionChangeForm", Restriction, FIELDS, links=codes(_("适用环节"), LINKS, help_text=_("都不选为全部环节。"))
)  # fmt: skip


class RestrictionForm(RestrictionChangeForm):  # type: ignore[misc,valid-type]
    """A new entry, which also names its chemical."""

    chemical = fields.words(_("化学品"), help_text=_("名称、别名或CAS号，与化学品目录一致。"))
    field_order = ("chemical", *FIELDS)

    def clean_chemical(self) -> Any:
        text = self.cleaned_data["chemical"]
        found = find_chemical(text)
        if found is None:
            raise forms.ValidationError(
                _now("化学品目录中没有（或不止一个）“%(text)s”，请写CAS号或全称。") % {"text": text}
            )
        return found
