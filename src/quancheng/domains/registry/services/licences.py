"""Licences entered, changed, verified, decided about and replaced by newer ones."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Model
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import (
    Chemical,
    Enterprise,
    Licence,
    LicenceItem,
    LicenceRenewal,
    LicenceRule,
    ToldFact,
)
from quancheng.domains.registry.models.licences import Decision
from quancheng.domains.registry.queries.derived import TOLD
from quancheng.domains.registry.queries.licences import kinds, rules
from quancheng.domains.registry.services.enterprises import VERIFY, note, require_keeper
from quancheng.domains.registry.services.restrictions import refusal
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import move
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.administration import check_credit_code
from quancheng.standards.licences import WAYS_OF_TRADE

RULES = "registry.licences.rules"
#: What stands printed on a licence, beside its kind and scope.
FIELDS = (
    "number", "holder_name", "holder_code", "scope", "way_of_trade", "registered_address", "trading_address",
    "storage_address", "legal_representative", "issuer", "issued_date", "valid_from", "valid_to",
)  # fmt: skip
#: Nobody warns earlier than a year ahead.
MOST_DAYS = 366

CLOCK = system_actor("registry", "registry.files.keep", "registry.files.verify")


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """One chemical of the scope; tonnes where a quantity is licensed."""

    chemical: Chemical
    permitted_t: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LicenceSpec:
    """A licence as it is printed: its kind, :data:`FIELDS`, and the chemicals of its scope."""

    kind: str
    known: Mapping[str, Any]
    items: Sequence[ScopeItem] = ()
    evidence: Sequence[uuid.UUID] = field(default=())


def enter_licence(
    *, actor: Actor, file: Enterprise, spec: LicenceSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Licence:
    """Enter a licence; one of the same kind that it prolongs is marked as replaced, and its renewal is done.

    :raises NotPermitted: not the enterprise itself, nor an office that supervises it.
    :raises Invalid: by field. :raises Conflict: the same number was entered.
    """
    require_keeper(actor, file)
    known = _checked(spec.kind, spec.known)
    _refuse_prohibited(file, [item.chemical for item in spec.items], now)

    def make() -> uuid.UUID:
        if Licence.objects.filter(
            file=file, kind=spec.kind, number=known["number"], replaced_by__isnull=True, valid_to=known.get("valid_to")
        ).exists():
            sentence = _("该证照已登记。")
            raise Conflict(sentence, fields={"number": sentence})
        before = _replaced(file, spec.kind, known)
        row = Licence(
            **file.row_scope(),
            file=file, kind=spec.kind, renew_date=_renew_date(spec.kind, known.get("valid_to")), created_at=now,
            updated_at=now, **known,
        )  # fmt: skip
        row.save(force_insert=True)
        if before is not None:
            Licence.objects.filter(pk=before.pk).update(replaced_by=row, updated_at=now)
            _finish_renewals(before, row, now)
        _set_items(row, spec.items)
        attach_files(actor=actor, row=row, file_ids=list(spec.evidence), now=now)
        note(actor, "registry.licence.enter", file, now, {
            "licence": row.pk, "kind": spec.kind, "name": known["number"], "valid_to": known.get("valid_to"),
            "replaces": before and before.pk, "items": _items_as_facts(spec.items),
        })  # fmt: skip
        publish("registry.licence.entered", row, actor=actor, now=now, facts={"kind": spec.kind})
        return row.pk

    body = {"file": file.pk, "kind": spec.kind, "number": known["number"], "valid_to": known.get("valid_to")}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.licence.enter", body=body, now=now, make=make
        )
    return Licence.objects.get(pk=pk)


def change_licence(
    *, actor: Actor, licence: Licence, version: int, known: Mapping[str, Any], items: Sequence[ScopeItem],
    evidence: Sequence[uuid.UUID], now: datetime,
) -> Licence:  # fmt: skip
    """Correct what was entered; what was verified is to be verified anew.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    """
    file = licence.file
    require_keeper(actor, file)
    given = _checked(licence.kind, known)
    changed = {name: value for name, value in given.items() if getattr(licence, name) != value}
    standing = {item.chemical_id: item.permitted_t for item in licence.items.all()}
    wanted = {item.chemical.pk: item.permitted_t for item in items}
    if not changed and standing == wanted and not evidence:
        return licence
    _refuse_prohibited(file, [item.chemical for item in items if item.chemical.pk not in standing], now)
    more: dict[str, Any] = {}
    if "valid_to" in changed:
        # The reminders begin again for the new day.
        more = {"renew_date": _renew_date(licence.kind, given["valid_to"]), "reminded_days": None}
    with transaction.atomic():
        won = Licence.objects.filter(pk=licence.pk, version=version).update(
            **changed, **more, version=F("version") + 1, updated_at=now, verified_at=None, verified_by=None
        )
        if not won:
            raise StaleState(_("该证照刚被他人修改，请刷新后重试。"))
        if standing != wanted:
            _set_items(licence, items)
        attach_files(actor=actor, row=licence, file_ids=list(evidence), now=now)
        facts: dict[str, Any] = {"before": {name: getattr(licence, name) for name in changed}, "after": changed}
        if standing != wanted:
            facts |= {"items": _items_as_facts(items)}
        note(actor, "registry.licence.change", file, now, {"licence": licence.pk, **facts})
        if "valid_to" in changed:
            _finish_renewals(licence, licence, now)
    return Licence.objects.get(pk=licence.pk)


def verify_licence(*, actor: Actor, licence: Licence, version: int, remark: str, now: datetime) -> Licence:
    """The supervising office confirms that the entry agrees with the licence.

    :raises NotPermitted: not its supervisor, or it is the actor's own. :raises StaleState: changed since it was read.
    """
    _require_judge(actor, licence)
    with transaction.atomic():
        won = Licence.objects.filter(pk=licence.pk, version=version).update(
            verified_at=now, verified_by=actor.organisation_id, updated_at=now
        )
        if not won:
            raise StaleState(_("该证照刚被他人修改，请刷新后重试。"))
        facts = {"licence": licence.pk, "version": version, "remark": clean(remark)[:500]}
        note(actor, "registry.licence.verify", licence.file, now, facts)
    return Licence.objects.get(pk=licence.pk)


def decide_licence(
    *, actor: Actor, licence: Licence, decision: str, decided_date: date, reason: str, now: datetime
) -> Licence:
    """Suspend, revoke or cancel a licence, or lift its suspension (an empty decision).

    :raises Invalid: no reason, a day in the future, or a decision that it already has.
    :raises Conflict: it was revoked, cancelled or replaced already.
    """
    _require_judge(actor, licence)
    wrong: dict[str, Text] = {}
    if decision not in ("", *Decision.values) or decision == licence.decision:
        wrong["decision"] = _("请选择处理决定。")
    if not clean(reason):
        wrong["reason"] = _("请写明依据和理由。")
    if decided_date > Calendar().local_date(now):
        wrong["decided_date"] = _("决定日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        write_decision(
            actor=actor, licence=licence, decision=decision, decided_date=decided_date, reason=reason, now=now
        )
    return Licence.objects.get(pk=licence.pk)


def write_decision(
    *, actor: Actor, licence: Licence, decision: str, decided_date: date, reason: str, now: datetime
) -> None:
    """Write a decision whose right and shape the caller asked for; in his transaction.

    :raises Conflict: it was revoked, cancelled or replaced already.
    """
    open_to_decision = Licence.objects.filter(
        pk=licence.pk, replaced_by__isnull=True, decision__in=("", Decision.SUSPENDED)
    )
    written = {"decided_date": decided_date, "decided_reason": clean(reason)[:500]} if decision else {
        "decided_date": None, "decided_reason": ""
    }  # fmt: skip
    won = open_to_decision.update(decision=decision, version=F("version") + 1, updated_at=now, **written)
    if not won:
        raise Conflict(_("该证照已吊销、注销或换证，不能再作决定。"))
    facts = {"licence": licence.pk, "decision": decision, "decided_date": decided_date, "remark": clean(reason)[:500]}
    note(actor, "registry.licence.decide", licence.file, now, facts)
    publish("registry.licence.decided", licence, actor=actor, now=now, facts={"decision": decision})


def tell_facts(*, actor: Actor, file: Enterprise, facts: Mapping[str, bool | None], now: datetime) -> None:
    """Tell facts on which the enterprise's duties turn and that nothing else shows; None takes one back.

    :raises ValueError: a fact that is derived, or none.
    """
    require_keeper(actor, file)
    if unknown := sorted(set(facts) - set(TOLD)):
        raise ValueError(f"not to be told: {unknown}")
    with transaction.atomic():
        before = dict(ToldFact.objects.filter(file=file).values_list("fact", "holds"))
        changed = {fact: holds for fact, holds in facts.items() if before.get(fact) != holds}
        if not changed:
            return
        for fact, holds in changed.items():
            if holds is None:
                ToldFact.objects.filter(file=file, fact=fact).delete()
            else:
                ToldFact.objects.update_or_create(
                    file=file, fact=fact, defaults={"holds": holds, "at": now, "by_name": actor.name[:60]}
                )
        note(actor, "registry.facts.tell", file, now, {"facts": changed})


def set_rule(
    *, actor: Actor, kind: str, warn_days: Sequence[int], renewal_days: int, exits: bool, now: datetime
) -> LicenceRule:
    """Set how the district warns of one kind's expiry; the renewal days of its licences follow.

    :raises Invalid: no such kind, no day, or one that is not from 1 to :data:`MOST_DAYS`.
    """
    actor.require(RULES)
    wrong: dict[str, Text] = {}
    if kind not in kinds():
        wrong["kind"] = _("没有这种证照。")
    if not warn_days or any(not 1 <= one <= MOST_DAYS for one in warn_days):
        wrong["warn_days"] = _("提前提醒天数应为 1 至 366 的整数。")
    if not 1 <= renewal_days <= MOST_DAYS:
        wrong["renewal_days"] = _("应提前申请延续天数应为 1 至 366 的整数。")
    if wrong:
        raise Invalid(fields=wrong)
    days = sorted(set(warn_days), reverse=True)
    with transaction.atomic():
        rule, _new = LicenceRule.objects.update_or_create(
            kind=kind,
            defaults={"warn_days": days, "renewal_days": renewal_days, "exits": exits, "updated_at": now},
        )
        Licence.objects.filter(kind=kind, valid_to__isnull=False).update(
            renew_date=F("valid_to") - timedelta(days=renewal_days)
        )
        journal.record(
            actor=actor, act="registry.licence.rule", subject_type="registry.licencerule", subject_id=None, now=now,
            org_id=actor.organisation_id,
            facts={"kind": kind, "warn_days": days, "renewal_days": renewal_days, "exits": exits},
        )  # fmt: skip
    return rule


# ------------------------------------------------------------------------------------------------------------------


def has_ended(row: Model) -> bool:
    """Whether a licence was replaced, revoked or cancelled: then its scan stands."""
    if not isinstance(row, Licence):
        raise TypeError(type(row).__name__)
    return row.replaced_by_id is not None or row.decision in (Decision.REVOKED, Decision.CANCELLED)


def _require_judge(actor: Actor, licence: Licence) -> None:
    actor.require(VERIFY)
    if licence.enterprise_id == actor.organisation_id:
        raise NotPermitted(_("不能核验本单位的档案。"))
    if not actor.is_system and not Licence.objects.visible_to(actor).filter(pk=licence.pk).exists():
        raise NotPermitted()


def _replaced(file: Enterprise, kind: str, known: Mapping[str, Any]) -> Licence | None:
    """The licence that a new one prolongs: of the same kind, with an earlier end and, where several of a kind stand
    side by side (other places), the same number or address."""
    standing = list(
        Licence.objects.select_for_update(of=("self",), no_key=True)
        .standing()
        .filter(file=file, kind=kind)
        .order_by("-valid_to", "pk")
    )
    new_end = known.get("valid_to")
    older = [one for one in standing if new_end is None or (one.valid_to is not None and one.valid_to < new_end)]
    same = [
        one
        for one in older
        if one.number == known["number"] or clean(one.trading_address) == clean(known.get("trading_address") or "")
    ]
    return same[0] if same else None


def _finish_renewals(before: Licence, row: Licence, now: datetime) -> None:
    """What was owed for the former end is done: a newer one stands."""
    for renewal in LicenceRenewal.objects.filter(licence=before, closed_at__isnull=True):
        move(
            actor=CLOCK, row=renewal, name="renew", now=now, given={"licence": str(row.pk)}, changes={"closed_at": now}
        )


def _refuse_prohibited(file: Enterprise, chemicals: Sequence[Chemical], now: datetime) -> None:
    """:raises Invalid: the city's catalogue prohibits one of them (禁限控目录)."""
    for one in chemicals:
        said = refusal(chemical=one, links=file.links, on=Calendar().local_date(now))
        if said is not None:
            raise Invalid(fields={"items": said})


def _set_items(row: Licence, items: Sequence[ScopeItem]) -> None:
    LicenceItem.objects.filter(licence=row).delete()
    by_chemical = {item.chemical.pk: item for item in items}
    LicenceItem.objects.bulk_create(
        [LicenceItem(licence=row, chemical_id=pk, permitted_t=item.permitted_t) for pk, item in by_chemical.items()]
    )


def _items_as_facts(items: Sequence[ScopeItem]) -> list[dict[str, Any]]:
    return [{"chemical": one.chemical.name, "permitted_t": one.permitted_t} for one in items]


def _renew_date(kind: str, valid_to: date | None) -> date | None:
    return None if valid_to is None else valid_to - timedelta(days=rules()[kind].renewal_days)


def _checked(kind: str, known: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(known) - set(FIELDS)
    if unknown:
        raise ValueError(f"not of a licence: {sorted(unknown)}")
    given: dict[str, Any] = {}
    for name in FIELDS:
        value = known.get(name)
        if name.endswith(("_date", "_from", "_to")):
            given[name] = value
        else:
            given[name] = (value or "").strip() if name == "scope" else clean(value or "")
    wrong: dict[str, Text] = {}
    if kind not in kinds():
        wrong["kind"] = _("没有这种证照。")
    if not given["number"]:
        wrong["number"] = _("请填写证号。")
    if given["way_of_trade"] not in ("", *WAYS_OF_TRADE):
        wrong["way_of_trade"] = _("没有这种经营方式。")
    if given["valid_from"] and given["valid_to"] and given["valid_to"] < given["valid_from"]:
        wrong["valid_to"] = _("有效期止不能早于有效期起。")
    if given["valid_to"] is None and kind in kinds() and kinds()[kind].years is not None:
        wrong["valid_to"] = _("请填写有效期止，到期提醒据此计算。")
    for name in ("holder_code", "number") if kind == "BUSINESS" else ("holder_code",):
        if given[name]:
            try:
                given[name] = check_credit_code(given[name]) or ""
            except Invalid as refused:
                wrong[name] = refused.fields["credit_code"]
    if wrong:
        raise Invalid(fields=wrong)
    return given
