"""Is this file a spreadsheet that may be opened? Looked at before any library does."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import Invalid, TooLarge, WrongType

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_CHUNK = 1 << 16


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """What we take at most; sizes in bytes, ``ratio`` is unpacked to packed size of one part."""

    file_bytes: int = 20 * 2**20
    unpacked_bytes: int = 300 * 2**20
    ratio: int = 150
    parts: int = 2_000
    rows: int = 20_000
    columns: int = 200
    errors: int = 500


def checked_bytes(source: bytes | Path, *, limits: ReadLimits) -> bytes:
    """The file's bytes, once they are known to be a workbook of reasonable size without macros.

    Every part is unpacked and counted, since the sizes that the archive states may lie.

    :raises WrongType: another kind of file, an older format, macros.
    :raises TooLarge: the file, its unpacked size or its ratio is beyond the limits.
    :raises Invalid: empty, damaged or protected by a password.
    """
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > limits.file_bytes:
        raise TooLarge(_("文件超过 %(limit)s MB，请拆分后再导入。") % {"limit": limits.file_bytes // 2**20})
    content = source if isinstance(source, bytes) else source.read_bytes()
    if not content:
        raise Invalid(_("文件是空的，请重新选择。"), code="empty_file")
    if content.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Invalid(_("文件设有密码，请取消密码后再导入。"), code="password")
        raise WrongType(_("这是旧版格式（.xls）的文件，请另存为 .xlsx 后再导入。"), code="old_format")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive, limits=limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as damage:
        if zipfile.is_zipfile(io.BytesIO(content)):
            raise Invalid(_("文件已损坏，无法读取，请重新保存后再导入。"), code="damaged") from damage
        raise WrongType(_("这不是电子表格（.xlsx）文件，请使用下载的模板填写。")) from damage
    return content


def _check_parts(archive: zipfile.ZipFile, *, limits: ReadLimits) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise WrongType(_("这不是电子表格（.xlsx）文件，请使用下载的模板填写。"))
    if len(parts) > limits.parts:
        raise TooLarge(_("文件的内部结构过于庞大，无法接收。"), code="too_many_parts")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WrongType(_("文件含有宏，不能导入；请另存为不含宏的 .xlsx 文件。"), code="macros")
    total = 0
    for part in parts:
        total += _check_part(archive, part, limits=limits, before=total)
    with archive.open("[Content_Types].xml") as types:
        if b"macroEnabled" in types.read(1 << 20):
            raise WrongType(_("文件含有宏，不能导入；请另存为不含宏的 .xlsx 文件。"), code="macros")


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, limits: ReadLimits, before: int) -> int:
    """Unpacked size of the part, counted, not believed."""
    if part.flag_bits & 0x1:
        raise Invalid(_("文件设有密码，请取消密码后再导入。"), code="password")
    unpacked = 0
    is_markup = part.filename.endswith((".xml", ".rels"))
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            # No office program writes a document type; entities in one expand without end.
            if is_markup and unpacked == 0 and b"<!DOCTYPE" in chunk[:4096].replace(b"\0", b""):
                raise Invalid(_("文件已损坏，无法读取，请重新保存后再导入。"), code="damaged")
            unpacked += len(chunk)
            small = unpacked < 4 * 2**20
            if before + unpacked > limits.unpacked_bytes or (
                not small and unpacked > limits.ratio * max(part.compress_size, 1)
            ):
                raise TooLarge(_("文件解压后过大，可能是压缩炸弹，已拒绝接收。"), code="zip_bomb")
    return unpacked
