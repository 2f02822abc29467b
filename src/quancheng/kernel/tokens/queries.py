"""Reads of tokens."""

from __future__ import annotations

from django.db.models import QuerySet

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.tokens.models import Token


def list_tokens(*, actor: Actor) -> QuerySet[Token]:
    """The tokens that the actor may see, the newest first, ended ones too."""
    return (
        Token.objects.visible_to(actor)
        .select_related("membership__user", "membership__organisation", "revoked_by")
        .order_by("-created_at", "pk")
    )
