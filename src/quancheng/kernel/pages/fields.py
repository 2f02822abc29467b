"""Fields that the forms of the rooms share: words, days, organisations, files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people import queries as people
from quancheng.kernel.people.models import Organisation

TEXT_LIMIT = 5000


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files; gives a list of uploads, empty where none was chosen."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        given = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(one, initial) for one in given if one]
        if self.required and not found:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return found


class OrganisationField(forms.ModelChoiceField):
    """One organisation by its full name."""

    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


class OrganisationsField(forms.ModelMultipleChoiceField):
    """Several organisations by their full names."""

    def label_from_instance(self, obj: Organisation) -> str:
        return obj.name


def words(label: Any, *, required: bool = True, limit: int = 200, help_text: Any = "") -> forms.CharField:
    """One line of text."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        help_text=help_text,
    )


def text(
    label: Any, *, required: bool = True, rows: int = 4, limit: int = TEXT_LIMIT, help_text: Any = ""
) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("日期应写作 2026-10-31 的形式。"), "required": _("请选择日期。")},
    )


def moment(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateTimeField:
    """A local time; given back aware."""
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help_text,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("时间应写作 2026-10-31 14:30 的形式。"), "required": _("请填写时间。")},
    )


def choice(label: Any, choices: Any, *, required: bool = True, help_text: Any = "") -> forms.ChoiceField:
    given = list(choices) if required else [("", "—"), *choices]
    return forms.ChoiceField(label=label, choices=given, required=required, help_text=help_text)


def org(label: Any, *, required: bool = True, help_text: Any = "") -> OrganisationField:
    """One organisation; :class:`ActorForm` fills in those that the actor may know."""
    return OrganisationField(
        label=label,
        queryset=Organisation.objects.none(),
        required=required,
        help_text=help_text,
        error_messages={"required": _("请选择单位。")},
    )


def orgs(label: Any, *, required: bool = True, help_text: Any = "") -> OrganisationsField:
    """Several organisations; :class:`ActorForm` fills in those that the actor may know."""
    return OrganisationsField(
        label=label,
        queryset=Organisation.objects.none(),
        required=required,
        help_text=help_text,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选择单位。")},
    )


def lines(value: str) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in value.splitlines() if line.strip()]


class ActorForm(forms.Form):
    """A form whose organisation fields offer what the actor may know.

    :cvar kinds: field name to kinds of organisation offered; a field not named offers every kind.
    """

    kinds: dict[str, tuple[str, ...]] = {}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        for name, field in self.fields.items():
            if isinstance(field, OrganisationField | OrganisationsField):
                field.queryset = people.list_organisations(actor=actor, kinds=self.kinds.get(name, ()))
