"""The keyring: files outside the database, ``var/secrets/vault/``, one key a file, 0600."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from django.conf import settings

from quancheng.kernel.vault.suites import SUITES, Suite

_NAME = re.compile(r"^(?P<suite>[a-z0-9]+)-(?P<number>\d{3})$")


def folder() -> Path:
    """Where the keys lie; made private on first use."""
    place = Path(settings.SECRETS_DIR) / "vault"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def key_of(key_id: str) -> tuple[Suite, bytes]:
    """The suite and bytes of a key. KeyError where the keyring lacks it: restore it from the backup of keys."""
    match = _NAME.match(key_id)
    path = folder() / f"{key_id}.key"
    if match is None or match["suite"] not in SUITES or not path.is_file():
        raise KeyError(key_id)
    return SUITES[match["suite"]], bytes.fromhex(path.read_text().strip())


def current_key(suite: Suite) -> str:
    """The id of the newest key of a suite; the first is made on first use."""
    known = _known(suite)
    return known[-1] if known else _make(suite, 1)


def rotate_key(suite: Suite) -> str:
    """Make a new key, under which everything new is sealed; the old ones stay to open what is older."""
    known = _known(suite)
    last = int(known[-1].rpartition("-")[2]) if known else 0
    return _make(suite, last + 1)


def index_key(suite: Suite) -> bytes:
    """The key of the blind indexes of a suite: never rotated by itself, since all indexes would have to follow."""
    return bytes.fromhex(_file(f"index-{suite.code}.key", 32))


def has_index_key(suite: Suite) -> bool:
    """Whether values were ever indexed under the suite."""
    return (folder() / f"index-{suite.code}.key").is_file()


def digest_key() -> bytes:
    """The key of the digests that stand for personal data in the journal."""
    return bytes.fromhex(_file("journal.key", 32))


def _known(suite: Suite) -> list[str]:
    return sorted(path.stem for path in folder().glob(f"{suite.code}-???.key"))


def _make(suite: Suite, number: int) -> str:
    key_id = f"{suite.code}-{number:03}"
    _file(f"{key_id}.key", suite.key_length)
    return key_id


def _file(name: str, length: int) -> str:
    """The secret of a file; of two processes that make it at once, the first one's stands."""
    path = folder() / name
    if not path.is_file():
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_bytes(length).hex())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # made by another process meanwhile: theirs stands
        finally:
            draft.unlink()
    return path.read_text().strip()
