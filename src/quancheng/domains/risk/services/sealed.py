"""The sealed columns of risk, for the vault's rotation and for a change of its cipher suite."""

from __future__ import annotations

from collections.abc import Callable

from quancheng.domains.risk.models import PostCard


def reseal_inner_phone(again: Callable[[str], str]) -> int:
    """Internal alarm numbers on the cards of posts; how many changed."""
    return _reseal("inner_phone", again)


def reseal_outer_phone(again: Callable[[str], str]) -> int:
    """External numbers on the cards of posts; how many changed."""
    return _reseal("outer_phone", again)


def _reseal(name: str, again: Callable[[str], str]) -> int:
    changed = 0
    for pk, token in PostCard.objects.exclude(**{name: ""}).values_list("pk", name).order_by("pk"):
        sealed = again(token)
        if sealed != token:
            changed += PostCard.objects.filter(pk=pk, **{name: token}).update(**{name: sealed})
    return changed
