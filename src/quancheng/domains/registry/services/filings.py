"""Filings of a file: begun, prepared, certified by a second person, received or returned by the lead department.

What is one and what are two: *verification* says that the office found the enterprise as its file says, and every
change of the file ends it. A *filing* says that the enterprise certified its file as true, and stays what it was.
Receiving a filing of a file that still says the same is the office's confirmation, so it verifies the file too.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Completeness, Enterprise, Filing, FilingRuleSetting
from quancheng.domains.registry.queries.filings import OWN_MARK, says_the_same, set_rules, snapshot_now
from quancheng.domains.registry.services.assessing import touch
from quancheng.domains.registry.services.enterprises import verify_enterprise
from quancheng.domains.registry.services.locking import lock_files
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.canonical import digest_of
from quancheng.kernel.errors import Conflict, Invalid, NotFound, NotPermitted, StaleState, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.numbering.services import take_number
from quancheng.kernel.once import once
from quancheng.kernel.people.models import Organisation

PREPARE, CERTIFY, RULES = "registry.filings.prepare", "registry.filings.certify", "registry.filings.rules"
NUMBER = "registry.filing"
#: Working days for a filing that the enterprise begins by itself, and for one that was returned. [D]
OWN_DAYS, RETURN_DAYS = 10, 5
MOST_DAYS = 1100


def begin_filing(
    *, actor: Actor, file: Enterprise, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Filing:
    """The enterprise begins a filing that no rule called for.

    :raises NotPermitted: not its own file. :raises Invalid: no reason. :raises Conflict: one is under way.
    """
    actor.require(PREPARE)
    if file.pk != actor.organisation_id:
        raise NotPermitted(_("只能为本单位的档案备案。"))
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明备案事由。")})

    def make() -> uuid.UUID:
        lock_files([file.pk], now=now)
        if Filing.objects.filter(file=file, closed_at__isnull=True).exists():
            raise Conflict(_("已有一项备案正在办理，请先办结。"))
        due = Calendar().add_working_days(Calendar().local_date(now), OWN_DAYS)
        name = file.enterprise.name if file.enterprise else ""
        filing = Filing(
            **file.row_scope(),
            code=next_code(Filing, "B", now=now), file=file, supervisor_id=file.supervisor_id,
            title=f"主动备案：{name}"[:200], reason=clean(reason)[:500], due_date=due, created_at=now,
        )  # fmt: skip
        return enter(actor=actor, row=filing, now=now, facts={"reason": filing.reason}).pk

    body = {"file": file.pk, "reason": clean(reason)}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="registry.filing.begin", body=body, now=now, make=make)
    return Filing.objects.get(pk=pk)


def prepare_filing(
    *, actor: Actor, filing: Filing, now: datetime, client_id: uuid.UUID | None = None
) -> Filing:  # fmt: skip
    """Freeze what the file says now, for another person to certify."""
    with transaction.atomic():
        lock_files([filing.file_id], now=now)
        snapshot = snapshot_now(filing.file_id, on=Calendar().local_date(now))
        file = Enterprise.objects.get(pk=filing.file_id)
        score = Completeness.objects.filter(file=file).values_list("score", flat=True).first()
        changes: dict[str, Any] = {
            "snapshot": snapshot, "digest": digest_of(snapshot), "file_version": file.version, "score": score,
            "prepared_at": now, "prepared_by": actor.name[:60], "supervisor": file.supervisor,
        }  # fmt: skip
        # What a filing says names people: the journal holds its digest.
        facts = {"snapshot": changes["digest"], "prepared_by": actor.user_id}
        _move(actor, filing, "prepare", now, {}, changes, client_id, facts)
    return filing


def certify_filing(
    *, actor: Actor, filing: Filing, agreed: bool, now: datetime, client_id: uuid.UUID | None = None
) -> Filing:
    """Certify that what was prepared is true and complete, and hand it in; it gets its receipt number.

    :raises Invalid: not agreed. :raises NotPermitted: who prepared it. :raises StaleState: the file was changed since.
    """
    if not agreed:
        raise Invalid(fields={"agreed": _("请确认承诺内容。")})
    with transaction.atomic():
        lock_files([filing.file_id], now=now)
        said = snapshot_now(filing.file_id, on=Calendar().local_date(now))
        if filing.status == "PREPARED" and not says_the_same(filing, said):
            raise StaleState(_("填报之后档案又有改动，请退回填报人重新填报后再承诺。"))
        office = Organisation.objects.get(pk=filing.supervisor_id)
        number = take_number(
            actor=actor, organisation=office, kind=NUMBER, subject_type=filing.row_type(), subject_id=filing.pk, now=now
        ).text
        changes = {"certified_at": now, "certified_by": actor.name[:60], "number": number}
        facts = {"digest": filing.digest, "certified_by": actor.user_id}
        _move(actor, filing, "certify", now, {"agreed": True}, changes, client_id, facts)
    return filing


def receive_filing(
    *, actor: Actor, filing: Filing, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> Filing:
    """The lead department receives a filing. A file that still says what was filed is verified with it."""
    with transaction.atomic():
        # It may verify the file: the file before its score, in the order of every act that changes a file.
        file = Enterprise.objects.select_for_update(no_key=True).get(pk=filing.file_id)
        lock_files([file.pk], now=now)
        changes = {"received_at": now, "closed_at": now}
        made = _move(actor, filing, "receive", now, {"text": clean(text)[:500]}, changes, client_id)
        said = snapshot_now(file.pk, on=Calendar().local_date(now))
        # Another office may have taken the lead since: it looks for itself.
        leads = file.supervisor_id == filing.supervisor_id
        if made and leads and file.verified_at is None and says_the_same(filing, said):
            remark = _("接收备案 %(number)s") % {"number": filing.number}
            verify_enterprise(actor=actor, file=file, version=file.version, remark=remark, now=now)
        # What was changed while it waited calls for the next one.
        touch(file.pk, now=now)
    return filing


def answer_filing(
    *, actor: Actor, filing: Filing, name: str, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> Filing:
    """The moves that ask for a reason alone: ``send_back`` to who prepared it, ``return`` by the office, ``withdraw``.

    :raises Invalid: no reason.
    """
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明原因。")})
    changes: dict[str, Any] = {}
    if name == "withdraw":
        changes["closed_at"] = now
    if name == "return":
        calendar = Calendar()
        later = calendar.add_working_days(calendar.local_date(now), RETURN_DAYS)
        changes["due_date"] = max(filing.due_date, later)
    with transaction.atomic():
        lock_files([filing.file_id], now=now)
        _move(actor, filing, name, now, {"reason": clean(reason)[:500]}, changes, client_id)
        touch(filing.file_id, now=now)
    return filing


def _move(
    actor: Actor, filing: Filing, name: str, now: datetime, given: Mapping[str, Any], changes: Mapping[str, Any],
    client_id: uuid.UUID | None, facts: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """The move; whether it was made now, and not by the same request before."""
    before = filing.status
    move(actor=actor, row=filing, name=name, now=now, given=given, changes=changes, client_id=client_id, facts=facts)
    return filing.status != before


# Rules -----------------------------------------------------------------------------------------------------------


def set_filing_rule(*, actor: Actor, code: str, days: int, is_active: bool, now: datetime) -> FilingRuleSetting:
    """Set how long a rule gives in this district, or that it does not hold here; what is under way keeps its day.

    What the law asks may be asked sooner, never later or not at all.

    :raises NotFound: no such rule. :raises Invalid: days out of range, or the law's own rule loosened; by field.
    """
    actor.require(RULES)
    known = set_rules().get(code)
    if known is None:
        raise NotFound
    is_own = known.rule.mark == OWN_MARK
    most = MOST_DAYS if is_own else known.rule.days
    wrong: dict[str, Text] = {}
    if not 1 <= days <= most:
        wrong["days"] = _("期限应为1至%(most)s。") % {"most": most}
    if not is_active and not is_own:
        wrong["is_active"] = _("该期限由法规或规范性文件规定，不能停用。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        row, _made = FilingRuleSetting.objects.update_or_create(
            code=code, defaults={"days": days, "is_active": is_active, "updated_at": now}
        )
        journal.record(
            actor=actor, act="registry.filing.rule", subject_type="registry.filingrulesetting", subject_id=None,
            now=now, org_id=actor.organisation_id, facts={"code": code, "days": days, "is_active": is_active},
        )  # fmt: skip
    return row
