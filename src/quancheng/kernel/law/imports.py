"""Laws with their editions, and the clauses of one edition, from spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quancheng.kernel.exchange.imports.columns import choice_column
from quancheng.kernel.exchange.imports.declare import Fault, GivenForm, Key, Register, Row, Session, Standing
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.law import services
from quancheng.kernel.law.models import Asks, Clause, Edition, Grade, Kind, LegalText, Mark
from quancheng.kernel.law.services import ClauseSpec, EditionSpec
from quancheng.kernel.names import clean

#: What a sheet may change of an edition that stands; everything else is history.
_DATES = ("effective_from", "effective_to")
_TEXT = ("code", "kind", "name", "name_en", "issuer")


class SourceForm(GivenForm):
    """What says so."""

    source = forms.CharField(
        label=gettext_lazy("依据"), max_length=200, help_text=gettext_lazy("公布这些文件的公报、通知或网站"),
        error_messages={"required": gettext_lazy("请写明依据。")},
    )  # fmt: skip


class TextImport(Session):
    """One edition of one text a line; a text may stand without an edition."""

    keys = ("code", "number")
    _is_undo = False

    @cached_property
    def _columns(self) -> list[SheetColumn]:
        return [
            SheetColumn("code", gettext_lazy("代码"), required=True, max_length=40, parse=clean,
                        help=gettext_lazy("供本系统内引用，以后不能修改。")),
            choice_column("kind", gettext_lazy("类别"), Kind.choices, required=True),
            SheetColumn("name", gettext_lazy("名称"), required=True, max_length=200, parse=clean, width=40),
            SheetColumn("name_en", gettext_lazy("英文名称"), max_length=200, parse=clean),
            SheetColumn("issuer", gettext_lazy("制定机关"), max_length=120, parse=clean),
            SheetColumn("number", gettext_lazy("文号"), max_length=120, parse=clean, aliases=("现行版本", "版本"),
                        help=gettext_lazy("版本的文号、令号或标准号；空着只登记法规标准本身")),
            SheetColumn("adopted_on", gettext_lazy("公布日期"), kind="date"),
            SheetColumn("effective_from", gettext_lazy("施行日期"), kind="date"),
            SheetColumn("effective_to", gettext_lazy("失效日期"), kind="date"),
            choice_column("mark", gettext_lazy("条文确信程度"), Mark.choices),
            choice_column("dates_mark", gettext_lazy("日期确信程度"), Mark.choices),
            SheetColumn("note", gettext_lazy("说明"), max_length=2000),
        ]  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        codes = {row.key[0] for row in rows}
        self._texts = {one.code: one for one in LegalText.objects.filter(code__in=codes)}
        found = {(one.code, ""): self._standing(one, None) for one in self._texts.values()}
        for edition in Edition.objects.filter(text__in=codes).select_related("text"):
            found[(edition.text_id, edition.number)] = self._standing(edition.text, edition)
        return {row.key: found[row.key] for row in rows if row.key in found}

    def _standing(self, text: LegalText, edition: Edition | None) -> Standing:
        texts = {}
        for column in self._columns:
            row = text if column.key in _TEXT else edition
            texts[column.key] = column.text_of(getattr(row, column.key)) if row is not None else ""
        return Standing(f"{text.code} {edition.number}" if edition else text.code, texts)

    def check(self, row: Row) -> Iterable[Fault]:
        values, text = row.values, self._texts.get(row.key[0])
        if text is not None and text.owner_id is not None:
            yield Fault("code", _("该代码是部门自定的检查表，只能由制定部门修改。"))
        if text is not None and (values["name"], values["kind"]) != (text.name, text.kind):
            yield Fault("name", _("该代码已用于“%(name)s”。") % {"name": text.name})
        for key in row.changes:
            if key not in _DATES:
                yield Fault(key, _("已登记的内容不能由导入修改；版本只能更正施行日期和失效日期。"))
        first, last = values["effective_from"], values["effective_to"]
        if first and last and last < first:
            yield Fault("effective_to", _("失效日期不能早于施行日期。"))

    def order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Editions in the order of their days, so that each ends the one before."""
        return sorted(rows, key=lambda row: (row.key[0], row.texts.get("effective_from", ""), row.number))

    def save(self, row: Row) -> str:
        values, number = row.values, row.key[1]
        text = LegalText.objects.filter(code=row.key[0]).first()
        if text is None:
            text = services.add_text(
                actor=self.actor, code=values["code"], kind=values["kind"], name=values["name"],
                name_en=values["name_en"] or "", issuer=values["issuer"] or "", now=self.now,
            )  # fmt: skip
        if not number:
            return text.code
        if row.before is not None:
            services.set_dates(
                actor=self.actor, edition=Edition.objects.get(text=text, number=number),
                effective_from=values["effective_from"], effective_to=values["effective_to"],
                source=self.given["source"], now=self.now,
                mark=(self._is_undo and values["dates_mark"]) or Mark.VERIFIED,
            )  # fmt: skip
        else:
            spec = EditionSpec(
                number=number,
                adopted_on=values["adopted_on"],
                effective_from=values["effective_from"],
                effective_to=values["effective_to"],
                mark=values["mark"] or Mark.GENERAL,
                dates_mark=values["dates_mark"] or Mark.GENERAL,
                note=values["note"] or "",
            )
            services.add_edition(actor=self.actor, text=text, spec=spec, now=self.now)
        return f"{text.code} {number}"

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        """The dates that the sheet corrected go first, what it added next: what comes back then overlaps neither."""
        self._is_undo = True
        for code, number in (row.key for row in restored):
            for edition in Edition.objects.filter(text=code, number=number):
                services.set_dates(
                    actor=self.actor, edition=edition, effective_from=None, effective_to=None,
                    source=self.given["source"], now=self.now, mark=edition.dates_mark,
                )  # fmt: skip
        for row in reversed(self.order(added)):
            self.remove(row)
        for row in restored:
            self.save(row)

    def remove(self, row: Row) -> None:
        code, number = row.key
        services.withdraw_edition(actor=self.actor, code=code, number=number, now=self.now)


class EditionForm(GivenForm):
    """Whose clauses the sheet has."""

    edition = forms.ChoiceField(label=gettext_lazy("版本"), error_messages={"required": gettext_lazy("请选择版本。")})
    mark = forms.ChoiceField(label=gettext_lazy("条文确信程度"), choices=Mark.choices, initial=Mark.GENERAL)

    def prepare(self) -> None:
        # Departments fill their own checklists by a register of theirs.
        shared = Edition.objects.filter(text__owner__isnull=True)
        editions = shared.select_related("text").order_by("text__kind", "text", "effective_from", "pk")
        field = self.fields["edition"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", "—"), *((str(one.pk), f"{one.text.name} {one.number}") for one in editions)]


class ClauseImport(Session):
    """One article, criterion or line of a checklist a line."""

    keys = ("place",)
    _columns = (
        SheetColumn("place", gettext_lazy("条款"), required=True, max_length=40, sample="21"),
        SheetColumn("title", gettext_lazy("主题"), max_length=200),
        SheetColumn("summary", gettext_lazy("内容"), required=True, max_length=5000,
                    aliases=("内容摘要", "检查内容"), width=60),
        SheetColumn("summary_en", gettext_lazy("英文内容"), max_length=5000),
        SheetColumn("basis", gettext_lazy("依据"), max_length=200),
        choice_column("grade", gettext_lazy("等级"), Grade.choices),
        SheetColumn("refers", gettext_lazy("对应判定标准"), many=True, max_length=40, sample="CH-12",
                    help=gettext_lazy("检查项不符合时可能构成的判定标准条款编号")),
        choice_column("asks", gettext_lazy("作答方式"), [one for one in Asks.choices if one[0]]),
        # Kept with what stood before, so that an undo gives it back.
        SheetColumn("mark", gettext_lazy("条文确信程度"), is_read=False),
    )  # fmt: skip

    def columns(self) -> Sequence[SheetColumn]:
        return self._columns

    def standing(self, rows: Sequence[Row]) -> Mapping[Key, Standing]:
        found = Clause.objects.filter(edition=self.given["edition"], place__in={row.key[0] for row in rows})
        return {
            (one.place,): Standing(
                str(one.pk), {column.key: column.text_of(getattr(one, column.key)) for column in self._columns}
            )
            for one in found
        }

    def save_all(self, rows: Sequence[Row], gone: Sequence[tuple[Key, Standing]]) -> dict[Key, str]:
        return self._write([row for row in rows if row.mark != "unchanged"])

    def undo_all(self, added: Sequence[Row], restored: Sequence[Row]) -> None:
        self._write(restored)
        services.remove_clauses(
            actor=self.actor, edition=self._edition(), places=[row.key[0] for row in added], now=self.now
        )

    def _write(self, rows: Sequence[Row]) -> dict[Key, str]:
        saved = services.save_clauses(
            actor=self.actor, edition=self._edition(), clauses=[self._spec(row.values) for row in rows], now=self.now
        )
        return {(clause.place,): str(clause.pk) for clause in saved}

    def _edition(self) -> Edition:
        return Edition.objects.get(pk=self.given["edition"])

    def _spec(self, values: Mapping[str, Any]) -> ClauseSpec:
        return ClauseSpec(
            place=values["place"], title=values["title"] or "", summary=values["summary"],
            summary_en=values["summary_en"] or "", basis=values["basis"] or "", grade=values["grade"] or "",
            refers=values["refers"] or (), asks=values["asks"] or "", mark=values.get("mark") or self.given["mark"],
        )  # fmt: skip


TEXTS = Register(
    code="law.texts",
    title=gettext_lazy("法规标准"),
    duty="law.manage",
    session=TextImport,
    form=SourceForm,
    hint=gettext_lazy("每行一个版本，按代码和文号识别；新版本施行，上一版本自动止于前一日。"),
    rows_at="law:texts",
    order=64,
)
CLAUSES = Register(
    code="law.clauses",
    title=gettext_lazy("法规标准条款"),
    duty="law.manage",
    session=ClauseImport,
    form=EditionForm,
    hint=gettext_lazy("每行一条，录入所选版本；已录入的条款按表格更新。"),
    rows_at="law:texts",
    order=65,
)
