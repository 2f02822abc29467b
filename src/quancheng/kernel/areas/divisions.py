"""The divisions of the country (行政区划) as a folder of tables, and as a table that a person hands in. No database.

The folder is that of the public package ``china-division``: provinces, cities, areas, streets and villages, each with
code and name. A code holds those of its ancestors: 2, 4, 6, 9 and 12 digits.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from quancheng.kernel.areas.models import AreaLevel
from quancheng.kernel.errors import Invalid
from quancheng.kernel.names import clean, initials

TABLES = ("provinces", "cities", "areas", "streets", "villages")
_LEVELS = {2: AreaLevel.PROVINCE, 4: AreaLevel.CITY, 6: AreaLevel.DISTRICT, 9: AreaLevel.STREET, 12: AreaLevel.VILLAGE}
#: Names of a middle level that exists in the statistics alone.
_NO_CITY = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
_COMMITTEE = re.compile(r"(居民委员会|居委会|村民委员会|村委会)$")
MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class Division:
    """One division: its code of 2 to 12 digits and its name."""

    code: str
    name: str

    @property
    def level(self) -> str:
        """Of the nine digits of a street the last three say what it is: from 400 on a zone that is run like one."""
        if len(self.code) == 9 and 400 <= int(self.code[6:]) < 600:
            return AreaLevel.ZONE
        return _LEVELS[len(self.code)]

    @property
    def parent_code(self) -> str:
        lengths = sorted(_LEVELS)
        place = lengths.index(len(self.code))
        return self.code[: lengths[place - 1]] if place else ""

    @property
    def short_name(self) -> str:
        """The name that people use, where it differs: 多福巷社区 for 多福巷社区居委会, 王家村 for 王家村村委会."""
        stem = _COMMITTEE.sub("", self.name)
        if stem in ("", self.name):
            return ""
        if stem.endswith(("社区", "村")):
            return stem
        return f"{stem}{'村' if '村' in self.name[len(stem) :] else '社区'}"


@dataclass(frozen=True, slots=True)
class DistrictChoice:
    """A district that a house may supervise."""

    code: str
    name: str
    full_name: str


class DivisionFolder:
    """The five tables in a folder.

    :raises FileNotFoundError: on first use, where a table is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_whole(self) -> bool:
        return all((self.folder / f"{name}.csv").is_file() for name in TABLES)

    def districts(self, text: str = "", *, limit: int = 50) -> list[DistrictChoice]:
        """Districts whose name, full name, code or pinyin initials hold ``text``; those that begin with it first."""
        wanted = clean(text).replace(" ", "").lower()
        found = []
        for district in self.all_districts():
            keys = (district.name, district.full_name, district.code, initials(district.name))
            if any(wanted in key for key in keys):
                found.append((not any(key.startswith(wanted) for key in keys), district.code, district))
        return [district for _rank, _code, district in sorted(found, key=lambda one: one[:2])[:limit]]

    def all_districts(self) -> Iterator[DistrictChoice]:
        names = {one.code: one.name for table in ("provinces", "cities") for one in self._rows(table)}
        for one in self._rows("areas"):
            parts = [names.get(one.code[:2], ""), _real_city(names.get(one.code[:4], ""), one.name), one.name]
            yield DistrictChoice(one.code, one.name, "".join(parts))

    def under(self, district_code: str) -> list[Division]:
        """The district with its ancestors, then its streets and villages: parents before children.

        :raises Invalid: no such district.
        """
        if not re.fullmatch(r"\d{6}", district_code):
            raise Invalid(fields={"district_code": _("区县代码是6位数字。")})
        found = []
        for table, code in (("provinces", district_code[:2]), ("cities", district_code[:4]), ("areas", district_code)):
            found += [one for one in self._rows(table) if one.code == code]
        if len(found) < 3:
            raise Invalid(fields={"district_code": _("区划数据中没有代码为%(code)s的区县。") % {"code": district_code}})
        if not _real_city(found[1].name, found[2].name):
            del found[1]
        for table in ("streets", "villages"):
            found += sorted((one for one in self._rows(table, begins=district_code)), key=lambda one: one.code)
        return found

    def _rows(self, table: str, *, begins: str = "") -> Iterator[Division]:
        with (self.folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if row and row[0].startswith(begins) and row[0].isdigit():
                    yield Division(row[0], clean(row[1]))


def read_divisions(content: bytes, *, district_code: str) -> list[Division]:
    """Divisions of a table handed in (CSV in UTF-8 or GB 18030): a column with codes, then one with names.

    Codes have 6, 9 or 12 digits (twelve with zeros at their end are shortened), and begin with the district's; other
    columns are passed over, and a line without digits at the top is a heading.

    :raises Invalid: what is wrong, by line; nothing is passed over in silence.
    """
    text = _decoded(content)
    found: dict[str, Division] = {}
    wrong: dict[str, str] = {}
    for number, row in enumerate(csv.reader(io.StringIO(text)), start=1):
        cells = [clean(cell) for cell in row]
        if not any(cells) or (number == 1 and not any(mark.isdigit() for mark in cells[0])):
            continue
        where = _("第%(number)s行") % {"number": number}
        code, name = _whole_code(cells[0]), cells[1] if len(cells) > 1 else ""
        if len(code) not in (6, 9, 12) or not code.isdigit():
            wrong[where] = _("代码“%(code)s”应为6、9或12位数字。") % {"code": cells[0][:20]}
        elif not code.startswith(district_code):
            wrong[where] = _("代码%(code)s不属于区县%(district)s。") % {"code": code, "district": district_code}
        elif not name or len(name) > 80:
            wrong[where] = _("名称为空或过长。")
        elif code in found:
            wrong[where] = _("代码%(code)s重复。") % {"code": code}
        else:
            found[code] = Division(code, name)
    for one in found.values():
        if len(one.code) > 6 and one.parent_code not in found and one.parent_code != district_code:
            wrong[one.code] = _("缺少上级%(code)s。") % {"code": one.parent_code}
    if not found and not wrong:
        raise Invalid(_("表格中没有区划数据。"), code="empty")
    if len(found) > MOST_ROWS:
        raise Invalid(_("一个区县最多%(count)s条区划。") % {"count": MOST_ROWS})
    if wrong:
        raise Invalid(_("表格有误，未导入任何内容。"), fields=dict(list(wrong.items())[:50]))
    return sorted(found.values(), key=lambda one: (len(one.code), one.code))


def full_names(divisions: Iterable[Division]) -> dict[str, str]:
    """Code to the name with those of the ancestors that are among the divisions."""
    names: dict[str, str] = {}
    for one in divisions:
        above = next((names[one.code[:n]] for n in (9, 6, 4, 2) if n < len(one.code) and one.code[:n] in names), "")
        names[one.code] = f"{above}{one.name}"
    return names


def _real_city(city: str, district: str) -> str:
    """Empty for a level of the statistics alone, and for cities without districts, which stand there twice."""
    return "" if city in _NO_CITY or city == district else city


def _whole_code(text: str) -> str:
    """A code of twelve digits that ends in zeros is that of a district or street."""
    if len(text) == 12 and text.endswith("000000"):
        return text[:6]
    return text[:9] if len(text) == 12 and text.endswith("000") else text


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(_("表格编码无法识别，请另存为UTF-8格式的CSV。"), code="encoding")
