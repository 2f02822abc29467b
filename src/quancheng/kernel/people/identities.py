"""Identities at the provider, as sign-in asks for them: how they are found, and whether a password still suffices."""

from __future__ import annotations

import hashlib

from quancheng.kernel.people.models import ExternalIdentity, IdentityProvider, Role, User
from quancheng.kernel.vault import services as vault

#: Kinds of sealed values: the client's secret, and the subject at the provider.
SECRET, SUBJECT = "oidc_secret", "oidc_subject"


def indexes(*, issuer: str, subject: str) -> tuple[str, ...]:
    """Under which blind indexes an identity may stand, that of the suite in use first.

    Over a digest of the exact bytes: the vault folds look-alike characters, and a subject is to be compared as it is.
    """
    exact = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return vault.blind_indexes(SUBJECT, exact)


def find(*, issuer: str, subject: str) -> ExternalIdentity | None:
    """Whose identity this is, if anybody's."""
    wanted = indexes(issuer=issuer, subject=subject)
    return ExternalIdentity.objects.filter(issuer=issuer, subject_index__in=wanted).select_related("user").first()


def is_password_closed(user: User) -> bool:
    """Whether this account signs in through the provider alone.

    Never the security administrator's: somebody must be able to come in when the provider is down.
    """
    rules = IdentityProvider.objects.filter(is_enabled=True, forbids_password=True).first()
    if rules is None or not ExternalIdentity.objects.filter(user=user, issuer=rules.issuer).exists():
        return False
    return not Role.objects.filter(administrator="security", memberships__in=user.memberships.current()).exists()


def name_of_provider() -> str:
    """What the sign-in page calls the provider; empty where none is in use."""
    return IdentityProvider.objects.filter(is_enabled=True).values_list("name", flat=True).first() or ""


def list_identities(*, user: User) -> list[ExternalIdentity]:
    """The identities bound to an account."""
    return list(ExternalIdentity.objects.filter(user=user).order_by("bound_at", "pk"))
