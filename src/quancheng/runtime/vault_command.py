"""``quancheng vault rotate``: a new key, and everything sealed anew under it."""

from __future__ import annotations

import argparse

from quancheng.runtime.cli import set_up_django


def rotate_command(arguments: list[str]) -> int:
    """May be run while the system works, and again after an interruption; old keys stay in the keyring.

    After a change of ``CRYPTO_SUITE`` it also brings every sealed value and index to the suite that is chosen now.
    """
    argparse.ArgumentParser(
        prog="quancheng vault rotate", description="Make a new key and seal personal identifiers anew under it."
    ).parse_args(arguments)
    set_up_django()
    from django.utils import timezone

    from quancheng.kernel.access.actor import system_actor
    from quancheng.kernel.vault import keys, services
    from quancheng.kernel.vault.suites import chosen_suite

    changed = services.rotate(actor=system_actor("operator"), now=timezone.now())
    for name, count in changed.items():
        print(f"  {name}: {count}")
    print(f"sealed under {keys.current_key(chosen_suite())}; keep the old keys for backups made before")
    return 0
