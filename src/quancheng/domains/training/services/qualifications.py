"""Certificates of persons entered, corrected, verified by a second person, revoked and replaced by newer ones."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.training.models import (
    CertificateGroup,
    CertificateKind,
    Person,
    PersonQualification,
    VerifiedSource,
)
from quancheng.domains.training.queries.certificates import (
    NUMBER,
    OF_IDENTITY,
    SCAN,
    SNAPSHOT,
    VERIFY,
    holder_matches,
    without_numbers,
)
from quancheng.domains.training.services.keeping import note, require_keeper
from quancheng.domains.training.services.measuring import measure
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.services import attach_files, release_files
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.vault import services as vault
from quancheng.standards.gb11643 import age_on

#: What stands printed on a certificate, beside its kind.
FIELDS = ("number", "limited_to", "issuer", "issued_date", "valid_from", "valid_to", "recheck_due")


def enter_qualification(
    *, actor: Actor, person: Person, kind: CertificateKind, known: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (), client_id: uuid.UUID | None = None,
) -> PersonQualification:  # fmt: skip
    """Enter a certificate as it is printed; it counts once it is verified. A recheck is entered as a new one.

    :param known: :data:`FIELDS`; an empty ``recheck_due`` follows from the kind.
    :raises NotPermitted: not the enterprise itself.
    :raises Invalid: by field; a number made of another's identity, a validity longer than the kind's.
    :raises Conflict: it is entered already.
    """
    require_keeper(actor, person.file)
    given = checked(person, kind, known, now)

    def make() -> uuid.UUID:
        row = PersonQualification(
            **person.scope_columns(), person=person, kind=kind, entered_by_id=actor.user_id, created_at=now,
            updated_at=now, **given,
        )  # fmt: skip
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            raise _twice() from twice
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now, role=SCAN)
        note(actor, "training.qualification.enter", person, now, _facts(row))
        publish("training.qualification.entered", row, actor=actor, now=now, facts={"kind": kind.code})
        return row.pk

    body = {"person": person.pk, "kind": kind.code, "number": given["number_index"], "from": given["valid_from"]}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="training.qualification.enter", body=body, now=now, make=make
        )
    return PersonQualification.objects.get(pk=pk)


def change_qualification(
    *, actor: Actor, row: PersonQualification, version: int, known: Mapping[str, Any], now: datetime,
    evidence: Sequence[uuid.UUID] = (),
) -> None:  # fmt: skip
    """Correct what was entered; what was verified is to be verified anew, by another than who corrected it.

    An empty number stays as it was.

    :raises StaleState: changed since it was read. :raises Conflict: it was revoked or replaced.
    """
    require_keeper(actor, row.person.file)
    if has_ended(row):
        raise Conflict(_("该证书已吊销、注销或换证，不能修改。"))
    number = known.get("number") or vault.reveal(NUMBER, row.number)
    given = checked(row.person, row.kind, {**known, "number": number}, now)
    if given["number_index"] == row.number_index:
        # Sealed anew it differs, though the number is the same.
        del given["number"]
    changed = {name: value for name, value in given.items() if getattr(row, name) != value}
    if not changed and not evidence:
        return
    with transaction.atomic():
        _locked(row)
        rows = PersonQualification.objects.filter(pk=row.pk, version=version)
        try:
            with transaction.atomic():
                won = rows.update(
                    **changed, version=F("version") + 1, updated_at=now, entered_by=actor.user_id, reminded_days=None,
                    verified_at=None, verified_by=None, verified_org=None, verified_source="", snapshot="",
                )  # fmt: skip
        except IntegrityError as twice:
            raise _twice() from twice
        if not won:
            raise StaleState
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now, role=SCAN)
        measure([row.person_id], now=now)
        note(actor, "training.qualification.change", row.person, now, {**_facts(row), "fields": sorted(changed)})
        publish("training.qualification.changed", row, actor=actor, now=now, facts={"kind": row.kind.code})


def verify_qualification(
    *, actor: Actor, row: PersonQualification, version: int, source: str, snapshot: str, now: datetime,
    evidence: Sequence[uuid.UUID] = (),
) -> None:  # fmt: skip
    """A second person confirms that the entry agrees with the source; from now on the certificate counts.

    What it prolongs (of the same person and kind, with an earlier end) is replaced, once it is in force.

    :param snapshot: what the source answered, in words; kept as it stood but for identity numbers, which are masked.
    :raises NotPermitted: the duty is missing, or he entered it himself.
    :raises Invalid: no source, or the national platform without its answer.
    :raises Conflict: its number is made of another's identity number.
    :raises StaleState: changed since it was read, or verified already.
    """
    actor.require(VERIFY)
    if actor.user_id is not None and actor.user_id == row.entered_by_id:
        raise NotPermitted(_("录入人不能核验自己录入的证书，请由另一人核验。"))
    wrong: dict[str, Text] = {}
    if source not in VerifiedSource.values:
        wrong["source"] = _("请选择核验途径。")
    if source == VerifiedSource.NATIONAL and not snapshot.strip() and not evidence:
        wrong["snapshot"] = _("请粘贴平台的查询结果，或上传查询结果截图。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        # A change of his name or identity waits, or was first and made what is verified here an older version.
        person = _locked(row)
        if holder_matches(person, row) is False:
            raise Conflict(_("证书编号中的身份证号码不是该人员的，不能核验；请由企业更正证书。"))
        rows = PersonQualification.objects.visible_to(actor).standing().filter(pk=row.pk, version=version)
        won = rows.filter(verified_at__isnull=True).update(
            verified_at=now, verified_by=actor.user_id, verified_org=actor.organisation_id, verified_source=source,
            snapshot=without_numbers(snapshot.strip())[:2000], version=F("version") + 1, updated_at=now,
        )  # fmt: skip
        if not won:
            raise StaleState
        attach_files(actor=actor, row=row, file_ids=list(evidence), now=now, role=SNAPSHOT)
        replaced = _replace_older(row, now)
        facts = {**_facts(row), "source": source, "replaced": replaced}
        measure([row.person_id], now=now)
        note(actor, "training.qualification.verify", row.person, now, facts)
        publish("training.qualification.verified", row, actor=actor, now=now, facts={"kind": row.kind.code})


def verify_anew(*, actor: Actor, person: Person, now: datetime) -> int:
    """Under another name or identity what stands is to be verified anew, by another than who changed it.

    In the caller's transaction, which wrote the person. What nobody verified yet becomes a new version, so that
    whoever is looking at it under the former name is told. Returns how many counted and count no more.
    """
    rows = PersonQualification.objects.standing().select_related("kind").filter(person=person).order_by("pk")
    found = list(rows.select_for_update(of=("self",), no_key=True))
    PersonQualification.objects.filter(pk__in=[row.pk for row in found]).update(
        verified_at=None, verified_by=None, verified_org=None, verified_source="", snapshot="",
        entered_by=actor.user_id, reminded_days=None, version=F("version") + 1, updated_at=now,
    )  # fmt: skip
    counted = [row for row in found if row.verified_at is not None]
    for row in counted:
        note(actor, "training.qualification.unverify", person, now, _facts(row))
        publish("training.qualification.changed", row, actor=actor, now=now, facts={"kind": row.kind.code})
    return len(counted)


def revoke_qualification(
    *, actor: Actor, row: PersonQualification, revoked_date: date, reason: str, now: datetime
) -> None:
    """Somebody who keeps or verifies it writes down that a certificate was revoked, cancelled or never was one.

    :raises Invalid: no reason, a day to come. :raises StaleState: it was revoked or replaced already.
    """
    if actor.organisation_id == row.person.file_id:
        require_keeper(actor, row.person.file)
    else:
        actor.require(VERIFY)
    wrong: dict[str, Text] = {}
    reason = without_numbers(clean(reason))[:300]
    if not reason:
        wrong["reason"] = _("请写明原因。")
    if revoked_date > Calendar().local_date(now):
        wrong["revoked_date"] = _("日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _locked(row)
        won = PersonQualification.objects.visible_to(actor).standing().filter(pk=row.pk).update(
            revoked_date=revoked_date, revoked_reason=reason, version=F("version") + 1, updated_at=now
        )  # fmt: skip
        if not won:
            raise StaleState
        measure([row.person_id], now=now)
        note(actor, "training.qualification.revoke", row.person, now, {**_facts(row), "reason": reason})
        publish("training.qualification.revoked", row, actor=actor, now=now, facts={"kind": row.kind.code})


def remove_qualification(*, actor: Actor, row: PersonQualification, now: datetime) -> None:
    """Take back an entry that nobody verified yet, with its scan.

    :raises Conflict: it was verified, revoked or replaced: then it is part of the person's history.
    """
    require_keeper(actor, row.person.file)
    with transaction.atomic():
        _locked(row)
        fresh = PersonQualification.objects.standing().filter(pk=row.pk, verified_at__isnull=True)
        if not fresh.exists():
            raise Conflict(_("该证书已核验、吊销或换证，不能撤销登记。"))
        release_files(row=row)
        note(actor, "training.qualification.remove", row.person, now, _facts(row))
        fresh.delete()
        measure([row.person_id], now=now)


def has_ended(row: models.Model) -> bool:
    """Whether a certificate was replaced or revoked: then its scan stands."""
    if not isinstance(row, PersonQualification):
        raise TypeError(type(row).__name__)
    return row.replaced_by_id is not None or row.revoked_date is not None


# --------------------------------------------------------------------------------------------------------------------


def _locked(row: PersonQualification) -> Person:
    """The person, locked before his certificates by every act on either: a change of his file takes both."""
    return Person.objects.select_for_update(no_key=True).get(pk=row.person_id)


def _replace_older(row: PersonQualification, now: datetime) -> int:
    """One that begins later leaves the older one its last days."""
    if row.valid_from > Calendar().local_date(now):
        return 0
    older = (
        PersonQualification.objects.standing()
        .select_for_update(of=("self",), no_key=True)
        .filter(person=row.person_id, kind=row.kind_id, limited_to=row.limited_to, valid_from__lte=row.valid_from)
        .exclude(pk=row.pk)
    )
    if row.ends_date is not None:
        older = older.filter(ends_date__lte=row.ends_date)
    before = older.filter(replaces__isnull=True).order_by("-valid_from", "-pk").first() or older.first()
    if before is None:
        return 0
    return PersonQualification.objects.filter(pk=before.pk).update(replaced_by=row.pk, updated_at=now)


def checked(person: Person, kind: CertificateKind, known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The columns of what is printed. :raises Invalid: by field."""
    today = Calendar().local_date(now)
    number = clean(known.get("number") or "").upper()
    issued, first, last = known.get("issued_date"), known.get("valid_from"), known.get("valid_to")
    recheck = known.get("recheck_due")
    wrong: dict[str, Text] = {}
    if not CertificateKind.objects.on(issued or today).filter(pk=kind.pk).exists():
        wrong["kind"] = _("发证时没有这种证书，请核对。")
    wrong |= _number_faults(person, kind, number)
    if issued is None or issued > today:
        wrong["issued_date"] = _("请填写发证日期，不能晚于今天。")
    elif kind.min_age and age_on(person.birth_date, issued) < kind.min_age:
        wrong["issued_date"] = _("发证时该人员未满%(age)s周岁，请核对。") % {"age": kind.min_age}
    if first is None:
        wrong["valid_from"] = _("请填写有效期起。")
    if kind.valid_years and last is None:
        wrong["valid_to"] = _("请填写有效期止。")
    if first is not None and last is not None:
        if last < first:
            wrong["valid_to"] = _("有效期止不能早于有效期起。")
        elif kind.valid_years and last > first + relativedelta(years=kind.valid_years):
            wrong["valid_to"] = _("这种证书有效期为%(years)s年，请核对。") % {"years": kind.valid_years}
    if first is not None and recheck is None and kind.recheck_years:
        due = first + relativedelta(years=kind.recheck_years) - timedelta(days=1)
        recheck = due if last is None else min(due, last)
    is_beyond = first is not None and recheck is not None and not first <= recheck <= (last or date.max)
    if is_beyond and "valid_to" not in wrong:
        wrong["recheck_due"] = _("应复审日期应在有效期内。")
    if wrong:
        raise Invalid(fields=wrong)
    return {
        "number": vault.seal(NUMBER, number), "number_index": vault.blind_index(NUMBER, number),
        "limited_to": clean(known.get("limited_to") or "")[:120], "issuer": clean(known.get("issuer") or "")[:120],
        "issued_date": issued, "valid_from": first, "valid_to": last, "recheck_due": recheck,
        "ends_date": min((one for one in (last, recheck) if one is not None), default=None),
    }  # fmt: skip


def _number_faults(person: Person, kind: CertificateKind, number: str) -> dict[str, Text]:
    if not number or len(number) > 60:
        return {"number": _("请填写证书编号，最多60个字符。")}
    is_of_identity = kind.group == CertificateGroup.SPECIAL_OPERATION and OF_IDENTITY.match(number) is not None
    if is_of_identity and vault.blind_index(vault.RESIDENT_ID, number[1:]) != person.id_index:
        return {"number": _("证书编号中的身份证号码不是该人员的，请核对证书。")}
    others = PersonQualification.objects.filter(number_index=vault.blind_index(NUMBER, number), kind=kind)
    if others.exclude(person__id_index=person.id_index).exists():
        return {"number": _("同一编号的证书已登记在另一人员名下，请核对真伪。")}
    return {}


def _facts(row: PersonQualification) -> dict[str, Any]:
    return {"qualification": row.pk, "kind": row.kind.code, "valid_to": row.valid_to, "recheck_due": row.recheck_due}


def _twice() -> Conflict:
    sentence = _("该证书已登记。")
    return Conflict(sentence, fields={"number": sentence})
