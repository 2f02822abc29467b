"""Which fonts a paper is set in: the prescribed ones where the district has them, else the packaged one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from quancheng.kernel.errors import DomainError
from quancheng.kernel.papers.render.fontfile import coverage

PACKAGED_FAMILY = "Noto Serif SC"
_SET_WITHOUT_GLYPH = frozenset(" \n\u3000")


class FontsMissing(DomainError):
    """The packaged font was not installed (500): set-up is incomplete."""

    code, status = "fonts_missing", 500
    default_message = _("公文字体尚未安装，请重新运行安装程序。")


@dataclass(frozen=True)
class Role:
    """What a face is used for, the faces prescribed for it in order of preference, and the weight that stands in."""

    code: str
    wanted: str
    families: tuple[str, ...]
    weight: int


# Source: GB/T 9704-2012, 5.2.2 and 7: sizes and faces; family names as the files of the usual makers carry them.
ROLES = (
    Role(
        "title",
        "方正小标宋_GBK",
        ("FZXiaoBiaoSong-B05", "FZXiaoBiaoSong-B05S", "方正小标宋_GBK", "方正小标宋简体", "FZXiaoBiaoSongS-B-GB"),
        700,
    ),
    Role("heading", "黑体", ("SimHei", "黑体", "FZHei-B01", "FZHei-B01S", "STHeiti"), 700),
    Role("subheading", "楷体_GB2312", ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "FZKai-Z03"), 400),
    Role("body", "仿宋_GB2312", ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "FZFangSong-Z02"), 400),
    Role("figures", "宋体", ("SimSun", "宋体", "FZShuSong-Z01"), 400),
)


@dataclass(frozen=True)
class FontUse:
    """A role, the face prescribed for it and the one that is used; for the preview, never for the paper."""

    role: str
    wanted: str
    family: str
    weight: int
    is_prescribed: bool
    path: Path
    index: int = 0


@dataclass(frozen=True)
class FontSet:
    """The faces in use and what the typesetter needs to find them."""

    uses: tuple[FontUse, ...]
    book: typst.Fonts

    def families(self) -> dict[str, dict[str, object]]:
        """Role to family names, the packaged one last, and weight."""
        return {
            use.role: {"family": list(dict.fromkeys((use.family, PACKAGED_FAMILY))), "weight": use.weight}
            for use in self.uses
        }


def fonts_used() -> list[FontUse]:
    """The faces that a PDF made now would be set in.

    :raises FontsMissing: the packaged font is not installed.
    """
    return list(font_set().uses)


def missing_glyphs(text: str | Iterable[str]) -> list[str]:
    """Characters, sorted, that some face in use and the packaged one both lack; they would print as boxes."""
    wanted = set("".join(text)) - _SET_WITHOUT_GLYPH
    uses = font_set().uses
    packaged = frozenset[int]().union(*(coverage(path, 0) for path in _packaged_files()))
    lacking: set[str] = set()
    for use in uses:
        covered = coverage(use.path, use.index) | packaged
        lacking |= {character for character in wanted if ord(character) not in covered}
    return sorted(lacking)


def font_set() -> FontSet:
    """The faces as the two folders have them at this moment."""
    prescribed = Path(settings.PRESCRIBED_FONTS_DIR)
    files = tuple(sorted(path for path in prescribed.glob("*") if path.suffix.lower() in (".ttf", ".otf", ".ttc")))
    stamps = tuple((str(path), path.stat().st_mtime_ns) for path in (*files, *_packaged_files()))
    return _font_set(str(prescribed) if files else "", stamps)


def _packaged_files() -> tuple[Path, ...]:
    found = tuple(sorted(Path(settings.PACKAGED_FONTS_DIR).glob("*/*_[47]00*.ttf")))
    if len(found) < 2:
        raise FontsMissing
    return found


@lru_cache(maxsize=2)
def _font_set(prescribed: str, stamps: tuple[tuple[str, int], ...]) -> FontSet:
    folders = [*([prescribed] if prescribed else []), *sorted({str(path.parent) for path in _packaged_files()})]
    book = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
    faces = book.fonts()
    uses: list[FontUse] = []
    for role in ROLES:
        own = [face for family in role.families for face in faces if face.family == family]
        if own:
            face = own[0]
        else:
            face = min(
                (face for face in faces if face.family == PACKAGED_FAMILY),
                key=lambda face: abs(face.weight - role.weight),
            )
        uses.append(
            FontUse(role.code, role.wanted, face.family, face.weight, bool(own), Path(str(face.path)), face.index)
        )
    return FontSet(tuple(uses), book)
