"""The sealed columns of users, for the vault's rotation and for a change of its cipher suite."""

from __future__ import annotations

from collections.abc import Callable

from quancheng.kernel.people.models import User
from quancheng.kernel.vault import services as vault

Again = Callable[[str], str]


def reseal_phones(again: Again) -> int:
    """Telephone numbers under the new key, found by an index of the suite that is chosen now; how many changed."""
    changed = 0
    for pk, token, index in User.objects.exclude(phone="").values_list("pk", "phone", "phone_index").order_by("pk"):
        sealed = again(token)
        wanted = vault.blind_index(vault.PHONE, vault.reveal(vault.PHONE, sealed))
        if (sealed, wanted) != (token, index):
            changed += User.objects.filter(pk=pk, phone=token).update(phone=sealed, phone_index=wanted)
    return changed


def reseal_second_factors(again: Again) -> int:
    """Secrets of the second factor under the new key; how many changed."""
    changed = 0
    for pk, token in User.objects.exclude(totp_secret="").values_list("pk", "totp_secret").order_by("pk"):
        sealed = again(token)
        if sealed != token:
            changed += User.objects.filter(pk=pk, totp_secret=token).update(totp_secret=sealed)
    return changed
