"""Documents that cannot be read: each gets its own sentence, quickly, and nothing else happens."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path

import pytest

from quancheng.domains.duty.documents import read as reading
from quancheng.domains.duty.documents.errors import (
    DocumentError,
    EmptyDocument,
    FalseExtension,
    OldWord,
    PasswordProtected,
    ScannedDocument,
    TooComplex,
    TooLargeDocument,
    Unreadable,
    UnsupportedType,
    ZipBomb,
)
from quancheng.domains.duty.documents.limits import MAX_BYTES
from quancheng.domains.duty.documents.read import read_document, read_pasted
from quancheng.domains.duty.plans.cli import parse_command
from quancheng.kernel.errors import DomainError

CASES = Path(__file__).resolve().parents[3] / "cases" / "plans"
DOCX = (CASES / "wall_chart_docx" / "plan.docx").read_bytes()
PDF = (CASES / "text_pdf" / "plan.pdf").read_bytes()
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _document(body: str) -> bytes:
    return f'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{body}</w:body></w:document>'.encode()


def _scan() -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (300, 400), 200).save(buffer, "PDF")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("plan.docx", b"", EmptyDocument),
        ("plan.txt", b"\xef\xbb\xbf \r\n\t", EmptyDocument),
        ("plan.docx", _zip({"word/document.xml": _document("<w:p/>")}), EmptyDocument),
        ("plan.docx", _zip({"word/document.xml": _document("<w:p/>"), "word/media/image1.png": b"x"}), ScannedDocument),
        ("plan.pdf", _scan(), ScannedDocument),
        ("plan.docx", PDF, FalseExtension),
        ("plan.pdf", DOCX, FalseExtension),
        ("plan.txt", DOCX, FalseExtension),
        ("plan.txt", b"\x89PNG\r\n\x1a\n" + bytes(40), FalseExtension),
        ("plan.docx", _zip({"xl/workbook.xml": b"<x/>"}), FalseExtension),
        ("plan.docx", OLE + "EncryptedPackage".encode("utf-16-le"), PasswordProtected),
        ("plan.docx", OLE + "WordDocument".encode("utf-16-le"), OldWord),
        ("plan.doc", OLE + "WordDocument".encode("utf-16-le"), OldWord),
        ("plan.xlsx", _zip({"xl/workbook.xml": b"<x/>"}), UnsupportedType),
        ("plan.exe", b"MZ" + bytes(60), UnsupportedType),
        ("plan.docx", DOCX[: len(DOCX) // 2], Unreadable),
        ("plan.docx", _zip({"word/document.xml": b"<w:document"}), Unreadable),
        ("plan.pdf", b"%PDF-1.7\nnot really", Unreadable),
        ("plan.docx", _zip({"word/document.xml": bytes(90_000_000)}), ZipBomb),
        ("plan.txt", bytes(range(128, 256)) * 40, Unreadable),
    ],
)
def test_a_document_that_cannot_be_read_says_why(name: str, data: bytes, kind: type[DocumentError]):
    with pytest.raises(kind) as refusal:
        read_document(name=name, data=data)
    assert type(refusal.value) is kind
    assert isinstance(refusal.value, DomainError)
    assert str(refusal.value).endswith("。")


def test_a_document_of_200_megabytes_is_refused_before_it_is_written():
    with pytest.raises(TooLargeDocument):
        read_document(name="plan.docx", data=bytes(MAX_BYTES + 1))


def test_an_encrypted_pdf_asks_for_the_password_to_be_removed():
    with pytest.raises(PasswordProtected):
        read_document(name="plan.pdf", data=_encrypted_pdf())


def _encrypted_pdf() -> bytes:
    """The smallest PDF with a standard security handler whose user password is not empty."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Filter/Standard/V 1/R 2/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">/P -4>>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj" % number + body + b"endobj\n"
    table = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"trailer<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<"
        + b"43" * 16
        + b"><"
        + b"43" * 16
        + b">]>>\nstartxref\n%d\n%%%%EOF" % table
    )


def test_entities_that_multiply_are_not_expanded():
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(Unreadable):
        read_document(name="plan.docx", data=_zip({"word/document.xml": bomb}))


def test_a_document_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.001)
    with pytest.raises(TooComplex):
        read_document(name="plan.docx", data=DOCX)


def test_pasted_text_without_a_word_is_refused():
    with pytest.raises(EmptyDocument):
        read_pasted(" \n\t")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_the_encodings_of_chinese_offices_is_read(encoding: str):
    document = read_document(name="方案.txt", data="一、工作任务\r\n（一）开展检查。".encode(encoding))
    assert [line.text for line in document.lines] == ["一、工作任务", "（一）开展检查。"]


def test_automatic_numbers_deleted_text_and_merged_cells_of_word_are_understood():
    body = (
        "<w:p><w:r><w:t>保留</w:t></w:r><w:del><w:r><w:delText>删去</w:delText></w:r></w:del><w:ins><w:r><w:t>补充</w:t></w:r></w:ins></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>甲</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr><w:p><w:r><w:t>乙</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:p><w:r><w:t>丙</w:t></w:r></w:p></w:tc><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>"
    )
    document = read_document(name="plan.docx", data=_zip({"word/document.xml": _document(body)}))
    assert [line.text for line in document.lines] == ["保留补充", "甲\t乙", "丙\t"]
    assert document.lines[2].cells == ("丙", None)
    assert read_document(name="plan.docx", data=DOCX).lines[9].text == "一、工作目标"


def test_offsets_point_into_the_text_of_the_document():
    document = read_document(name="plan.pdf", data=PDF)
    assert all(document.text[line.start : line.start + len(line.text)] == line.text for line in document.lines)
    assert {line.page for line in document.lines} == {1, 2, 3}


def test_the_command_prints_one_object(capsys: pytest.CaptureFixture[str]):
    assert parse_command([str(CASES / "key_points_2025" / "plan.txt"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {"meta", "sections", "tasks", "reports"} <= set(printed)
    assert {
        "id",
        "line",
        "text",
        "path",
        "lead_units",
        "support_units",
        "deadline",
        "deadlines",
        "targets",
        "confidence",
        "doubts",
    } <= set(printed["tasks"][0])
    assert set(printed["tasks"][0]["deadline"]) >= {"phrase", "kind", "date", "rule", "fuzzy"}
    assert set(printed["reports"][0]) >= {"id", "line", "text", "from_units", "to", "deadline", "dates"}


def test_the_command_refuses_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    empty = tmp_path / "plan.docx"
    empty.write_bytes(b"")
    assert parse_command([str(empty)]) == 2
    assert parse_command([str(tmp_path / "absent.txt")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 2


def test_a_zip_that_lies_about_its_size_does_not_fill_the_memory():
    data = bytearray(_zip({"word/document.xml": bytes(3_000_000)}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    with pytest.raises(DocumentError):
        read_document(name="plan.docx", data=bytes(data))
