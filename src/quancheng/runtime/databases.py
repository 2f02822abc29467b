"""Which PostgreSQL, and as whom: Django's database settings from the environment or the embedded engine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from quancheng.runtime.place import Place

#: Owns every table; migrations run as it and nothing else does.
OWNER = "quancheng_owner"
#: Web, workers, processors and tests connect as it. It owns nothing and cannot rewrite the journal.
APP = "quancheng_app"
DATABASE = "quancheng"
#: Whoever died with its transaction open, or in the middle of a long query, must not hold its locks for ever.
GUARDS = "-c idle_in_transaction_session_timeout=300000 -c client_connection_check_interval=5000"
#: Of connections that serve pages: a page does not wait until a second process of the database has started and got a
#: core of its own, which on a busy machine takes longer than the page. Work in the background may ask for several.
OF_PAGES = "-c max_parallel_workers_per_gather=0"


def socket_folder(place: Place) -> Path:
    """Where the embedded server listens; not made here."""
    return place.var / "run" / "pg"


def settings_from_url(url: str) -> dict[str, Any]:
    """Django database settings from ``postgresql://user:password@host:port/name?sslmode=…``.

    A socket folder is given as ``postgresql://user@/name?host=/folder``.

    :raises ValueError: the address is not a PostgreSQL one or names no database.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ValueError("DATABASE_URL must look like postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or (unquote(parts.hostname) if parts.hostname else "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def embedded_settings(*, folder: Path, user: str, password: str, name: str = DATABASE) -> dict[str, Any]:
    """Settings for the embedded server whose socket lies in ``folder``."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": str(folder),
        "PORT": "5432",
        "OPTIONS": {},
    }


def database_settings(place: Place) -> dict[str, Any]:
    """The default database: ``DATABASE_URL`` (``DATABASE_OWNER_URL`` for the owner), else the embedded one.

    ``QUANCHENG_DB_ROLE=owner`` asks for the owner; ``QUANCHENG_DB_POOL=n`` for a pool of at most n connections
    (what the web process needs, where threads come and go).
    """
    settings = _settings(place, owner=os.environ.get("QUANCHENG_DB_ROLE") == "owner")
    pool = os.environ.get("QUANCHENG_DB_POOL")
    settings["OPTIONS"].setdefault("options", f"{GUARDS} {OF_PAGES}" if pool else GUARDS)
    if pool:
        settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": int(pool), "timeout": 10}
    settings["CONN_HEALTH_CHECKS"] = True
    settings["ATOMIC_REQUESTS"] = False
    return settings


def settings_from_app(place: Place) -> dict[str, Any]:
    """The default database as web and workers see it."""
    return _settings(place, owner=False)


def settings_from_owner(place: Place) -> dict[str, Any]:
    """The default database as its owner sees it."""
    return _settings(place, owner=True)


def _settings(place: Place, *, owner: bool) -> dict[str, Any]:
    url = (os.environ.get("DATABASE_OWNER_URL") if owner else None) or os.environ.get("DATABASE_URL")
    if url:
        return settings_from_url(url)
    role = OWNER if owner else APP
    password = place.known_secret(f"postgres-{role}") or ""
    return embedded_settings(folder=socket_folder(place), user=role, password=password)


def conninfo(settings: dict[str, Any]) -> str:
    """The same database for psycopg."""
    return psycopg.conninfo.make_conninfo(
        host=settings["HOST"] or None,
        port=settings["PORT"] or None,
        user=settings["USER"] or None,
        password=settings["PASSWORD"] or None,
        dbname=settings["NAME"],
    )
