"""Government special inspection rounds (政府专项检查): drafted, issued, drawn from, closed, voided, and made anew."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.loops.round import RECEIVE_HOURS
from quancheng.domains.hazards.models import (
    AgencyRule,
    InspectionRound,
    RoundCheck,
    RoundItem,
    RoundTarget,
    VerifyMode,
)
from quancheng.domains.hazards.queries import rounds as queries
from quancheng.domains.hazards.queries.sections import sections_for
from quancheng.domains.hazards.services.round_sections import freeze_items, give_sections, plain_item
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.models import RiskUnit
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.law import queries as law
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once
from quancheng.kernel.people.actors import scope_of_organisation
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.recurrence import MOST_DATES, Period, periods
from quancheng.kernel.schedule.services import RuleSpec, create_rule, end_rule
from quancheng.standards.hidden_dangers.kinds import code_list
from quancheng.standards.risk import commitment

ISSUE, ANSWER, VERIFY = "hazards.rounds.issue", "hazards.rounds.answer", "hazards.rounds.verify"
GENERATOR = "hazards.round"
#: Days after the draw within which units are looked at, where the round says nothing. [D]
VERIFY_DAYS = 15
#: Days that units have to answer at most. [D]
MOST_DAYS = 366
#: Reckoning with later days would leave the calendar.
LAST_DAY = date(2200, 12, 31)
_OF_CYCLES = {"cycle", "cycle_number", "due_date", "end_date"}
_CODED = {
    "kind": "gov_list_type", "valid_type": "valid_type", "item_type": "item_type", "frequency": "frequency",
    "submit": "submit",
}  # fmt: skip


def house() -> Actor:
    """The house, for what follows from a move and for what the clock makes."""
    return system_actor("hazards", ISSUE, ANSWER, VERIFY)


@dataclass(frozen=True, slots=True)
class RoundSpec:
    """What a round asks of whom. Codes are those of ``standards.hidden_dangers.kinds``.

    :ivar checklist: code of a checklist of the law register, with ``item_type`` "by_item".
    :ivar cycle: with ``frequency`` "cyclic": hour, day, month or year, every ``cycle_number`` of them. Units have a day
        to sign for a round, so hours are whole days.
    """

    title: str
    text: str
    start_date: date
    due_date: date
    kind: str = "campaign"
    valid_type: str = "dates"
    end_date: date | None = None
    item_type: str = "by_item"
    checklist: str = ""
    frequency: str = "once"
    cycle: str = ""
    cycle_number: int | None = None
    submit: str = "all"
    agency: str = AgencyRule.NONE
    recheck_percent: int = 20
    verify_mode: str = VerifyMode.ITEM
    verify_date: date | None = None
    asked: queries.Asked = field(default_factory=queries.Asked)


def draft_round(*, actor: Actor, spec: RoundSpec, now: datetime, client_id: uuid.UUID | None = None) -> InspectionRound:
    """Enter a round as a draft of the actor's office; nobody else reads it before it is issued.

    :raises Invalid: by field. :raises NotPermitted: the duty is missing, or the organisation supervises nobody.
    """
    actor.require(ISSUE)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    known = _known(spec, now)
    with transaction.atomic():
        row = InspectionRound(
            owner_org_id=actor.organisation_id, reach="own", code=next_code(InspectionRound, "ZJ", now=now),
            created_at=now, **known,
        )  # fmt: skip
        return enter(actor=actor, row=row, now=now, client_id=client_id,
                     facts={"title": row.title, "asked": row.asked, "checklist": spec.checklist})  # fmt: skip


def change_round(*, actor: Actor, row: InspectionRound, spec: RoundSpec, now: datetime) -> InspectionRound:
    """Change a draft. :raises StaleState: it was issued or voided meanwhile. :raises Invalid: by field."""
    actor.require(ISSUE)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    known = _known(spec, now)
    drafts = InspectionRound.objects.visible_to(actor).filter(pk=row.pk, status="DRAFT")
    with transaction.atomic():
        if not drafts.update(**known, updated_at=now):
            raise StaleState(_("该任务已下发或作废，不能再修改。"))
        row.refresh_from_db()
        journal.record(
            actor=actor, act="hazards.round.change", subject_type=row.row_type(), subject_id=row.pk,
            org_id=row.owner_org_id, now=now,
            facts={"title": row.title, "asked": row.asked, "checklist": spec.checklist, "due_date": row.due_date},
        )  # fmt: skip
    return row


def issue_round(
    *, actor: Actor, row: InspectionRound, now: datetime, client_id: uuid.UUID | None = None
) -> InspectionRound:
    """Issue a draft: units and items are frozen, each unit has a day to sign for it.

    :raises Conflict: the filter means nobody, or too many; the term has passed; the checklist is not in force.
    """
    actor.require(ISSUE)

    def make() -> None:
        today = Calendar().local_date(now)
        changes: dict[str, Any] = {"issued_at": now, "reach": "chain"}
        files = _meant(actor, row)
        if row.due_date < today and row.status == "DRAFT":
            raise Conflict(_("自查反馈期限已过，请先修改。"))
        if row.edition is not None:
            edition = queries.edition_on(row.edition.text_id, day=max(today, row.start_date))
            if edition is None:
                raise Conflict(_("检查表当日没有现行版本，请先修改。"))
            changes["edition"] = edition
        move(actor=actor, row=row, name="issue", now=now, changes=changes, facts={"units": len(files)})
        _freeze(actor, row, files, now)
        if row.frequency == "cyclic" and row.rule_id is None:
            InspectionRound.objects.filter(pk=row.pk).update(rule=_recur(actor, row, now))

    return _once(actor, row, "issue", {}, now, client_id, make)


def _once(
    actor: Actor, row: InspectionRound, name: str, body: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None,
    make: Callable[[], None],
) -> InspectionRound:  # fmt: skip
    """Do something with a round once a request, while it is held; the row is refreshed in place."""

    act_once(actor=actor, row=row, act=f"hazards.rounds.{name}", body=body, now=now, client_id=client_id, do=make)
    return row


def make_next(rule: RecurringRule, period: Period, org: Organisation, due_date: date, now: datetime) -> InspectionRound:
    """The next round of a cyclic one, as the schedule asks for it; its filter is asked anew within the office's scope.

    Where it cannot be issued, e.g. since its filter means nobody today, it stays a draft for the office to see.
    """
    first = InspectionRound.objects.select_related("edition").get(pk=rule.data["round"])
    shift = due_date - first.due_date
    office, actor = scope_of_organisation(org), house()
    known = {name: getattr(first, name) for name in (
        "title", "text", "kind", "valid_type", "end_date", "item_type", "edition_id", "frequency", "cycle",
        "cycle_number", "submit", "agency", "asked", "recheck_percent", "verify_mode",
    )}  # fmt: skip
    row = InspectionRound(
        owner_org_id=org.pk, reach="own", code=next_code(InspectionRound, "ZJ", now=now), created_at=now,
        start_date=first.start_date + shift, due_date=due_date, rule=rule, series=first,
        verify_date=first.verify_date + shift if first.verify_date else None, **known,
    )  # fmt: skip
    made: InspectionRound = enter(actor=actor, row=row, now=now, facts={"series": first.pk, "period": period.key})
    try:
        files = _meant(office, made)
    except Conflict:
        return made
    edition = made.edition
    if edition is not None:
        edition = queries.edition_on(edition.text_id, day=made.start_date)
    if made.due_date < Calendar().local_date(now) or (made.item_type == "by_item" and edition is None):
        return made
    changes = {"issued_at": now, "reach": "chain", "edition": edition}
    move(actor=actor, row=made, name="issue", now=now, changes=changes, facts={"units": len(files)})
    _freeze(actor, made, files, now)
    return made


def draw_round(
    *, actor: Actor, row: InspectionRound, now: datetime, verifier: Organisation | None = None, seed: str = "",
    client_id: uuid.UUID | None = None,
) -> InspectionRound:  # fmt: skip
    """Draw the units that are looked at on site from those that answered; each is owed by ``verifier``.

    The pool is fixed before the seed is made, so that nobody chooses whom it hits; both are kept. Who did not answer
    by the draw lapses: an answer afterwards could never be drawn.

    :param verifier: the body that looks; the office itself where none is named. It may read the units' parts.
    :param seed: for a test or a demo; otherwise one that nobody can foresee.
    :raises Conflict: units may still answer in time.
    """
    actor.require(ISSUE)
    org = verifier or Organisation.objects.get(pk=row.owner_org_id)

    def make() -> None:
        today = Calendar().local_date(now)
        silent = _silent(row)
        if silent and today <= row.due_date and row.status == "RUNNING":
            raise Conflict(_("还有 %(count)s 家未填报，反馈期限%(day)s未过，暂不能抽取。") % {
                "count": len(silent), "day": row.due_date.isoformat()
            })  # fmt: skip
        if not queries.verifiers(actor=actor).filter(pk=org.pk).exists():
            raise Invalid(fields={"verifier": _("请选择有监管职责的单位。")})
        pool = queries.pool_of(row, at=now)
        used = seed or secrets.token_hex(16)
        chosen = commitment.draw(pool, seed=used, size=-(-len(pool) * row.recheck_percent // 100))
        last = _look_by(row, today)
        changes = {
            "seed": used, "pool_digest": commitment.digest_of_pool(pool), "verify_date": last, "drawn_at": now,
        }  # fmt: skip
        move(actor=actor, row=row, name="draw", now=now, changes=changes, given={"verifier": org.name},
             facts={"chosen": chosen, "drawn": len(chosen)})  # fmt: skip
        for key in chosen:
            _owe_look(actor, row, pool[key], org, last, now)
        _lapse(silent, now)

    return _once(actor, row, "draw", {"verifier": org.pk}, now, client_id, make)


def _look_by(row: InspectionRound, today: date) -> date:
    """Until when units that are drawn today are looked at."""
    return row.verify_date if row.verify_date and row.verify_date >= today else today + timedelta(days=VERIFY_DAYS)


def _silent(row: InspectionRound) -> list[RoundTarget]:
    """Units that have not answered, held: none signs for the round meanwhile."""
    return list(row.targets.filter(closed_at__isnull=True).select_for_update(no_key=True).order_by("pk"))


def _lapse(targets: Sequence[RoundTarget], now: datetime) -> None:
    for target in targets:
        move(actor=house(), row=target, name="lapse", now=now, changes={"closed_at": now})


def drop_look(
    *, actor: Actor, row: RoundCheck, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> RoundCheck:
    """Look at a drawn unit no more, e.g. since it is out of reach, with a reason; the next one by the same seed is
    drawn in its place, where the pool has one.

    :raises NotPermitted: another office issued the round. :raises StaleState: it was looked at meanwhile.
    """
    actor.require(ISSUE)
    said, asked = clean(reason)[:2000], row.round

    def make() -> None:
        row.refresh_from_db()
        if asked.status != "CHECKING":
            raise StaleState(_("该任务不在现场核查中。"))
        move(actor=actor, row=row, name="drop", now=now, given={"reason": said},
             changes={"closed_at": now, "text": said})  # fmt: skip
        pool = queries.pool_of(asked, at=asked.drawn_at or now)
        looked = {str(one) for one in asked.checks.values_list("target", flat=True)}
        ranks = commitment.draw(pool, seed=asked.seed, size=len(pool))
        following = next((key for key in ranks if key not in looked), None)
        if following is not None:
            last = _look_by(asked, Calendar().local_date(now))
            _owe_look(actor, asked, pool[following], row.owner_org, last, now)

    _once(actor, asked, "drop_look", {"look": row.pk, "reason": said}, now, client_id, make)
    row.refresh_from_db()
    return row


def is_reproducible(row: InspectionRound) -> bool:
    """Whether the pool and the seed that were kept give the same sample again."""
    looked = {str(one) for one in row.checks.values_list("target", flat=True)}
    pool = queries.pool_of(row, at=row.drawn_at) if row.drawn_at is not None else {}
    again = commitment.draw(pool, seed=row.seed, size=len(looked))
    return set(again) == looked and commitment.digest_of_pool(pool) == row.pool_digest


def close_round(
    *, actor: Actor, row: InspectionRound, comment: str, now: datetime, client_id: uuid.UUID | None = None
) -> InspectionRound:
    """Close a round with its numbers; units that never answered lapse.

    :raises Conflict: nobody answered, but units still may in time.
    """
    said = clean(comment)[:2000]

    def make() -> None:
        bare = row.status == "RUNNING"
        silent = _silent(row)
        if bare and silent and Calendar().local_date(now) <= row.due_date:
            raise Conflict(_("反馈期限未过，暂不能办结。"))
        move(actor=actor, row=row, name="close_bare" if bare else "close", now=now, given={"comment": said},
             changes={"comment": said, "closed_at": now})  # fmt: skip
        _lapse(silent, now)
        numbers = queries.summary(row, actor=house(), now=now)
        InspectionRound.objects.filter(pk=row.pk).update(summary=numbers)

    return _once(actor, row, "close", {"comment": said}, now, client_id, make)


def void_round(
    *, actor: Actor, row: InspectionRound, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> InspectionRound:
    """Void a round with a reason: what is open of it is owed no more, and a cyclic one is made no more."""
    said = clean(reason)[:2000]

    def make() -> None:
        move(actor=actor, row=row, name="void", now=now, given={"reason": said},
             changes={"closed_at": now, "comment": said})  # fmt: skip
        for one in [*_silent(row), *row.checks.filter(closed_at__isnull=True).order_by("pk")]:
            move(actor=house(), row=one, name="end", now=now, changes={"closed_at": now})
        _end_rule(actor, row, now)

    return _once(actor, row, "void", {"reason": said}, now, client_id, make)


def end_cycle(*, actor: Actor, row: InspectionRound, now: datetime) -> InspectionRound:
    """Make no further round of a cyclic one; this one goes on. :raises Conflict: none would be made."""
    actor.require(ISSUE)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    if not is_cycling(row, Calendar().local_date(now)):
        raise Conflict(_("该任务没有后续周期。"))
    _end_rule(actor, row, now)
    return row


def is_cycling(row: InspectionRound, today: date) -> bool:
    """Whether further rounds of this one's series will be made."""
    rule = row.rule
    return rule is not None and rule.is_active and (rule.last_day is None or rule.last_day > today)


def _end_rule(actor: Actor, row: InspectionRound, now: datetime) -> None:
    today = Calendar().local_date(now)
    if row.rule is not None and is_cycling(row, today):
        end_rule(actor=actor, rule=row.rule, last_day=today, now=now)


def _meant(actor: Actor, row: InspectionRound) -> Sequence[Enterprise]:
    """Units that the round's filter means now. :raises Conflict: none, or too many."""
    rows = queries.candidates(actor=actor, asked=queries.Asked.of(row.asked))
    files = list(rows[: queries.MOST_UNITS + 1])
    if not files:
        raise Conflict(_("没有符合条件的企业，请修改筛选条件。"))
    if len(files) > queries.MOST_UNITS:
        raise Conflict(_("符合条件的企业超过%(most)s家，请缩小范围分次下发。") % {"most": queries.MOST_UNITS})
    return files


def _freeze(actor: Actor, row: InspectionRound, files: Sequence[Enterprise], now: datetime) -> None:
    """Freeze items and units of a round that was issued."""
    items: list[RoundItem] = []
    points: Mapping[uuid.UUID, Sequence[RiskUnit]] = {}
    if row.edition is not None:
        items = [plain_item(row, number, one) for number, one in enumerate(law.list_clauses(row.edition), start=1)]
        RoundItem.objects.bulk_create(items)
    else:
        points = queries.points_of(files)
    ends, day = Calendar().end_of(row.due_date), max(Calendar().local_date(now), row.start_date)
    asked = sections_for([one.pk for one in files], day=day, now=now, chosen=row.edition)
    further = freeze_items(row, asked)
    targets = []
    for file in files:
        own = points.get(file.pk, ())
        count = len(items) if row.edition is not None else max(1, len(own))
        target = RoundTarget(
            **file.row_scope(), round=row, file=file, title=f"{row.code} {row.title}"[:240],
            receive_by=now + timedelta(hours=RECEIVE_HOURS), due_date=row.due_date, due_at=ends,
            item_count=count + further.get(file.pk, 0), created_at=now,
        )  # fmt: skip
        made: RoundTarget = enter(actor=actor, row=target, now=now, facts={"round": row.pk})
        targets.append(made)
        if row.edition is None:
            RoundItem.objects.bulk_create(_points(row, made, own))
    give_sections(targets, asked, now)


def _points(row: InspectionRound, target: RoundTarget, own: Sequence[RiskUnit]) -> list[RoundItem]:
    """A unit's risk points as items; one for the whole plant where its risk list is empty."""
    if not own:
        return [RoundItem(round=row, target=target, position=1, place="0", text="全厂（尚未建立风险清单）",
                          text_en="Whole plant (no risk list yet)")]  # fmt: skip
    return [
        RoundItem(round=row, target=target, position=number, place=one.code, text=f"{one.object.name} / {one.name}",
                  unit=one)
        for number, one in enumerate(own, start=1)
    ]  # fmt: skip


def _owe_look(
    actor: Actor, row: InspectionRound, target: RoundTarget, org: Organisation, last: date, now: datetime
) -> None:
    file = target.file
    look = RoundCheck(
        owner_org=org, enterprise_id=file.pk, area_id=file.area_id, links=file.links, reach="chain", round=row,
        target=target, title=f"{row.code} {queries.name_of(file)}"[:240], due_date=last, created_at=now,
    )  # fmt: skip
    made = enter(actor=actor, row=look, now=now, facts={"target": target.pk, "round": row.pk})
    if org.pk != row.owner_org_id:
        share(actor=actor, row=target, why="verify", to_org=org.pk, now=now)
        share(actor=actor, row=made, why="verify", to_org=row.owner_org_id, now=now)


def _recur(actor: Actor, row: InspectionRound, now: datetime) -> RecurringRule:
    """The rule that makes the next ones: each due so many hours, days, months or years after the one before."""
    kind, figures = recurrence_of(row)
    spec = RuleSpec(
        code=f"{GENERATOR}.{row.pk.hex}", name=row.title, generator=GENERATOR, recurrence=kind, figures=figures,
        first_day=row.due_date + timedelta(days=1), last_day=row.end_date, organisations=(row.owner_org_id,),
        lead_days=(row.due_date - row.start_date).days, data={"round": str(row.pk)}, reach="own",
    )  # fmt: skip
    return create_rule(actor=actor, spec=spec, now=now, owner=row.owner_org_id)


def recurrence_of(row: InspectionRound) -> tuple[str, dict[str, Any]]:
    """The cycle of a round as the schedule tells it; of days the next 400 are counted out, or those up to the end."""
    number = row.cycle_number or 1
    if row.cycle in ("month", "year"):
        months = number * (12 if row.cycle == "year" else 1)
        return "every_months", {"months": months, "anchor": f"{row.due_date:%Y-%m}", "day": row.due_date.day}
    step = timedelta(days=number) if row.cycle == "day" else timedelta(hours=number)
    days = [row.due_date + step * times for times in range(1, MOST_DATES + 1)]
    kept = [one.isoformat() for one in days if row.end_date is None or one <= row.end_date]
    # A schedule needs one date at least: the round's own, which its first day leaves out.
    return "dates", {"dates": kept or [row.due_date.isoformat()]}


def _known(spec: RoundSpec, now: datetime) -> dict[str, Any]:
    """The fields of a round. :raises Invalid: by field, everything that is wrong."""
    today = Calendar().local_date(now)
    wrong: dict[str, Text] = {}
    if not clean(spec.title):
        wrong["title"] = _("请填写任务名称。")
    if not clean(spec.text):
        wrong["text"] = _("请写明检查内容和要求。")
    for name, listed in _CODED.items():
        if getattr(spec, name) not in {one.code for one in code_list(listed).items}:
            wrong[name] = _("没有这个选项。")
    if spec.agency not in AgencyRule.values:
        wrong["agency"] = _("没有这个选项。")
    if spec.verify_mode not in VerifyMode.values:
        wrong["verify_mode"] = _("没有这个选项。")
    if not 0 <= spec.recheck_percent <= 100:
        wrong["recheck_percent"] = _("请填写0到100。")
    _check_days(spec, today, wrong)
    _check_cycle(spec, wrong)
    if spec.frequency == "cyclic" and spec.end_date is not None and not wrong.keys() & _OF_CYCLES:
        row = InspectionRound(due_date=spec.due_date, end_date=spec.end_date, cycle=spec.cycle,
                              cycle_number=spec.cycle_number)  # fmt: skip
        first = spec.due_date + timedelta(days=1)
        if first > spec.end_date or not periods(*recurrence_of(row), first=first, last=spec.end_date):
            wrong["end_date"] = _("循环任务的结束日期前至少应有一期。")
    edition = None
    if spec.item_type == "by_item":
        day = max(today, spec.start_date)
        edition = queries.edition_on(spec.checklist, day=day) if spec.checklist else None
        if edition is None:
            wrong["checklist"] = _("请选择已发布且有检查项的检查表。")
    elif spec.checklist:
        wrong["checklist"] = _("按风险点检查的，不选检查表。")
    if spec.asked.major not in ("", "any", "1", "2", "3", "4"):
        wrong["major"] = _("没有这个选项。")
    if wrong:
        raise Invalid(fields=wrong)
    cyclic = spec.frequency == "cyclic"
    return {
        "title": clean(spec.title)[:200], "text": clean(spec.text)[:4000], "kind": spec.kind,
        "valid_type": spec.valid_type, "start_date": spec.start_date, "end_date": spec.end_date,
        "item_type": spec.item_type, "edition": edition, "frequency": spec.frequency,
        "cycle": spec.cycle if cyclic else "", "cycle_number": spec.cycle_number if cyclic else None,
        "submit": spec.submit, "agency": spec.agency, "asked": spec.asked.plain(), "due_date": spec.due_date,
        "recheck_percent": spec.recheck_percent, "verify_mode": spec.verify_mode, "verify_date": spec.verify_date,
    }  # fmt: skip


def _check_days(spec: RoundSpec, today: date, wrong: dict[str, Text]) -> None:
    if spec.due_date < max(today, spec.start_date):
        wrong["due_date"] = _("自查反馈期限不能早于今天和开始日期。")
    elif (spec.due_date - spec.start_date).days > MOST_DAYS:
        wrong["due_date"] = _("自查反馈期限距开始日期最多%(days)s天。") % {"days": MOST_DAYS}
    if spec.valid_type == "long_term":
        if spec.end_date is not None:
            wrong["end_date"] = _("长期有效的，不填结束日期。")
    elif spec.end_date is None:
        wrong["end_date"] = _("请填写结束日期。")
    elif spec.end_date < spec.due_date:
        wrong["end_date"] = _("结束日期不能早于自查反馈期限。")
    if spec.verify_date is not None and spec.verify_date < spec.due_date:
        wrong["verify_date"] = _("现场核查期限不能早于自查反馈期限。")
    for name in ("due_date", "end_date", "verify_date"):
        day: date | None = getattr(spec, name)
        if day is not None and day > LAST_DAY:
            wrong[name] = _("日期不能晚于%(day)s。") % {"day": LAST_DAY.isoformat()}


def _check_cycle(spec: RoundSpec, wrong: dict[str, Text]) -> None:
    if spec.frequency != "cyclic":
        return
    if spec.cycle not in {one.code for one in code_list("cycle").items}:
        wrong["cycle"] = _("请选择循环周期单位。")
    number = spec.cycle_number or 0
    if not 1 <= number <= 1000:
        wrong["cycle_number"] = _("请填写1到1000。")
    elif spec.cycle == "hour" and number % 24:
        wrong["cycle_number"] = _("企业有24小时签收，按小时循环须为24的整数倍。")
    elif spec.cycle in ("month", "year") and number * (12 if spec.cycle == "year" else 1) > 60:
        wrong["cycle_number"] = _("周期最长5年。")
