"""The store by content: a folder of our own, and the same through the protocol of S3."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from quancheng.kernel.files.store import Store, digest_of, name_of, store

OBJECTS: dict[str, bytes] = {}


class Bucket(BaseHTTPRequestHandler):
    """As much of S3 as storing needs: put, get, head and delete of whole objects."""

    protocol_version = "HTTP/1.1"

    def _path(self) -> str:
        return unquote(urlsplit(self.path).path)

    def _answer(self, status: int, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Last-Modified", "Tue, 08 Sep 2026 01:00:00 GMT")
        self.send_header("ETag", '"0"')
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        OBJECTS[self._path()] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_GET(self) -> None:
        found = OBJECTS.get(self._path())
        self._answer(404 if found is None else 200, found or b"")

    def do_HEAD(self) -> None:
        found = OBJECTS.get(self._path())
        self._answer(404 if found is None else 200, length=len(found or b""))

    def do_DELETE(self) -> None:
        OBJECTS.pop(self._path(), None)
        self._answer(204)

    def log_message(self, *_args: Any) -> None:
        """Not into the tests' output."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    OBJECTS.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"s3://evidence/district?endpoint=http://127.0.0.1:{server.server_port}&region=test"
    server.shutdown()
    server.server_close()


def walk(place: Store, tmp_path: Path) -> str:
    """Everything a store is asked for; returns the digest of what stays."""
    kept, gone = tmp_path / "kept", tmp_path / "gone"
    kept.write_bytes(b"kept")
    gone.write_bytes(b"gone" * 1000)
    for path in (kept, gone, kept):
        place.put(digest_of(path), path)
    assert place.exists(digest_of(kept))
    with place.open(digest_of(gone)) as stream:
        assert stream.read() == b"gone" * 1000
    place.remove(digest_of(gone))
    place.remove(digest_of(gone))
    assert not place.exists(digest_of(gone))
    with pytest.raises(FileNotFoundError):
        place.open(digest_of(gone))
    return digest_of(kept)


def test_a_folder_keeps_content_privately_under_its_digest(settings: Any, tmp_path: Path) -> None:
    settings.FILES_URL = (tmp_path / "文件 store").as_uri()
    digest = walk(store(), tmp_path)
    path = tmp_path / "文件 store" / name_of(digest)
    assert path.read_bytes() == b"kept"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [one for one in (tmp_path / "文件 store").rglob("*") if one.is_file()] == [path]


def test_a_bucket_keeps_the_same_under_the_same_names(settings: Any, tmp_path: Path, bucket: str) -> None:
    settings.FILES_URL = bucket
    digest = walk(store(), tmp_path)
    assert {f"/evidence/district/{name_of(digest)}": b"kept"} == OBJECTS


def test_another_address_is_refused_when_it_is_first_used(settings: Any) -> None:
    settings.FILES_URL = "ftp://example"
    with pytest.raises(ValueError, match="ftp"):
        store()


@pytest.mark.parametrize(
    "wrong", ["", "sha256:abc", "md5:" + "0" * 64, "sha256:" + "../" * 21 + "a", "sha256:" + "G" * 64]
)
def test_what_is_no_digest_names_no_file(wrong: str) -> None:
    with pytest.raises(ValueError, match="no digest"):
        name_of(wrong)
