"""The sealed columns of the registry, for the vault's rotation and for a change of its cipher suite."""

from __future__ import annotations

from collections.abc import Callable

from quancheng.domains.registry.models import Application, Contact
from quancheng.kernel.vault import services as vault

Again = Callable[[str], str]


def reseal_contacts(again: Again) -> int:
    """Telephone numbers of who answers for enterprises, with their index; how many changed."""
    changed = 0
    for pk, token, index in Contact.objects.exclude(phone="").values_list("pk", "phone", "phone_index").order_by("pk"):
        sealed = again(token)
        wanted = vault.blind_index(vault.PHONE, vault.reveal(vault.PHONE, sealed))
        if (sealed, wanted) != (token, index):
            changed += Contact.objects.filter(pk=pk, phone=token).update(phone=sealed, phone_index=wanted)
    return changed


def reseal_applications(again: Again) -> int:
    """Telephone numbers of applicants; how many changed."""
    changed = 0
    for pk, token in Application.objects.values_list("pk", "phone").order_by("pk"):
        sealed = again(token)
        if sealed != token:
            changed += Application.objects.filter(pk=pk, phone=token).update(phone=sealed)
    return changed
