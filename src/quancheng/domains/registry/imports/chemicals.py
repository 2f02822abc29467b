"""Chemicals from a spreadsheet: our own lists, and the official catalogue with its classification table, whole."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import State
from quancheng.domains.registry.models import Chemical
from quancheng.domains.registry.queries import chemicals as reads
from quancheng.domains.registry.queries import importing as queries
from quancheng.domains.registry.services import chemicals as services
from quancheng.domains.registry.services import withdrawing
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.standards import ghs
from quancheng.standards.lists.catalogue import read_table

#: The headings of the official table, in the order in which cells are handed to its reader.
_OFFICIAL = {"catalogue_no": "序号", "name": "品名", "aliases": "别名", "english": "英文名", "cas": "CAS号",
             "hazard_classes": "危险性类别"}  # fmt: skip
#: The grades of one entry, which the table names only by what is in brackets: ``（1）含量≥60%``.
_GRADE = re.compile(r"^[（(]\d+[）)]\s*")


class ChemicalImport(Session):
    """One chemical a line, found by its name, or by a CAS number that one chemical alone has."""

    keys = ("name",)

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._known = queries.Chemicals()
        self._wrong: dict[int, list[Fault]] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("catalogue_no", gettext_lazy("目录序号"), max_length=10, parse=clean, keeps_empty=True,
                        aliases=("序号",), sample="1381"),
            SheetColumn("name", gettext_lazy("化学品名称"), required=True, max_length=200, parse=clean, width=30,
                        aliases=("品名", "名称"), sample="氯"),
            SheetColumn("aliases", gettext_lazy("别名"), max_length=2000, width=24, keeps_empty=True,
                        sample="液氯;氯气"),
            SheetColumn("english", gettext_lazy("英文名"), max_length=200, parse=clean, width=24, keeps_empty=True),
            SheetColumn("cas", "CAS", max_length=200, aliases=("CAS号", "CAS号码"), keeps_empty=True,
                        sample="7782-50-5"),
            SheetColumn("un_no", gettext_lazy("联合国编号"), max_length=8, parse=_un, keeps_empty=True,
                        aliases=("UN号", "UN"), sample="1017"),
            SheetColumn("state", gettext_lazy("物态"), kind="choice", choices=dict(State.choices), keeps_empty=True),
            SheetColumn("hazard_classes", gettext_lazy("危险性类别"), max_length=5000, width=40, keeps_empty=True,
                        aliases=("危险性分类",), help=gettext_lazy("多项用分号或换行分隔")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("lists", gettext_lazy("所在名录")), ("mark", gettext_lazy("可信程度")),
                ("remark", gettext_lazy("备注")),
            )),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        self._read_as_official(rows)
        found = {}
        for row in rows:
            one = self._known.named(row.key[0])
            if one is None and row.values.get("cas"):
                same = self._known.numbered(row.values["cas"])
                # A grade of a substance has its number too; only what carries no content is the substance itself.
                one = same[0] if len(same) == 1 and not re.search(r"[\[［(（]", row.key[0]) else None
            if one is not None:
                found[row.key] = self._standing(one)
                self._keep_names(row, one)
        return found

    @staticmethod
    def _keep_names(row: Row, one: Chemical) -> None:
        """Another name by which people know it is not lost because a table does not print it."""
        if "aliases" not in row.given and row.key[0] == one.name:
            return
        former = [one.name] if row.key[0] != one.name else []
        told = [*one.aliases, *former, *_parts(row.values.get("aliases"), ";")]
        row.values["aliases"] = row.texts["aliases"] = ";".join(
            name for name in dict.fromkeys(told) if name != row.key[0]
        )  # fmt: skip
        row.given |= {"aliases"}

    def _read_as_official(self, rows: Sequence[Row]) -> None:
        """The lines through the reader of the official table; what it could not read is told."""
        head = list(_OFFICIAL.values())
        language = get_language() or "zh"
        above = ""
        for row in rows:
            values = row.values
            if _GRADE.match(values["name"]) and above:
                values["name"] = f"{above}{values['name']}"
            else:
                above = values["name"]
            cells = [values.get(key) or ("1" if key == "catalogue_no" else "") for key in _OFFICIAL]
            table = read_table([head, cells])
            wrong = self._wrong.setdefault(row.number, [])
            wrong += [Fault("catalogue_no", one.in_language(language)) for one in table.problems]
            if not table.rows:
                continue
            read = table.rows[0]
            for one in read.problems:
                key = "cas" if one.zh.startswith("CAS") else "hazard_classes"
                wrong.append(Fault(key, one.in_language(language)))
            # Several numbers belong to a group of substances; none of them names it.
            values["cas"] = (read.cas[0] if len(read.cas) == 1 else "") if values.get("cas") else None
            values["aliases"] = ";".join(one[:120] for one in read.aliases) if values.get("aliases") else None
            classes = "；".join(one.label.zh for one in read.hazards)
            values["hazard_classes"] = classes if values.get("hazard_classes") else None
            for key in ("name", "cas", "aliases", "hazard_classes"):
                if key in row.given:
                    row.texts[key] = values[key] or ""
            row.key = self.key_of(row.texts)

    def _standing(self, one: Chemical) -> Standing:
        texts = {name: getattr(one, name) for name in ("catalogue_no", "name", "english", "cas", "un_no", "state")}
        texts["aliases"] = ";".join(one.aliases)
        texts["hazard_classes"] = "；".join(each.label.zh for each in ghs.parse("；".join(one.hazard_classes)).hazards)
        return Standing(str(one.pk), texts)

    def check(self, row: Row) -> Iterable[Fault]:
        yield from self._wrong.get(row.number, ())
        classes = row.values.get("hazard_classes")
        if classes and (said := services.class_fault([classes])) is not None:
            yield Fault("hazard_classes", said)

    def check_all(self, rows: Sequence[Row]) -> Iterable[Fault]:
        """Two lines that mean one chemical of the register by different names."""
        seen: dict[str, Row] = {}
        for row in rows:
            if row.before is not None and (first := seen.setdefault(row.before.id, row)) is not row:
                yield Fault("name", _("第 %(first)s 行和第 %(row)s 行是同一化学品（%(name)s）。") % {
                    "first": first.number, "row": row.number, "name": row.before.texts["name"]
                })  # fmt: skip

    def save(self, row: Row) -> str:
        values = row.values
        known: dict[str, Any] = {
            name: values.get(name) or "" for name in ("catalogue_no", "name", "english", "cas", "un_no", "state")
        }
        known["aliases"] = _parts(values.get("aliases"), ";")
        known["hazard_classes"] = _parts(values.get("hazard_classes"), "；")
        if row.before is None:
            return str(services.enter_chemical(actor=self.actor, known=known, now=self.now).pk)
        chemical = reads.get_chemical(actor=self.actor, chemical_id=uuid.UUID(row.before.id))
        said = {name: value for name, value in known.items() if name in row.given}
        services.change_chemical(actor=self.actor, chemical=chemical, changes=said, now=self.now)
        return row.before.id

    def remove(self, row: Row) -> None:
        chemical = reads.get_chemical(actor=self.actor, chemical_id=uuid.UUID(row.saved_id))
        withdrawing.withdraw_chemical(actor=self.actor, chemical=chemical, now=self.now)


def _parts(text: str | None, separator: str) -> list[str]:
    return [part for part in (text or "").split(separator) if part]


def _un(text: str) -> str:
    return re.sub(r"^(?:UN)?\s*", "", clean(text), flags=re.IGNORECASE)


CHEMICALS = Register(
    code="registry.chemicals",
    title=gettext_lazy("化学品"),
    duty=services.KEEP,
    session=ChemicalImport,
    hint=gettext_lazy("每行一种化学品；《危险化学品目录》及其分类信息表可整表导入。空白单元格不改动已有内容。"),
    rows_at="registry:chemicals",
    most_rows=20_000,
    order=44,
)
