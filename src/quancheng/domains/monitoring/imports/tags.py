"""Tags (监测点位) from a spreadsheet: one a line, found by its code."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.domains.monitoring.models import PartnerRole, Source, Tag, TagStatus
from quancheng.domains.monitoring.queries import tags as queries
from quancheng.domains.monitoring.queries.sources import sources_of
from quancheng.domains.monitoring.services import tags as services
from quancheng.domains.monitoring.services.sources import ENTER, KEEP, may_keep
from quancheng.domains.monitoring.services.tag_detectors import corrections_said
from quancheng.domains.monitoring.services.tag_values import FIELDS, checked, code_hint, in_base_units
from quancheng.domains.registry.imports.cells import Files, OfFiles, file_column, texts_of
from quancheng.domains.registry.models import Enterprise, Facility, Unit
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, Key, Register, Row, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.names import clean
from quancheng.kernel.pages.words import told
from quancheng.standards.signals import tags as standard
from quancheng.standards.signals.basis import Refused
from quancheng.standards.wording import Text

_PLACED = ("facility", "unit_place", "source", "partner")
_NUMBERS = ("range_lo", "range_hi", "ll", "l", "h", "hh", "scale", "shift", "deadband", "on_delay_s", "off_delay_s",
            "roc_limit", "scan_s", "flat_within", "apart_limit", "apart_delay_s", "travel_s", "lon", "lat")  # fmt: skip
_WHOLE = ("roc_window_s", "stale_after_s", "flat_after_s", "priority")


def _words(texts: Mapping[str, Text]) -> dict[str, Any]:
    """Codes as choices of a column, taken in both languages."""
    words = {word: code for code, text in texts.items() for word in text}
    return {"choices": [(code, told(text)) for code, text in texts.items()], "words": words}


class TagImport(OfFiles):
    """One tag a line, found by its code; an empty cell of a number takes the kind's usual."""

    keys = ("file", "code")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._before: dict[str, Tag] = {}
        self._partners: dict[uuid.UUID, dict[str, Tag]] = {}
        #: Lines by their code: a tag may be compared with one that the same sheet brings.
        self._lines: dict[str, Row] = {}
        self._of_file: dict[uuid.UUID, tuple[dict[str, list[Facility]], dict[str, Unit], dict[str, Source]]] = {}

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        def text(key: str, heading: Any, limit: int, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, max_length=limit, parse=clean, **more)

        def number(key: str, heading: Any, **more: Any) -> SheetColumn:
            return SheetColumn(key, heading, kind="decimal", **more)

        def whole(key: str, heading: Any, most: int) -> SheetColumn:
            return SheetColumn(key, heading, kind="integer", minimum=1, maximum=most)

        def flag(key: str, heading: Any) -> SheetColumn:
            return SheetColumn(key, heading, kind="boolean")

        kinds = {code: one.name for code, one in standard.kinds().items()}
        return [
            text("code", gettext_lazy("点位编码"), 64, required=True, unique=True, width=26,
                 sample="JYZ001.G1.LT101.PV", help=gettext_lazy("建立后不能修改")),
            text("name", gettext_lazy("点位名称"), 100, required=True, sample="1号罐液位"),
            *([] if self.is_own else [file_column(Files(self.actor), required=True)]),
            text("unit_place", gettext_lazy("单元编号"), 20, sample="G1"),
            text("facility", gettext_lazy("设施位号"), 30, sample="T-1",
                 help=gettext_lazy("与企业档案一致；同一位号在几个单元时填写单元编号")),
            choice_column("kind", gettext_lazy("监测类型"), required=True, sample=told(kinds["level"]),
                          **_words(kinds)),
            choice_column("parameter", gettext_lazy("监测参数"), help=gettext_lazy("法规要求监测的哪一项"),
                          **_words(standard.PARAMETERS)),
            text("unit", gettext_lazy("计量单位"), 20, sample="mm",
                 help=gettext_lazy("本行数值的单位，导入时换算成基本单位")),
            number("range_lo", gettext_lazy("量程下限"), sample="0"),
            number("range_hi", gettext_lazy("量程上限"), sample="2520"),
            number("ll", gettext_lazy("低低限"), sample="150"),
            number("l", gettext_lazy("低限"), sample="250"),
            number("h", gettext_lazy("高限"), sample="2126"),
            number("hh", gettext_lazy("高高限"), sample="2275"),
            text("source", gettext_lazy("接入编码"), 64, help=gettext_lazy("已登记的接入源的编码")),
            text("key", gettext_lazy("源内名称"), 200),
            text("name_en", gettext_lazy("英文名称"), 100),
            text("place", gettext_lazy("安装位置"), 200),
            text("quota_code", gettext_lazy("上级指标编码"), 40),
            text("medium", gettext_lazy("介质CAS号"), 20, help=gettext_lazy("有毒气体必填")),
            number("scale", gettext_lazy("系数")),
            number("shift", gettext_lazy("偏移")),
            number("deadband", gettext_lazy("死区")),
            number("on_delay_s", gettext_lazy("报警延时（秒）")),
            number("off_delay_s", gettext_lazy("恢复延时（秒）")),
            number("roc_limit", gettext_lazy("变化率限值（每分钟）")),
            whole("roc_window_s", gettext_lazy("变化率窗口（秒）"), 86_400),
            text("partner", gettext_lazy("对照点位"), 64,
                 help=gettext_lazy("已登记的或本表中的点位编码；须同类型、同单位")),
            choice_column("partner_as", gettext_lazy("对照方式"), choices=PartnerRole.choices),
            number("apart_limit", gettext_lazy("偏差限值")),
            number("apart_delay_s", gettext_lazy("偏差延时（秒）")),
            number("travel_s", gettext_lazy("动作时间（秒）")),
            number("scan_s", gettext_lazy("采样周期（秒）")),
            flag("is_by_exception", gettext_lazy("变化上报")),
            whole("stale_after_s", gettext_lazy("无数据判定（秒）"), 31_536_000),
            whole("flat_after_s", gettext_lazy("恒值判定（秒）"), 31_536_000),
            number("flat_within", gettext_lazy("恒值容差")),
            whole("priority", gettext_lazy("优先级"), 4),
            flag("is_critical", gettext_lazy("安全关键")),
            flag("is_latched", gettext_lazy("报警锁存")),
            flag("acks_itself", gettext_lazy("恢复即自动确认")),
            text("first_out_group", gettext_lazy("首出组"), 40),
            flag("is_uploaded", gettext_lazy("上报上级平台")),
            SheetColumn("calibrated_until", gettext_lazy("检定有效期至"), kind="date"),
            flag("is_portable", gettext_lazy("便携式")),
            text("calibration_gas", gettext_lazy("标定气体CAS号"), 20, help=gettext_lazy("以%LEL表示的可燃气体点位")),
            text("corrections", gettext_lazy("修正系数"), 400, help=gettext_lazy("例如 74-98-6=1.6；71-43-2=2.3")),
            number("lon", gettext_lazy("经度")),
            number("lat", gettext_lazy("纬度")),
            *(SheetColumn(key, heading, is_read=False) for key, heading in (
                ("status", gettext_lazy("状态")), ("exempted_until", gettext_lazy("豁免截止日期")),
                ("split", gettext_lazy("对照时钟不一致")),
                ("area", gettext_lazy("所在镇街")),
            )),
            *([SheetColumn("file", gettext_lazy("企业名称"), is_read=False)] if self.is_own else []),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def key_of(self, texts: Mapping[str, str]) -> Key:
        return (texts.get("code", ""),)

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        codes = {row.values.get("code") or "" for row in rows}
        found = {}
        self._lines = {row.values.get("code") or "": row for row in rows}
        for one in queries.tags_among(actor=self.actor, codes=codes):
            told_of = self._standing(one)
            found[self.key_of(told_of.texts)] = told_of
            self._before[told_of.id] = one
        by_code = {one.code: one for one in self._before.values()}
        for row in rows:
            self._convert(row, by_code.get(row.values.get("code") or ""))
        return found

    def _standing(self, row: Tag) -> Standing:
        values: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
        values |= {name: _exact(values[name]) for name in _NUMBERS}
        values |= {name: getattr(values[name], "code", None) for name in _PLACED}
        values |= {"code": row.code, "file": row.file, "corrections": corrections_said(row.corrections)}
        return Standing(str(row.pk), texts_of(self._columns, values), f"{row.version} {row.status}")

    def _convert(self, row: Row, before: Tag | None) -> None:
        """Bring a line's numbers into the base unit, so that they compare with what stands."""
        kind = row.values.get("kind") or (before.kind if before else "")
        medium = row.values.get("medium") or (before.medium if before else "")
        given = {name: row.values.get(name) for name in (*_NUMBERS, "unit") if name in row.given}
        if kind not in standard.kinds() or not given.get("unit"):
            return
        try:
            based = in_base_units(given, kind, medium, is_new=before is None)
        except Refused:
            return
        by_key = {column.key: column for column in self._columns}
        for name, value in based.items():
            row.values[name] = value if name == "unit" else _exact(value)
            if name in row.given:
                row.texts[name] = by_key[name].text_of(row.values[name])

    def check(self, row: Row) -> Iterable[Fault]:
        file = self._file_of(row)
        if file is None:
            if self.is_own:
                yield Fault("code", _("请先建立本单位档案，再导入点位。"))
            return
        before = None if row.before is None else self._before.get(row.before.id)
        if before is None:
            for name, said in services.code_faults(row.values["code"]).items():
                yield Fault(name, said)
        elif before.file_id != file.pk:
            yield Fault("code", _("该编码是另一家企业的点位。"))
            return
        elif not row.changes:
            return
        elif before.status == TagStatus.ENDED:
            yield Fault("code", _("该点位已停用。"))
            return
        if not may_keep(self.actor, file):
            yield Fault("code", _("您没有维护该企业点位的职责权限。"))
            return
        wrong = False
        for name, said in self._placed(row, file)[1].items():
            wrong = True
            yield Fault(name, said)
        if not wrong:
            # Circles were judged as the sheet will leave them, not as they stand.
            today = Calendar().local_date(self.now)
            result = checked(file, self._known(row, file), before, today=today, judges_circles=False)
            for name, said in result.wrong.items():
                yield Fault(name, said)

    def warn_all(self, rows: Sequence[Row]) -> Iterable[tuple[Row, Fault]]:
        for row in rows:
            if row.before is None and (hint := code_hint(row.values.get("code") or "", row.values.get("kind") or "")):
                yield row, Fault("code", hint)

    def _placed(self, row: Row, file: Enterprise) -> tuple[dict[str, Any], dict[str, str]]:
        """What the line hangs at, out of the enterprise's own, and which of these names lead nowhere."""
        facilities, units, sources = self._things(file)
        code, unit = row.values.get("facility") or "", row.values.get("unit_place") or ""
        source = row.values.get("source") or ""
        meant = [one for one in facilities.get(code, ()) if not unit or one.unit.code == unit]
        wrong = {}
        if code and len(meant) != 1:
            wrong["facility"] = _("该企业没有（或不止一个）这个位号的设施。")
        if unit and unit not in units:
            wrong["unit_place"] = _("该企业没有编号为“%(code)s”的单元。") % {"code": unit}
        if source and source not in sources:
            wrong["source"] = _("该企业没有这个接入源。")
        named = row.values.get("partner") or ""
        partner = (self._partners_of(file).get(named) or self._coming(named, file)) if named else None
        if named and partner is None:
            wrong["partner"] = _("该企业没有这个编码的点位，本表中也没有。")
        elif named and self._is_circle(row, file):
            wrong["partner"] = _("对照点位不能是自身，也不能互相对照或成环。")
        found = {
            "facility": meant[0] if len(meant) == 1 and code else None, "unit_place": units.get(unit),
            "source": sources.get(source), "partner": partner,
        }  # fmt: skip
        return found, wrong

    def _coming(self, code: str, file: Enterprise) -> Tag | None:
        """The tag that another line will bring, as far as one is compared with it; None: there is no such line."""
        line = self._lines.get(code)
        if line is None or self._file_of(line) != file:
            return None
        before = None if line.before is None else self._before.get(line.before.id)
        if before is not None and before.status != TagStatus.FOUND:
            return None
        values = {name: line.values.get(name) for name in ("kind", "unit", "medium")}
        given = checked(file, {"name": code, **values}, before, today=Calendar().local_date(self.now)).given
        return Tag(file=file, code=code, kind=given["kind"], unit=given["unit"], status=TagStatus.LIVE)

    def _is_circle(self, row: Row, file: Enterprise) -> bool:
        """Whether the partners of a line, as the sheet will leave them, lead back to it."""
        mine, at = row.values.get("code") or "", row.values.get("partner") or ""
        seen: set[str] = set()
        while at and at not in seen:
            if at == mine:
                return True
            seen.add(at)
            at = self._named_by(at, file)
        return False

    def _named_by(self, code: str, file: Enterprise) -> str:
        """The partner of a tag, as the sheet will leave it; empty: it has none."""
        partners = self._partners_of(file)
        line, known = self._lines.get(code), partners.get(code)
        if line is not None and (known is None or "partner" in line.given):
            return line.values.get("partner") or ""
        if known is None or known.partner_id is None:
            return ""
        return next((one.code for one in partners.values() if one.pk == known.partner_id), "")

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """A partner before the tag that names it, over tags that stand too; else as in the sheet."""
        by_code = {row.values.get("code") or "": row for row in rows}
        found: dict[str, Row] = {}
        for code in by_code:
            chain: list[str] = []
            file = self._file_of(by_code[code])
            while code and code not in found and code not in chain:
                chain.append(code)
                code = "" if file is None else self._named_by(code, file)
            found |= {one: by_code[one] for one in reversed(chain) if one in by_code}
        return list(found.values())

    def _partners_of(self, file: Enterprise) -> dict[str, Tag]:
        if file.pk not in self._partners:
            self._partners[file.pk] = {one.code: one for one in queries.partners_of(file)}
        return self._partners[file.pk]

    def _things(self, file: Enterprise) -> tuple[dict[str, list[Facility]], dict[str, Unit], dict[str, Source]]:
        if file.pk not in self._of_file:
            facilities: dict[str, list[Facility]] = {}
            for one in queries.facilities_of(file):
                facilities.setdefault(one.code, []).append(one)
            units = {one.code: one for one in queries.units_of(file)}
            self._of_file[file.pk] = facilities, units, {one.code: one for one in sources_of(file)}
        return self._of_file[file.pk]

    def _known(self, row: Row, file: Enterprise) -> dict[str, Any]:
        values = dict(row.values) | self._placed(row, file)[0]
        values |= {name: None if values.get(name) is None else float(values[name]) for name in _NUMBERS}
        known = {name: values.get(name) for name in FIELDS}
        # What the sheet leaves open stands as it is.
        return {name: value for name, value in known.items() if row.before is None or name in row.given}

    def save(self, row: Row) -> str:
        file = self._file_of(row)
        assert file is not None  # noqa: S101 - a line without one was refused
        known = self._known(row, file)
        if row.before is None:
            made = services.enter_tag(actor=self.actor, file=file, code=row.values["code"], known=known, now=self.now)
            self._partners_of(file)[made.code] = made
            return str(made.pk)
        tag = queries.get_tag(actor=self.actor, tag_id=uuid.UUID(row.before.id))
        write = services.confirm_tag if tag.status == TagStatus.FOUND else services.change_tag
        self._partners_of(file)[tag.code] = write(
            actor=self.actor, row=tag, version=tag.version, known=known, now=self.now
        )
        return row.before.id

    def remove(self, row: Row) -> None:
        tag = queries.get_tag(actor=self.actor, tag_id=uuid.UUID(row.saved_id))
        services.withdraw_tag(actor=self.actor, row=tag, now=self.now)


class OwnTagImport(TagImport):
    """The same for the enterprise that is signed in, whose sheet does not name it."""

    is_own = True


def _exact(value: float | Decimal | None) -> Decimal | None:
    """A number as the cell of a sheet reads it."""
    return None if value is None else Decimal(repr(float(value)))


_HINT = gettext_lazy("每行一个点位，按点位编码识别；限值宽于法定限值的会被拒绝，并说明依据。")
TAGS = Register(
    code="monitoring.tags",
    title=gettext_lazy("监测点位"),
    duty=ENTER,
    session=TagImport,
    hint=_HINT,
    rows_at="monitoring:tags",
    order=70,
)
OWN_TAGS = Register(
    code="monitoring.own_tags",
    title=gettext_lazy("本单位监测点位"),
    duty=KEEP,
    session=OwnTagImport,
    hint=_HINT,
    rows_at="monitoring:tags",
    order=71,
)
