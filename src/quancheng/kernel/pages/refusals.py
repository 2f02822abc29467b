"""A refusal beside what was typed: told in one way by every page that has a form."""

from __future__ import annotations

from django.forms import BaseForm

from quancheng.kernel.errors import DomainError


def tell(form: BaseForm, refused: DomainError) -> int:
    """Put a refusal into a form, beside the fields it names and on top otherwise; returns the status to answer with.

    :raises DomainError: the refusal itself, where it is none of what was typed (anything but 409 and 422).
    """
    if refused.status not in (409, 422):
        raise refused
    for name, sentence in refused.fields.items():
        form.add_error(name if name in form.fields else None, str(sentence))
    if not refused.fields:
        form.add_error(None, str(refused.message))
    return refused.status
