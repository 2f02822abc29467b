"""``quancheng store``: chDB behind ClickHouse's HTTP interface, on loopback, with a password.

One process owns the data folder; everybody else is an ordinary ClickHouse client, so that a real ClickHouse differs
by its address alone. Nothing here forks after chDB is imported.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hmac
import json
import os
import queue
import re
import signal
import sys
import threading
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from quancheng.runtime.engines.processes import EngineTrouble
from quancheng.runtime.place import Place
from quancheng.runtime.store_space import Space, free_bytes, said
from quancheng.stream.metrics import Metric, of_process, written

USER = "quancheng"
#: Queries that run at once; more wait for a connection.
CONNECTIONS = 8
#: Largest body taken, after decompression: a batch of some ten million readings.
BODY_LIMIT = 512 * 1024 * 1024
#: A query is given up after this long.
QUERY_LIMIT_S = 120
CHUNK = 1024 * 1024
#: ClickHouse's number for a disk without room.
NOT_ENOUGH_SPACE = 243
#: ClickHouse's own error numbers and the HTTP status it gives them.
STATUS = {60: 404, 81: 404, 46: 404, 47: 404, 36: 404, 62: 400, 53: 400, 27: 400, 6: 400, 516: 403, 159: 408}
#: Parameters of the transport that say nothing to the engine.
TRANSPORT = frozenset(
    {
        *("query", "database", "user", "password", "default_format", "query_id", "quota_key", "role", "stacktrace"),
        *("session_id", "session_timeout", "session_check", "close_session", "client_protocol_version"),
        *("compress", "decompress", "enable_http_compression", "buffer_size", "wait_end_of_query"),
        *("send_progress_in_http_headers", "http_headers_progress_interval_ms"),
        "cancel_http_readonly_queries_on_client_close",
    }
)
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
#: A statement whose data follow: in the same body, on the next line, or alone in the body.
DATA_HEAD = re.compile(rb"\s*INSERT\s+INTO\s[^\0]*?\bFORMAT\s+[A-Za-z0-9]+[ \t]*\r?\n", re.IGNORECASE)
#: A statement that adds rows, or writes them anew.
WRITES = re.compile(r"\s*(?:INSERT|OPTIMIZE)\b", re.IGNORECASE)
DATA_FORMAT = re.compile(r"\bFORMAT\s+([A-Za-z0-9]+)\s*;?\s*\Z", re.IGNORECASE)


class Refused(Exception):
    """What the client gets instead of an answer: an HTTP status and ClickHouse's error number."""

    def __init__(self, message: str, *, code: int = 0, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status or STATUS.get(code, 500)


class Engine:
    """chDB on one folder, with a bounded set of connections, each with its own current database."""

    def __init__(self, folder: Path) -> None:
        # chDB would read the standard input of its host as data of an INSERT.
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        import chdb

        self._chdb = chdb
        self._folder = folder
        self.space = Space(folder, self._tell)
        if self.space.may_have_run_out():
            raise EngineTrouble(said(folder))
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        self._made = 0
        self._making = threading.Lock()
        try:
            self._idle.put(self._open())
        except Exception as trouble:
            why = (
                "another process has it open"
                if "EmbeddedServer" in str(trouble) or "lock" in str(trouble)
                else _first_line(trouble)
            )
            raise EngineTrouble(f"The telemetry store cannot open {folder}: {why}.") from trouble

    def _open(self) -> Any:
        connection = self._chdb.connect(str(self._folder))
        connection.query(f"SET max_execution_time = {QUERY_LIMIT_S}")
        self._made += 1
        return connection

    def _tell(self, statement: str) -> None:
        with self.borrow() as connection:
            connection.query(statement)

    @contextmanager
    def borrow(self) -> Iterator[Any]:
        """A connection for one statement; waits where all are busy."""
        with self._making:
            connection = self._open() if self._idle.empty() and self._made < CONNECTIONS else None
        connection = connection or self._idle.get(timeout=QUERY_LIMIT_S)
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def run(self, statement: str, body: bytes, given: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        """One statement with its parameters and settings; the answer's bytes and the figures for the summary.

        :raises Refused: with ClickHouse's number.
        """
        parameters = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
        settings = {n: v for n, v in given.items() if n not in TRANSPORT and not n.startswith("param_")}
        with self.borrow() as connection:
            done: list[str] = []
            try:
                connection.query(f"USE {_quoted(given.get('database') or 'default')}")
                for name, value in settings.items():
                    connection.query(f"SET {_plain(name)} = {_literal(value)}")
                    done.append(f"SET {name} = DEFAULT")
                for name, value in parameters.items():
                    connection.query(f"SET param_{_plain(name)} = {_literal(value)}")
                return self._answer(connection, statement, body, given.get("default_format", "TabSeparated"))
            except (RuntimeError, ValueError, self._chdb.ChdbError) as trouble:
                raise _translated(trouble) from trouble
            finally:
                for undo in done:
                    connection.query(undo)

    def _answer(self, connection: Any, statement: str, body: bytes, fmt: str) -> tuple[bytes, dict[str, str]]:
        begun = time.perf_counter_ns()
        writes = bool(body) or WRITES.match(statement) is not None
        if writes and not self.space.has_room(len(body)):
            raise Refused(said(self._folder), code=NOT_ENOUGH_SPACE)
        if body:
            tail = DATA_FORMAT.search(statement)
            if tail is None:
                raise Refused("a statement with data must end in FORMAT and a name", code=62)
            with connection.send_insert(statement[: tail.start()], tail.group(1)) as insert:
                for at in range(0, len(body), CHUNK):
                    insert.append(body[at : at + CHUNK])
                result = insert.finish()
            answer = b""
            written = result.rows_written
        else:
            result = connection.query(statement, fmt)
            answer = result.bytes() or b""
            written = 0
        if writes and self.space.may_have_run_out():
            raise Refused(f"{said(self._folder)} What was just sent may not be kept.", code=NOT_ENOUGH_SPACE)
        elapsed = time.perf_counter_ns() - begun
        return answer, {"written_rows": str(written), "result_rows": "0", "elapsed_ns": str(elapsed)}

    def close(self) -> None:
        """Close what is idle; what still runs is safe in its parts or not there at all."""
        while not self._idle.empty():
            self._idle.get_nowait().close()


class Handler(BaseHTTPRequestHandler):
    """ClickHouse's HTTP interface, as far as clients use it: GET /ping, GET / and POST /; and GET /metrics."""

    protocol_version = "HTTP/1.1"
    server_version = "quancheng-store"
    # Head and body leave in one packet and at once.
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 600
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """Silent: queries may hold what a log must not."""

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n", {})
        elif urlsplit(self.path).path == "/metrics":
            self._send(200, self.server.figures().encode(), {})
        else:
            self._serve()

    do_POST = do_GET

    def _serve(self) -> None:
        try:
            # The body is read first, whatever comes of it: else the next request would begin inside it.
            body = self._body()
            given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
            self._authenticate(given)
            statement = given.get("query", "")
            if not statement:
                statement, body = _split(body)
            if not statement.strip():
                raise Refused("empty query", code=62)
            begun = time.perf_counter()
            try:
                answer, summary = self.server.engine.run(statement, body, given)
            finally:
                self.server.count("write" if body else "read", len(body), time.perf_counter() - begun)
        except Refused as refusal:
            text = str(refusal)
            self._send(
                refusal.status,
                (text if text.startswith("Code:") else f"Code: {refusal.code}. DB::Exception: {text}").encode() + b"\n",
                {"X-ClickHouse-Exception-Code": str(refusal.code)},
            )
        except UnicodeDecodeError:
            self._send(400, b"Code: 62. DB::Exception: the query is not UTF-8\n", {"X-ClickHouse-Exception-Code": "62"})
        else:
            headers = {
                "X-ClickHouse-Query-Id": given.get("query_id") or str(uuid.uuid4()),
                "X-ClickHouse-Summary": json.dumps(summary),
                "X-ClickHouse-Server-Display-Name": "quancheng-store",
            }
            self._send(200, answer, headers)

    def _authenticate(self, given: dict[str, str]) -> None:
        user, password = given.get("user", ""), given.get("password", "")
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            try:
                user, _, password = base64.b64decode(header[6:]).decode().partition(":")
            except ValueError:
                user = ""
        user = self.headers.get("X-ClickHouse-User", user)
        password = self.headers.get("X-ClickHouse-Key", password)
        known = hmac.compare_digest(password.encode(), self.server.password.encode())
        if user != USER or not known:
            raise Refused(f"{user}: Authentication failed: password is incorrect or there is no such user", code=516)

    def _body(self) -> bytes:
        encoding = self.headers.get("Content-Encoding", "")
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            raw = b"".join(self._chunks())
        else:
            length = int(self.headers.get("Content-Length") or 0)
            self._weigh(length)
            raw = self.rfile.read(length)
        body = _decompressed(raw, encoding) if encoding else raw
        self._weigh(len(body))
        return body

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while size := int(self.rfile.readline(64).partition(b";")[0].strip() or b"0", 16):
            total += size
            self._weigh(total)
            yield self.rfile.read(size)
            self.rfile.readline(8)
        while self.rfile.readline(1024).strip():
            pass

    def _weigh(self, size: int) -> None:
        if size > BODY_LIMIT:
            self.close_connection = True
            raise Refused(f"the body is larger than {BODY_LIMIT // 2**20} MB: send smaller batches", status=413)

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream" if status == 200 else "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    """A thread for each client connection; the engine bounds what runs at once."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, port: int, engine: Engine, password: str) -> None:
        self.engine = engine
        self.password = password
        self._counting = threading.Lock()
        self._done: dict[tuple[str, str], float] = defaultdict(float)
        super().__init__(("127.0.0.1", port), Handler)

    def count(self, kind: str, size: int, seconds: float) -> None:
        """A statement was run, whatever came of it."""
        with self._counting:
            for what, value in (("statements", 1.0), ("bytes", float(size)), ("seconds", seconds)):
                self._done[kind, what] += value

    def figures(self) -> str:
        """For Prometheus."""
        with self._counting:
            done = dict(self._done)
        kinds = ("read", "write")
        return written([
            Metric.by("quancheng_store_statements_total", "counter", "Statements run.", "kind",
                      {kind: done.get((kind, "statements"), 0.0) for kind in kinds}),
            Metric.by("quancheng_store_seconds_total", "counter", "Time of statements.", "kind",
                      {kind: done.get((kind, "seconds"), 0.0) for kind in kinds}),
            Metric.one("quancheng_store_written_bytes_total", "counter", "Bytes of rows that were sent to be written.",
                       done.get(("write", "bytes"), 0.0)),
            Metric.one("quancheng_store_free_bytes", "gauge", "Room on the disk of the store.",
                       float(free_bytes(self.engine.space.folder))),
            *of_process("quancheng_store"),
        ])  # fmt: skip

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no trouble of ours; anything else is written to the log."""
        if not isinstance(sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _decompressed(raw: bytes, encoding: str) -> bytes:
    try:
        if encoding == "gzip":
            return gzip.decompress(raw)
        if encoding == "deflate":
            return zlib.decompress(raw)
        if encoding == "lz4":
            return _lz4_frames(raw)
        if encoding == "zstd":
            from backports import zstd

            return bytes(zstd.decompress(raw))
    except Exception as trouble:
        raise Refused(f"the body is no valid {encoding}: {trouble}", code=354, status=400) from trouble
    raise Refused(f"unknown encoding {encoding}", code=354, status=400)


def _split(body: bytes) -> tuple[str, bytes]:
    """Statement and data of a body that holds both: an INSERT's data begin on the line after its format."""
    head = DATA_HEAD.match(body)
    if head:
        return head.group(0).decode(), body[head.end() :]
    return body.decode(), b""


def _lz4_frames(raw: bytes) -> bytes:
    """All frames, one after the other: clients send each block as a frame of its own."""
    import lz4.frame

    parts = []
    while raw:
        frame = lz4.frame.LZ4FrameDecompressor()
        parts.append(frame.decompress(raw))
        if not frame.eof:
            raise ValueError("the last frame is cut off")
        raw = frame.unused_data or b""
    return b"".join(parts)


def _plain(name: str) -> str:
    if not NAME.match(name):
        raise Refused(f"{name!r} is no name", code=62)
    return name


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _translated(trouble: Exception) -> Refused:
    text = str(trouble)
    found = re.search(r"Code:\s*(\d+)", text)
    return Refused(text, code=int(found.group(1)) if found else 0)


def _first_line(trouble: Exception) -> str:
    return (str(trouble).strip().splitlines() or [type(trouble).__name__])[0][:300]


def store_command(arguments: list[str]) -> int:
    """``quancheng store``: serve until SIGTERM or SIGINT. The password is the secret ``store`` of the state folder."""
    parser = argparse.ArgumentParser(prog="quancheng store", description="Serve the telemetry store on loopback.")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--var", type=Path, help="state folder (default: var in the checkout)")
    given = parser.parse_args(arguments)
    place = Place(given.var.absolute()) if given.var else Place.current()
    password = place.secret("store")
    engine = Engine(place.folder("store"))
    try:
        server = Server(given.port, engine, password)
    except OSError as trouble:
        raise EngineTrouble(f"The store cannot listen on port {given.port}: {trouble.strerror}") from trouble
    engine.space.watch()
    # After the import of chDB, which sets handlers of its own.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever(poll_interval=0.2)
    engine.close()
    # chDB's background threads may outlive their connections; everything is on disk, so the process just ends.
    sys.stdout.flush()
    os._exit(0)
