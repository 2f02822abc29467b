"""What follows when licences run out: reminders, the renewal owed, the exit of who has no right any more (S1-9e)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Enterprise, Licence, LicenceExit, LicenceRenewal
from quancheng.domains.registry.models.licences import IN_FORCE, Decision
from quancheng.domains.registry.queries.licences import EXIT_KINDS, Rule, kinds, rules
from quancheng.domains.registry.services.enterprises import KEEP, VERIFY, note
from quancheng.domains.registry.services.licences import CLOCK, MOST_DAYS, write_decision
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.notices.services import gather, people_for
from quancheng.kernel.numbering.codes import next_code
from quancheng.standards.licences import reminder_due

NOTICE = "registry.licence.expiring"
#: Kept as the last reminder once the expiry itself was told.
TOLD_EXPIRED = -1
#: Licences looked at in one go; each is a transaction of its own.
BATCH = 500


# The daily round -------------------------------------------------------------------------------------------------


def look_at_licences(*, now: datetime) -> int:
    """Warn of licences that run out, call for their renewal, and open the exit of who let one lapse.

    Idempotent by licence and reminder; after days without a round the nearest reminder alone is sent. Returns how
    many licences something was done about.
    """
    today = Calendar().local_date(now)
    known = rules()
    near = (
        Licence.objects.standing()
        .filter(valid_to__lte=today + timedelta(days=MOST_DAYS))
        .exclude(reminded_days=TOLD_EXPIRED)
        .exclude(file__life=Life.CLOSED)
        .order_by("pk")
    )
    done, last = 0, uuid.UUID(int=0)
    while pks := list(near.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        done += sum(_look_at(pk, known, today, now) for pk in pks)
        last = pks[-1]
    return done


def _look_at(pk: uuid.UUID, known: Mapping[str, Rule], today: date, now: datetime) -> bool:
    with transaction.atomic():
        row = (
            Licence.objects.select_for_update(of=("self",), no_key=True)
            .standing()
            .select_related("file", "file__enterprise")
            .filter(pk=pk)
            .first()
        )
        rule = known.get(row.kind) if row is not None else None
        if row is None or rule is None or row.valid_to is None:
            return False
        left = (row.valid_to - today).days
        if left < 0:
            return _expired(row, rule, now)
        step = reminder_due(row.valid_to, on=today, reminders=rule.warn_days)
        did = False
        if step is not None and (row.reminded_days is None or step < row.reminded_days):
            Licence.objects.filter(pk=pk).update(reminded_days=step)
            _tell(row, left, now)
            did = True
        if step is not None or (row.renew_date is not None and row.renew_date <= today):
            did = _call_for_renewal(row, now) or did
        return did


def _call_for_renewal(row: Licence, now: datetime) -> bool:
    """The enterprise owes the application until the legal lead day; once for each licence and end."""
    if row.valid_to is None or LicenceRenewal.objects.filter(licence=row, expires_date=row.valid_to).exists():
        return False
    renewal = LicenceRenewal(
        **row.file.row_scope(), licence=row, title=_title("%(kind)s %(number)s", row),
        due_date=row.renew_date or row.valid_to, expires_date=row.valid_to, created_at=now,
    )  # fmt: skip
    enter(actor=CLOCK, row=renewal, now=now, facts={"licence": row.pk, "valid_to": row.valid_to})
    return True


def _expired(row: Licence, rule: Rule, now: datetime) -> bool:
    Licence.objects.filter(pk=row.pk).update(reminded_days=TOLD_EXPIRED)
    renewal = LicenceRenewal.objects.filter(licence=row, closed_at__isnull=True).first()
    applied = ""
    if renewal is not None:
        applied = renewal.text if renewal.status == "APPLIED" else ""
        move(actor=CLOCK, row=renewal, name="lapse", now=now, changes={"closed_at": now})
    _tell(row, -1, now)
    if rule.exits:
        reason = _title(_("%(kind)s %(number)s 已于 %(day)s 到期，未换发新证。"), row)
        if applied:
            reason += _("企业说明已提出延续申请：%(text)s") % {"text": applied}
        _open_exit(CLOCK, row.file, row, reason, now)
    return True


def _tell(row: Licence, left: int, now: datetime) -> None:
    title = _title(_("%(kind)s %(number)s，有效期至 %(day)s"), row)
    if left < 0:
        title += _("，已过期")
    line = {
        "key": f"{row.pk}:{row.valid_to}:{row.reminded_days}:{left}", "title": title,
        "subject_type": Licence.row_type(), "subject_id": row.pk,
    }  # fmt: skip
    for user in people_for(organisation_id=row.file_id, duty=KEEP):
        gather(user=user, kind=NOTICE, key=NOTICE, lines=[line], now=now, day=Calendar().local_date(now).isoformat())


def _title(sentence: str, row: Licence) -> str:
    kind = kinds()[row.kind]
    return (sentence % {"kind": kind.name.zh, "number": row.number, "day": row.valid_to})[:200]


# Renewal ---------------------------------------------------------------------------------------------------------


def answer_renewal(
    *, actor: Actor, renewal: LicenceRenewal, name: str, text: str, now: datetime, client_id: uuid.UUID | None = None
) -> LicenceRenewal:
    """The enterprise says that it applied (``apply``), or that it will not (``give_up``)."""
    field = "text" if name == "apply" else "reason"
    changes: dict[str, Any] = {"text": text.strip()[:2000]}
    if name == "give_up":
        changes["closed_at"] = now
    move(
        actor=actor, row=renewal, name=name, now=now, given={field: text.strip()}, changes=changes, client_id=client_id
    )
    return renewal


# Exit ------------------------------------------------------------------------------------------------------------


def open_exit(
    *, actor: Actor, file: Enterprise, reason: str, evidence: Sequence[uuid.UUID], now: datetime
) -> LicenceExit:
    """The supervising office opens the exit of an enterprise that does not meet the conditions for safe production.

    :raises NotPermitted: not its supervisor. :raises Invalid: no reason. :raises Conflict: one is under way, or it is
        closed.
    """
    actor.require(VERIFY)
    if actor.organisation_id != file.supervisor_id:
        raise NotPermitted(_("退出程序由该企业的监管牵头部门启动。"))
    if not reason.strip():
        raise Invalid(fields={"reason": _("请写明不符合安全生产条件的情形。")})
    if file.life == Life.CLOSED:
        raise Conflict(_("该企业已关闭退出。"))
    with transaction.atomic():
        # One at a time: the file's row is held until the end of the act.
        Enterprise.objects.select_for_update(of=("self",), no_key=True).get(pk=file.pk)
        if LicenceExit.objects.filter(file=file, licence__isnull=True, closed_at__isnull=True).exists():
            raise Conflict(_("该企业的退出程序正在办理。"))
        made = _open_exit(actor, file, None, reason.strip()[:2000], now)
        attach_files(actor=actor, row=made, file_ids=list(evidence), now=now)
        note(actor, "registry.exit.open", file, now, {"exit": made.pk, "remark": made.reason[:500]})
    return made


def _open_exit(actor: Actor, file: Enterprise, licence: Licence | None, reason: str, now: datetime) -> LicenceExit:
    organisation = file.enterprise.name if file.enterprise else ""
    row = LicenceExit(
        **file.row_scope(owner=file.supervisor_id),
        code=next_code(LicenceExit, "X", now=now), file=file, licence=licence, reason=reason,
        title=organisation, created_at=now,
    )  # fmt: skip
    enter(actor=actor, row=row, now=now, facts={"file": file.pk, "licence": licence and licence.pk, "reason": reason})
    return row


def move_exit(
    *, actor: Actor, row: LicenceExit, name: str, text: str, evidence: Sequence[uuid.UUID], now: datetime,
    client_id: uuid.UUID | None = None,
) -> LicenceExit:  # fmt: skip
    """One step of the exit: ordered to stop, checked, closed or revoked, resumed, dropped.

    Ordered to stop, the enterprise is exiting; closed or revoked, the licence is ended and the enterprise closed,
    unless another licence to trade is in force; resumed, it works as it did before.

    :raises Invalid: nothing written, or no paper with an order, a check or a decision.
    :raises Conflict: resumed without a licence in force today.
    """
    field = "reason" if name == "drop" else "text"
    if not text.strip():
        raise Invalid(fields={field: _("请填写此项。")})
    if name in ("order", "check", "close", "revoke") and not evidence:
        raise Invalid(fields={"evidence": _("请上传文书或现场照片。")})
    today = Calendar().local_date(now)
    if name == "resume" and row.licence is not None and not _in_force(row.file_id, today, {row.licence.kind}):
        raise Conflict(_("还没有经核验、在有效期内的同类证照，不能恢复经营。"))
    changes: dict[str, Any] = {}
    if name == "order":
        changes["life_before"] = row.life_before or row.file.life
    if name in ("close", "revoke", "resume", "drop"):
        changes["closed_at"] = now
    given = {field: text.strip()[:2000], "evidence": [str(one) for one in evidence]}
    with transaction.atomic():
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now)
        move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)
        if name == "order":
            _set_life(actor, row.file, Life.EXITING, today, now)
        elif name == "resume":
            _set_life(actor, row.file, row.life_before or row.file.life, today, now)
        elif name in ("close", "revoke"):
            _end_licence(actor, row, Decision.REVOKED if name == "revoke" else Decision.CANCELLED, text, today, now)
            stays = bool(row.licence_id) and _in_force(row.file_id, today, EXIT_KINDS, verified=False)
            _set_life(actor, row.file, (row.life_before or Life.OPERATING) if stays else Life.CLOSED, today, now)
    return row


def _in_force(file_id: uuid.UUID, today: date, of_kinds: Any, *, verified: bool = True) -> bool:
    rows = Licence.objects.standing().filter(file=file_id, kind__in=list(of_kinds))
    if verified:
        rows = rows.filter(verified_at__isnull=False)
    return rows.with_state(on=today).filter(Q(state__in=IN_FORCE)).exists()


def _end_licence(actor: Actor, row: LicenceExit, decision: str, text: str, today: date, now: datetime) -> None:
    licence = row.licence
    if licence is None or licence.replaced_by_id is not None or licence.decision in (
        Decision.REVOKED, Decision.CANCELLED
    ):  # fmt: skip
        return
    write_decision(actor=actor, licence=licence, decision=decision, decided_date=today, reason=clean(text), now=now)


def _set_life(actor: Actor, file: Enterprise, life: str, today: date, now: datetime) -> None:
    """The enterprise's state of life follows the exit; its verification stays, since the office itself did it."""
    if file.life == life:
        return
    Enterprise.objects.filter(pk=file.pk).update(life=life, life_date=today, version=file.version + 1, updated_at=now)
    facts = {"before": {"life": file.life}, "after": {"life": life}}
    note(actor, "registry.enterprise.change", file, now, facts)
    file.life, file.version = life, file.version + 1
