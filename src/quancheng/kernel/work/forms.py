"""What people are asked when they do something with an item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.people.queries import Person


class NoteForm(forms.Form):
    """A word with it, if one likes."""

    note = forms.CharField(
        label=_("说明"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("可不填；写入办理记录，能查看该事项的人都会看到。"),
    )  # fmt: skip


class HandOnForm(NoteForm):
    """To whom: colleagues of the item's organisation who hold its duty."""

    to_user = forms.ChoiceField(
        label=_("转给"),
        error_messages={"required": _("请选择转给谁。"), "invalid_choice": _("只能转给本单位具有该职责的人员。")},
        help_text=_("只列出本单位具有该职责的人员。"),
    )
    field_order = ("to_user", "note")

    def __init__(self, *args: Any, people: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["to_user"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101 - declared above
        named = [(str(person.user_id), f"{person.name} {person.post}".strip()) for person in people]
        choice.choices = [("", _("请选择")), *named]
        if not people:
            choice.help_text = _("本单位没有其他人具有该职责；请联系系统管理员补充岗位。")
