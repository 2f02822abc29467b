"""What goes into an assessment and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from quancheng.standards.gb18218.texts import in_words, sentences
from quancheng.standards.wording import Text

EDITION = "GB 18218-2018"
#: Of our data files; it changes with any of them, and a test holds their digest against it.
TABLE_VERSION = "2018.1"
KINDS = ("production", "storage")
STATES = ("gas", "liquid", "solid")
#: What bounds a unit: a dike, an independent building, an open shed; shut-off valves, or the whole plant.
BOUNDARIES = ("dike", "building", "shed", "valves", "plant")
PLACES = ("tank", "warehouse", "equipment", "pipe", "loading_rack", "filling_shed", "pump_room", "cylinder_shed")
#: What the standard does not apply to (1); ``other`` is told by its reason alone.
EXCLUSIONS = ("nuclear", "military", "mining", "off_site_transport", "offshore", "other")
#: Smallest and largest number that is taken besides 0, and the most digits: nothing real lies beyond.
SMALLEST, LARGEST, DIGITS = Decimal("1e-12"), Decimal("1e9"), 28


class BadInput(ValueError):
    """What was given cannot be an input at all; ``place`` such as ``quantity_t``, and why, in both languages."""

    def __init__(self, place: str, code: str, **values: object) -> None:
        self.place, self.note = place, Note.of(code, **values)
        super().__init__(f"{place}: {self.note.text('en')}")


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence by its code and values; :meth:`text` puts the words."""

    code: str
    values: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, code: str, **values: object) -> Note:
        return cls(code, tuple(values.items()))

    def text(self, language: str = "zh") -> str:
        template = sentences()[self.code].in_language(language)
        return template.format(**{name: in_words(value, language) for name, value in self.values})


@dataclass(frozen=True, slots=True)
class Stock:
    """One chemical in one tank, building or plant: its design maximum in tonnes, and what is known of it.

    A number that is ``None`` is not known. ``quantity_t`` may be left out where ``volume_m3`` and
    ``density_t_per_m3`` give it. ``concentration`` is a mass fraction above 0 and up to 1. ``grade`` is the item of
    table 1 that applies where several could (its number, or words of its name that the others have not), or ``none``
    where a person says that no item does.

    :raises BadInput: neither name nor number; a number out of range; an override of β without a written reason.
    """

    name: str = ""
    cas: str = ""
    quantity_t: Decimal | None = None
    hazard_classes: tuple[str, ...] = ()
    #: Of the pure substance, where this is a mixture of it and the SDS knows better than our column of table 1.
    pure_hazard_classes: tuple[str, ...] = ()
    concentration: Decimal | None = None
    grade: str = ""
    state: str = ""
    boiling_point_c: Decimal | None = None
    operating_temp_c: Decimal | None = None
    operating_pressure_mpa: Decimal | None = None
    key_process: bool | None = None
    near_explosive_range: bool | None = None
    is_net: bool = False
    volume_m3: Decimal | None = None
    max_fill: Decimal | None = None
    density_t_per_m3: Decimal | None = None
    out_of_service: bool = False
    decommissioning_record: str = ""
    beta: Decimal | None = None
    beta_reason: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        if not (self.name.strip() or self.cas.strip()):
            raise BadInput("name", "bad.nameless")
        for field in ("quantity_t", "volume_m3"):
            check_number(field, getattr(self, field), low=Decimal(0))
        check_number("operating_pressure_mpa", self.operating_pressure_mpa, low=Decimal(-1), high=Decimal(10000))
        for field in ("boiling_point_c", "operating_temp_c"):
            check_number(field, getattr(self, field), low=Decimal("-273.15"), high=Decimal(5000))
        for field, high in (("concentration", 1), ("max_fill", 1), ("density_t_per_m3", 30), ("beta", 20)):
            check_number(field, getattr(self, field), low=Decimal(0), high=Decimal(high), above=True)
        for field, known in (("state", STATES), ("place", PLACES)):
            if getattr(self, field) not in ("", *known):
                raise BadInput(field, "bad.choice", choices=known)
        if self.quantity_t is None and self.volume_m3 is None:
            raise BadInput("quantity_t", "bad.missing")
        if self.volume_m3 is not None and self.density_t_per_m3 is None:
            raise BadInput("density_t_per_m3", "bad.missing")
        if self.beta is not None and not self.beta_reason.strip():
            raise BadInput("beta_reason", "bad.beta_reason")

    @property
    def label(self) -> str:
        return self.name.strip() or self.cas.strip()


@dataclass(frozen=True, slots=True)
class Unit:
    """One production or storage unit (生产单元、储存单元) with everything in it at its design maximum.

    ``exposed_population``: permanent residents within 500 m outside the plant's boundary, own staff not counted;
    ``None`` where nobody counted them.

    :raises BadInput: an unknown kind, boundary or exclusion; a negative population.
    """

    kind: str
    stocks: tuple[Stock, ...]
    exposed_population: int | None = None
    #: One of :data:`EXCLUSIONS`, with the reason in words; empty where the standard applies.
    exclusion: str = ""
    exclusion_reason: str = ""
    boundary: str = ""
    boundary_count: int = 1
    #: The unit is only a part of what its boundary encloses.
    is_partial: bool = False
    valve_tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput("kind", "bad.choice", choices=KINDS)
        if self.exposed_population is not None and not 0 <= self.exposed_population <= 10**9:
            raise BadInput("exposed_population", "bad.range", low=Decimal(0), high=Decimal(10**9))
        if not 1 <= self.boundary_count <= 10000:
            raise BadInput("boundary_count", "bad.range", low=Decimal(1), high=Decimal(10000))
        if self.boundary not in ("", *BOUNDARIES):
            raise BadInput("boundary", "bad.choice", choices=BOUNDARIES)
        if self.exclusion not in ("", *EXCLUSIONS):
            raise BadInput("exclusion", "bad.choice", choices=EXCLUSIONS)
        if self.exclusion and not self.exclusion_reason.strip():
            raise BadInput("exclusion_reason", "bad.exclusion_reason")


@dataclass(frozen=True, slots=True)
class Step:
    """One term of the sum: what was counted, at which threshold and β, by which clause, and why."""

    #: Place of the stock in the unit, from 0.
    stock: int
    name: str
    cas: str
    #: Tonnes that count.
    q_t: Decimal
    #: Threshold in tonnes and β; None where the chemical has no threshold and is not summed.
    threshold_t: Decimal | None
    beta: Decimal | None
    #: Hazard category that gave threshold or β (``J3``); several of a table 1 item are joined by ``/``.
    symbol: str
    #: Item of table 1, where one gave the threshold.
    item: int | None
    clause: Text
    why: tuple[Note, ...]

    @property
    def ratio(self) -> Fraction | None:
        """``q / Q``, exact."""
        return None if self.threshold_t is None else Fraction(self.q_t) / Fraction(self.threshold_t)


@dataclass(frozen=True, slots=True)
class Doubt:
    """What could not be decided: about which stock (None: the unit), and what was done meanwhile."""

    stock: int | None
    name: str
    note: Note

    @property
    def code(self) -> str:
        return self.note.code

    def text(self, language: str = "zh") -> str:
        said = self.note.text(language)
        if self.stock is None:
            return said
        mark = ": " if language.lower().startswith("en") else "："
        return f"stocks[{self.stock}] {self.name}{mark}{said}"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome: sums exact, and as the decimals that are shown.

    ``s`` is None for a unit that the standard does not apply to; ``r``, ``alpha`` and ``grade`` (1 the gravest to 4)
    are None where it is no major hazard.
    """

    s_exact: Fraction | None
    is_major_hazard: bool
    r_exact: Fraction | None
    alpha: Decimal | None
    grade: int | None
    steps: tuple[Step, ...]
    doubts: tuple[Doubt, ...]
    #: The sums in a person's words: S, α, R, grade.
    why: tuple[Note, ...]
    s: Decimal | None
    r: Decimal | None
    edition: str = EDITION
    table_version: str = TABLE_VERSION


def check_number(
    field: str, value: Decimal | None, *, low: Decimal, high: Decimal = LARGEST, above: bool = False
) -> None:
    """Refuse what is not finite, beyond a limit (``above``: also the lower limit itself) or absurdly long.

    :raises BadInput: named by ``field``.
    """
    if value is None:
        return
    if not value.is_finite():
        raise BadInput(field, "bad.number")
    if len(value.as_tuple().digits) > DIGITS or (value and -SMALLEST < value < SMALLEST):
        raise BadInput(field, "bad.digits")
    if value > high or value < low or (above and value == low):
        raise BadInput(field, "bad.above" if above else "bad.range", low=low, high=high)
