"""Why a document cannot be read, each in one sentence the person can act on."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import DomainError


class DocumentError(DomainError):
    """The file given is no plan document we can read (422)."""

    code, status = "document_refused", 422
    default_message = _("无法读取该文件，请确认它是一份 DOCX、文字版 PDF 或 TXT 文件。")


class EmptyDocument(DocumentError):
    """No bytes, or no text at all in a format that always holds text."""

    code = "document_empty"
    default_message = _("文件是空的，没有可读取的文字，请重新选择文件。")


class TooLargeDocument(DocumentError):
    """More bytes than we accept, packed or unpacked (413)."""

    code, status = "document_too_large", 413
    default_message = _("文件超过 50 MB，无法导入；请另存为不含图片的版本后再试。")


class ZipBomb(DocumentError):
    """Unpacks to far more than it holds (413)."""

    code, status = "document_zip_bomb", 413
    default_message = _("文件解压后的内容异常庞大，为安全起见已拒绝读取。")


class PasswordProtected(DocumentError):
    """Encrypted: DOCX with a password to open, or PDF."""

    code = "document_password"
    default_message = _("文件设有打开密码，请先取消密码保护再导入。")


class ScannedDocument(DocumentError):
    """A PDF or DOCX of pictures without a text layer."""

    code = "document_scanned"
    default_message = _("文件是扫描件，只有图片没有文字，请提供 Word 或文字版 PDF，或粘贴正文。")


class FalseExtension(DocumentError):
    """The content is not what the name says."""

    code = "document_false_extension"
    default_message = _("文件内容与扩展名不符，请用原来的软件另存为 DOCX、PDF 或 TXT 后再导入。")


class OldWord(DocumentError):
    """A .doc or .wps of before 2007."""

    code = "document_old_word"
    default_message = _("这是旧版 Word 或 WPS 文件，请打开后另存为 DOCX 再导入。")


class UnsupportedType(DocumentError):
    """A kind of file that holds no plan (415)."""

    code, status = "document_type", 415
    default_message = _("只支持 DOCX、文字版 PDF 和 TXT 文件，请转换格式后再导入。")


class Unreadable(DocumentError):
    """Damaged, cut off, or in an unknown encoding."""

    code = "document_unreadable"
    default_message = _("文件已损坏或编码无法识别，请重新取得原件或粘贴正文。")


class TooComplex(DocumentError):
    """Reading it took more time or memory than we allow."""

    code = "document_too_complex"
    default_message = _("文件过于复杂，在限定的时间和内存内无法读完，请另存为更简单的版本或粘贴正文。")


BY_CODE: dict[str, type[DocumentError]] = {
    kind.code: kind
    for kind in (
        DocumentError,
        EmptyDocument,
        TooLargeDocument,
        ZipBomb,
        PasswordProtected,
        ScannedDocument,
        FalseExtension,
        OldWord,
        UnsupportedType,
        Unreadable,
        TooComplex,
    )
}
