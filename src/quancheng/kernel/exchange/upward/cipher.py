"""How the data of a batch are encrypted: by the adapter's or the application's choice, never by a model's.

CBC puts a random IV before the cipher text; ECB stands only for gateways that ask for it. Padding is PKCS7, the text
base64.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.hazmat.primitives.ciphers import Cipher as Machine
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.errors import Invalid

_BLOCK = 16
#: Bytes of a key, by algorithm.
_KEYS = {"aes": (16, 32), "sm4": (16,)}


class Cipher(models.TextChoices):
    """How the data of a batch are encrypted (加密方式)."""

    NONE = "none", gettext_lazy("不加密")
    AES_CBC = "aes_cbc", gettext_lazy("AES-CBC，随机IV在前")
    AES_ECB = "aes_ecb", gettext_lazy("AES-ECB（仅对方要求时）")
    SM4_CBC = "sm4_cbc", gettext_lazy("SM4-CBC，随机IV在前")
    SM4_ECB = "sm4_ecb", gettext_lazy("SM4-ECB（仅对方要求时）")


class Undecipherable(Exception):
    """Not encrypted under this key in this way."""


def check_key(cipher: str, key: str) -> bytes:
    """The key's bytes, from hexadecimal or plain text. :raises Invalid: of a length that the cipher does not take."""
    lengths = _KEYS[cipher[:3]]
    try:
        raw = bytes.fromhex(key)
    except ValueError:
        raw = b""
    if len(raw) not in lengths:
        raw = key.encode()
    if len(raw) not in lengths:
        told = _("密钥应为%(hex)s位十六进制数或%(text)s位文字。") % {
            "hex": "、".join(str(each * 2) for each in lengths), "text": "、".join(str(each) for each in lengths)
        }  # fmt: skip
        raise Invalid(fields={"key": told})
    return raw


def encrypt(cipher: str, key: str, text: str) -> str:
    """Base64 of the encrypted text; the text itself where nothing is encrypted."""
    if cipher == Cipher.NONE:
        return text
    padder = PKCS7(_BLOCK * 8).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    head = b"" if cipher.endswith("ecb") else os.urandom(_BLOCK)
    worker = _machine(cipher, key, head).encryptor()
    return base64.b64encode(head + worker.update(padded) + worker.finalize()).decode()


def decrypt(cipher: str, key: str, text: str) -> str:
    """The other way. :raises Undecipherable: another key or way, or damaged."""
    if cipher == Cipher.NONE:
        return text
    try:
        raw = base64.b64decode(text, validate=True)
        head, body = (b"", raw) if cipher.endswith("ecb") else (raw[:_BLOCK], raw[_BLOCK:])
        worker = _machine(cipher, key, head).decryptor()
        unpadder = PKCS7(_BLOCK * 8).unpadder()
        plain = unpadder.update(worker.update(body) + worker.finalize()) + unpadder.finalize()
        return plain.decode()
    except (ValueError, binascii.Error) as bad:
        raise Undecipherable from bad


def _machine(cipher: str, key: str, head: bytes) -> Machine[modes.ECB | modes.CBC]:
    raw = check_key(cipher, key)
    block = algorithms.SM4(raw) if cipher.startswith("sm4") else algorithms.AES(raw)
    # ECB hides no pattern: it stands for gateways that take nothing else, and its name in the settings says so.
    return Machine(block, modes.ECB() if not head else modes.CBC(head))  # noqa: S305
