"""Cipher suites (密码套件): international, or the national one under ``CRYPTO_SUITE=guomi``."""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_NONCE, _TAG = 12, 16


class Unreadable(Exception):
    """A sealed value does not open: altered, or sealed under another key or for another kind."""


@dataclass(frozen=True, slots=True)
class Suite:
    """A block cipher in GCM with a hash: AES-256 with SHA-256, or SM4 with SM3 (GB/T 32907, GB/T 32905)."""

    code: str
    key_length: int
    cipher: type[algorithms.AES] | type[algorithms.SM4]
    digest: type[hashes.SHA256] | type[hashes.SM3]

    def encrypt(self, key: bytes, plain: bytes, *, bound_to: bytes) -> bytes:
        """Nonce, ciphertext and tag; ``bound_to`` must be the same when it is opened."""
        nonce = os.urandom(_NONCE)
        engine = Cipher(self.cipher(key), modes.GCM(nonce)).encryptor()
        engine.authenticate_additional_data(bound_to)
        return nonce + engine.update(plain) + engine.finalize() + engine.tag

    def decrypt(self, key: bytes, sealed: bytes, *, bound_to: bytes) -> bytes:
        """:raises Unreadable: altered, another key, or bound to something else."""
        if len(sealed) < _NONCE + _TAG:
            raise Unreadable
        nonce, body, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
        engine = Cipher(self.cipher(key), modes.GCM(nonce, tag)).decryptor()
        engine.authenticate_additional_data(bound_to)
        try:
            return engine.update(body) + engine.finalize()
        except InvalidTag as failure:
            raise Unreadable from failure

    def keyed_hash(self, key: bytes, plain: bytes) -> str:
        """HMAC in hexadecimal digits."""
        engine = hmac.HMAC(key, self.digest())
        engine.update(plain)
        return engine.finalize().hex()


AES = Suite("aes256gcm", 32, algorithms.AES, hashes.SHA256)
SM4 = Suite("sm4gcm", 16, algorithms.SM4, hashes.SM3)
SUITES = {suite.code: suite for suite in (AES, SM4)}


def chosen_suite() -> Suite:
    """The suite for new values: ``CRYPTO_SUITE=guomi`` chooses the national one.

    :raises ValueError: an unknown name, told at start rather than answered with a default.
    """
    name = os.environ.get("CRYPTO_SUITE", "").strip().lower()
    if name in ("", "international"):
        return AES
    if name == "guomi":
        return SM4
    raise ValueError(f"CRYPTO_SUITE={name}: known are international and guomi")
