"""Pairing a portable detector with a permit (便携检测仪配对) and parting them; what it tells, the clock records."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.permits.models import DetectorPairing, Permit
from quancheng.domains.permits.queries.blocks import answers_of
from quancheng.domains.permits.queries.facts import surroundings
from quancheng.domains.permits.queries.instruments import instrument_named
from quancheng.domains.permits.queries.loading import load_rows
from quancheng.domains.permits.queries.pairings import fresh_for, is_silent
from quancheng.domains.permits.queries.permits import WORK
from quancheng.domains.permits.services.checking import held, locked, note, require_own
from quancheng.domains.permits.services.instruments import Drawn, doubts_of, sample_of, verdict_of_reading
from quancheng.domains.permits.services.preparing import ON_SITE
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.canonical import plain
from quancheng.kernel.errors import Conflict, Invalid, StaleState
from quancheng.kernel.names import clean
from quancheng.kernel.once import act_once, once


def pair_detector(
    *, actor: Actor, permit: Permit, instrument: str, drawn: Drawn, now: datetime, client_id: uuid.UUID | None = None
) -> DetectorPairing:
    """Let a portable detector go with a permit, held at a point: what it tells while work runs is recorded without
    anybody's act. One that has gone with a permit whose work is over is free again.

    :param drawn: where it is held and by whom; its phase is not read.
    :raises Invalid: no portable instrument of this enterprise, one that tells nothing now, is under repair, out of
        calibration or in doubt, no point, no analyst; by field. :raises Conflict: it goes with another permit.
    :raises InstrumentsAway: readings cannot be looked up now.
    """
    require_own(actor, permit.file, WORK)
    code = clean(instrument)
    one = instrument_named(actor=actor, permit=permit, code=code) if code else None

    def make() -> uuid.UUID:
        row = locked(permit, *ON_SITE)
        if one is None or not one.is_portable:
            raise Invalid(fields={"instrument": _(
                "请选择本单位登记为便携式的检测仪；在监测点位中勾选“便携式”后可配对（GB 30871-2022，4.12、6.5）。"
            )})  # fmt: skip
        if not one.is_in_service:
            raise Invalid(fields={"instrument": _("仪器正在检维修，请换一台（GB 30871-2022，4.12）。")})
        fresh_s = fresh_for(one, surroundings(row, now))
        if is_silent(one, fresh_s, now):
            raise Invalid(fields={"instrument": _(
                "仪器最近%(n)s秒没有上传读数，请开机并确认在线后再配对（GB 30871-2022，6.5）。"
            ) % {"n": fresh_s}})  # fmt: skip
        sample, _told = sample_of(one, row, drawn, now)
        verdict, unjudged = verdict_of_reading(row, sample)
        if wrong := doubts_of(one, row, sample, unjudged):
            raise Invalid(fields=wrong)
        former = DetectorPairing.objects.select_related("permit").filter(
            file=row.file_id, instrument=one.code, ended_at__isnull=True
        ).first()  # fmt: skip
        if former is not None and former.permit.status in ON_SITE:
            raise _taken(former)
        if former is not None:
            DetectorPairing.objects.filter(pk=former.pk).update(ended_at=now, ended_by=actor.name[:130])
        try:
            with transaction.atomic():
                made = DetectorPairing.objects.create(
                    permit=row, file=row.file, instrument=one.code, name=one.name[:100], quantity=one.quantity,
                    gas=sample.gas, position=sample.position, point=sample.point, distance_m=sample.distance_m,
                    analyst=sample.analyst, fresh_s=fresh_s,
                    # What fails is no test that lets work begin: the clock writes it down.
                    heard_at=sample.sampled_at if verdict != "FAIL" else None,
                    paired_by=actor.name[:130], paired_at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            raise Conflict(_("这台检测仪刚被配对给另一张作业票，请刷新后重试。")) from twice
        note(actor, "permits.detector.pair", row, now, {"instrument": one.code, "point": sample.point})
        return made.pk

    body = plain({"permit": permit.pk, "instrument": code, **asdict(drawn)})
    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="permits.detector.pair", body=body, now=now, make=make)
    return DetectorPairing.objects.get(pk=pk)


def _taken(former: DetectorPairing) -> Conflict:
    said = _("检测仪%(code)s正在与作业票“%(permit)s”配对，同一时间只能用于一张作业票；请先在该作业票解除配对。") % {
        "code": former.instrument, "permit": former.permit
    }  # fmt: skip
    return Conflict(said, fields={"instrument": said})


def part_detector(
    *, actor: Actor, pairing: DetectorPairing, now: datetime, client_id: uuid.UUID | None = None
) -> DetectorPairing:
    """A detector goes with the permit no longer.

    :raises StaleState: it was parted before. :raises Conflict: work runs whose continuous test it is.
    """
    require_own(actor, pairing.permit.file, WORK)

    def do() -> None:
        # The clock takes the permit first, and so does this.
        permit = held(pairing.permit_id)
        DetectorPairing.objects.select_for_update(of=("self",), no_key=True).get(pk=pairing.pk)
        pairing.refresh_from_db()
        if pairing.ended_at is not None:
            raise StaleState(_("这台检测仪已经解除配对。"))
        if permit.status == "WORKING" and _is_needed(pairing, permit, now):
            raise Conflict(_(
                "作业正在进行，须连续检测：请先配对另一台测量同一项目的检测仪，或暂停作业后再解除配对"
                "（GB 30871-2022，5.3.1、6.5）。"
            ))  # fmt: skip
        DetectorPairing.objects.filter(pk=pairing.pk).update(ended_at=now, ended_by=actor.name[:130])
        note(actor, "permits.detector.part", pairing.permit, now, {"instrument": pairing.instrument})

    act_once(
        actor=actor, row=pairing, act="permits.detector.part", body={}, now=now, client_id=client_id, do=do,
        lock=False,
    )
    pairing.refresh_from_db()
    return pairing


def _is_needed(pairing: DetectorPairing, permit: Permit, now: datetime) -> bool:
    """Whether running work would be left without a part of its continuous test, as the check of its start asks it
    (C-32)."""
    rows = load_rows(permit)
    for one in rows.pairings:
        if one.pk == pairing.pk:
            # As if it had told nothing for long.
            one.trouble, one.heard_at, one.paired_at = "-", None, now - timedelta(days=1)
    return any(one.code == "C-32" and one.outcome == "FAIL" for one in answers_of(rows, "work", now))
