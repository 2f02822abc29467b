"""The vault: what is sealed opens only rightly, is found without being read, and shown only with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.factories import NOW, make_district

from quancheng.kernel.errors import Invalid, NotPermitted
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry
from quancheng.kernel.vault import keys, services
from quancheng.kernel.vault.suites import AES, SM4, Unreadable, chosen_suite

SUITES = ["", "guomi"]


@pytest.fixture(params=SUITES, ids=["aes", "guomi"])
def suite(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CRYPTO_SUITE", request.param)
    return str(request.param)


def test_sm3_and_sm4_give_the_values_of_their_standards() -> None:
    """GB/T 32905-2016 annex A.1 and GB/T 32907-2016 annex A.1."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    engine = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert (engine.update(key) + engine.finalize()).hex() == "681edf34d206965e86b3e94f536e4246"


def test_what_is_sealed_opens_again_and_never_looks_the_same(suite: str) -> None:
    first, second = services.seal("phone", "000-5550 1234"), services.seal("phone", "00055501234")
    assert services.reveal("phone", first) == services.reveal("phone", second) == "00055501234"
    assert first != second
    assert "5550" not in first
    assert services.key_id_of(first).startswith("sm4gcm" if suite else "aes256gcm")


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_every_text_comes_back_in_its_normal_form(text: str) -> None:
    assert services.reveal("note", services.seal("note", text)) == services.normalise("note", text)


def test_a_token_of_one_kind_does_not_open_as_another_nor_altered(suite: str) -> None:
    token = services.seal("phone", "00055501234")
    with pytest.raises(Unreadable):
        services.reveal("resident_id", token)
    swapped = token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB")
    with pytest.raises(Unreadable):
        services.reveal("phone", swapped)
    with pytest.raises(Unreadable):
        services.reveal("phone", "v1:aes256gcm-099:AAAA")


def test_the_blind_index_finds_the_same_number_however_it_is_written(suite: str) -> None:
    index = services.blind_index("phone", "+86 138 0000 0000")
    assert index == services.blind_index("phone", "１３８０００００００0")
    assert index != services.blind_index("phone", "13800000001")
    assert index != services.blind_index("resident_id", "13800000000")
    assert index.startswith("sm3:" if suite else "sha256:")


def test_keys_lie_outside_the_database_readable_by_their_owner_alone(suite: str) -> None:
    services.seal("phone", "00055501234")
    for path in Path(keys.folder()).iterdir():
        assert path.stat().st_mode & 0o777 == 0o600


def test_masks_show_enough_to_recognise_and_no_more() -> None:
    assert services.mask("phone", "00055501234") == "000****1234"
    assert services.mask("resident_id", "110101190001010006") == "110101********0006"
    assert services.mask("name", "某甲乙") == "某**"


@pytest.mark.parametrize("value", ["110101190001010007", "11010119000101000", "110101190013010006", "x" * 18])
def test_a_wrong_resident_number_is_refused_and_the_right_one_taken(value: str) -> None:
    with pytest.raises(Invalid):
        services.check_resident_id(value)
    assert services.check_resident_id("11010119000101 0006") == "110101190001010006"


@pytest.mark.django_db
def test_unmasking_needs_duty_and_reason_and_is_journaled_without_the_value() -> None:
    district = make_district()
    token, subject = services.seal("phone", "00055501234"), uuid7()

    def look(actor: object, reason: str) -> str:
        return services.unmask(
            actor=actor, kind="phone", token=token, reason=reason, now=NOW,  # type: ignore[arg-type]
            subject_type="people.user", subject_id=subject,
        )  # fmt: skip

    with pytest.raises(NotPermitted):
        look(district.officer, "核实举报线索")
    with pytest.raises(Invalid):
        look(district.director, " ")
    assert not JournalEntry.objects.filter(act="vault.unmask").exists()
    assert look(district.director, "核实举报线索") == "00055501234"
    entry = JournalEntry.objects.get(act="vault.unmask")
    assert entry.facts == {"kind": "phone", "reason": "核实举报线索"}
    assert entry.user_id == district.director.user_id


@pytest.mark.django_db
def test_rotation_seals_anew_and_leaves_old_keys_to_open_what_is_older(
    suite: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_columns", {})
    old = services.seal("phone", "00055501234")
    store = {"a": old}

    def reseal(again: object) -> int:
        store["a"] = again(store["a"])  # type: ignore[operator]
        return 1

    services.register_column("test.table:phone", reseal)
    assert services.rotate(actor=make_district().director, now=NOW) == {"test.table:phone": 1}
    assert services.key_id_of(store["a"]) > services.key_id_of(old)
    assert services.reveal("phone", old) == services.reveal("phone", store["a"]) == "00055501234"


def test_both_suites_refuse_another_key() -> None:
    for suite in (AES, SM4):
        sealed = suite.encrypt(b"k" * suite.key_length, b"value", bound_to=b"phone")
        with pytest.raises(Unreadable):
            suite.decrypt(b"x" * suite.key_length, sealed, bound_to=b"phone")


def test_an_unknown_suite_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTO_SUITE", "international")
    assert chosen_suite() is AES
    monkeypatch.setenv("CRYPTO_SUITE", "rot13")
    with pytest.raises(ValueError, match="rot13"):
        chosen_suite()
