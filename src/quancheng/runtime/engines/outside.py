"""Engines that somebody else runs, named by an address: asked before anything is started, so that a wrong address or
password is one clear line and not a trace in the log of some child. No line holds a password.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from quancheng.runtime.databases import conninfo, settings_from_app, settings_from_owner
from quancheng.runtime.engines.postgres import EXTENSIONS, check_text
from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import Place

WAIT_S = 5
OLDEST_POSTGRES = 15


def check_database(place: Place) -> list[str]:
    """``DATABASE_URL`` and ``DATABASE_OWNER_URL``; returns what should be known though it works.

    :raises EngineTrouble: no answer, no entry, or not what we need.
    """
    try:
        app, owner = settings_from_app(place), settings_from_owner(place)
    except ValueError as trouble:
        raise EngineTrouble(str(trouble)) from trouble
    notes = []
    named = "DATABASE_OWNER_URL" if os.environ.get("DATABASE_OWNER_URL") else "DATABASE_URL"
    for name, settings in (("DATABASE_URL", app), (named, owner)):
        try:
            with psycopg.connect(conninfo(settings), connect_timeout=WAIT_S) as link:
                if link.info.server_version < OLDEST_POSTGRES * 10000:
                    raise EngineTrouble(f"{name}: PostgreSQL {OLDEST_POSTGRES} or later is needed.")
                check_text(link)
                if settings is owner:
                    _check_owner(link, name)
                notes = [f"version {link.info.parameter_status('server_version')}"]
        except psycopg.Error as trouble:
            raise _no_answer(name, "PostgreSQL", trouble) from trouble
    if app["USER"] == owner["USER"]:
        notes.append("one role owns the tables and serves: it could rewrite the journal (see docs/operation.md)")
    return notes


def _check_owner(link: psycopg.Connection, name: str) -> None:
    known = {extension for (extension,) in link.execute("SELECT extname FROM pg_extension").fetchall()}
    if missing := [extension for extension in EXTENSIONS if extension not in known]:
        raise EngineTrouble(
            f"{name}: the database lacks extensions; as its superuser: "
            + " ".join(f"CREATE EXTENSION {extension};" for extension in missing)
        )
    row = link.execute("SELECT has_schema_privilege('public', 'CREATE')").fetchone()
    if row is None or not row[0]:
        raise EngineTrouble(f"{name}: this role may not make tables in the schema public, which it must own.")


def check_nats(url: str) -> None:
    """``NATS_URL``: it lets us in and has JetStream."""
    import asyncio

    import nats

    async def ask() -> None:
        link = await nats.connect(
            url, connect_timeout=WAIT_S, allow_reconnect=False, max_reconnect_attempts=0, error_cb=_silent
        )
        try:
            await link.jetstream().account_info()
        finally:
            await link.close()

    try:
        asyncio.run(asyncio.wait_for(ask(), 2 * WAIT_S))
    except Exception as trouble:
        raise _no_answer("NATS_URL", "NATS with JetStream", trouble) from trouble


async def _silent(trouble: Exception) -> None:
    """The client would print it."""


def check_telemetry(url: str) -> None:
    """``TELEMETRY_URL``: ClickHouse's interface answers to us."""
    import clickhouse_connect

    # It would print what we tell.
    logging.getLogger("clickhouse_connect").setLevel(logging.CRITICAL)
    try:
        with clickhouse_connect.get_client(dsn=url, connect_timeout=WAIT_S, query_retries=0) as client:
            client.command("SELECT 1")
    except Exception as trouble:
        raise _no_answer("TELEMETRY_URL", "ClickHouse", trouble) from trouble


def check_files(url: str) -> None:
    """``FILES_URL``: a folder that can be written, or a bucket that lets us in."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as trouble:
            raise EngineTrouble(f"FILES_URL: {folder} cannot be made: {trouble.strerror}.") from trouble
        if not os.access(folder, os.W_OK):
            raise EngineTrouble(f"FILES_URL: {folder} cannot be written.")
        return
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    from quancheng.kernel.files.store import bucket_of

    try:
        bucket = bucket_of(url)
        client = boto3.client(
            "s3",
            endpoint_url=bucket.endpoint,
            region_name=bucket.region,
            config=Config(connect_timeout=WAIT_S, read_timeout=WAIT_S, retries={"total_max_attempts": 1}),
        )
        client.head_bucket(Bucket=bucket.name)
    except (BotoCoreError, ClientError, ValueError) as trouble:
        raise _no_answer("FILES_URL", "The bucket", trouble) from trouble


def _no_answer(name: str, what: str, trouble: Exception) -> EngineTrouble:
    why = _reason(trouble)
    url = os.environ.get(name, "")
    for secret in {urlsplit(url).password or "", unquote(urlsplit(url).password or "")}:
        why = why.replace(secret, "***") if len(secret) > 3 else why
    return EngineTrouble(f"{name}: {what} at {_where(url)} does not let us in: {why[:300]}")


def _reason(trouble: BaseException) -> str:
    """The system's own word ("Connection refused") where there is one below; else the first line of what was said."""
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return (str(trouble).strip() or type(trouble).__name__).splitlines()[0]


def _where(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or url.partition("?")[0]
