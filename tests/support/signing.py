"""Somebody signed in for real, without typing a password: a session of ours in the test client."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.test import Client
from django.utils import timezone

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.middleware import SIGN_IN_KEY
from quancheng.kernel.people.models import Membership, SignIn

#: A cheap hasher for tests that sign in: the real one takes 60 ms on purpose.
CHEAP_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    # Of initial passwords, which is cheap by itself.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]


def signed_in(who: Actor | Membership, *, client: Client | None = None, now: datetime | None = None) -> Client:
    """A client whose session acts as this membership; the pages see exactly what they would see after sign-in."""
    moment = now or timezone.now()
    place = who if isinstance(who, Membership) else Membership.objects.get(pk=who.membership_id)
    row = SignIn.objects.create(
        user_id=place.user_id,
        membership=place,
        device="test",
        address="127.0.0.1",
        started_at=moment,
        seen_at=moment,
        idle_minutes=30,
        idle_until=moment + timedelta(minutes=30),
        expires_at=moment + timedelta(hours=12),
    )
    client = client or Client()
    session = client.session
    session[SIGN_IN_KEY] = str(row.pk)
    session.save()
    return client
