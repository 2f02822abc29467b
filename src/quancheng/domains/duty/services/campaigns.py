"""Campaigns: prepared, started, answered unit by unit, reported, ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.duty.loops.task import DATED
from quancheng.domains.duty.models import Campaign, CampaignAnswer, CampaignItem, CampaignUnit, Plan, Problem, Task
from quancheng.domains.duty.models.campaigns import Answer
from quancheng.domains.duty.queries.campaigns import figures_of, round_of
from quancheng.domains.duty.services.problems import ProblemSpec, report_problem
from quancheng.domains.duty.services.tasks import TaskSpec, issue_task
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.services import share
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people.models import Organisation

MANAGE = "duty.campaigns.manage"
MOST_ITEMS = 100
#: Characters of one question.
MOST_ITEM = 300
MOST_ROUNDS = 12
#: Days in which a campaign that a plan orders is prepared.
PREPARATION_DAYS = 14
_TEXT_LIMIT = 20_000
_PARTIES = ("enterprise", "agency")


@dataclass(frozen=True, slots=True)
class CampaignSpec:
    """A campaign to be prepared: its period, whom it covers, the questions asked of each unit."""

    title: str
    leader: str
    target: str
    period_from: date
    period_to: date
    orgs: Sequence[Organisation]
    items: Sequence[str]
    text: str = ""
    answers_itself: bool = True
    plan: Plan | None = None
    rounds: int = 1


def prepare_campaign(
    *, actor: Actor, spec: CampaignSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Campaign:
    """Prepare a campaign of the actor's organisation.

    :raises Invalid: something is missing, the period is upside down, or there are more than ``MOST_ITEMS`` questions.
    """
    actor.require(MANAGE)
    if actor.organisation_id is None:
        raise Invalid(_("没有以任何单位的身份登录。"))
    items = _checked(spec)
    owner = Organisation.objects.get(pk=actor.organisation_id)
    with transaction.atomic():
        campaign = Campaign(
            owner_org=owner,
            area_id=owner.area_id,
            code=next_code(Campaign, "Z", now=now),
            title=clean(spec.title)[:200],
            leader=clean(spec.leader)[:60],
            target=clean(spec.target)[:300],
            text=spec.text.strip()[:_TEXT_LIMIT],
            period_from=spec.period_from,
            period_to=spec.period_to,
            plan=spec.plan,
            rounds=spec.rounds,
            answers_itself=spec.answers_itself,
            created_at=now,
        )
        facts = {"title": campaign.title, "units": [org.pk for org in spec.orgs], "items": items}
        stored = enter(actor=actor, row=campaign, now=now, facts=facts, client_id=client_id)
        if stored.pk != campaign.pk:
            return stored
        _fill(campaign, spec, items)
    return campaign


def _checked(spec: CampaignSpec) -> list[str]:
    """The questions of a whole campaign, cleaned. :raises Invalid: what is missing or wrong, by field."""
    items = list(dict.fromkeys(clean(item) for item in spec.items if clean(item)))
    faults = {name: _("请填写此项。") for name in ("title", "leader", "target") if not clean(getattr(spec, name))}
    if spec.period_to < spec.period_from:
        faults["period_to"] = _("结束日期不能早于开始日期。")
    if not spec.orgs:
        faults["orgs"] = _("请选择覆盖单位。")
    if not 1 <= len(items) <= MOST_ITEMS:
        faults["items"] = _("请填写 1 到 %(most)s 个检查项，每行一项。") % {"most": MOST_ITEMS}
    elif any(len(item) > MOST_ITEM for item in items):
        faults["items"] = _("每项不超过 %(most)s 字。") % {"most": MOST_ITEM}
    if not 1 <= spec.rounds <= MOST_ROUNDS:
        faults["rounds"] = _("轮次应在 1 到 %(most)s 之间。") % {"most": MOST_ROUNDS}
    if faults:
        raise Invalid(fields=faults)
    return items


def _fill(campaign: Campaign, spec: CampaignSpec, items: Sequence[str]) -> None:
    campaign.orgs.set(spec.orgs)
    campaign.items.all().delete()
    CampaignItem.objects.bulk_create(
        [CampaignItem(campaign=campaign, order=number, text=item) for number, item in enumerate(items, 1)]
    )


def plan_campaign(*, actor: Actor, task: Task, now: datetime) -> Campaign:
    """Enter what a plan says of a campaign that it orders; units and questions are added before it starts.

    The rounds are the task's number of rounds or times (开展2轮, 检查2次), the leader its leading official.
    """
    owner = Organisation.objects.get(pk=task.owner_org_id)
    targets = list(task.targets.order_by("order"))
    counted = next((int(one.value) for one in targets if one.unit in ("轮", "次") and 1 <= one.value <= MOST_ROUNDS), 1)
    said = "；".join(one.phrase for one in targets) or task.title
    last = max(task.due_date or task.review_date or task.start_date, task.start_date)
    prepared = Calendar().local_date(now) + timedelta(days=PREPARATION_DAYS)
    campaign = Campaign(
        owner_org=owner,
        area_id=owner.area_id,
        code=next_code(Campaign, "Z", now=now),
        title=task.title.strip("。；")[:200],
        leader=(task.leading_official or task.persons)[:60],
        target=said[:300],
        text=task.text[:_TEXT_LIMIT],
        period_from=min(max(task.start_date, prepared), last),
        period_to=last,
        plan=task.plan,
        task=task,
        rounds=counted,
        created_at=now,
    )
    return enter(actor=actor, row=campaign, now=now, facts={"title": campaign.title, "task": task.pk})


def revise_campaign(
    *, actor: Actor, campaign: Campaign, spec: CampaignSpec, version: int, now: datetime
) -> Campaign:  # fmt: skip
    """Complete or change a campaign before it starts.

    :raises StaleState: it has started, or a colleague changed it since this version was shown.
    :raises NotPermitted: another organisation's campaign.
    :raises Invalid: what is missing or wrong, by field.
    """
    actor.require(MANAGE)
    if campaign.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该行动由其他单位组织。"), code="other_organisation")
    items = _checked(spec)
    values = {
        "title": clean(spec.title)[:200],
        "leader": clean(spec.leader)[:60],
        "target": clean(spec.target)[:300],
        "text": spec.text.strip()[:_TEXT_LIMIT],
        "period_from": spec.period_from,
        "period_to": spec.period_to,
        "rounds": spec.rounds,
        "answers_itself": spec.answers_itself,
    }
    with transaction.atomic():
        if (
            not Campaign.objects.visible_to(actor)
            .filter(pk=campaign.pk, status="PLANNED", version=version)
            .update(updated_at=now, version=F("version") + 1, **values)
        ):
            campaign.refresh_from_db()
            if campaign.status == "PLANNED":
                raise StaleState(_("方案已被同事修改，请重新打开后核对，以免覆盖对方的修改。"))
            raise StaleState(_("该行动现为“%(state)s”，不能再改方案。") % {"state": campaign.status_label})
        campaign.refresh_from_db()
        _fill(campaign, spec, items)
        journal.record(
            actor=actor, act="duty.campaign.revise", subject_type="duty.campaign", subject_id=campaign.pk,
            org_id=campaign.owner_org_id, facts={**values, "units": [org.pk for org in spec.orgs], "items": items},
            now=now,
        )  # fmt: skip
    return campaign


def start_campaign(*, actor: Actor, campaign: Campaign, now: datetime, client_id: uuid.UUID | None = None) -> Campaign:
    """Start a campaign: each covered unit owes its answers by the end of the first round, or by the last day."""
    with transaction.atomic():
        move(actor=actor, row=campaign, name="start", now=now, client_id=client_id)
        if campaign.units.exists():
            return campaign
        _cover_all(actor, campaign, 1, now)
    return campaign


def open_round(*, actor: Actor, campaign: Campaign, now: datetime) -> Campaign:
    """Open the next round (开启下一轮): every covered unit owes its answers once more.

    :raises StaleState: the campaign is not running, or its last round is open already.
    """
    actor.require(MANAGE)
    if campaign.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该行动由其他单位组织。"), code="other_organisation")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        following = round_of(locked) + 1
        if locked.status != "RUNNING" or following > locked.rounds:
            raise StaleState(_("没有可以开启的轮次。"))
        _cover_all(actor, locked, following, now)
        journal.record(
            actor=actor, act="duty.campaign.round", subject_type="duty.campaign", subject_id=campaign.pk,
            org_id=campaign.owner_org_id, facts={"round": following}, now=now,
        )  # fmt: skip
    return campaign


def _cover_all(actor: Actor, campaign: Campaign, number: int, now: datetime) -> None:
    for org in campaign.orgs.select_related("area").order_by("pinyin", "pk"):
        _cover(actor, campaign, org, number, now)


def _end_of_round(campaign: Campaign, number: int) -> date:
    """The last day of a round: the campaign's days in equal parts."""
    days = (campaign.period_to - campaign.period_from).days
    return campaign.period_from + timedelta(days=days * number // campaign.rounds)


def _cover(actor: Actor, campaign: Campaign, org: Organisation, number: int, now: datetime) -> None:
    concerns = org if org.kind in _PARTIES else None
    checker = org if campaign.answers_itself else campaign.owner_org
    unit = CampaignUnit(
        owner_org_id=campaign.owner_org_id,
        enterprise=concerns,
        area=org.area,
        links=list(org.links) if concerns else [],
        reach="party" if concerns else "chain",
        campaign=campaign,
        org=org,
        round=number,
        checker=checker,
        due_date=max(_end_of_round(campaign, number), Calendar().local_date(now)),
    )
    share(actor=actor, row=campaign, to_org=org.pk, why="covered", now=now)
    share(actor=actor, row=unit, to_org=org.pk, why="covered", now=now)
    enter(actor=actor, row=unit, now=now, facts={"campaign": campaign.pk, "org": org.pk, "round": number})


def answer_checklist(
    *,
    actor: Actor,
    unit: CampaignUnit,
    answers: Mapping[uuid.UUID, tuple[str, str]],
    evidence: Sequence[uuid.UUID],
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> CampaignUnit:
    """Hand in a unit's answers, item id to answer and words, with the evidence. Earlier answers are replaced.

    :raises Invalid: a question without answer, or a problem without words; by field.
    """
    items = list(unit.campaign.items.order_by("order"))
    faults: dict[str, str] = {}
    for item in items:
        answer, text = answers.get(item.pk, ("", ""))
        if answer not in Answer.values:
            faults[f"answer_{item.pk}"] = _("请选择检查结果。")
        elif answer == Answer.NO and not clean(text):
            faults[f"text_{item.pk}"] = _("存在问题的，请写明具体情况。")
    if faults:
        raise Invalid(fields=faults)
    said = {str(item.order): answers[item.pk][0] for item in items}
    given = {"answers": said, "evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        move(actor=actor, row=unit, name="submit", now=now, given=given, changes={"submitted_at": now},
             client_id=client_id)  # fmt: skip
        unit.answers.all().delete()
        CampaignAnswer.objects.bulk_create(
            [
                CampaignAnswer(unit=unit, item=item, answer=answers[item.pk][0], text=clean(answers[item.pk][1])[:500])
                for item in items
            ]
        )
        attach_files(actor=actor, row=unit, file_ids=list(evidence), now=now)
    return unit


def judge_unit(
    *,
    actor: Actor,
    unit: CampaignUnit,
    name: str,
    reason: str,
    now: datetime,
    client_id: uuid.UUID | None = None,
) -> CampaignUnit:
    """``accept`` a unit's answers, ``return`` them, or ``release`` the unit from the campaign.

    With the acceptance every answer that found something becomes a problem on the list.
    """
    if name not in ("accept", "return", "release"):
        raise Invalid(_("没有这个操作。"))
    if name != "accept" and not reason.strip():
        raise Invalid(fields={"reason": _("此项必填。")})
    changes = {} if name == "return" else {"closed_at": now}
    with transaction.atomic():
        move(actor=actor, row=unit, name=name, now=now, given={"reason": reason.strip()}, changes=changes,
             client_id=client_id)  # fmt: skip
        if name == "accept" and not Problem.objects.filter(origin_id=unit.pk).exists():
            _list_problems(actor, unit, now)
    return unit


def _list_problems(actor: Actor, unit: CampaignUnit, now: datetime) -> None:
    for answer in unit.answers.filter(answer=Answer.NO).select_related("item").order_by("item__order"):
        spec = ProblemSpec(
            title=answer.item.text[:200],
            text=answer.text,
            unit=unit.org,
            source=unit.campaign.title[:120],
            found_date=Calendar().local_date(unit.submitted_at or now),
            industry="other",
            origin_id=unit.pk,
        )
        report_problem(actor=actor, spec=spec, now=now)


def issue_campaign_task(
    *, actor: Actor, campaign: Campaign, text: str, leads: Sequence[Organisation], due_date: date, now: datetime
) -> Task:
    """Issue a task under a campaign.

    :raises StaleState: the campaign is not running. :raises NotPermitted: another organisation's campaign.
    """
    if campaign.owner_org_id != actor.organisation_id:
        raise NotPermitted(_("该行动由其他单位组织。"), code="other_organisation")
    with transaction.atomic():
        locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
        if locked.status not in ("PLANNED", "RUNNING"):
            raise StaleState(_("该行动现为“%(state)s”，不能再下达任务。") % {"state": locked.status_label})
        order = Task.objects.filter(origin="campaign", origin_id=campaign.pk).count() + 1
        spec = TaskSpec(
            title=text if len(text) <= 40 else f"{text[:39]}…",
            text=text,
            kind=DATED,
            start_date=Calendar().local_date(now),
            due_date=due_date,
            code=f"{campaign.code}-{order:02}",
            leads=[(org, org.label) for org in leads],
            origin="campaign",
            origin_id=campaign.pk,
            order=order,
            level1=campaign.title,
        )
        return issue_task(actor=actor, spec=spec, now=now)


def report_campaign(
    *, actor: Actor, campaign: Campaign, report: str, now: datetime, client_id: uuid.UUID | None = None
) -> Campaign:
    """Hand in the closing report; coverage and findings are frozen with it."""
    text = report.strip()[:_TEXT_LIMIT]
    if not text:
        raise Invalid(fields={"report": _("此项必填。")})
    if round_of(campaign) < campaign.rounds:
        words = {"rounds": campaign.rounds, "done": round_of(campaign)}
        raise Invalid(fields={"report": _("行动共 %(rounds)s 轮，只开展了 %(done)s 轮，不能提交总结。") % words})
    figures = figures_of(campaign)
    return move(actor=actor, row=campaign, name="report", now=now, given={"report": text},
                changes={"report": text, "figures": figures}, client_id=client_id)  # fmt: skip


def end_campaign(
    *,
    actor: Actor,
    campaign: Campaign,
    name: str,
    now: datetime,
    reason: str = "",
    client_id: uuid.UUID | None = None,
) -> Campaign:
    """``close`` a reported campaign, ``cancel`` one, or ``resume`` one that was reported too early."""
    if name not in ("close", "cancel", "resume"):
        raise Invalid(_("没有这个操作。"))
    changes = {} if name == "resume" else {"closed_at": now}
    return move(actor=actor, row=campaign, name=name, now=now, given={"reason": reason.strip()}, changes=changes,
                client_id=client_id)  # fmt: skip
