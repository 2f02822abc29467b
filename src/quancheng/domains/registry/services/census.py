"""Censuses: opened, assigned to towns and grid officers, gone round, accepted, closed with their coverage."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import ClueSource, Kind, Life, VisitResult
from quancheng.domains.registry.models import Census, CensusArea, CensusVisit, Enterprise
from quancheng.domains.registry.queries.census import coverage_of, unseen_of
from quancheng.domains.registry.services import enterprises
from quancheng.domains.registry.services.clues import ClueSpec, raise_clue
from quancheng.domains.registry.services.enterprises import ENTER, EnterpriseSpec
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share, unshare
from quancheng.kernel.areas.models import Area
from quancheng.kernel.areas.queries import home
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import Organisation

MANAGE, VISIT = "registry.census.manage", "registry.census.visit"
MOST_QUESTIONS = 60
_TEXT_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class CensusSpec:
    """A census to be opened: why, whom it looks for, when, and what enterprises answer themselves."""

    title: str
    basis: str
    period_from: date
    period_to: date
    kinds: Sequence[str] = ()
    questions: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FoundSpec:
    """A place newly found on a round.

    :param text: what is stored or traded there. :param is_licensed: whether it showed its licences.
    """

    name: str
    kind: str
    area: Area | None
    address: str
    text: str
    credit_code: str = ""
    is_licensed: bool = False
    known: Mapping[str, Any] | None = None


def open_census(
    *, actor: Actor, spec: CensusSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Census:
    """Open a census of the actor's organisation; areas are assigned before it starts. :raises Invalid: by field."""
    actor.require(MANAGE)
    questions = list(dict.fromkeys(clean(one)[:300] for one in spec.questions if clean(one)))
    wrong: dict[str, Text] = {name: _("请填写此项。") for name in ("title", "basis") if not clean(getattr(spec, name))}
    if spec.period_to < spec.period_from:
        wrong["period_to"] = _("结束日期不能早于开始日期。")
    if set(spec.kinds) - set(Kind.values):
        wrong["kinds"] = _("没有这个企业类别。")
    if len(questions) > MOST_QUESTIONS:
        wrong["questions"] = _("自查内容不超过%(most)s项。") % {"most": MOST_QUESTIONS}
    if wrong:
        raise Invalid(fields=wrong)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    with transaction.atomic():
        row = Census(
            owner_org_id=actor.organisation_id, area=home(), reach="chain", code=next_code(Census, "P", now=now),
            title=clean(spec.title)[:200], basis=clean(spec.basis)[:300], kinds=sorted(set(spec.kinds)),
            questions=questions, period_from=spec.period_from, period_to=spec.period_to, created_at=now,
        )  # fmt: skip
        facts = {"title": row.title, "basis": row.basis, "kinds": row.kinds, "questions": questions}
        return enter(actor=actor, row=row, now=now, facts=facts, client_id=client_id)


def assign_areas(
    *, actor: Actor, census: Census, orgs: Sequence[Organisation], due_date: date, now: datetime
) -> list[CensusArea]:
    """Give the area of each organisation to it: towns their street, grid officers' committees their village.

    :raises Invalid: by field; an organisation without an area. :raises Conflict: an area overlaps one given
    already. :raises StaleState: the census has ended.
    """
    _require_owner(actor, census)
    wrong: dict[str, Text] = {}
    if not orgs:
        wrong["orgs"] = _("请选择单位。")
    if nowhere := [one.label for one in orgs if one.area is None]:
        wrong["orgs"] = _("以下单位没有辖区：%(names)s。") % {"names": listed(nowhere)}
    if due_date < Calendar().local_date(now):
        wrong["due_date"] = _("完成时限不能早于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    made = []
    with transaction.atomic():
        locked = Census.objects.select_for_update(no_key=True).get(pk=census.pk)
        if locked.is_closed:
            raise StaleState(_("该摸底已结束。"))
        given = [(one.area, one.org) for one in locked.areas.exclude(status="RELEASED").select_related("area", "org")]
        for org in orgs:
            _refuse_overlap(org, given)
            place = CensusArea(
                owner_org_id=census.owner_org_id, area=org.area, reach="chain", census=census, org=org,
                due_date=due_date,
            )  # fmt: skip
            enter(actor=actor, row=place, now=now, facts={"census": census.pk, "org": org.pk, "area": org.area_id})
            share(actor=actor, row=place, to_org=org.pk, why="assigned", now=now)
            share(actor=actor, row=census, to_org=org.pk, why="assigned", now=now)
            if locked.status == "RUNNING":
                move(actor=actor, row=place, name="open", now=now)
            given.append((org.area, org))
            made.append(place)
    return made


def _refuse_overlap(org: Organisation, given: Sequence[tuple[Area | None, Organisation]]) -> None:
    for area, other in given:
        if area is None or org.area is None:
            continue
        if area.path.startswith(org.area.path) or org.area.path.startswith(area.path):
            sentence = _("“%(one)s”与已分配给“%(other)s”的片区重叠。") % {"one": org.label, "other": other.label}
            raise Conflict(sentence, fields={"orgs": sentence})


def start_census(*, actor: Actor, census: Census, now: datetime, client_id: uuid.UUID | None = None) -> Census:
    """Start it: whoever got an area owes the round."""
    with transaction.atomic():
        move(actor=actor, row=census, name="start", now=now, client_id=client_id)
        for place in census.areas.filter(status="WAITING").select_related("census", "area", "org").order_by("pk"):
            move(actor=actor, row=place, name="open", now=now)
    return census


def close_census(
    *, actor: Actor, census: Census, report: str, gaps: str, now: datetime, client_id: uuid.UUID | None = None
) -> Census:
    """Close it with its report, once every area is answered; coverage is frozen.

    :raises Invalid: no report, or somebody was not seen and nobody says why. :raises StaleState: an area is open.
    """
    with transaction.atomic():
        # Whoever assigns an area meanwhile waits, or is waited for: none stays open under a closed census.
        Census.objects.select_for_update(no_key=True).get(pk=census.pk)
        return _close(actor, census, report, gaps, now, client_id)


def _close(
    actor: Actor, census: Census, report: str, gaps: str, now: datetime, client_id: uuid.UUID | None
) -> Census:  # fmt: skip
    found = coverage_of(actor=actor, census=census)
    left_out = [place for place, _line in found.areas if place.status == "RELEASED"]
    wrong: dict[str, Text] = {}
    if not report.strip():
        wrong["report"] = _("请填写此项。")
    if (found.whole.unseen or found.outside or left_out) and not gaps.strip():
        words = {"unseen": found.whole.unseen, "outside": found.outside, "areas": len(left_out)}
        wrong["gaps"] = _(
            "还有%(unseen)s家没有走访到，%(outside)s家不在任何片区，%(areas)s个片区未走访，请逐项写明原因。"
        ) % words  # fmt: skip
    if wrong:
        raise Invalid(fields=wrong)
    said, why = report.strip()[:_TEXT_LIMIT], gaps.strip()[:_TEXT_LIMIT]
    return move(
        actor=actor, row=census, name="close", now=now, given={"report": said, "gaps": why}, client_id=client_id,
        changes={"report": said, "gaps": why, "figures": found.plain(), "closed_at": now},
    )  # fmt: skip


def cancel_census(
    *, actor: Actor, census: Census, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Census:
    """Cancel it before it starts; nobody owes a round any more."""
    with transaction.atomic():
        move(
            actor=actor, row=census, name="cancel", now=now, given={"reason": reason.strip()},
            changes={"closed_at": now}, client_id=client_id,
        )  # fmt: skip
        for place in census.areas.filter(status="WAITING").order_by("pk"):
            move(actor=actor, row=place, name="release", now=now, given={"reason": reason.strip()},
                 changes={"closed_at": now})  # fmt: skip
    return census


# A round ---------------------------------------------------------------------------------------------------------


def record_visit(
    *,
    actor: Actor,
    place: CensusArea,
    file: Enterprise,
    result: str,
    note: str,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    unlisted: str = "",
    client_id: uuid.UUID | None = None,
) -> CensusVisit:
    """Tick an enterprise as met and right, changed or gone; ticking it again replaces what was said before.

    :param unlisted: what is kept in a store of it that stands in no licence; a clue of that store follows.

    :raises Invalid: by field. :raises StaleState: the round is not, or no longer, going on.
    """
    if result not in (VisitResult.MET, VisitResult.CHANGED, VisitResult.GONE):
        raise Invalid(fields={"result": _("请选择走访结果。")})
    if result != VisitResult.MET and not clean(note):
        raise Invalid(fields={"note": _("请写明变化的内容，或不在的依据。")})

    def make() -> uuid.UUID:
        _require_round(actor, place)
        visit = _write_visit(actor, place, file, result, note, evidence, now)
        if unlisted.strip():
            title = _("%(name)s 未列入证照的储存场所") % {"name": file.owner_org}
            spec = ClueSpec(
                title=title[:120], area=file.area or place.area, address=file.address or str(file.owner_org),
                text=unlisted, source=ClueSource.CENSUS, lon=file.lon, lat=file.lat, file=file, visit=visit,
            )  # fmt: skip
            raise_clue(actor=actor, spec=spec, evidence=evidence, now=now)
        return visit.pk

    with transaction.atomic():
        body = {"place": place.pk, "file": file.pk, "result": result, "note": note, "unlisted": unlisted}
        pk, _new = once(actor=actor, client_id=client_id, act="registry.census.visit", body=body, now=now, make=make)
    return CensusVisit.objects.select_related("place", "file").get(pk=pk)


def record_found(
    *,
    actor: Actor,
    place: CensusArea,
    spec: FoundSpec,
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> CensusVisit:
    """Add a place that nobody knew: it gets its file, and a clue where it showed no licence.

    A grid officer enters no enterprises otherwise; on his round the house does it for him, and the journal has both.

    :raises Invalid: by field. :raises Conflict: it has a file already. :raises StaleState: the round is not going on.
    """
    area = spec.area or place.area
    if area is None or place.area is None or not area.path.startswith(place.area.path):
        raise Invalid(fields={"area": _("请选择本片区内的镇街或村（社区）。")})
    unlicensed = spec.kind == Kind.UNLICENSED or not spec.is_licensed
    if unlicensed and not clean(spec.text):
        raise Invalid(fields={"text": _("没有出示证照的，请写明存放、经营了什么，大约多少。")})
    if not clean(spec.address):
        raise Invalid(fields={"address": _("请填写此项。")})

    def make() -> uuid.UUID:
        _require_round(actor, place)
        keeper = actor if actor.has(ENTER) else system_actor("registry", ENTER)
        known = {**(spec.known or {}), "address": clean(spec.address)[:200]}
        entered = EnterpriseSpec(
            name=spec.name, credit_code=spec.credit_code, kind=spec.kind, area=area, known=known,
            within=place.area,
        )  # fmt: skip
        file = enterprises.enter_enterprise(actor=keeper, spec=entered, now=now)
        visit = _write_visit(actor, place, file, VisitResult.FOUND, spec.text, evidence, now)
        if unlicensed:
            clue = ClueSpec(
                title=spec.name, area=area, address=spec.address, text=spec.text, source=ClueSource.CENSUS,
                lon=known.get("lon"), lat=known.get("lat"), file=file, visit=visit,
            )  # fmt: skip
            raise_clue(actor=actor, spec=clue, evidence=evidence, now=now)
        return visit.pk

    with transaction.atomic():
        body = {"place": place.pk, "name": spec.name, "kind": spec.kind, "code": spec.credit_code}
        pk, _new = once(actor=actor, client_id=client_id, act="registry.census.found", body=body, now=now, make=make)
    return CensusVisit.objects.select_related("place", "file").get(pk=pk)


def submit_area(
    *,
    actor: Actor,
    place: CensusArea,
    text: str,
    gap_reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> CensusArea:
    """Hand in a round. :raises Invalid: nothing said, or somebody known was not seen and nobody says why."""
    unseen = unseen_of(place).count()
    wrong: dict[str, Text] = {}
    if not text.strip():
        wrong["text"] = _("请填写此项。")
    if unseen and not clean(gap_reason):
        wrong["gap_reason"] = _("还有%(count)s家没有走访到，请写明原因。") % {"count": unseen}
    if wrong:
        raise Invalid(fields=wrong)
    changes = {"text": text.strip()[:_TEXT_LIMIT], "gap_reason": clean(gap_reason)[:500], "submitted_at": now}
    given = {"text": changes["text"], "gap_reason": changes["gap_reason"]}
    return move(
        actor=actor, row=place, name="submit", now=now, given=given, changes=changes, facts={"unseen": unseen},
        client_id=client_id,
    )  # fmt: skip


def judge_area(
    *,
    actor: Actor,
    place: CensusArea,
    name: str,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> CensusArea:
    """``accept`` a round, ``return`` it, or ``release`` the area with the reason why nobody goes there.

    With the acceptance the files of those who are gone are closed.
    """
    if name not in ("accept", "return", "release"):
        raise Invalid(_("没有这个操作。"))
    if name != "accept" and not reason.strip():
        raise Invalid(fields={"reason": _("此项必填。")})
    changes: dict[str, Any] = {} if name == "return" else {"closed_at": now}
    if name == "release":
        changes["gap_reason"] = clean(reason)[:500]
    with transaction.atomic():
        move(
            actor=actor, row=place, name=name, now=now, given={"reason": reason.strip()}, changes=changes,
            client_id=client_id,
        )  # fmt: skip
        if name == "accept":
            _close_gone(actor, place, now)
        if name == "release":
            unshare(actor=actor, row=place, why="assigned", to_org=place.org_id, now=now)
    return place


def _close_gone(actor: Actor, place: CensusArea, now: datetime) -> None:
    """The office took it on: who is gone is closed. The house writes, since a lead department may be another's."""
    house = system_actor("registry", ENTER)
    gone = place.visits.filter(result=VisitResult.GONE).exclude(file__life=Life.CLOSED).select_related("file")
    for visit in gone.order_by("pk"):
        changes = {"life": Life.CLOSED, "life_date": Calendar().local_date(visit.at)}
        file = visit.file
        enterprises.change_enterprise(actor=house, file=file, version=file.version, changes=changes, now=now)
        facts = {"census": place.census_id, "visit": visit.pk, "said": visit.note}
        enterprises.note(actor, "registry.census.gone", file, now, facts)


def _write_visit(
    actor: Actor,
    place: CensusArea,
    file: Enterprise,
    result: str,
    note: str,
    evidence: Sequence[uuid.UUID],
    now: datetime,
) -> CensusVisit:
    said = clean(note)[:500]
    visit, _new = CensusVisit.objects.update_or_create(
        census_id=place.census_id, file=file,
        defaults={"place": place, "result": result, "note": said, "by_user": actor.user_id, "by_name": actor.name,
                  "at": now},
    )  # fmt: skip
    facts = {"census": place.census_id, "visit": visit.pk, "result": result, "said": said}
    enterprises.note(actor, "registry.census.visit", file, now, facts)
    attach_files(actor=actor, row=visit, file_ids=list(evidence), now=now)
    return visit


def _require_round(actor: Actor, place: CensusArea) -> None:
    """Locks the area, so that nobody hands it in meanwhile. :raises NotPermitted: another organisation's round."""
    actor.require(VISIT)
    if place.org_id != actor.organisation_id:
        raise NotPermitted(_("该步骤由其他单位办理。"), code="other_organisation")
    locked = CensusArea.objects.select_for_update(no_key=True).get(pk=place.pk)
    if locked.status != "DUE":
        raise StaleState(_("该片区现为“%(state)s”，不能再登记走访。") % {"state": locked.status_label})


def _require_owner(actor: Actor, census: Census) -> None:
    actor.require(MANAGE)
    if census.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该摸底由其他单位组织。"), code="other_organisation")


