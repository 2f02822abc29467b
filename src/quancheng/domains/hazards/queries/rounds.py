"""Reads of government special inspection rounds: whom one means, who answered what, what was seen, the numbers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from quancheng.domains.hazards.models import (
    Finding,
    InspectionRound,
    ItemResult,
    RoundAnswer,
    RoundCheck,
    RoundItem,
    RoundSection,
    RoundTarget,
    SubFieldTag,
)
from quancheng.domains.hazards.queries.sections import of_section
from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import seen
from quancheng.domains.risk.models import RiskUnit
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import NotFound
from quancheng.kernel.law import queries as law
from quancheng.kernel.law.models import Edition, Kind, LegalText
from quancheng.kernel.law.queries import not_withdrawn
from quancheng.kernel.pages.given import known_key
from quancheng.kernel.people.models import Organisation

Row = TypeVar("Row")
#: Units that one round is issued to at most; who means more narrows it or issues two. [D]
MOST_UNITS = 500
#: Rounds that a filter offers; by its address it takes any that the actor sees.
MOST_CHOICES = 300
_STANDING_TAG = Q(ended_date__isnull=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """By what units are chosen; each condition that is given narrows.

    :ivar colours: levels of the enterprise's risk, 1 (red) to 4. :ivar kinds: classes of enterprises, main or further.
    :ivar town: path of a street or town. :ivar major: ``any`` major hazard, or ``1`` to ``4``: of that grade or graver.
    :ivar sub_field: name of a high-risk sub-field. :ivar links: links of the chain, any of them.
    """

    colours: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    town: str = ""
    major: str = ""
    sub_field: str = ""
    links: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {"colours": list(self.colours), "kinds": list(self.kinds), "town": self.town, "major": self.major,
                "sub_field": self.sub_field, "links": list(self.links)}  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Asked:
        """From what was kept."""
        return cls(
            tuple(kept.get("colours", ())), tuple(kept.get("kinds", ())), kept.get("town", ""), kept.get("major", ""),
            kept.get("sub_field", ""), tuple(kept.get("links", ())),
        )  # fmt: skip


def candidates(*, actor: Actor, asked: Asked) -> QuerySet[Enterprise]:
    """Working units in the actor's scope that a filter means, by name."""
    files = seen(actor=actor).exclude(life=Life.CLOSED).select_related("enterprise", "area")
    if asked.colours:
        files = files.filter(graded__present_level__in=asked.colours)
    if asked.kinds:
        files = files.filter(Q(kind__in=asked.kinds) | Q(more_kinds__overlap=list(asked.kinds)))
    if asked.town:
        files = files.filter(area__path__startswith=asked.town)
    if asked.major:
        worst = 4 if asked.major == "any" else int(asked.major)
        files = files.filter(legal_grade__lte=worst)
    if asked.sub_field:
        tags = SubFieldTag.objects.filter(_STANDING_TAG, file=OuterRef("pk"), name=asked.sub_field)
        files = files.filter(Exists(tags))
    if asked.links:
        files = files.filter(links__overlap=list(asked.links))
    return files.order_by("pinyin", "pk")


def name_of(file: Enterprise) -> str:
    """An enterprise's name."""
    return file.enterprise.name if file.enterprise is not None else ""


def edition_on(code: str, *, day: date) -> Edition | None:
    """The edition of a checklist, with items in it, that is in force on a day."""
    if not list_texts().filter(pk=code).exists():
        return None
    edition = law.in_force(code, on=day)
    return edition if edition is not None and law.list_clauses(edition).exists() else None


def list_texts() -> QuerySet[LegalText]:
    """What a round may ask by: checklists of the law register."""
    return LegalText.objects.filter(not_withdrawn(), kind=Kind.CHECKLIST).order_by("code")


def points_of(files: Sequence[Enterprise]) -> Mapping[uuid.UUID, Sequence[RiskUnit]]:
    """Risk points (风险点) that stand, by file: the units of its risk list."""
    rows = RiskUnit.objects.filter(
        object__file__in=[one.pk for one in files], ended_date__isnull=True, object__ended_date__isnull=True
    )
    found: dict[uuid.UUID, list[RiskUnit]] = {}
    for row in rows.select_related("object").order_by("object__code", "code", "pk"):
        found.setdefault(row.object.file_id, []).append(row)
    return found


def list_rounds(*, actor: Actor) -> QuerySet[InspectionRound]:
    """Rounds that the actor may see, the newest first, with what became of them so far."""
    rows = InspectionRound.objects.visible_to(actor).select_related("owner_org", "edition__text", "rule", "series")
    return rows.annotate(
        target_count=Count("targets", distinct=True),
        answered_count=Count("targets", filter=Q(targets__status="ANSWERED"), distinct=True),
        abnormal_units=Count("targets", filter=Q(targets__abnormal_count__gt=0), distinct=True),
    ).order_by("-created_at", "pk")


def get_round(*, actor: Actor, round_id: uuid.UUID) -> InspectionRound:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_rounds(actor=actor).filter(pk=round_id).first())


def list_targets(*, actor: Actor) -> QuerySet[RoundTarget]:
    """Units' parts that the actor may see, what is owed first, then by deadline."""
    rows = RoundTarget.objects.visible_to(actor).select_related(
        "round__owner_org", "round__edition__text", "file__enterprise", "file__area"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_at", "pk")


def get_target(*, actor: Actor, target_id: uuid.UUID) -> RoundTarget:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_targets(actor=actor).filter(pk=target_id).first())


def with_section() -> Q:
    """Parts that have a mandatory section."""
    return Q(Exists(RoundSection.objects.filter(target=OuterRef("pk"))))


def late_q(now: datetime) -> Q:
    """Units that are or were late: not signed for in time, not answered in time, answered after the term, lapsed."""
    return (
        Q(closed_at__isnull=True, due_at__lt=now) | Q(status="ISSUED", receive_by__lt=now)
        | Q(answered_at__gt=F("due_at")) | Q(status="LAPSED")
    )  # fmt: skip


def is_late(row: RoundTarget, now: datetime) -> bool:
    """The same of one row."""
    if row.status == "LAPSED" or (row.answered_at is not None and row.answered_at > row.due_at):
        return True
    return row.closed_at is None and (row.due_at < now or (row.status == "ISSUED" and row.receive_by < now))


def items_of(row: RoundTarget) -> Sequence[RoundItem]:
    """Items that a unit answers, in order: its own risk points, or the items for all; then its mandatory sections."""
    chosen = Q(target=row) if row.round.item_type == "by_risk_point" else Q(target__isnull=True, section__isnull=True)
    forced = Q(target__isnull=True, section__in=RoundSection.objects.filter(target=row).values("edition"))
    own = RoundItem.objects.filter(chosen | forced, round=row.round_id)
    return list(own.select_related("unit", "section__text").order_by("position", "pk"))


def sections_of(row: RoundTarget) -> Sequence[RoundSection]:
    """Mandatory sections of a unit's part, with why it is asked."""
    return list(row.sections.select_related("edition__text").order_by("added_at", "pk"))


def items_of_round(row: InspectionRound) -> Sequence[RoundItem]:
    """Items of a round for all units, and of its mandatory sections, asked of those whom they concern."""
    rows = row.items.filter(target__isnull=True).select_related("section__text")
    return list(rows.order_by("position", "pk"))


def list_answers(*, actor: Actor) -> QuerySet[RoundAnswer]:
    """Answers, item by item, of the units that the actor may see, the newest part first."""
    parts = RoundTarget.objects.visible_to(actor).order_by().values("pk")
    rows = RoundAnswer.objects.filter(target__in=parts).select_related(
        "item", "target__round__owner_org", "target__file__enterprise", "target__file__area", "finding", "seen_finding"
    )
    return rows.order_by("-target__answered_at", "target", "item__position", "pk")


def answers_of(row: RoundTarget) -> Sequence[RoundAnswer]:
    """Answers of one part that the caller got through its own query, in the order of its items."""
    rows = row.answers.select_related("item__section__text", "finding", "seen_finding")
    return list(rows.order_by("item__position", "pk"))


def pool_of(row: InspectionRound, *, at: datetime) -> Mapping[str, RoundTarget]:
    """The units that can be drawn: those that answered by a moment, by their keys."""
    rows = row.targets.filter(status="ANSWERED", answered_at__lte=at).select_related("file__enterprise")
    return {str(one.pk): one for one in rows}


def list_checks(*, actor: Actor) -> QuerySet[RoundCheck]:
    """Looks on site that the actor may see, open ones first. The unit sees only what is done."""
    rows = RoundCheck.objects.visible_to(actor).select_related(
        "round__owner_org", "owner_org", "target__file__enterprise", "target__file__area", "finding"
    )
    return rows.order_by(F("closed_at").desc(nulls_first=True), "due_date", "pk")


def get_check(*, actor: Actor, check_id: uuid.UUID) -> RoundCheck:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_checks(actor=actor).filter(pk=check_id).first())


def check_of(row: RoundTarget, *, actor: Actor) -> RoundCheck | None:
    """The look at one unit, for who may know of it."""
    return list_checks(actor=actor).filter(target=row).first()


def open_findings_of(file_id: uuid.UUID) -> QuerySet[Finding]:
    """Dangers of a unit that are open: those that an abnormal item may name instead of a new one."""
    rows = Finding.objects.filter(file=file_id, closed_at__isnull=True).exclude(status="DRAFT")
    return rows.order_by("-found_at", "pk")


def verifiers(*, actor: Actor) -> QuerySet[Organisation]:
    """Bodies that may look on site in the office's place: those that supervise and stand."""
    return Organisation.objects.visible_to(actor).standing().filter(supervises=True).order_by("pinyin", "pk")


def summary(row: InspectionRound, *, actor: Actor, now: datetime) -> dict[str, Any]:
    """Numbers of a round within the actor's scope: units, items, dangers, looks on site.

    Rates are whole percent, empty where nothing is counted: ``answered_rate`` of the units that had to answer,
    ``normal_rate`` of the items that apply, ``matched_rate`` of the looks that are done.
    """
    parts = RoundTarget.objects.visible_to(actor).filter(round=row).order_by()
    found: dict[str, Any] = parts.aggregate(
        units=Count("pk"),
        freed=Count("pk", filter=Q(status="ENDED")),
        received=Count("pk", filter=Q(received_at__isnull=False)),
        answered=Count("pk", filter=Q(status="ANSWERED")),
        lapsed=Count("pk", filter=Q(status="LAPSED")),
        late=Count("pk", filter=late_q(now)),
        abnormal_units=Count("pk", filter=Q(abnormal_count__gt=0)),
        section_units=Count("pk", filter=with_section()),
    )  # fmt: skip
    answers = RoundAnswer.objects.filter(target__in=parts.values("pk")).order_by()
    found |= answers.aggregate(
        items=Count("pk"),
        normal=Count("pk", filter=Q(result=ItemResult.NORMAL)),
        abnormal=Count("pk", filter=Q(result=ItemResult.ABNORMAL)),
        not_applicable=Count("pk", filter=Q(result=ItemResult.NOT_APPLICABLE)),
        dangers=Count("finding", filter=Q(is_known=False), distinct=True),
        known=Count("finding", filter=Q(is_known=True), distinct=True),
        seen_dangers=Count("seen_finding", distinct=True),
        closed_dangers=Count("finding", filter=Q(finding__status="CLOSED"), distinct=True),
        section_items=Count("pk", filter=of_section()),
        section_abnormal=Count("pk", filter=of_section() & Q(result=ItemResult.ABNORMAL)),
    )  # fmt: skip
    looks = RoundCheck.objects.visible_to(actor).filter(round=row).order_by()
    found |= looks.aggregate(
        drawn=Count("pk"),
        looked=Count("pk", filter=Q(status__in=("MATCHED", "DIFFERED"))),
        matched=Count("pk", filter=Q(status="MATCHED")),
        differed=Count("pk", filter=Q(status="DIFFERED")),
        dropped=Count("pk", filter=Q(status="ENDED")),
        unit_dangers=Count("finding", distinct=True),
    )  # fmt: skip
    found["seen_dangers"] += found.pop("unit_dangers")
    found["answered_rate"] = _rate(found["answered"], found["units"] - found["freed"])
    found["normal_rate"] = _rate(found["normal"], found["normal"] + found["abnormal"])
    found["matched_rate"] = _rate(found["matched"], found["looked"])
    return found


def _rate(part: int, whole: int) -> int | None:
    return part * 100 // whole if whole else None


def round_choices(actor: Actor, also: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Rounds of which the actor sees a part, the newest first, for filters of lists: the last 300, and those whose
    keys are named."""
    parts = RoundTarget.objects.visible_to(actor).order_by().values("round")
    rows = InspectionRound.objects.filter(pk__in=parts).order_by("-created_at", "pk")
    found = [(str(one.pk), str(one)) for one in rows[:MOST_CHOICES]]
    known = {key for key, _label in found}
    keys = [key for key in map(known_key, also) if key is not None and str(key) not in known]
    return found + ([(str(one.pk), str(one)) for one in rows.filter(pk__in=keys)] if keys else [])


def list_sub_fields(*, actor: Actor) -> QuerySet[SubFieldTag]:
    """Tags of the units that the actor may see, the newest first; ended ones too."""
    files = Enterprise.objects.visible_to(actor).values("pk")
    rows = SubFieldTag.objects.filter(file__in=files).select_related("file__enterprise", "file__area", "by_org")
    return rows.order_by("-created_at", "pk")


def get_sub_field(*, actor: Actor, tag_id: uuid.UUID) -> SubFieldTag:
    """Raise NotFound for absent and for out of scope alike."""
    return _found(list_sub_fields(actor=actor).filter(pk=tag_id).first())


def sub_field_names(*, actor: Actor) -> Sequence[str]:
    """Sub-fields in which a unit of the actor's scope stands."""
    files = Enterprise.objects.visible_to(actor).values("pk")
    rows = SubFieldTag.objects.filter(_STANDING_TAG, file__in=files).order_by("name")
    return list(rows.values_list("name", flat=True).distinct())


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row
