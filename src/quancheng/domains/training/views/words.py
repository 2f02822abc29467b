"""Words and marks that several pages of persons share."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Person
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.words import listed


def held(person: Person) -> str:
    """The posts that a person holds now, as ``list_persons`` fetched them."""
    return listed(one.title for one in getattr(person, "held", ()))


def state(person: Person) -> str:
    return _("在岗") if person.left_date is None else _("已离岗")


def state_mark(person: Person) -> SafeString:
    return marks.badge(state(person), "done" if person.left_date is None else "quiet")


def age(person: Person) -> int:
    return person.age_on(timezone.localdate())


def enterprise_of(person: Person) -> str:
    return person.enterprise.name if person.enterprise else ""


def link_to_file(person: Person) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("registry:enterprise", args=[person.file_id]), enterprise_of(person)
    )
