"""Files as a program sends and fetches them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.architecture.ground_records import evidence
from tests.factories import District, make_district
from tests.kernel.files.factories import PDF, photo
from tests.support.signing import CHEAP_HASHERS, signed_in

from quancheng.kernel.files.models import StoredFile

pytestmark = pytest.mark.django_db
API = "/api/v1/files"


@pytest.fixture
def district(settings: Any) -> District:
    settings.PASSWORD_HASHERS = CHEAP_HASHERS
    return make_district()


def send(client: Any, content: bytes = PDF, name: str = "检查.pdf", key: str = "", **fields: str) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(API, {"file": SimpleUploadedFile(name, content), **fields}, headers=headers)


def test_a_program_sends_a_photo_with_the_devices_time_and_place(district: District) -> None:
    fields = {"taken_at": "2026-09-08T09:00:00+08:00", "latitude": "29.55", "longitude": "106.57"}
    answer = send(signed_in(district.town), photo(exif=False), "现场.jpg", **fields)
    assert answer.status_code == 201
    body = answer.json()
    stored = StoredFile.objects.get(pk=body["id"])
    assert (stored.taken_source, str(stored.latitude)) == ("device", "29.550000")
    assert body["media_type"] == "image/jpeg"
    assert stored.uploaded_by_id == district.town.user_id


def test_the_same_upload_twice_is_one_file_and_another_under_its_key_is_refused(district: District) -> None:
    client, key = signed_in(district.town), str(uuid.uuid4())
    first = send(client, key=key)
    assert send(client, key=key).json()["id"] == first.json()["id"]
    assert send(client, PDF + b"\n", key=key).status_code == 409
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"content": photo()}, 415),
        ({"content": b"<html>", "name": "a.txt"}, 415),
        ({"content": b""}, 422),
        ({"taken_at": "yesterday"}, 422),
        ({"taken_at": "2026-09-08T09:00:00"}, 422),
        ({"latitude": "91", "longitude": "0"}, 422),
        ({"latitude": "29"}, 422),
        ({"latitude": "NaN", "longitude": "0"}, 422),
    ],
)
def test_bad_uploads_are_refused_as_problems(district: District, given: dict[str, Any], status: int) -> None:
    answer = send(signed_in(district.town), **given)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not StoredFile.objects.exists()


def test_the_content_is_fetched_by_whoever_sees_its_record(district: District) -> None:
    record = evidence(district)
    url = f"{API}/{record.arguments['link_id']}"
    answer = signed_in(district.town).get(url)
    assert answer.getvalue().decode() == record.mark
    assert answer["Content-Disposition"].startswith("attachment")
    assert signed_in(district.other_town).get(url).status_code == 404
    assert signed_in(district.enterprise).get(url).status_code == 404
