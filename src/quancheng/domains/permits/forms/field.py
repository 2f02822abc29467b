"""What a phone asks at the place, as the page does: the questions of a check of the place, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quancheng.domains.permits.forms.asking import FOUND, YES_NO, Ask, asks_of, facts_told
from quancheng.domains.permits.forms.permits import FoundForm
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.queries.permits import WORK
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid


def questions(actor: Actor, now: datetime) -> dict[str, Any]:
    """Part of the phone's pack: by kind what is asked of the place; nothing for who tells nothing of it."""
    if actor.supervises or not actor.has(WORK):
        return {}
    return {kind: [_plain(one) for one in asks_of(FOUND, kind)] for kind in Kind.values}


def _plain(one: Ask) -> dict[str, Any]:
    choices = YES_NO[1:] if one.type == "flag" else [("1", one.label)] if one.type == "tick" else one.choices
    return {
        "name": one.name, "type": one.type, "label": str(one.label),
        "choices": [{"code": str(code), "name": str(label)} for code, label in choices],
    }  # fmt: skip


def found_in(kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    """What was answered as facts. :raises Invalid: no such question, or what is no answer, by name."""
    asked = asks_of(FOUND, kind)
    if unknown := set(given) - {one.name for one in asked}:
        raise Invalid(fields={name: _("没有这个选项。") for name in sorted(unknown)})
    form = FoundForm(dict(given), kind=kind)
    if not form.is_valid():
        raise Invalid(fields={name: str(errors[0]) for name, errors in form.errors.items()})
    return facts_told(asked, form.cleaned_data)
