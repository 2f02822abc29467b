"""Sealed columns of check records and guarantors, for the vault's rotation and for a change of its cipher suite."""

from __future__ import annotations

from collections.abc import Callable

from quancheng.domains.hazards.models import CheckRecord, Guarantor
from quancheng.domains.hazards.services.check_records import DEVICE
from quancheng.kernel.vault import services as vault


def reseal_devices(again: Callable[[str], str]) -> int:
    """Identifiers of devices, with their index; how many changed."""
    changed = 0
    rows = CheckRecord.objects.exclude(device="").values_list("pk", "device", "device_index").order_by("pk")
    for pk, token, index in rows.iterator(chunk_size=2000):
        sealed = again(token)
        wanted = vault.blind_index(DEVICE, vault.reveal(DEVICE, sealed))
        if (sealed, wanted) != (token, index):
            changed += CheckRecord.objects.filter(pk=pk, device=token).update(device=sealed, device_index=wanted)
    return changed


def reseal_phones(again: Callable[[str], str]) -> int:
    """Telephone numbers of guarantors, with their index; how many changed."""
    changed = 0
    rows = Guarantor.objects.exclude(phone="").values_list("pk", "phone", "phone_index").order_by("pk")
    for pk, token, index in rows.iterator(chunk_size=2000):
        sealed = again(token)
        wanted = vault.blind_index(vault.PHONE, vault.reveal(vault.PHONE, sealed))
        if (sealed, wanted) != (token, index):
            changed += Guarantor.objects.filter(pk=pk, phone=token).update(phone=sealed, phone_index=wanted)
    return changed
