"""Filters of lists (筛选条件): each reads its own parameters strictly and narrows the query set.

What cannot be read is refused with the filter's name, never ignored: a list is not shown unfiltered by mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid
from quancheng.kernel.pages.given import known_key
from quancheng.kernel.people.models import Organisation, OrganisationQuerySet

Text = str | Promise
Choices = Sequence[tuple[str, Text]]
MOST_ORGANISATIONS = 500


@dataclass(frozen=True, slots=True)
class Control:
    """A filter as the template draws it; ``kind`` names the template part."""

    kind: str
    name: str
    label: Text
    pinned: bool
    values: list[str] = field(default_factory=list)
    choices: list[tuple[str, Text, bool]] = field(default_factory=list)
    placeholder: Text = ""
    error: str = ""
    active: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """What all filters share.

    :param pinned: always open on the bar; others stand behind 更多.
    """

    name: str
    label: Text
    _: KW_ONLY
    pinned: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names it reads from the address."""
        return (self.name,)

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        """The rows that satisfy the filter. :raises Invalid: what is given cannot be read."""
        raise NotImplementedError

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        raise NotImplementedError

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        """The filter as a sentence for exports and print; empty where it is not used."""
        raise NotImplementedError

    def refuse(self, sentence: str) -> Invalid:
        return Invalid(_("筛选条件“%(label)s”有误：") % {"label": self.label} + sentence, fields={self.name: sentence})


#: Words of fewer letters are in no index of three-letter pieces.
_SHORTEST_INDEXED = 3


def anywhere(word: str) -> str:
    """The lookup that finds a word anywhere in a text, large and small letters alike, the cheapest for the word.

    A short Chinese word is in no index, so every text is read; it has no cases, so none need be folded for it.
    """
    return "contains" if len(word) < _SHORTEST_INDEXED and word.upper() == word.lower() else "icontains"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search(Filter):
    """Words looked for in several fields (关键词); pinyin initials too.

    :param fields: fields searched for the words as typed, anywhere in the text.
    :param pinyin: fields with stored pinyin or initials, searched from the beginning when ASCII letters are typed.
    :param first: which rows the words mean exactly: they come before all others in the list's own order.
    """

    fields: tuple[str, ...]
    pinyin: tuple[str, ...] = ()
    first: Callable[[str], Q] | None = None
    placeholder: Text = ""

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        text = given.get(self.name, "").strip()
        if len(text) > 100:
            raise self.refuse(_("最多 100 个字。"))
        if "\x00" in text:
            raise self.refuse(_("含有无法识别的字符。"))
        for word in text.split():
            found = Q()
            for name in self.fields:
                found |= Q(**{f"{name}__{anywhere(word)}": word})
            if word.isascii():
                for name in self.pinyin:
                    found |= Q(**{f"{name}__startswith": word.lower()})
            rows = rows.filter(found)
        if text and self.first is not None:
            exact = Case(When(self.first(text), then=0), default=1, output_field=IntegerField())
            rows = rows.order_by(exact, *rows.query.order_by)
        return rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        text = given.get(self.name, "")
        return Control(
            "search", self.name, self.label, self.pinned, [text], placeholder=self.placeholder, error=error,
            active=bool(text.strip()),
        )  # fmt: skip

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        text = given.get(self.name, "").strip()
        return f"{self.label}：{text}" if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Filter):
    """One or several of a fixed list (选项).

    :param choices: pairs of value and label, or a function of the actor that gives them.
    :param field: the field compared with the value; leave empty and give ``narrows`` for anything else.
    :param narrows: value to condition, for choices that are no column, e.g. ``{"late": Q(...)}`` or a function.
    :param multiple: several values may be chosen; any of them satisfies.
    """

    choices: Choices | Callable[[Actor], Choices]
    field: str = ""
    narrows: Callable[[str], Q] | None = None
    multiple: bool = False

    def _choices(self, actor: Actor) -> Choices:
        return self.choices(actor) if callable(self.choices) else self.choices

    def _values(self, given: QueryDict) -> list[str]:
        return [value for value in given.getlist(self.name) if value]

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        values = self._values(given)
        if not values:
            return rows
        if len(values) > 1 and not self.multiple:
            raise self.refuse(_("只能选择一项。"))
        known = {value for value, _label in self._choices(actor)}
        if not known.issuperset(values):
            raise self.refuse(_("没有这个选项。"))
        if self.narrows is None:
            return rows.filter(**{f"{self.field}__in": values})
        condition = Q()
        for value in values:
            condition |= self.narrows(value)
        return rows.filter(condition)

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        values = self._values(given)
        choices = [(value, label, value in values) for value, label in self._choices(actor)]
        kind = "choices" if self.multiple else "choice"
        return Control(kind, self.name, self.label, self.pinned, values, choices, error=error, active=bool(values))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        values = self._values(given)
        if not values:
            return ""
        named = [str(label) for value, label in self._choices(actor) if value in values]
        return f"{self.label}：{'、'.join(named)}" if named else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisations(Filter):
    """One organisation that the actor may know of (单位).

    For the directory of public bodies; enterprises are too many for a list, use :class:`Search` over their names.

    :param kinds: kinds of organisation offered; empty means every public body.
    """

    field: str
    kinds: tuple[str, ...] = ()

    def _offered(self, actor: Actor) -> OrganisationQuerySet:
        offered = Organisation.objects.visible_to(actor).standing()
        return offered.filter(kind__in=self.kinds) if self.kinds else offered.exclude(kind="enterprise")

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        value = given.get(self.name, "")
        if not value:
            return rows
        chosen = known_key(value)
        if chosen is None or not Organisation.objects.visible_to(actor).filter(pk=chosen).exists():
            raise self.refuse(_("没有这个单位。"))
        return rows.filter(**{self.field: chosen})

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        value = given.get(self.name, "")
        offered = self._offered(actor).by_name().values_list("pk", "short_name", "name")[:MOST_ORGANISATIONS]
        choices: list[tuple[str, Text, bool]] = [
            (str(pk), short or name, str(pk) == value) for pk, short, name in offered
        ]
        return Control("choice", self.name, self.label, self.pinned, [value], choices, error=error, active=bool(value))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        chosen = known_key(given.get(self.name, ""))
        if chosen is None:
            return ""
        found = Organisation.objects.visible_to(actor).filter(pk=chosen).first()
        return f"{self.label}：{found.name}" if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates(Filter):
    """A range of days (日期范围), both ends counted, by the district's calendar.

    Reads ``<name>_from`` and ``<name>_to``.

    :param times: the field holds a time: a day then means from its midnight to the next.
    """

    field: str
    times: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def _read(self, given: QueryDict) -> tuple[date | None, date | None]:
        found: list[date | None] = []
        for name in self.parameters:
            text = given.get(name, "").strip()
            try:
                day = parse_date(text) if text else None
            except ValueError:
                day = None
            if text and day is None:
                raise self.refuse(_("日期应为“年-月-日”，例如 2026-11-23。"))
            found.append(day)
        first, last = found
        if first and last and first > last:
            raise self.refuse(_("起始日期不能晚于截止日期。"))
        return first, last

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        first, last = self._read(given)
        if first:
            rows = rows.filter(**{f"{self.field}__gte": _midnight(first) if self.times else first})
        if last and self.times:
            if last == date.max:
                raise self.refuse(_("日期超出范围。"))
            rows = rows.filter(**{f"{self.field}__lt": _midnight(last + timedelta(days=1))})
        elif last:
            rows = rows.filter(**{f"{self.field}__lte": last})
        return rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        values = [given.get(name, "") for name in self.parameters]
        return Control("dates", self.name, self.label, self.pinned, values, error=error, active=any(values))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        first, last = (given.get(name, "") for name in self.parameters)
        return f"{self.label}：{first or '…'} 至 {last or '…'}" if first or last else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Filter):
    """One day on which the rows are looked at (日期); empty stands for now. What it narrows, a room's filter says.

    :param earliest: the first day that can be chosen, where one is known.
    """

    earliest: Callable[[], date | None] | None = None

    def read(self, given: QueryDict) -> date | None:
        """The day asked for; None for now. :raises Invalid: no day, or one to come."""
        text = given.get(self.name, "").strip()
        if not text:
            return None
        try:
            day = parse_date(text)
        except ValueError:
            day = None
        if day is None:
            raise self.refuse(_("日期应为“年-月-日”，例如 2026-11-23。"))
        if day > timezone.localdate():
            raise self.refuse(_("日期不能晚于今天。"))
        if day.year < 1900:
            raise self.refuse(_("日期超出范围。"))
        return day

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        self.read(given)
        return rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        text = given.get(self.name, "")
        first = self.earliest() if self.earliest is not None else None
        values = [text, first.isoformat() if first else "", timezone.localdate().isoformat()]
        return Control("day", self.name, self.label, self.pinned, values, error=error, active=bool(text))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        text = given.get(self.name, "")
        return f"{self.label}：{text}" if text else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Filter):
    """A tick that keeps only rows under a condition (勾选), e.g. 只看超期. ``condition`` is asked at each request."""

    condition: Callable[[Actor], Q]

    def narrow(self, rows: QuerySet[Any], given: QueryDict, actor: Actor) -> QuerySet[Any]:
        value = given.get(self.name, "")
        if value not in ("", "1"):
            raise self.refuse(_("没有这个选项。"))
        return rows.filter(self.condition(actor)) if value else rows

    def control(self, given: QueryDict, actor: Actor, error: str) -> Control:
        value = given.get(self.name, "")
        return Control("flag", self.name, self.label, self.pinned, [value], error=error, active=bool(value))

    def spoken(self, given: QueryDict, actor: Actor) -> str:
        return str(self.label) if given.get(self.name) else ""


def narrow_all(
    filters: Iterable[Filter], rows: QuerySet[Any], given: QueryDict, actor: Actor
) -> tuple[QuerySet[Any], Mapping[str, str]]:
    """Apply every filter; returns the rows (none at all where something is wrong) and filter name to error."""
    errors: dict[str, str] = {}
    for each in filters:
        try:
            rows = each.narrow(rows, given, actor)
        except Invalid as refused:
            errors[each.name] = str(refused.fields.get(each.name, refused.message))
    return (rows.none(), errors) if errors else (rows, errors)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
