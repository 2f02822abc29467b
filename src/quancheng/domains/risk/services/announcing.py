"""The day's announcement (承诺公告): asked for each morning, studied from below, published, corrected, ended."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.risk.announcement_rules import Rule
from quancheng.domains.risk.kinds import Layer
from quancheng.domains.risk.models import Announcement, AnnouncementEdition, Post, PostPerson, RiskUnit, Study
from quancheng.domains.risk.queries.announced_facts import Fact, facts_of
from quancheng.domains.risk.queries.announcements import owing, rule_on
from quancheng.domains.risk.services.doubting import compare, doubt_late, raise_unanswered
from quancheng.domains.risk.services.keeping import note
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once
from quancheng.kernel.pages.words import told
from quancheng.standards.risk import commitment

STUDY, PUBLISH, CHECK = "risk.announcements.study", "risk.announcements.publish", "risk.announcements.check"
CLOCK = system_actor("risk", STUDY, PUBLISH, CHECK)


# The morning and the midnight --------------------------------------------------------------------------------------


def open_days(*, now: datetime) -> int:
    """Ask everybody who owes one for today's announcement; twice, or two at once, is as once."""
    calendar = Calendar()
    day = calendar.local_date(now)
    rule = rule_on(day)
    if rule.working_days_only and not calendar.is_working_day(day):
        return 0
    return sum(open_day(file=file, rule=rule, now=now) is not None for file in list(owing(rule, day)))


def open_day(*, file: Enterprise, rule: Rule, now: datetime) -> Announcement | None:
    """Ask one enterprise for today's announcement, its teams and workshops first; None where it is asked already."""
    calendar = Calendar()
    day = calendar.local_date(now)
    due_at = calendar.start_of(day) + timedelta(hours=rule.due_time.hour, minutes=rule.due_time.minute)
    with transaction.atomic():
        # One at a time for an enterprise, so that its second asking finds the first.
        Enterprise.objects.select_for_update(no_key=True).filter(pk=file.pk).values_list("pk").get()
        if Announcement.objects.filter(file=file, day=day).exists():
            return None
        row = Announcement(
            **file.row_scope(), file=file, supervisor_id=file.supervisor_id,
            title=(file.enterprise.name if file.enterprise else "")[:200], day=day, due_at=due_at,
            late_after=due_at + timedelta(minutes=rule.grace_minutes), sums=rule.sums, modes=dict(rule.modes),
            created_at=now,
        )  # fmt: skip
        made = enter(actor=CLOCK, row=row, now=now, facts={"day": day})
        if rule.asks_below:
            _ask_below(made, now)
    return made


def _ask_below(row: Announcement, now: datetime) -> None:
    """A row for each workshop and each team: by the posts that stand; who holds a post is asked by name."""
    there = PostPerson.objects.filter(until_date__isnull=True).order_by("since_date", "pk")
    units = RiskUnit.objects.filter(ended_date__isnull=True, object__ended_date__isnull=True).order_by("code", "pk")
    posts = Post.objects.filter(
        file=row.file_id, ended_date__isnull=True, layer__in=(Layer.TEAM, Layer.WORKSHOP)
    ).prefetch_related(Prefetch("people", there, to_attr="there"), Prefetch("units", units, to_attr="standing"))
    tops: dict[str, Study] = {}
    for post in posts.order_by("-layer", "-is_key", "name", "pk"):
        is_team = post.layer == Layer.TEAM
        if not is_team and post.department in tops:
            continue
        # A post that is no key one and answers for no unit speaks for nobody: others of its team do.
        if is_team and not post.is_key and not post.standing:
            continue
        study = Study(
            **row.file.row_scope(), announcement=row, day=row.day, layer=post.layer,
            name=" · ".join(one for one in (post.department, post.name) if one)[:220], post=post,
            parent=tops.get(post.department) if is_team else None,
            person_id=post.there[0].user_id if post.there else None,
            units=[{"name": one.name, "level": one.present_level} for one in post.standing[:50]],
            due_at=row.due_at, created_at=now,
        )  # fmt: skip
        made = enter(actor=CLOCK, row=study, now=now)
        if not is_team:
            tops[post.department] = made


def close_days(*, now: datetime) -> int:
    """End what belongs to a day that is over: unanswered studies lapse, unpublished announcements are missed."""
    today = Calendar().local_date(now)
    for study in list(Study.objects.filter(status="ASKED", day__lt=today).order_by("pk")[:5000]):
        move(actor=CLOCK, row=study, name="lapse", now=now)
    rows = list(Announcement.objects.filter(status="OPEN", day__lt=today).order_by("pk")[:5000])
    for row in rows:
        with transaction.atomic():
            doubt_late(row=row, now=now)
            move(actor=CLOCK, row=row, name="miss", now=now, changes={"closed_at": now})
    return len(rows)


def look_at_announcements(*, now: datetime) -> None:
    """Every ten minutes: end past days, ask for today's, tell who is late, act on what nobody explained in time."""
    close_days(now=now)
    open_days(now=now)
    for row in Announcement.objects.filter(status="OPEN", late_after__lt=now, doubts__isnull=True).order_by("pk"):
        doubt_late(row=row, now=now)
    raise_unanswered(now=now)


# Below ------------------------------------------------------------------------------------------------------------


def answer_study(
    *, actor: Actor, row: Study, answers: Mapping[str, str], text: str, skip_reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Study:  # fmt: skip
    """A team or workshop says how the risks of its part are controlled.

    :param answers: by topic of ``standards.risk.commitment``: ``ok``, ``not`` or ``none`` (it has no such thing).
    :raises Invalid: by field; a topic without answer; what is not controlled is not told.
    :raises Conflict: another day.
    """

    def do() -> None:
        _answer(actor=actor, row=row, answers=answers, text=text, skip_reason=skip_reason, now=now)

    body = {"answers": dict(answers), "text": clean(text), "skip": clean(skip_reason)}
    act_once(actor=actor, row=row, act="risk.study.answer", body=body, now=now, client_id=client_id, do=do)
    return row


def _answer(
    *, actor: Actor, row: Study, answers: Mapping[str, str], text: str, skip_reason: str, now: datetime
) -> None:
    if row.day != Calendar().local_date(now):
        raise Conflict(_("只能研判当天的风险。"))
    wrong: dict[str, Text] = {}
    for code in commitment.TOPICS:
        if answers.get(code) not in ("ok", "not", "none"):
            wrong[code] = _("请选择研判结论。")
    controlled = "not" not in answers.values()
    if not controlled and not clean(text):
        wrong["text"] = _("请写明哪些风险没有受控、正在采取什么措施。")
    waiting = row.children.filter(status="ASKED").count() if row.layer == Layer.WORKSHOP else 0
    if waiting and not clean(skip_reason):
        wrong["skip_reason"] = _("还有%(count)s个班组没有研判，确需先提交的请写明原因。") % {"count": waiting}
    if wrong:
        raise Invalid(fields=wrong)
    kept = {code: answers[code] for code in commitment.TOPICS}
    changes: dict[str, Any] = {
        "answers": kept, "is_controlled": controlled, "text": clean(text)[:1000],
        "skip_reason": clean(skip_reason)[:300] if waiting else "", "answered_name": actor.name[:60],
        "answered_at": now,
    }  # fmt: skip
    row.skip_reason = changes["skip_reason"]
    move(
        actor=actor, row=row, name="answer", now=now, given={**kept, "text": changes["text"]}, changes=changes
    )  # fmt: skip


# Published and corrected ------------------------------------------------------------------------------------------


def publish_announcement(
    *, actor: Actor, row: Announcement, values: Mapping[str, int | None], reasons: Mapping[str, str],
    is_controlled: bool, uncontrolled: str, commitment_text: str, authorisation: str, skip_reason: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> Announcement:  # fmt: skip
    """The main person, or who stands in, commits and publishes; what contradicts the facts is doubted at once.

    :param values: by code of a number; None for what the system proposes, or 0 where it knows nothing.
    :param reasons: why a number differs from the proposal. :param commitment_text: empty: the standard promise.
    :param authorisation: by what who is not the main person commits.
    :raises Invalid: by ``value_<code>``, ``reason_<code>`` and the names above. :raises Conflict: another day.
    """
    asked: dict[str, Any] = {
        "is_controlled": is_controlled, "uncontrolled": uncontrolled, "authorisation": authorisation,
        "skip_reason": skip_reason,
    }  # fmt: skip

    def do() -> None:
        edition, facts = _edition(actor, row, values, reasons, text=commitment_text, now=now, **asked)
        changes = {**_columns(edition, 1), "published_at": now, "is_late": now > row.late_after, "closed_at": now}
        move(actor=actor, row=row, name="publish", now=now, given=_given(edition), changes=changes)
        edition.number = 1
        edition.save(force_insert=True)
        if row.is_late:
            doubt_late(row=row, now=now)
        compare(row=row, facts=facts, now=now)

    body = {"values": dict(values), "reasons": dict(reasons), "commitment": commitment_text, **asked}
    act_once(actor=actor, row=row, act="risk.announcement.publish", body=body, now=now, client_id=client_id, do=do)
    return row


def correct_announcement(
    *, actor: Actor, row: Announcement, values: Mapping[str, int | None], reasons: Mapping[str, str],
    is_controlled: bool, uncontrolled: str, commitment_text: str, authorisation: str, skip_reason: str, reason: str,
    seen: int, now: datetime,
) -> Announcement:  # fmt: skip
    """Make a new edition of what was published today; the earlier ones stay to be read.

    :param seen: number of the edition that was corrected. :raises StaleState: somebody corrected it meanwhile.
    """
    actor.require(PUBLISH)
    if row.owner_org_id != actor.organisation_id:
        raise NotPermitted
    if row.status != "PUBLISHED":
        raise StaleState(_("只有已公告的可以更正。"))
    edition, facts = _edition(
        actor, row, values, reasons, is_controlled=is_controlled, uncontrolled=uncontrolled, text=commitment_text,
        authorisation=authorisation, skip_reason=skip_reason, now=now, reason=reason, is_correction=True,
    )  # fmt: skip
    with transaction.atomic():
        changes = _columns(edition, seen + 1)
        rows = Announcement.objects.visible_to(actor).filter(pk=row.pk, status="PUBLISHED", edition_no=seen)
        if not rows.update(**changes, updated_at=now):
            raise StaleState(_("他人刚刚更正了此公告，请刷新后核对再改。"))
        edition.number = seen + 1
        edition.save(force_insert=True)
        row.refresh_from_db()
        note(actor, "risk.announcement.correct", row.file_id, row, now, _given(edition))
        publish("risk.announcement.correct", row, actor=actor, now=now, facts={"edition": edition.number})
        compare(row=row, facts=facts, now=now)
    return row


def excuse_announcement(
    *, actor: Actor, row: Announcement, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Announcement:
    """The office that supervises says that none is owed today, with its reason."""
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    move(
        actor=actor, row=row, name="excuse", now=now, given={"reason": clean(reason)[:300]}, changes={"closed_at": now},
        client_id=client_id,
    )  # fmt: skip
    return row


def _edition(
    actor: Actor, row: Announcement, values: Mapping[str, int | None], reasons: Mapping[str, str], *,
    is_controlled: bool, uncontrolled: str, text: str, authorisation: str, skip_reason: str, now: datetime,
    reason: str = "", is_correction: bool = False,
) -> tuple[AnnouncementEdition, Mapping[str, Fact]]:  # fmt: skip
    """The edition that would be published, checked but not saved, and the facts against which it stands."""
    today = Calendar().local_date(now)
    if row.day != today:
        raise Conflict(
            _("只能公告当天（%(today)s）的，不能公告%(day)s的。") % {"today": today, "day": row.day}, code="other_day"
        )
    facts = facts_of([row.file_id], today)[row.file_id]
    wrong: dict[str, Text] = {}
    for code in values:
        if code not in commitment.BY_CODE:
            wrong[f"value_{code}"] = _("没有这个公告事项。")
    lines, numbers = _lines(values, reasons, facts, wrong)
    for fault in commitment.faults(numbers, sums=row.sums):
        wrong.setdefault(f"value_{fault.field}", told(fault.text))
    skipped = [one.name for one in row.studies.filter(status="ASKED").order_by("-layer", "name")]
    if skipped and not clean(skip_reason):
        wrong["skip_reason"] = _("还有%(count)s个班组、车间没有研判，确需先公告的请写明原因。") % {
            "count": len(skipped)
        }  # fmt: skip
    if not is_controlled and not clean(uncontrolled):
        wrong["uncontrolled"] = _("请写明哪些风险没有受控、正在采取什么措施。")
    if not is_controlled and clean(text) and "处于安全受控状态" in text:
        wrong["commitment"] = _("有风险没有受控时，不能作标准承诺。")
    if not actor.is_chief and not clean(authorisation):
        wrong["authorisation"] = _("您不是主要负责人，请填写书面授权文件的名称或文号。")
    if is_correction and not clean(reason):
        wrong["reason"] = _("请写明更正原因。")
    if wrong:
        raise Invalid(fields=wrong)
    words = clean(text) or _promise(row, numbers, today, actor.name, clean(uncontrolled) if not is_controlled else "")
    edition = AnnouncementEdition(
        announcement=row, lines=lines, is_controlled=is_controlled,
        uncontrolled="" if is_controlled else clean(uncontrolled)[:1000], commitment=words[:1000],
        committer=actor.name[:60], authorisation="" if actor.is_chief else clean(authorisation)[:200],
        skipped=skipped, skip_reason=clean(skip_reason)[:300] if skipped else "", reason=clean(reason)[:300],
        published_at=now, published_by_id=actor.user_id,
    )  # fmt: skip
    return edition, facts


def _lines(
    values: Mapping[str, int | None], reasons: Mapping[str, str], facts: Mapping[str, Fact], wrong: dict[str, Text]
) -> tuple[dict[str, Any], dict[str, int]]:
    """Each number with what was proposed and why it was changed; a level that nobody knows must be given."""
    lines: dict[str, Any] = {}
    numbers: dict[str, int] = {}
    for one in commitment.NUMBERS:
        fact, given = facts.get(one.code), values.get(one.code)
        if given is None and fact is None and one.kind == "level":
            wrong[f"value_{one.code}"] = _("请选择风险级别。")
            given = 4
        value = given if given is not None else fact.value if fact is not None else 0
        why = clean(reasons.get(one.code, ""))[:200]
        if fact is not None and value != fact.value and not why:
            wrong[f"reason_{one.code}"] = _("与系统数据%(value)s不同，请写明原因。") % {"value": fact.value}
        numbers[one.code] = value
        lines[one.code] = {
            "value": value, "proposed": None if fact is None else fact.value,
            "source": None if fact is None else {"zh": fact.source.zh, "en": fact.source.en},
            "rows": [] if fact is None else list(fact.rows),
            "reason": why if fact is not None and value != fact.value else "",
        }  # fmt: skip
    return lines, numbers


def _promise(row: Announcement, numbers: Mapping[str, int], day: date, person: str, uncontrolled: str) -> str:
    if not uncontrolled:
        return commitment.promise(numbers, day=day, company=row.title, person=person)
    return (
        f"{row.title}已完成{day.year}年{day.month}月{day.day}日安全风险研判。以下风险尚未受控，正在采取措施："
        f"{uncontrolled}。承诺人：{person}。"
    )


def _columns(edition: AnnouncementEdition, number: int) -> dict[str, Any]:
    values = {code: line["value"] for code, line in edition.lines.items()}
    return {
        "edition_no": number, "values": values, "level": values["level"], "is_controlled": edition.is_controlled,
        "special_count": sum(values[code] for code in commitment.SPECIAL),
        "hot_count": sum(values[code] for code in commitment.HOT), "committer": edition.committer,
    }  # fmt: skip


def _given(edition: AnnouncementEdition) -> dict[str, Any]:
    """What the journal keeps of an edition: no name, since the actor is known."""
    values = {code: line["value"] for code, line in edition.lines.items()}
    return {"values": values, "controlled": edition.is_controlled, "reason": edition.reason,
            "skipped": len(edition.skipped)}  # fmt: skip


def proposal_for(row: Announcement, *, now: datetime) -> Mapping[str, Fact]:
    """What the system proposes for a row that the caller got through its own query."""
    return facts_of([row.file_id], Calendar().local_date(now))[row.file_id]


def may_publish(actor: Actor, row: Announcement, *, today: date) -> bool:
    """Whether the actor publishes, or corrects, this one today."""
    own = row.owner_org_id == actor.organisation_id and actor.has(PUBLISH)
    return own and row.day == today and row.status in ("OPEN", "PUBLISHED")


def waiting_below(row: Announcement) -> Sequence[Study]:
    """Parts that have not answered yet."""
    return list(row.studies.filter(status="ASKED").order_by("-layer", "name", "pk"))
