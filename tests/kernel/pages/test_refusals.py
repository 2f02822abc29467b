"""A refusal stands beside what was typed, or on top; nothing of it is lost."""

from __future__ import annotations

import pytest
from django import forms

from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.pages.refusals import tell


class NameForm(forms.Form):
    name = forms.CharField()


def typed() -> NameForm:
    form = NameForm({"name": "青岚"})
    assert form.is_valid()
    return form


def test_a_refusal_of_a_field_stands_beside_it_and_one_of_another_field_on_top():
    form = typed()
    assert tell(form, Invalid(fields={"name": "名称已被使用。", "elsewhere": "日期有误。"})) == 422
    assert form.errors == {"name": ["名称已被使用。"], "__all__": ["日期有误。"]}


def test_a_refusal_that_names_no_field_is_told_in_its_own_sentence():
    form = typed()
    assert tell(form, StaleState("该记录刚被他人修改。")) == 409
    assert form.non_field_errors() == ["该记录刚被他人修改。"]


def test_what_is_no_matter_of_what_was_typed_goes_on():
    form = typed()
    with pytest.raises(NotPermitted):
        tell(form, NotPermitted())
    assert form.errors == {}
