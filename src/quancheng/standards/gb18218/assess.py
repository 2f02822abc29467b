"""The assessment of one unit: quantity, threshold and β of each stock, then S, α, R and the grade.

Source: GB 18218-2018, 4.1 to 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from quancheng.standards.gb18218 import clauses, splitting
from quancheng.standards.gb18218.categories import Found, find
from quancheng.standards.gb18218.matching import candidates, item_name
from quancheng.standards.gb18218.model import BadInput, Doubt, Note, Result, Step, Stock, Unit
from quancheng.standards.gb18218.numbers import Quotient, exactly, shown
from quancheng.standards.gb18218.tables import Item, alpha_of, grade_of, gravest, scale, table1, table2, table3
from quancheng.standards.lists.names import content_of
from quancheng.standards.wording import Text

#: α where nobody counted the residents: the highest.
_SAFE_ALPHA = Decimal("2.0")


@dataclass(slots=True)
class _Choice:
    """Threshold and β as they are being found."""

    symbol: str = ""
    item: Item | None = None
    threshold_t: Decimal | None = None
    weight: Decimal | None = None
    beta: Decimal | None = None
    clause: Text = clauses.NO_ROW

    def of_item(self, item: Item) -> None:
        self.item, self.symbol = item, "/".join(item.symbols)
        self.threshold_t, self.weight, self.beta = item.threshold_t, item.weight, item.beta
        self.clause = clauses.of_item(item.number)

    def of_category(self, symbol: str) -> None:
        row = table2()[symbol]
        self.item, self.symbol = None, symbol
        self.threshold_t, self.weight, self.beta = row.threshold_t, row.weight, row.beta
        self.clause = clauses.of_category(symbol)


def assess(unit: Unit) -> Result:
    """Identify and grade a unit; pure, exact, and the same whatever the order of its stocks.

    A unit with S below 1 has neither α, R nor grade. A unit that the standard excludes has no S either.

    :raises BadInput: a stock's CAS number or grade is none; its place is ``stocks[2].cas``.
    """
    if unit.exclusion:
        reason = Note.of("why.excluded", exclusion=f"exclusion.{unit.exclusion}", reason=unit.exclusion_reason.strip())
        return Result(None, False, None, None, None, (), (), (reason,), None, None)
    steps, doubts = [], [Doubt(None, "", note) for note in splitting.check(unit)]
    plainly = weighed = Decimal(0)
    with exactly():
        for place, stock in enumerate(unit.stocks):
            try:
                step, weight, open_notes = _step(place, stock, unit)
            except BadInput as bad:
                bad.place = f"stocks[{place}].{bad.place}"
                raise
            steps.append(step)
            if step.beta is not None:
                plainly += step.q_t * weight
                weighed += step.q_t * weight * step.beta
            doubts += [Doubt(place, stock.label, note) for note in open_notes]
    s, r, alpha, grade = graded(plainly, weighed, unit.exposed_population)
    if r is None or alpha is None:
        below = (Note.of("why.below", s=s),)
        return Result(s, False, None, None, None, tuple(steps), tuple(doubts), below, shown(s), None)
    if unit.exposed_population is None:
        doubts.append(Doubt(None, "", Note.of("doubt.population", alpha=alpha)))
        because = Note.of("why.alpha_unknown", alpha=alpha)
    else:
        because = Note.of("why.alpha", persons=Decimal(unit.exposed_population), alpha=alpha)
    why = (
        Note.of("why.reached", s=s),
        because,
        Note.of("why.r", alpha=alpha, weighed=Fraction(weighed) / scale(), r=r),
        Note.of("why.grade", grade=f"grade.{grade}", r=r),
    )
    return Result(s, True, r, alpha, grade, tuple(steps), tuple(doubts), why, shown(s), shown(r))


class Graded(NamedTuple):
    """S; and where that reaches 1, R with the α that was used and the grade."""

    s: Fraction
    r: Fraction | None
    alpha: Decimal | None
    grade: int | None


def graded(plainly: Decimal, weighed: Decimal, exposed_population: int | None) -> Graded:
    """S, R and grade from sums over the stocks of a unit.

    :param plainly: of quantity times weight, :func:`rate_of`. :param weighed: of the same times β. Both exact.
    """
    s = Fraction(plainly) / scale()
    if s < 1:
        return Graded(s, None, None, None)
    alpha = _SAFE_ALPHA if exposed_population is None else alpha_of(exposed_population)
    r = Fraction(alpha) * (Fraction(weighed) / scale())
    return Graded(s, r, alpha, grade_of(r))


class Rate(NamedTuple):
    """What a tonne of a stock adds: to the sum of :func:`graded`, and that times β; nothing where it has no row."""

    plainly: Decimal
    weighed: Decimal


def rate_of(stock: Stock, *, kind: str) -> Rate:
    """What a tonne of a stock adds in a unit of this kind, whatever its quantity: the same that :func:`assess` adds.

    For whoever grades many units: stocks that differ by their quantity alone have one rate.
    :raises BadInput: as :func:`assess`.
    """
    with exactly():
        step, weight, _doubts = _step(0, stock, Unit(kind=kind, stocks=(stock,)))
        if step.beta is None:
            return Rate(Decimal(0), Decimal(0))
        return Rate(weight, weight * step.beta)


def quantity_of(stock: Stock) -> Decimal:
    """The tonnes of a stock that count (4.2.2)."""
    with exactly():
        return _quantity(stock)[0]


def _step(place: int, stock: Stock, unit: Unit) -> tuple[Step, Decimal, list[Note]]:
    q, why, doubts = _quantity(stock)
    choice = _Choice()
    items, matched = candidates(stock.cas, stock.name, stock.grade)
    doubts += matched
    item = _item(stock, items, why, doubts)
    if item is None:
        _by_category(stock, unit, choice, why, doubts)
    else:
        _by_item(stock, unit, item, choice, why, doubts)
    if choice.threshold_t is not None:
        if choice.symbol == "W3" and choice.item is None and not stock.is_net:
            doubts.append(Note.of("doubt.net"))
        why.append(Note.of("why.ratio", q=q, threshold=choice.threshold_t, ratio=Quotient(q, choice.threshold_t)))
        _beta(stock, choice, why)
    step = Step(
        place, stock.label, stock.cas.strip(), q, choice.threshold_t, choice.beta,
        choice.symbol, choice.item.number if choice.item else None, choice.clause, tuple(why),
    )  # fmt: skip
    return step, choice.weight or Decimal(0), doubts


def _quantity(stock: Stock) -> tuple[Decimal, list[Note], list[Note]]:
    """Tonnes that count: the design maximum (4.2.2), whatever lies there today."""
    why: list[Note] = []
    doubts: list[Note] = []
    if stock.out_of_service:
        if record := stock.decommissioning_record.strip():
            return Decimal(0), [Note.of("why.out_of_service", record=record)], []
        doubts.append(Note.of("doubt.no_record"))
    by_volume = None
    if stock.volume_m3 is not None and stock.density_t_per_m3 is not None:
        fill = stock.max_fill
        if fill is None:
            fill = Decimal(1)
            doubts.append(Note.of("doubt.fill"))
        # Exact: a product of decimals ends.
        exact = Fraction(stock.volume_m3) * Fraction(fill) * Fraction(stock.density_t_per_m3)
        by_volume = shown(exact)
        values = {"volume": stock.volume_m3, "fill": fill, "density": stock.density_t_per_m3, "q": by_volume}
        why.append(Note.of("why.volume", **values))
    told = stock.quantity_t
    if told is None or by_volume is None:
        q = told if told is not None else by_volume
        assert q is not None, "a stock has a quantity or a volume with its density"  # noqa: S101
        return q, why, doubts
    if told != by_volume:
        doubts.append(Note.of("doubt.quantities", told=told, by_volume=by_volume, q=max(told, by_volume)))
    return max(told, by_volume), why, doubts


def _item(stock: Stock, items: tuple[Item, ...], why: list[Note], doubts: list[Note]) -> Item | None:
    """The item of table 1 that applies; of several the gravest, with a doubt that lists them."""
    left = []
    for item in items:
        limit, share = item.content_above, stock.concentration
        if limit is not None and share is not None and share <= limit:
            why.append(Note.of("why.content_below", item=item_name(item), limit=_percent(limit)))
        else:
            left.append(item)
    if not left:
        return None
    chosen = min(left, key=lambda item: (item.threshold_t, -item.beta, item.number))
    if len(left) > 1:
        doubts.append(Note.of("doubt.items", items=tuple(map(item_name, left)), chosen=item_name(chosen)))
        return chosen
    if chosen.content_above is not None and stock.concentration is None:
        doubts.append(Note.of("doubt.content", item=item_name(chosen), limit=_percent(chosen.content_above)))
    elif chosen.composition == "confirm" and stock.grade != str(chosen.number):
        doubts.append(Note.of("doubt.composition", item=item_name(chosen), number=str(chosen.number)))
    return chosen


def _by_item(stock: Stock, unit: Unit, item: Item, choice: _Choice, why: list[Note], doubts: list[Note]) -> None:
    """An item of table 1: the pure substance, or a mixture of it (4.2.3)."""
    is_mixture = stock.concentration is not None and stock.concentration < 1 and not item.composition
    if stock.concentration is None and not item.composition and content_of(stock.name):
        doubts.append(Note.of("doubt.content_in_name"))
    own = find(stock.hazard_classes, stock, is_production=False, at_rest=True)
    choice.of_item(item)
    if not is_mixture:
        why.append(_named("why.item", item.number))
        if own.possible and item.symbols and not own.possible & set(item.symbols):
            doubts.append(Note.of("doubt.classes_differ", own=tuple(sorted(own.possible)), item=item.symbols))
        return
    pure = set(item.symbols)
    if stock.pure_hazard_classes:
        pure = set(find(stock.pure_hazard_classes, stock, is_production=False, at_rest=True).symbols)
    if not stock.hazard_classes or not pure:
        why.append(_named("why.mixture_as_pure", item.number))
        doubts.append(Note.of("doubt.mixture" if pure else "doubt.mixture_pure"))
        return
    doubts += own.doubts
    own_q = table2()[gravest(own.symbols)].threshold_t if own.symbols else None
    # With every category of the pure substance, and perhaps others that are no graver.
    if pure <= set(own.symbols) and own_q is not None and item.threshold_t <= own_q:
        why.append(_named("why.mixture_same", item.number))
        return
    # Also where what is left open, or was not understood, may be the pure substance's category.
    if own.possible & pure or any(note.code == "doubt.unread" for note in own.doubts):
        chosen = item.threshold_t if own_q is None or item.threshold_t <= own_q else own_q
        values = {"own": tuple(sorted(own.symbols)) or ("none",), "pure": tuple(sorted(pure)), "threshold": chosen}
        doubts.append(Note.of("doubt.mixture_partly", **values))
        if chosen == item.threshold_t:
            why.append(_named("why.mixture_as_pure", item.number))
            return
    why.append(Note.of("why.mixture_other", own=tuple(sorted(own.symbols)) or ("none",), pure=tuple(sorted(pure))))
    choice.item, choice.symbol, choice.threshold_t, choice.weight, choice.beta = None, "", None, None, None
    choice.clause = clauses.MIXTURE
    _take(find(stock.hazard_classes, stock, is_production=unit.kind == "production"), stock, choice, why, doubts)


def _by_category(stock: Stock, unit: Unit, choice: _Choice, why: list[Note], doubts: list[Note]) -> None:
    """No item of table 1: the lowest threshold among the categories of table 2 (4.1.2 b))."""
    if not any(text.strip() for text in stock.hazard_classes):
        why.append(Note.of("why.unknown"))
        doubts.append(Note.of("doubt.unknown"))
        return
    _take(find(stock.hazard_classes, stock, is_production=unit.kind == "production"), stock, choice, why, doubts)


def _take(found: Found, stock: Stock, choice: _Choice, why: list[Note], doubts: list[Note]) -> None:
    doubts += [note for note in found.doubts if note not in doubts]
    if not found.symbols:
        why.append(Note.of("why.no_row", classes=tuple(text.strip() for text in stock.hazard_classes)))
        return
    symbol = gravest(found.symbols)
    choice.of_category(symbol)
    why.append(_category(symbol))
    if len(found.symbols) > 1:
        why.append(Note.of("why.lowest", symbols=found.symbols))


def _beta(stock: Stock, choice: _Choice, why: list[Note]) -> None:
    """β: table 3 by substance, table 4 by the category that gave Q, else the highest among an item's categories."""
    usual = _usual_beta(choice.item.number if choice.item else 0, choice.symbol)
    if stock.beta is None:
        why.append(usual)
        return
    why.append(Note.of("why.beta_override", beta=stock.beta, usual=choice.beta, reason=stock.beta_reason.strip()))
    choice.beta = stock.beta


@cache
def _usual_beta(number: int, symbol: str) -> Note:
    """Where β comes from without an override; ``number`` of the item of table 1, 0 for none."""
    if not number:
        return Note.of("why.beta_category", beta=table2()[symbol].beta, symbol=symbol)
    item = table1()[number]
    if item.beta_from == "T3":
        gas = next(table3()[one] for one in item.cas if one in table3())
        return Note.of("why.beta_gas", beta=item.beta, gas=Text(gas.name, gas.name_en))
    if item.symbols:
        return Note.of("why.beta_item", beta=item.beta, symbols=item.symbols, mark=item.beta_mark)
    return Note.of("why.beta_none", beta=item.beta, mark=item.beta_mark)


@cache
def _category(symbol: str) -> Note:
    row = table2()[symbol]
    name = Text(f"{row.hazard_class}：{row.description}", f"{row.hazard_class_en}: {row.description_en}")
    return Note.of("why.category", category=name, symbol=symbol, threshold=row.threshold_t)


@cache
def _named(code: str, number: int) -> Note:
    """A sentence about an item of table 1 and its threshold."""
    item = table1()[number]
    return Note.of(code, item=item_name(item), threshold=item.threshold_t)


def _percent(share: Decimal) -> Decimal:
    return share * 100
