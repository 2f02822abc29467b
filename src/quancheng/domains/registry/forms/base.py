"""Forms made of the fields of a table, so that labels, lengths and choices stand once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db import models
from django.forms.models import fields_for_model

from quancheng.domains.registry.models import Enterprise, Unit
from quancheng.kernel.pages import fields as shared


def fields_of(model: type[models.Model], names: Sequence[str], **instead: forms.Field) -> dict[str, forms.Field]:
    """Form fields for columns of a table, in their order; ``instead`` gives those that are asked otherwise."""
    plain = [name for name in names if name not in instead]
    found = fields_for_model(model, fields=plain, formfield_callback=_field)
    return {name: instead.get(name) or found[name] for name in names if name in instead or name in found}


def _field(column: Any, **given: Any) -> forms.Field | None:
    if isinstance(column, models.DateField) and not isinstance(column, models.DateTimeField):
        return shared.day(column.verbose_name, required=not column.blank)
    made: forms.Field | None = column.formfield(**given)
    return made


def form_of(
    name: str,
    model: type[models.Model],
    names: Sequence[str],
    **instead: forms.Field,
) -> type[forms.Form]:
    """A form class for columns of a table."""
    return type(name, (forms.Form,), {**fields_of(model, names, **instead), "__doc__": f"Fields of {model.__name__}."})


def codes(label: Any, choices: Any, *, help_text: Any = "") -> forms.MultipleChoiceField:
    """Several of a list of codes."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple, help_text=help_text
    )


class EnterpriseField(forms.ModelChoiceField):
    """An enterprise by its name; the page fills in those that the actor sees."""

    def label_from_instance(self, obj: Enterprise) -> str:
        return obj.enterprise.name if obj.enterprise else str(obj.pk)


class UnitField(forms.ModelChoiceField):
    """A unit; where those of several enterprises are offered (``names_file``), with the name of its own."""

    names_file = False

    def label_from_instance(self, obj: Unit) -> str:
        return f"{obj.file.enterprise.name} {obj}" if self.names_file and obj.file.enterprise else str(obj)


class ListField(forms.CharField):
    """Several texts, one a line."""

    def __init__(self, **given: Any) -> None:
        given.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(required=False, max_length=5000, **given)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return shared.lines(super().clean(value))


