"""Rotation reaches every sealed column of users; a change of suite loses nobody."""

from __future__ import annotations

import pytest
from tests.factories import NOW, make_member, make_org

from quancheng.kernel.access.actor import system_actor
from quancheng.kernel.people.models import User
from quancheng.kernel.vault import services as vault
from quancheng.runtime.vault_command import rotate_command

pytestmark = pytest.mark.django_db
PHONE = "13800005550"


@pytest.fixture
def user(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.delenv("CRYPTO_SUITE", raising=False)
    user = make_member(make_org(), "department.officer").user
    User.objects.filter(pk=user.pk).update(
        phone=vault.seal(vault.PHONE, PHONE),
        phone_index=vault.blind_index(vault.PHONE, PHONE),
        totp_secret=vault.seal("totp", "JBSWY3DPEHPK3PXP"),
    )
    user.refresh_from_db()
    return user


def test_rotation_seals_phones_and_second_factors_anew(user: User) -> None:
    old_phone, old_secret, index = user.phone, user.totp_secret, user.phone_index
    changed = vault.rotate(actor=system_actor("operator"), now=NOW)
    user.refresh_from_db()
    assert (changed["people_user.phone:phone"], changed["people_user.totp_secret:totp"]) == (1, 1)
    assert vault.key_id_of(user.phone) > vault.key_id_of(old_phone)
    assert vault.key_id_of(user.totp_secret) > vault.key_id_of(old_secret)
    assert vault.reveal(vault.PHONE, user.phone) == PHONE
    assert vault.reveal("totp", user.totp_secret) == "JBSWY3DPEHPK3PXP"
    assert user.phone_index == index


def test_a_change_of_suite_finds_people_before_and_after_rotation(
    user: User, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRYPTO_SUITE", "guomi")
    assert user.phone_index in vault.blind_indexes(vault.PHONE, PHONE)
    assert user.phone_index != vault.blind_index(vault.PHONE, PHONE)
    assert rotate_command([]) == 0
    assert "sealed under sm4gcm-" in capsys.readouterr().out
    user.refresh_from_db()
    assert user.phone_index == vault.blind_index(vault.PHONE, PHONE)
    assert user.phone.startswith("v1:sm4gcm-")
    assert vault.reveal(vault.PHONE, user.phone) == PHONE
