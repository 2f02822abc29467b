"""Words and marks that several pages of persons share."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quancheng.domains.training.models import Person, PersonQualification, QualificationState
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


def enterprise_of(row: Person | PersonQualification) -> str:
    return row.enterprise.name if row.enterprise else ""


def link_to_file(person: Person) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("registry:enterprise", args=[person.file_id]), enterprise_of(person)
    )


# Certificates -------------------------------------------------------------------------------------------------------

_TONES = {
    QualificationState.VERIFIED: "done", QualificationState.EXPIRING: "active", QualificationState.DRAFT: "active",
    QualificationState.UNCHECKED: "active", QualificationState.EXPIRED: "active", QualificationState.REVOKED: "active",
}  # fmt: skip


def qualification_state(state: str) -> str:
    return str(QualificationState(state).label)


def qualification_mark(state: str) -> SafeString:
    return marks.badge(qualification_state(state), _TONES.get(QualificationState(state), "quiet"))


def verified(row: PersonQualification) -> str:
    """By whom a certificate was verified, when and where he looked."""
    if row.verified_at is None:
        return _("未核验")
    who = row.verified_by.name if row.verified_by else ""
    return _("%(day)s %(organisation)s%(who)s核验（%(source)s）") % {
        "day": timezone.localtime(row.verified_at).date(), "who": who,
        "organisation": row.verified_org.label if row.verified_org else "",
        "source": row.get_verified_source_display(),
    }  # fmt: skip
