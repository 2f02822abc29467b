"""Loading the register that ships; entering a new edition: a change of law is an import, not a release."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.law.models import Asks, Clause, Edition, Grade, Kind, LegalText, Mark
from quancheng.kernel.names import clean

#: Gives texts in the shape that a file has them in.
TextSource = Callable[[], Iterable[Mapping[str, Any]]]

MANAGE, OWN = "law.manage", "law.own"

_SOURCES: list[Path | TextSource] = [Path(__file__).parent / "data" / name for name in ("laws.json", "documents.json")]


@dataclass(frozen=True)
class ClauseSpec:
    """A clause to enter; ``place`` as people cite it, ``refers`` the places of criteria that its failure may meet."""

    place: str
    summary: str
    title: str = ""
    summary_en: str = ""
    subject: str = ""
    basis: str = ""
    grade: str = ""
    refers: Sequence[str] = ()
    asks: str = ""
    mark: str = Mark.GENERAL


@dataclass(frozen=True)
class EditionSpec:
    """An edition to enter; ``effective_from`` may be None where nobody knows it yet."""

    number: str
    effective_from: date | None
    mark: str = Mark.GENERAL
    dates_mark: str = Mark.GENERAL
    adopted_on: date | None = None
    effective_to: date | None = None
    note: str = ""


def register_data(source: Path | TextSource) -> None:
    """An app brings texts of its own (criteria, checklists): called from its ``ready``; loaded after migrations.

    :param source: a file, or a function that makes the same out of data which ship in another shape.
    """
    if source not in _SOURCES:
        _SOURCES.append(source)


def load_shipped(*, now: datetime) -> int:
    """Enter the texts and editions that ship and are not there yet; returns how many editions are new."""
    return sum(load_texts(_texts_of(source), now=now) for source in _SOURCES)


def _texts_of(source: Path | TextSource) -> Iterable[Mapping[str, Any]]:
    if isinstance(source, Path):
        texts: list[Mapping[str, Any]] = json.loads(source.read_text(encoding="utf-8"))["texts"]
        return texts
    return source()


def load_texts(texts: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Texts with their editions and clauses; an edition that stands is left as it is."""
    loaded = 0
    with transaction.atomic():
        for entry in texts:
            text, _made = LegalText.objects.get_or_create(
                code=entry["code"],
                defaults={
                    "kind": entry["kind"],
                    "name": entry["zh"],
                    "name_en": entry.get("en", ""),
                    "issuer": entry.get("issuer", ""),
                    "note": entry.get("note", ""),
                },
            )
            known = set(text.editions.values_list("number", flat=True))
            for edition in entry["editions"]:
                if edition["number"] not in known:
                    _load_edition(text, edition, now)
                    loaded += 1
    return loaded


def require_writer(actor: Actor, text: LegalText) -> None:
    """Who may word a text: whoever keeps the register, of a department's own checklist that department alone.

    :raises NotPermitted: anybody else.
    """
    if text.owner_id is None:
        actor.require(MANAGE)
        return
    actor.require(OWN)
    if text.owner_id != actor.organisation_id:
        raise NotPermitted(_("这是其他部门的检查表，只能由制定部门修改。"), code="owned_by_another")


def _require_draft(edition: Edition) -> None:
    """A department's checklist that was published stands as it was published: a newer edition words it anew."""
    if edition.text.owner_id is not None and edition.effective_from is not None:
        raise Conflict(_("已发布的版本不能修改，请制定新版本。"), code="published")


def add_text(
    *, actor: Actor, code: str, kind: str, name: str, now: datetime, name_en: str = "", issuer: str = "",
    is_own: bool = False,
) -> LegalText:  # fmt: skip
    """Enter a text without an edition yet.

    :param is_own: a checklist of the actor's own department. :raises Conflict: the code is taken.
    """
    actor.require(OWN if is_own else MANAGE)
    owner_id = actor.organisation_id if is_own else None
    if is_own and (owner_id is None or kind != Kind.CHECKLIST):
        raise NotPermitted
    code, name = clean(code), clean(name)
    if not code or len(code) > 40 or not name or len(name) > 200 or kind not in Kind.values:
        raise Invalid(fields={"name": _("请填写代码、类别和名称。")})
    with transaction.atomic():
        if LegalText.objects.filter(code=code).exists():
            raise Conflict(fields={"code": _("该代码已存在。")})
        text = LegalText.objects.create(code=code, kind=kind, name=name, name_en=clean(name_en), issuer=clean(issuer),
                                        owner_id=owner_id)  # fmt: skip
        journal.record(
            actor=actor, act="law.text.add", subject_type="law.legaltext", now=now, facts={"code": code, "name": name}
        )
    return text


def add_edition(
    *, actor: Actor, text: LegalText, spec: EditionSpec, clauses: Sequence[ClauseSpec] = (), now: datetime
) -> Edition:
    """Enter a new edition with its clauses; the one before ends the day before it begins.

    What was decided under the older one stays: queries ask for the day of the fact.

    :raises Invalid: no number, dates out of order, or a clause twice. :raises Conflict: it is there already, or its
        days overlap those of an edition that does not simply precede it.
    """
    require_writer(actor, text)
    if text.owner_id is not None and spec.effective_from is not None:
        raise Conflict(_("部门检查表的施行日期在发布时确定。"), code="not_published")
    _check(spec, clauses)
    with transaction.atomic():
        LegalText.objects.select_for_update(no_key=True).get(pk=text.pk)
        if text.editions.filter(number=spec.number).exists():
            raise Conflict(fields={"number": _("该版本已录入。")})
        ended = _end_previous(text, spec)
        edition = Edition.objects.create(
            text=text,
            number=clean(spec.number),
            adopted_on=spec.adopted_on,
            effective_from=spec.effective_from,
            effective_to=spec.effective_to,
            mark=spec.mark,
            dates_mark=spec.dates_mark,
            note=spec.note,
            entered_at=now,
            entered_by_id=actor.user_id,
        )
        _write_clauses(edition, clauses)
        journal.record(
            actor=actor, act="law.edition.add", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={
                "text": text.pk, "number": edition.number, "from": spec.effective_from, "ended": ended,
                "clauses": len(clauses), "digest": digest_of([[one.place, one.summary] for one in clauses]),
            },
        )  # fmt: skip
    return edition


def save_clauses(*, actor: Actor, edition: Edition, clauses: Sequence[ClauseSpec], now: datetime) -> list[Clause]:
    """Enter clauses of an edition that stands, or word them anew; those that are not named stay as they are.

    :raises Invalid: a clause twice, or one without place or content.
    """
    require_writer(actor, edition.text)
    _require_draft(edition)
    if wrong := _wrong_clauses(clauses):
        raise Invalid(fields={"clauses": wrong})
    with transaction.atomic():
        Edition.objects.select_for_update(no_key=True).get(pk=edition.pk)
        last = edition.clauses.order_by("-position").values_list("position", flat=True).first() or 0
        Clause.objects.bulk_create(
            [_clause(edition, one, position=last + number * 10) for number, one in enumerate(clauses, start=1)],
            update_conflicts=True,
            unique_fields=["edition", "place"],
            update_fields=["title", "summary", "summary_en", "basis", "grade", "refers", "asks", "mark"],
        )
        journal.record(
            actor=actor, act="law.clause.save", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={
                "clauses": len(clauses), "digest": digest_of([[one.place, one.summary] for one in clauses]),
            },
        )  # fmt: skip
    return list(edition.clauses.filter(place__in=[one.place for one in clauses]))


def remove_clauses(*, actor: Actor, edition: Edition, places: Sequence[str], now: datetime) -> None:
    """Take out clauses that were entered by mistake. :raises ProtectedError: something rests on one."""
    require_writer(actor, edition.text)
    _require_draft(edition)
    with transaction.atomic():
        edition.clauses.filter(place__in=list(places)).delete()
        journal.record(
            actor=actor, act="law.clause.remove", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={"places": sorted(places)},
        )  # fmt: skip


def withdraw_edition(*, actor: Actor, code: str, number: str, now: datetime) -> None:
    """Take back an edition that was entered by mistake, and its text where no edition is left.

    :raises Conflict: it has clauses, or another edition ended when it began. :raises ProtectedError: it is in use.
    """
    with transaction.atomic():
        text = LegalText.objects.select_for_update(no_key=True).get(pk=code)
        require_writer(actor, text)
        edition = text.editions.filter(number=number).first()
        if edition is not None:
            if edition.clauses.exists():
                raise Conflict(_("“%(number)s”已录入条款。") % {"number": number})
            day = edition.effective_from
            if day is not None and text.editions.filter(effective_to=day - timedelta(days=1)).exists():
                raise Conflict(_("“%(number)s”施行时上一版本已失效，请更正施行日期。") % {"number": number})
            edition.delete()
        if not text.editions.exists():
            text.delete()
        journal.record(
            actor=actor, act="law.edition.withdraw", subject_type="law.legaltext", now=now,
            facts={"code": code, "number": number},
        )  # fmt: skip


def set_dates(
    *,
    actor: Actor,
    edition: Edition,
    effective_from: date | None,
    effective_to: date | None,
    source: str,
    now: datetime,
    mark: str = Mark.VERIFIED,
) -> None:
    """Say when an edition was in force, with the source that says so: dates that ship may be wrong or missing.

    :param mark: how sure that is; another one where dates are given back that stood before.
    :raises Invalid: no source, or dates out of order. :raises Conflict: its days overlap another edition's.
    """
    require_writer(actor, edition.text)
    if edition.text.owner_id is not None:
        raise Conflict(_("部门检查表的施行日期在发布时确定。"), code="not_published")
    if not source.strip():
        raise Invalid(fields={"source": _("请写明依据。")})
    if effective_from and effective_to and effective_to < effective_from:
        raise Invalid(fields={"effective_to": _("失效日期不能早于施行日期。")})
    with transaction.atomic():
        LegalText.objects.select_for_update(no_key=True).get(pk=edition.text_id)
        if effective_from is not None:
            others = Edition.objects.filter(text=edition.text_id).exclude(pk=edition.pk)
            _refuse_overlap(others, effective_from, effective_to)
        before = [edition.effective_from, edition.effective_to]
        edition.effective_from, edition.effective_to, edition.dates_mark = effective_from, effective_to, mark
        edition.save(update_fields=["effective_from", "effective_to", "dates_mark"])
        journal.record(
            actor=actor, act="law.edition.date", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={"before": before, "after": [effective_from, effective_to], "source": source.strip()[:200]},
        )  # fmt: skip


def put_in_force(*, actor: Actor, edition: Edition, effective_from: date, now: datetime) -> None:
    """A department's checklist holds from a day on, and the edition before it ends the day before.

    :raises Conflict: it holds already, or its days overlap another's.
    """
    require_writer(actor, edition.text)
    _require_draft(edition)
    with transaction.atomic():
        text = LegalText.objects.select_for_update(no_key=True).get(pk=edition.text_id)
        ended = _end_previous(text, EditionSpec(number=edition.number, effective_from=effective_from))
        edition.effective_from = effective_from
        edition.save(update_fields=["effective_from"])
        journal.record(
            actor=actor, act="law.edition.in_force", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={"text": text.pk, "number": edition.number, "from": effective_from, "ended": ended},
        )  # fmt: skip


def end_edition(*, actor: Actor, edition: Edition, last_day: date, now: datetime) -> None:
    """A department's checklist is withdrawn: it holds until a day; one that had not begun by then never does."""
    require_writer(actor, edition.text)
    with transaction.atomic():
        LegalText.objects.select_for_update(no_key=True).get(pk=edition.text_id)
        edition.refresh_from_db(fields=["effective_from", "effective_to"])
        begun = edition.effective_from is not None and edition.effective_from <= last_day
        edition.effective_from = edition.effective_from if begun else None
        edition.effective_to = min(edition.effective_to or last_day, last_day) if begun else None
        edition.save(update_fields=["effective_from", "effective_to"])
        journal.record(
            actor=actor, act="law.edition.end", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={"text": edition.text_id, "number": edition.number, "to": edition.effective_to},
        )  # fmt: skip


def reopen_edition(*, actor: Actor, edition: Edition, now: datetime) -> None:
    """A department's edition has no end again, since the one that was to replace it was taken back before it began.

    :raises Conflict: its days overlap another's.
    """
    require_writer(actor, edition.text)
    with transaction.atomic():
        LegalText.objects.select_for_update(no_key=True).get(pk=edition.text_id)
        edition.refresh_from_db(fields=["effective_from", "effective_to"])
        if edition.text.owner_id is None or edition.effective_from is None:
            raise Conflict(_("部门检查表的施行日期在发布时确定。"), code="not_published")
        others = Edition.objects.filter(text=edition.text_id).exclude(pk=edition.pk)
        _refuse_overlap(others, edition.effective_from, None)
        before, edition.effective_to = edition.effective_to, None
        edition.save(update_fields=["effective_to"])
        journal.record(
            actor=actor, act="law.edition.reopen", subject_type="law.edition", subject_id=edition.pk, now=now,
            facts={"text": edition.text_id, "number": edition.number, "before": before},
        )  # fmt: skip


def name_text(*, actor: Actor, code: str, name: str, now: datetime) -> None:
    """Let a department's checklist be called as its edition in force calls it: an act of the house."""
    actor.require(OWN)
    if not actor.is_system:
        raise NotPermitted
    with transaction.atomic():
        text = LegalText.objects.select_for_update(no_key=True).get(pk=code, owner__isnull=False)
        before, text.name = text.name, clean(name)
        text.save(update_fields=["name"])
        journal.record(
            actor=actor, act="law.text.name", subject_type="law.legaltext", now=now,
            facts={"code": code, "before": before, "name": text.name},
        )  # fmt: skip


def _check(spec: EditionSpec, clauses: Sequence[ClauseSpec]) -> None:
    wrong: dict[str, Any] = {}
    if not clean(spec.number) or len(spec.number) > 120:
        wrong["number"] = _("请填写文号或版本。")
    if spec.effective_from and spec.effective_to and spec.effective_to < spec.effective_from:
        wrong["effective_to"] = _("失效日期不能早于施行日期。")
    if spec.mark not in Mark.values or spec.dates_mark not in Mark.values:
        wrong["mark"] = _("请选择确信程度。")
    if said := _wrong_clauses(clauses):
        wrong["clauses"] = said
    if wrong:
        raise Invalid(fields=wrong)


def _wrong_clauses(clauses: Sequence[ClauseSpec]) -> str:
    places = [one.place for one in clauses]
    if any(not one.place or not one.summary.strip() for one in clauses):
        return _("条款须有编号和内容。")
    if any(one.grade not in ("", *Grade.values) for one in clauses):
        return _("没有这个等级。")
    if any(one.asks not in Asks.values for one in clauses):
        return _("没有这种作答方式。")
    if any(len(place) > 40 for one in clauses for place in one.refers):
        return _("对应判定标准的编号不超过40字。")
    return _("同一条款出现了两次。") if len(set(places)) != len(places) else ""


def _end_previous(text: LegalText, spec: EditionSpec) -> str:
    """End the edition that stands when a new one begins; returns its number."""
    if spec.effective_from is None:
        return ""
    day_before = spec.effective_from - timedelta(days=1)
    standing = text.editions.filter(effective_from__lt=spec.effective_from, effective_to__isnull=True)
    previous = standing.order_by("-effective_from").first()
    if previous is not None:
        Edition.objects.filter(pk=previous.pk).update(effective_to=day_before)
    _refuse_overlap(text.editions.all(), spec.effective_from, spec.effective_to)
    return previous.number if previous else ""


def _refuse_overlap(editions: Any, first: date, last: date | None) -> None:
    overlapping = editions.filter(effective_from__isnull=False).filter(
        Q(effective_to__isnull=True) | Q(effective_to__gte=first)
    )
    if last is not None:
        overlapping = overlapping.filter(effective_from__lte=last)
    other = overlapping.first()
    if other is not None:
        raise Conflict(
            _("与“%(number)s”的施行期间重叠，请先更正日期。") % {"number": other.number}, code="editions_overlap"
        )


def _load_edition(text: LegalText, entry: Mapping[str, Any], now: datetime) -> None:
    edition = Edition.objects.create(
        text=text,
        number=entry["number"],
        adopted_on=_day(entry.get("adopted")),
        effective_from=_day(entry.get("from")),
        effective_to=_day(entry.get("to")),
        mark=entry["mark"],
        dates_mark=entry.get("dates", "G"),
        note=entry.get("note", ""),
        entered_at=now,
    )
    _write_clauses(edition, [ClauseSpec(**clause) for clause in entry.get("clauses", ())])


def _write_clauses(edition: Edition, clauses: Sequence[ClauseSpec]) -> None:
    Clause.objects.bulk_create(
        [_clause(edition, one, position=number * 10) for number, one in enumerate(clauses, start=1)]
    )


def _clause(edition: Edition, spec: ClauseSpec, *, position: int) -> Clause:
    return Clause(
        edition=edition, place=spec.place, title=spec.title, summary=spec.summary, summary_en=spec.summary_en,
        subject=spec.subject, basis=spec.basis, grade=spec.grade, refers=list(spec.refers), asks=spec.asks,
        mark=spec.mark, position=position,
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
