"""Columns that many registers share: codes, organisations, divisions, people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import find_area
from quancheng.kernel.dictionaries.queries import list_items
from quancheng.kernel.errors import Text
from quancheng.kernel.exchange.sheets import SheetColumn
from quancheng.kernel.exchange.sheets.cells import BadCell
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.matching import Matcher
from quancheng.kernel.people.models import Organisation


class Organisations:
    """Organisations by full name, short name, alias or credit code, as far as the actor may know them.

    Names that only resemble one are refused with a proposal: an import guesses nothing.
    """

    def __init__(self, actor: Actor, *, kinds: Iterable[str] = ()) -> None:
        self._actor = actor
        self._kinds = frozenset(kinds)
        self._loaded: Matcher | None = None
        self._known: dict[Any, Organisation] = {}
        self._codes: dict[str, Organisation] = {}

    def __call__(self, text: str) -> Organisation:
        found = self.many(text)
        if len(found) != 1:
            raise BadCell("not_one", _("“%(name)s”是多个单位的合称，这里只能填一个单位。") % {"name": text})
        return found[0]

    def many(self, text: str) -> list[Organisation]:
        """The organisations behind a name, which may be one for many (各镇街)."""
        matcher = self._matcher()
        if text.upper() in self._codes:
            return [self._codes[text.upper()]]
        match = matcher.match(text)
        if not match.sure:
            raise BadCell("unknown_organisation", match.reason or _("没有找到该单位，请核对名称。"))
        found = [self._known[pk] for pk in match.organisations]
        if self._kinds and (alien := [one.label for one in found if one.kind not in self._kinds]):
            raise BadCell("wrong_kind", _("“%(name)s”不是这里可填的单位类别。") % {"name": listed(alien[:3])})
        return found

    def _matcher(self) -> Matcher:
        if self._loaded is None:
            self._loaded = Matcher.load(actor=self._actor)
            known = Organisation.objects.visible_to(self._actor).standing().select_related("area")
            self._known = {one.pk: one for one in known}
            self._codes = {one.credit_code.upper(): one for one in self._known.values() if one.credit_code}
        return self._loaded


def organisation_column(
    key: str, heading: Text, find: Organisations, *, required: bool = False, aliases: Sequence[str] = (),
    help: Text = "", sample: str = "",
) -> SheetColumn:  # fmt: skip
    """One organisation."""
    return SheetColumn(
        key, heading, required=required, parse=find, text=lambda one: one.name, max_length=120,
        aliases=tuple(aliases), help=help or _("单位全称、简称、别名或统一社会信用代码"), sample=sample, width=26,
    )  # fmt: skip


def organisations_column(
    key: str, heading: Text, find: Organisations, *, required: bool = False, aliases: Sequence[str] = (),
    help: Text = "", sample: str = "",
) -> SheetColumn:  # fmt: skip
    """Several organisations, also by names for many."""

    def parse(text: str) -> tuple[Organisation, ...]:
        return tuple(find.many(text))

    def text(groups: Any) -> str:
        return "、".join(one.name for one in flat([groups]))

    return SheetColumn(
        key, heading, required=required, many=True, parse=parse, text=text, aliases=tuple(aliases),
        help=help or _("单位名称，也可填“各镇街”等合称"), sample=sample, width=30,
    )  # fmt: skip


def flat(groups: Iterable[Any]) -> list[Organisation]:
    """The organisations of a cell of several, each once, in their order."""
    found: dict[Any, Organisation] = {}
    for group in groups or ():
        for one in group if isinstance(group, tuple | list) else (group,):
            found.setdefault(one.pk, one)
    return list(found.values())


def area_column(
    key: str, heading: Text, *, required: bool = False, aliases: Sequence[str] = (), help: Text = "", sample: str = ""
) -> SheetColumn:
    """A division by name, alias, code, or path from the top (示例区/甲街道)."""
    known: dict[str, Area] = {}

    def parse(text: str) -> Area:
        if text not in known:
            known[text] = area_of(text)
        return known[text]

    return SheetColumn(
        key, heading, required=required, parse=parse, text=lambda area: area.full_name, max_length=240,
        aliases=tuple(aliases), help=help or _("区划名称、全称、代码或曾用名"), sample=sample, width=22,
    )  # fmt: skip


def area_of(text: str) -> Area:
    """The standing division that a cell names. :raises BadCell: none, or several."""
    if text.isdigit():
        found = Area.objects.filter(code=text, valid_to__isnull=True).first()
        if found is None:
            raise BadCell("unknown_area", _("没有代码为“%(code)s”的区划。") % {"code": text})
        return found
    area: Area | None = None
    for part in [part for part in text.replace("／", "/").split("/") if part.strip()]:
        below = find_area(part, under=area)
        if below is None:
            raise BadCell("unknown_area", _("没有找到区划“%(name)s”，或有多个同名区划，请填写全称。") % {"name": part})
        area = below
    if area is None:
        raise BadCell("unknown_area", _("请填写区划名称。"))
    return area


def choice_column(
    key: str, heading: Text, choices: Sequence[tuple[str, Any]], *, required: bool = False, many: bool = False,
    words: dict[str, str] | None = None, aliases: Sequence[str] = (), help: Text = "", sample: str = "",
) -> SheetColumn:  # fmt: skip
    """A code of a fixed list, by code or word."""
    return SheetColumn(
        key, heading, kind="choice", required=required, many=many, choices=dict(choices), words=words or {},
        aliases=tuple(aliases), help=help, sample=sample,
    )  # fmt: skip


def dictionary_column(
    key: str, heading: Text, code_list: str, *, required: bool = False, many: bool = False, on: Any = None
) -> SheetColumn:
    """A code of a dictionary: by code, name or any other way to write it."""
    items = list(list_items(code_list, on=on).prefetch_related("aliases"))
    words = {alias.name: item.code for item in items for alias in item.aliases.all()}
    words |= {item.label: item.code for item in items} | {item.label_en: item.code for item in items if item.label_en}
    return SheetColumn(
        key, heading, kind="choice", required=required, many=many,
        choices={item.code: item.shown for item in items}, words=words,
    )  # fmt: skip


def checked(rule: Callable[[str], Any]) -> Callable[[str], Any]:
    """A check of a service as a parser: its refusal becomes the cell's."""
    from quancheng.kernel.errors import DomainError

    def parse(text: str) -> Any:
        try:
            return rule(text)
        except DomainError as refused:
            reason = next(iter(refused.fields.values()), refused.message)
            raise BadCell("rule", reason) from refused

    return parse
