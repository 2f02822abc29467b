"""A refusal beside what was typed: told in one way by every page that has a form."""

from __future__ import annotations

from collections.abc import Sequence

from django.forms import BaseForm

from quancheng.kernel.errors import DomainError


def tell(form: BaseForm, refused: DomainError, *, also: Sequence[int] = ()) -> int:
    """Put a refusal into a form, beside the fields it names and on top otherwise; returns the status to answer with.

    :param also: further statuses that are told in the form: 403 where what was typed decides what one may.
    :raises DomainError: the refusal itself, where it is none of what was typed (anything but 409 and 422).
    """
    if refused.status not in (409, 422, *also):
        raise refused
    for name, sentence in refused.fields.items():
        form.add_error(name if name in form.fields else None, str(sentence))
    if not refused.fields:
        # One that has several reasons tells each on a line of its own.
        for line in str(refused.message).splitlines():
            form.add_error(None, line)
    return refused.status
