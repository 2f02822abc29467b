"""The state folder (``var/``): where engines, secrets, files and logs of one installation live."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

#: The checkout (or the folder that holds ``src`` where it was installed).
ROOT = Path(__file__).resolve().parents[3]
#: A Unix socket's path has at most 107 bytes on Linux; PostgreSQL appends ``/.s.PGSQL.5432.lock``.
SOCKET_FOLDER_LIMIT = 107 - len("/.s.PGSQL.5432")


@dataclass(frozen=True)
class Place:
    """One state folder. Folders are made on first use, private to the account that runs the system.

    Two may be walked through (0711) by others: the state folder and ``run``; so root can have the database run under
    an account without rights. Nothing lies in them but folders and the notes of pids.
    """

    var: Path

    @classmethod
    def current(cls) -> Place:
        """The folder that ``QUANCHENG_VAR`` names, else ``var`` in the checkout."""
        return cls(Path(os.environ.get("QUANCHENG_VAR") or ROOT / "var").absolute())

    def folder(self, *parts: str) -> Path:
        """A folder below the state folder; what has to be made is made private."""
        path = self.var
        for part in ("", *parts):
            path = path / part
            if not path.is_dir():
                path.mkdir(mode=0o711 if part in {"", "run"} else 0o700, parents=not part, exist_ok=True)
        return path

    @property
    def run(self) -> Path:
        return self.folder("run")

    @property
    def secrets(self) -> Path:
        return self.folder("secrets")

    @property
    def log(self) -> Path:
        return self.folder("log")

    def secret(self, name: str, *, length: int = 32) -> str:
        """The secret of that name from ``var/secrets`` (0600); made at random on first use.

        :param length: bytes of randomness of a new secret.
        """
        path = self.secrets / name
        if (known := self.known_secret(name)) is not None:
            return known
        value = secrets.token_urlsafe(length)
        draft = path.with_name(f".{name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        try:
            # link() fails where the name is taken: of two starts at once the first one's secret stands.
            os.link(draft, path)
        except FileExistsError:
            return path.read_text().strip()
        finally:
            draft.unlink()
        return value

    def known_secret(self, name: str) -> str | None:
        """The secret of that name, or None where none was made yet."""
        try:
            return (self.var / "secrets" / name).read_text().strip() or None
        except FileNotFoundError:
            return None

    def address(self, name: str) -> str:
        """Where an embedded engine listens (``NATS_URL``, ``TELEMETRY_URL``), as the last start noted it; or empty."""
        try:
            return (self.var / "run" / name).read_text().strip()
        except FileNotFoundError:
            return ""
