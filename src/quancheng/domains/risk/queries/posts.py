"""Reads of posts (岗位) and of who holds them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import Post, PostPerson, RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.people.queries import list_colleagues

#: Conditions of the list of posts.
IS_KEY = Q(is_key=True)
IS_EMPTY = Q(~Exists(PostPerson.objects.filter(post=OuterRef("pk"), until_date__isnull=True)))


def _posts(actor: Actor) -> QuerySet[Post]:
    now_there = PostPerson.objects.filter(until_date__isnull=True).select_related("user").order_by("since_date", "pk")
    seen = Enterprise.objects.visible_to(actor).values("pk")
    return Post.objects.filter(file__in=seen).select_related("file__enterprise").prefetch_related(
        Prefetch("people", now_there, to_attr="now_there")
    )  # fmt: skip


def list_posts(*, actor: Actor) -> QuerySet[Post]:
    """Posts that stand, of the enterprises that the actor may see, with who holds them now."""
    return _posts(actor).filter(ended_date__isnull=True).order_by("file", "layer", "name", "pk")


def get_post(*, actor: Actor, post_id: uuid.UUID) -> Post:
    """Raise NotFound for absent and for out of scope alike."""
    found = _posts(actor).filter(pk=post_id).first()
    if found is None:
        raise NotFound
    return found


def posts_of(file: Enterprise) -> QuerySet[Post]:
    """Posts of a file that the caller got through its own query."""
    return Post.objects.filter(file=file, ended_date__isnull=True).order_by("layer", "name", "pk")


def staff_of(file: Enterprise) -> list[tuple[str, str]]:
    """Who has a place at the enterprise and can hold a post there: key and name."""
    found = list_colleagues(organisation_id=file.pk)
    return [(str(one.user_id), one.name) for one in found]


def units_of(post: Post) -> Sequence[RiskUnit]:
    """Units for which a post answers."""
    standing = post.units.filter(ended_date__isnull=True, object__ended_date__isnull=True)
    return list(standing.select_related("object").order_by("object", "code", "pk"))


def past_of(post: Post) -> Sequence[PostPerson]:
    """Who held a post before, the last first."""
    gone = post.people.filter(until_date__isnull=False)
    return list(gone.select_related("user").order_by("-until_date", "-pk")[:100])
