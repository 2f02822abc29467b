"""The clock of retention: rule by rule, in batches that each stand or fall whole: it may be killed at any time."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.errors import Conflict, Invalid, NotFound, Text
from quancheng.kernel.names import clean
from quancheng.kernel.retention import archives
from quancheng.kernel.retention.declare import Rule, all_rules, rule_of
from quancheng.kernel.retention.models import Archive, RetentionHold, RetentionRun

MANAGE = "retention.manage"
BATCH = 500
_clock = system_actor("retention")


def run_rule(*, rule: Rule, now: datetime, batches: int | None = None) -> RetentionRun:
    """Do away with the rows whose day has come, going on with a round that was interrupted.

    :param batches: stop after so many, unfinished; for tests of interruption.
    """
    run = _round(rule, now)
    passed: set[Any] = set()
    while True:
        if batches is not None and batches <= 0:
            return run
        if not _batch(rule, run, now, passed):
            break
        batches = None if batches is None else batches - 1
    RetentionRun.objects.filter(pk=run.pk).update(finished_at=now)
    run.refresh_from_db()
    return run


def try_out(*, actor: Actor, now: datetime) -> list[RetentionRun]:
    """Count for every rule what a round would do now, and change nothing (试算)."""
    actor.require(MANAGE)
    made = []
    with transaction.atomic():
        RetentionRun.objects.filter(is_dry=True).delete()
        for rule in all_rules():
            due, held = _counts(rule, now)
            made.append(
                RetentionRun.objects.create(
                    rule=rule.code, is_dry=True, started_at=now, finished_at=now, due=due, held=held
                )
            )
        journal.record(actor=actor, act="retention.try", facts={"rules": len(made)}, now=now)
    return made


def set_hold(*, actor: Actor, rule_code: str, subject: str, reason: str, now: datetime) -> RetentionHold:
    """Keep rows beyond their day (保全): one, named by its identifier or the address of its page, or all of a rule.

    :raises Invalid: no such rule, identifier or reason. :raises Conflict: it is held already.
    """
    actor.require(MANAGE)
    rule, reason = rule_of(rule_code), clean(reason)
    wrong: dict[str, Text] = {}
    if rule is None:
        wrong["rule"] = _("没有这类记录。")
    if len(reason) < 4:
        wrong["reason"] = _("请写明原因（至少4个字）。")
    with transaction.atomic():
        if rule is not None:
            _take_turns(rule)
        subject_id = _identifier(rule, subject) if rule and subject.strip() else ""
        if subject_id is None:
            wrong["subject"] = _("没有这条记录，请填写记录标识或其页面网址。")
        if rule is None or subject_id is None or wrong:
            raise Invalid(fields=wrong)
        if RetentionHold.objects.filter(rule=rule.code, subject_id=subject_id, lifted_at__isnull=True).exists():
            raise Conflict(_("已在保全中。"), fields={"subject": _("已在保全中。")})
        hold = RetentionHold.objects.create(
            rule=rule.code, subject_id=subject_id, reason=reason[:200], set_by_id=actor.user_id, set_at=now
        )
        _note(actor, "hold", hold, now, reason=hold.reason)
    return hold


def lift_hold(*, actor: Actor, hold_id: uuid.UUID, reason: str, now: datetime) -> None:
    """Let rows go again when their day comes. :raises NotFound: no live hold. :raises Invalid: no reason."""
    actor.require(MANAGE)
    reason = clean(reason)
    if len(reason) < 4:
        raise Invalid(fields={"reason": _("请写明原因（至少4个字）。")})
    with transaction.atomic():
        hold = RetentionHold.objects.filter(pk=hold_id, lifted_at__isnull=True).first()
        lifted = {"lifted_at": now, "lifted_by_id": actor.user_id, "lift_reason": reason[:200]}
        if hold is None or not RetentionHold.objects.filter(pk=hold_id, lifted_at__isnull=True).update(**lifted):
            raise NotFound
        _note(actor, "lift", hold, now, reason=reason[:200])


def _round(rule: Rule, now: datetime) -> RetentionRun:
    found = RetentionRun.objects.filter(rule=rule.code, is_dry=False, finished_at__isnull=True).first()
    if found is not None:
        return found
    due, held = _counts(rule, now)
    return RetentionRun.objects.create(rule=rule.code, started_at=now, due=due, held=held)


def _counts(rule: Rule, now: datetime) -> tuple[int, int]:
    due = rule.due(rule.cutoff(now))
    total = due.count()
    return total, total - _free(rule, due).count()


def _free(rule: Rule, due: QuerySet[Any]) -> QuerySet[Any]:
    """Without what is held."""
    held = set(
        RetentionHold.objects.filter(rule=rule.code, lifted_at__isnull=True).values_list("subject_id", flat=True)
    )
    if "" in held:
        return due.none()
    return due.exclude(pk__in=held) if held else due


def _take_turns(rule: Rule) -> None:
    """To the end of the transaction: a hold waits for the batch that runs, and the next batch sees the hold."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('retention'), hashtext(%s))", [rule.code])


def _batch(rule: Rule, run: RetentionRun, now: datetime, passed: set[Any]) -> bool:
    """One batch; False where nothing is left. A row that somebody holds locked is left for the next round.

    :param passed: rows of this round that could not be archived as they were written; more may come.
    """
    due = rule.due(rule.cutoff(now)).exclude(pk__in=passed) if passed else rule.due(rule.cutoff(now))
    archive, expected = "", {}
    if rule.action == "archive":
        expected = {row.pk: archives.line_of(row, rule.children) for row in _free(rule, due).order_by("pk")[:BATCH]}
        if not expected:
            return False
        due = due.filter(pk__in=list(expected))
        # Before the transaction, since the store may be far away; without its rows deleted it is only a copy.
        archive = archives.write(expected.values())
    with transaction.atomic():
        _take_turns(rule)
        locked = _free(rule, due).order_by("pk").select_for_update(of=("self",), skip_locked=True)
        rows: list[Model] = list(locked[:BATCH])
        if not rows and not archive:
            return False
        lines = [archives.line_of(row, rule.children) for row in rows]
        if archive and lines != list(expected.values()):
            # Somebody has one locked, changed or holds it since: the others go without it.
            found = dict(zip((row.pk for row in rows), lines, strict=True))
            passed |= {pk for pk, line in expected.items() if found.get(pk) != line}
            archives.drop(archive)
            return True
        _remove(rule, rows, now)
        if archive:
            Archive.objects.create(rule=rule.code, digest=archive, rows=len(rows), made_at=now)
        RetentionRun.objects.filter(pk=run.pk).update(done=F("done") + len(rows))
        journal.record(
            actor=_clock, act=f"retention.{rule.action}", subject_type=rule.model._meta.label_lower, now=now,
            facts={
                "rule": rule.code, "rows": len(rows), "digest": hashlib.sha256(b"\n".join(lines)).hexdigest(),
                **({"archive": archive} if archive else {}),
            },
        )  # fmt: skip
    return True


def _remove(rule: Rule, rows: Sequence[Model], now: datetime) -> None:
    if rule.remove is not None:
        rule.remove(rows, now)
        return
    for name in rule.children:
        for row in rows:
            getattr(row, name).all().delete()
    rule.model._default_manager.filter(pk__in=[row.pk for row in rows]).delete()


def _identifier(rule: Rule, text: str) -> str | None:
    """The key of a row of this rule that stands, from its identifier or the address of its page; None for none."""
    key = rule.model._meta.pk
    for part in reversed(text.strip().rstrip("/").replace("?", "/").split("/")):
        try:
            value = key.to_python(part)
        except Exception as failure:  # noqa: BLE001 - whatever a field says of a text that is no key
            del failure
            continue
        if value is not None and rule.model._default_manager.filter(Q(pk=value)).exists():
            return str(value)
    return None


def _note(actor: Actor, what: str, hold: RetentionHold, now: datetime, **facts: object) -> None:
    facts |= {"rule": hold.rule, "subject": hold.subject_id}
    journal.record(
        actor=actor, act=f"retention.{what}", subject_type="retention.hold", subject_id=hold.pk, facts=facts, now=now
    )
