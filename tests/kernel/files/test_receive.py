"""What an upload must be to be stored, and what becomes of it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from tests.factories import NOW, District, make_district
from tests.kernel.files.factories import PDF, decompression_bomb, office, ole, photo, zip_bomb
from tests.support.retention import retire

from quancheng.kernel.errors import Conflict, DomainError, Invalid, TooLarge, WrongType
from quancheng.kernel.files import queries, types
from quancheng.kernel.files.models import StoredFile
from quancheng.kernel.files.services import Taken, receive_file
from quancheng.kernel.files.store import store
from quancheng.kernel.ids import uuid7
from quancheng.kernel.journal.models import JournalEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def district() -> District:
    return make_district()


def receive(district: District, content: bytes, name: str, **more: object) -> StoredFile:
    return receive_file(actor=district.town, content=io.BytesIO(content), name=name, now=NOW, **more)  # type: ignore[arg-type]


def test_a_photo_gives_its_time_and_place_and_is_shown_without_them(district: District) -> None:
    file = receive(district, photo(), "IMG_1.JPG")
    assert file.taken_at == datetime(2026, 9, 7, 8, 30, tzinfo=UTC)
    assert (file.latitude, file.longitude) == (Decimal("29.5"), Decimal("106.55"))
    assert (file.media_type, file.width_px, file.height_px, file.taken_source) == ("image/jpeg", 40, 30, "photo")
    with store().open(file.digest) as stream:
        shown = stream.read()
    assert not Image.open(io.BytesIO(shown)).getexif()
    assert b"Owner of the camera" not in shown
    assert len(shown) == file.size
    with queries.open_original(file) as stream:
        assert stream.read() == photo()


def test_a_picture_without_facts_takes_those_of_the_device_and_says_so(district: District) -> None:
    told = Taken(at=NOW, latitude=Decimal("29.6"), longitude=Decimal("106.5"))
    file = receive(district, photo(exif=False), "a.jpg", taken=told)
    assert (file.taken_at, file.latitude, file.taken_source) == (NOW, Decimal("29.6"), "device")
    with pytest.raises(Invalid):
        receive(district, photo(exif=False), "a.jpg", taken=Taken(latitude=Decimal(91), longitude=Decimal(0)))


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PDF, "a.pdf", "application/pdf"),
        (office(), "报告.docx", types._OOXML + ".wordprocessingml.document"),
        (office("xl/workbook.xml"), "a.XLSX", types._OOXML + ".spreadsheetml.sheet"),
        (office("OFD.xml"), "a.ofd", "application/ofd"),
        (ole("WordDocument"), "a.doc", "application/msword"),
        ("名称,数量\n".encode("gb18030"), "a.csv", "text/plain"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40, "a.mp4", "video/mp4"),
        (photo(fmt="PNG", exif=False), "a.png", "image/png"),
        (photo(fmt="WEBP", exif=False), "a.webp", "image/jpeg"),
        (photo(fmt="BMP", exif=False), "a.bmp", "image/jpeg"),
    ],
)
def test_the_type_is_found_in_the_bytes(district: District, content: bytes, name: str, media_type: str) -> None:
    file = receive(district, content, name)
    assert file.media_type == media_type
    with store().open(file.original_digest) as stream:
        assert stream.read() == content


@pytest.mark.parametrize(
    ("content", "name", "refusal", "code"),
    [
        (photo(), "a.pdf", WrongType, "file_false_extension"),
        (PDF, "a.jpg", WrongType, "file_false_extension"),
        (PDF, "pdf", WrongType, "file_false_extension"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a.jpg", WrongType, "file_unknown_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.svg", WrongType, "file_markup"),
        (b"\xef\xbb\xbf\n <!DOCTYPE html><script>alert(1)</script>", "a.txt", WrongType, "file_markup"),
        (office("a.txt"), "a.zip", WrongType, "file_unknown_type"),
        (office(word__vbaProject=b"", **{"word__vbaProject.bin": b"x"}), "a.docx", WrongType, "file_macros"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "a.heic", WrongType, "file_heic"),
        (ole("EncryptedPackage"), "a.docx", Invalid, "file_encrypted"),
        (office()[:-40], "a.docx", Invalid, "file_damaged"),
        (photo()[:200], "a.jpg", Invalid, "file_damaged"),
        (b"", "a.txt", Invalid, "empty"),
        (zip_bomb(), "a.docx", TooLarge, "file_bomb"),
        (decompression_bomb(), "a.png", TooLarge, "file_bomb"),
    ],
)
def test_what_may_not_be_stored_is_refused_with_its_reason(
    district: District, content: bytes, name: str, refusal: type[DomainError], code: str
) -> None:
    with pytest.raises(refusal) as caught:
        receive(district, content, name)
    assert caught.value.code == code
    assert not StoredFile.objects.exists()
    assert not JournalEntry.objects.filter(act="files.file.receive").exists()


def test_one_byte_more_than_a_type_may_have_is_too_large(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    pdf = types.Kind("application/pdf", "PDF", ("pdf",), len(PDF))
    monkeypatch.setitem(types.KINDS, "application/pdf", pdf)
    assert receive(district, PDF, "a.pdf").size == len(PDF)
    with pytest.raises(TooLarge):
        receive(district, PDF + b"\n", "a.pdf")
    monkeypatch.setattr(types, "LARGEST", 10)
    with pytest.raises(TooLarge):
        receive(district, PDF, "a.pdf")


def test_the_same_request_twice_stores_once_and_another_body_is_refused(district: District) -> None:
    client_id = uuid7()
    first = receive(district, PDF, "a.pdf", client_id=client_id)
    assert receive(district, PDF, "a.pdf", client_id=client_id).pk == first.pk
    with pytest.raises(Conflict):
        receive(district, PDF + b"\n", "a.pdf", client_id=client_id)


def test_a_name_keeps_its_last_part_and_its_extension(district: District) -> None:
    assert receive(district, PDF, "C:\\secret\\..\\检查‮记录.pdf").name == "检查记录.pdf"
    long = receive(district, PDF, "长" * 300 + ".pdf")
    assert len(long.name) <= 200
    assert long.name.endswith("长.pdf")


def test_content_is_stored_under_sm3_in_the_national_suite(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRYPTO_SUITE", "guomi")
    file = receive(district, PDF, "a.pdf")
    assert file.digest.startswith("sm3:")
    assert store().exists(file.digest)


def test_the_sweep_deletes_what_no_record_took_and_only_after_a_week(
    district: District, django_capture_on_commit_callbacks: Any
) -> None:
    file = receive(district, PDF + b"swept", "a.pdf")
    twin = receive(district, PDF + b"swept", "b.pdf")
    week = timedelta(days=7)
    assert retire("files.stored", NOW + week) == 0
    StoredFile.objects.filter(pk=twin.pk).update(uploaded_at=NOW + week)
    later = NOW + week * 1.5
    with django_capture_on_commit_callbacks(execute=True):
        assert retire("files.stored", later) == 1
    assert store().exists(file.digest), "another upload has the same content"
    with django_capture_on_commit_callbacks(execute=True):
        assert retire("files.stored", later + week) == 1
    assert not store().exists(file.digest)


def test_a_sweep_that_is_undone_has_deleted_no_content(
    district: District, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = receive(district, PDF + b"undone", "a.pdf")

    def fail(**given: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("quancheng.kernel.retention.services.journal.record", fail)
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(OSError, match="the disk"):
        retire("files.stored", NOW + timedelta(days=8))
    assert StoredFile.objects.filter(pk=file.pk).exists()
    assert store().exists(file.digest)
