"""Signs that check records were made up (排查记录异常), told to the regulator, who confirms or dismisses each."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import CheckRecord, RecordFlag
from quancheng.domains.registry.models import Enterprise
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import subject_type_of
from quancheng.kernel.errors import Invalid, NotPermitted, StaleState
from quancheng.kernel.names import clean
from quancheng.standards.risk import record_flags as module

JUDGE = "hazards.checks.judge"
#: Days that the nightly look goes back: the four weeks of the standard.
WINDOW = timedelta(days=28)


def flag_records(*, now: datetime, files: Collection[uuid.UUID] | None = None) -> int:
    """Look through the records of the last four weeks of each enterprise; returns how many signs are new.

    A sign told before is not told again, also where it was dismissed.
    """
    made = 0
    recent = CheckRecord.objects.filter(received_at__gte=now - WINDOW - timedelta(days=1))
    if files is not None:
        recent = recent.filter(file__in=list(files))
    for file in recent.order_by("file").values_list("file", flat=True).distinct():
        made += _flag(file, now)
    return made


def _flag(file: uuid.UUID, now: datetime) -> int:
    rows = CheckRecord.objects.filter(file=file, at__gte=now - WINDOW).order_by("at", "pk")
    known = {str(row.pk): row for row in rows}
    # By name and key: two people may have one name, and the sign names whom it shows.
    given = [
        module.CheckRecord(
            code=key, person=row.person_name, at=row.at, status=row.status, device=row.device_index[-12:],
            distance_m=row.distance_m, photos=tuple(row.photos),
        )
        for key, row in known.items()
    ]  # fmt: skip
    signs = []
    for one in module.flags(given, now=now):
        found = [known[code] for code in one.records]
        signs.append(RecordFlag(
            file_id=file, code=one.code, text={"zh": one.text.zh, "en": one.text.en},
            records=[row.pk for row in found], digest=_digest(one.code, found, now), last_at=found[-1].at,
            found_at=now,
        ))  # fmt: skip
    if not signs:
        return 0
    before = RecordFlag.objects.filter(file=file).count()
    RecordFlag.objects.bulk_create(signs, ignore_conflicts=True)
    return RecordFlag.objects.filter(file=file).count() - before


def _digest(code: str, rows: list[CheckRecord], now: datetime) -> str:
    """By what a sign is the same again tomorrow: its first record and person; a month of nothing but normal is one."""
    if code == "ALWAYS_NORMAL":
        words = f"{rows[0].person_id} {now.astimezone(module.CHINA):%Y-%m}"
    elif code == "SHARED_DEVICE":
        words = f"{rows[0].device_index} {rows[0].at.astimezone(module.CHINA).date()}"
    else:
        words = f"{rows[0].pk}"
    return hashlib.sha256(f"{code} {words}".encode()).hexdigest()


def judge_flag(*, actor: Actor, flag: RecordFlag, confirmed: bool, comment: str, now: datetime) -> RecordFlag:
    """Say whether records were made up; a confirmed one counts against the enterprise's running (V3).

    :raises NotPermitted: no office that supervises the enterprise. :raises Invalid: nothing said.
    :raises StaleState: somebody judged it meanwhile.
    """
    actor.require(JUDGE)
    if not actor.supervises or not Enterprise.objects.visible_to(actor).filter(pk=flag.file_id).exists():
        raise NotPermitted
    if not clean(comment):
        raise Invalid(fields={"comment": _("请写明核查情况。")})
    verdict = RecordFlag.Verdict.CONFIRMED if confirmed else RecordFlag.Verdict.DISMISSED
    with transaction.atomic():
        won = RecordFlag.objects.filter(pk=flag.pk, verdict="").update(
            verdict=verdict, comment=clean(comment)[:500], judged_at=now, judged_by_id=actor.user_id
        )
        if not won:
            raise StaleState(_("该异常已有核查结论。"))
        journal.record(
            actor=actor, act="hazards.flag.judge", subject_type=subject_type_of(flag), subject_id=flag.pk,
            org_id=flag.file_id, facts={"code": flag.code, "verdict": verdict, "comment": clean(comment)[:500]},
            now=now,
        )  # fmt: skip
    flag.refresh_from_db()
    return flag
