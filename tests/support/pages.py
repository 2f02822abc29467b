"""Somebody signed in, without a session, for tests of pages that stand apart from sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.pages import nav
from quancheng.kernel.people.models import Organisation, User

NOW = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)


@dataclass
class Someone:
    """Who is signed in during a test; None for nobody."""

    actor: Actor | None = None


SOMEONE = Someone()


def as_someone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view with the test's actor instead of a session's."""

    def with_actor(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        request.actor = SOMEONE.actor  # type: ignore[attr-defined]
        return view(request, **kwargs)

    # Nobody is signed in by session here, so the door that is closed by default must let these through.
    with_actor.login_required = False  # type: ignore[attr-defined]
    return with_actor


def organisation(number: int, **more: Any) -> Organisation:
    """An invented public body."""
    return Organisation.objects.create(
        name=more.pop("name", f"示范区第{number:03d}工作局"),
        kind=more.pop("kind", "department"),
        pinyin=more.pop("pinyin", f"shifanqudi{number:03d}gongzuoju"),
        initials=more.pop("initials", f"sfqd{number:03d}gzj"),
        created_at=NOW,
        updated_at=NOW,
        **more,
    )


def sign_in(*duties: str, organisation_row: Organisation | None = None) -> Actor:
    """Somebody of an organisation of his own."""
    row = organisation_row or organisation(0, name="示范区安全生产委员会办公室", short_name="区安委办")
    number = User.objects.count()
    user = User.objects.create(username=f"jia{number}", name="甲某", pinyin="jiamou", created_at=NOW, updated_at=NOW)
    SOMEONE.actor = Actor(
        kind="person",
        name="甲某",
        user_id=user.pk,
        organisation_id=row.pk,
        organisation_name=row.name,
        duties=frozenset(duties),
        whole_district=True,
        supervises=True,
        general=True,
    )
    return SOMEONE.actor


@pytest.fixture
def demo_pages(settings: Any) -> Iterator[Someone]:
    """The throw-away pages and their menu; nobody is signed in until ``signed_in`` is asked for."""
    settings.ROOT_URLCONF = "tests.support.demo_urls"
    before = dict(nav._items)
    nav._items.clear()
    every = Organisation.objects.all()
    nav.register(nav.NavItem("today", "今日待办", "demo-list", "home", waiting=lambda actor: every.all(), order=1))
    nav.register(nav.NavItem("duty", "快办", "demo-fast", "checklist", duty="demo.fast.open"))
    yield SOMEONE
    SOMEONE.actor = None
    nav._items.clear()
    nav._items.update(before)
