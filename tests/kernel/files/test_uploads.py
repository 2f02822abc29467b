"""Uploads in parts: continued wherever the line broke, taken only under the promised hash, one's own alone."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.factories import District, make_district
from tests.kernel.files.factories import photo
from tests.support.signing import signed_in

from quancheng.kernel.files import uploads
from quancheng.kernel.files.models import StoredFile, Upload

pytestmark = pytest.mark.django_db
API = "/api/v1/files/uploads"
TEXT = "一次检查的记录。".encode() * 40


@pytest.fixture
def district() -> District:
    return make_district()


def begin(client: Client, content: bytes = TEXT, *, key: Any = None, name: str = "记录.txt", **more: Any) -> Any:
    body = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), **more}
    headers = {"Idempotency-Key": str(key or uuid.uuid4())}
    return client.post(API, json.dumps(body), content_type="application/json", headers=headers)


def part(client: Client, key: Any, offset: int, content: bytes) -> Any:
    return client.post(f"{API}/{key}/parts", {"offset": offset, "part": SimpleUploadedFile("part", content)})


def test_an_upload_goes_on_where_it_broke_and_is_confirmed_by_the_hash_of_the_whole(district: District) -> None:
    client = signed_in(district.town)
    first = begin(client).json()
    key = first["id"]
    assert (first["offset"], first["sha256"], first["file_id"]) == (0, None, None)
    assert part(client, key, 0, TEXT[:300]).json()["offset"] == 300
    # Its answer was lost: the same part again, one that overlaps, one from beyond what stands.
    assert part(client, key, 0, TEXT[:300]).json()["offset"] == 300
    assert part(client, key, 200, TEXT[200:400]).json()["offset"] == 400
    assert part(client, key, 900, TEXT[900:]).json()["offset"] == 400
    assert client.get(f"{API}/{key}").json()["offset"] == 400
    assert begin(client, key=key).json()["offset"] == 400, "the same begun again goes on"
    whole = part(client, key, 400, TEXT[400:]).json()
    assert whole["sha256"] == hashlib.sha256(TEXT).hexdigest()
    assert StoredFile.objects.get().pk == uuid.UUID(whole["file_id"])
    for again in (begin(client, key=key), part(client, key, 0, TEXT), client.get(f"{API}/{key}")):
        assert again.json() == whole
    assert StoredFile.objects.count() == 1
    assert not uploads._path(uuid.UUID(key)).exists(), "nothing is left in the spool"


def test_a_kill_between_the_last_byte_and_the_storing_is_made_good_by_the_last_byte_again(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(district.town, client=Client(raise_request_exception=False))
    key = begin(client).json()["id"]
    with monkeypatch.context() as broken:
        broken.setattr(uploads, "receive_file", lambda **given: 1 / 0)
        assert part(client, key, 0, TEXT).status_code == 500
    stands = begin(client, key=key).json()["offset"]
    assert stands == len(TEXT) - 1
    assert part(client, key, stands, TEXT[stands:]).json()["file_id"]


def test_other_content_than_promised_is_thrown_away_and_begins_anew(district: District) -> None:
    client = signed_in(district.town)
    key = begin(client).json()["id"]
    refused = part(client, key, 0, TEXT[:-1] + b"x")
    assert (refused.status_code, refused.json()["code"]) == (422, "hash_mismatch")
    assert client.get(f"{API}/{key}").json()["offset"] == 0
    assert part(client, key, 0, TEXT).json()["file_id"]


def test_an_upload_is_its_owners_alone(district: District) -> None:
    mine, other = signed_in(district.town), signed_in(district.other_town)
    key = begin(mine).json()["id"]
    assert other.get(f"{API}/{key}").status_code == 404
    assert part(other, key, 0, TEXT).status_code == 404
    assert begin(other, key=key).status_code == 409
    assert begin(mine, TEXT + b"\n", key=key).status_code == 409, "the key stands for one file"
    assert Client().get(f"{API}/{key}").status_code == 401


@pytest.mark.parametrize(
    ("name", "size", "status", "code"),
    [
        ("IMG_1.HEIC", 30 * 1024 * 1024, 415, "file_heic"),
        ("a.exe", 10, 415, "file_unknown_type"),
        ("a.jpg", 31 * 1024 * 1024, 413, "too_large"),
        ("a.jpg", 0, 422, "invalid"),
    ],
)
def test_what_would_be_refused_is_refused_before_a_byte_is_sent(
    district: District, name: str, size: int, status: int, code: str
) -> None:
    body = {"name": name, "size": size, "sha256": "0" * 64}
    answer = signed_in(district.town).post(
        API, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": str(uuid.uuid4())}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Upload.objects.exists()


def test_the_pictures_own_time_counts_before_what_the_device_says(district: District) -> None:
    client = signed_in(district.town)
    told = {"taken_at": "2026-01-01T00:00:00Z", "latitude": "29.55", "longitude": "106.57"}
    for content, source in ((photo(), "photo"), (photo(exif=False), "device")):
        key = begin(client, content, name="现场.jpg", **told).json()["id"]
        stored = StoredFile.objects.get(pk=part(client, key, 0, content).json()["file_id"])
        assert stored.taken_source == source
        assert (stored.taken_at.year, stored.taken_at.month) == ((2026, 9) if source == "photo" else (2026, 1))


def test_a_recording_of_a_browser_is_taken(district: District) -> None:
    client = signed_in(district.town)
    sound = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"\x00" * 200
    key = begin(client, sound, name="录音.webm").json()["id"]
    assert part(client, key, 0, sound).json()["file_id"]
    assert StoredFile.objects.get().media_type == "audio/webm"


def test_more_than_fifty_unfinished_let_the_oldest_begin_anew_and_old_ones_are_forgotten(district: District) -> None:
    client, now = signed_in(district.town), timezone.now()
    keys = [begin(client).json()["id"] for _number in range(uploads.MOST_OPEN)]
    Upload.objects.filter(pk=keys[0]).update(touched_at=now - timedelta(hours=1))
    begin(client)
    assert Upload.objects.count() == uploads.MOST_OPEN
    assert client.get(f"{API}/{keys[0]}").status_code == 404
    Upload.objects.update(touched_at=now - timedelta(days=8))
    old = list(uploads.list_old_uploads(now - timedelta(days=7)))
    uploads.remove_uploads(old, now)
    assert not Upload.objects.exists()
