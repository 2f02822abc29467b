"""Rules A-001 to A-015: order and truth of signatures, validity, closing."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from quancheng.standards.gb30871 import roles
from quancheng.standards.gb30871.audit.shapes import Signed
from quancheng.standards.gb30871.audit.view import View
from quancheng.standards.gb30871.basis import restated, shown
from quancheng.standards.gb30871.checks import gas_and_time, signing
from quancheng.standards.gb30871.checks.model import NOT_APPLICABLE, PASS, Found, fails, of_flag, passed, unknown
from quancheng.standards.gb30871.checks.people import name_of, persons_in
from quancheng.standards.wording import Text

#: Steps of which rules of their own speak: the briefing, countersignatures, the check before fire.
_OWN_RULES = frozenset({"BRIEFER", "BRIEFED", "COUNTERSIGNER", "SHIFT_LEADER"})


def no_permit(view: View) -> Found:
    """A-001: work was seen before any permit was issued for it."""
    if view.a.seen is None:
        return unknown("seen")
    issued = view.a.issued_at
    for moment in sorted(view.a.seen):
        if issued is None or moment < issued:
            return fails("seen", moment, issued or "")
    return PASS


def started_before_approval(view: View) -> Found:
    """A-002: work began before the last approval was signed."""
    if view.started is None:
        return NOT_APPLICABLE
    row = view.approval()
    # The approver, whom a house may ask for besides the unit that approves by table B.1.
    wanted = (row.approving_step if row else "APPROVER", "APPROVER", "CHIEF_ON_DUTY")
    approvals = [one.signed_at for one in view.a.signatures or () if one.step in wanted]
    last = max(approvals, default=view.a.issued_at)
    if last is None:
        return unknown("signatures") if view.a.signatures is None else fails("issued_at", view.started, "")
    return passed(view.started, last) if last <= view.started else fails("started_at", view.started, last)


def signature_missing(view: View) -> Found:
    """A-003: a signature that the form of the entered level asks for is missing. Briefing, countersignatures and the
    check before fire have rules of their own."""
    signed = view.a.signatures
    if signed is None:
        return unknown("signatures")
    if view.facts.kind in ("HW", "WH", "LF") and not view.facts.level:
        return unknown("level")
    row = roles.approval(view.facts.kind, view.facts.level)
    wanted = [step for step in row.steps_to_issue if step not in _OWN_RULES]
    if view.a.accepted_at is not None and "ACCEPTOR" in row.steps:
        wanted.append("ACCEPTOR")
    if view.level is not None and view.level.extra_approver:
        wanted.append("CHIEF_ON_DUTY")
    there = {one.step for one in signed}
    # Before the issue the next signatures are still to come.
    if view.a.issued_at is None and view.started is None:
        return NOT_APPLICABLE
    missing = [step for step in wanted if step not in there]
    return fails("signatures.step", "", name_of(missing[0])) if missing else PASS


def approver_too_low(view: View) -> Found:
    """A-004: who approved stands below the role that table B.1 asks for at the effective level, or below the one to
    which the house moved the approver up by risk."""
    signed, row = view.a.signatures, view.approval()
    if signed is None or row is None:
        return unknown("signatures" if signed is None else "level")
    for one in signed:
        if one.step == row.approving_step:
            known = one.role in roles.roles()
            if not known or not roles.may_approve(one.role, row.approver):
                said = name_of(one.role) if known else Text(one.role, one.role)
                return fails("signatures.role", said, name_of(row.approver))
    demanded = roles.at_least(view.facts.raised_approver, row.approver)
    if demanded != row.approver and view.a.issued_at is not None:
        given = [one.role for one in signed if one.step == "APPROVER" and one.role in roles.roles()]
        if not any(roles.may_approve(role, demanded) for role in given):
            return fails("signatures.role", name_of(given[0]) if given else "", name_of(demanded))
    return PASS


def approver_away(view: View) -> Found:
    """A-005: the approver was not at the place when he signed."""
    signed, row = view.a.signatures, view.approval()
    if signed is None or row is None:
        return unknown("signatures" if signed is None else "level")
    most = view.around.parameters.sign_radius_m
    approvals = [one for one in signed if one.step == row.approving_step]
    if not approvals:
        return NOT_APPLICABLE
    far = [one.distance_m for one in approvals if one.distance_m is not None]
    if not far:
        return unknown("signatures.distance_m")
    return passed(max(far), most) if max(far) <= most else fails("signatures.distance_m", max(far), most)


def out_of_order(view: View) -> Found:
    """A-006: times of signatures do not rise in the order of annex A. Who briefs and is briefed sign together."""
    signed, row = view.a.signatures, view.approval()
    if signed is None or row is None:
        return unknown("signatures" if signed is None else "level")
    in_order = sorted((one for one in signed if one.step in row.steps), key=lambda one: row.steps.index(one.step))
    for first, second in pairwise(in_order):
        if second.signed_at < first.signed_at and first.step != second.step:
            return fails("signatures.signed_at", name_of(second.step), name_of(first.step))
    return PASS


def two_roles(view: View) -> Found:
    """A-007: one person signed in two roles that must be two. A guardian who works or approves is A-028's."""
    signed, row = view.a.signatures, view.approval()
    if signed is None or row is None:
        return unknown("signatures" if signed is None else "level")
    people = persons_in(view.facts)
    for one in signed:
        part = "APPROVER" if one.step == row.approving_step else one.step
        people.setdefault(part, set()).add(one.person)
    for first, second, number, _mark in roles.separated(view.facts.kind, row.level):
        if "GUARDIAN" in (first, second) and {first, second} & {"WORKER", "APPROVER"}:
            continue
        if both := people.get(first, set()) & people.get(second, set()):
            pair = Text(f"{name_of(first).zh}、{name_of(second).zh}", f"{name_of(first).en}, {name_of(second).en}")
            return fails("signatures.person", sorted(both)[0], pair, clause=number)
    return PASS


def same_hand(view: View) -> Found:
    """A-008: two signers with one device, or one image of a signature."""
    signed = view.a.signatures
    if signed is None:
        return unknown("signatures")
    told = False
    for name in ("device", "image"):
        whose: dict[str, str] = {}
        for one in signed:
            mark = getattr(one, name)
            told = told or bool(mark)
            if mark and whose.setdefault(mark, one.person) != one.person:
                return fails(f"signatures.{name}", f"{whose[mark]}, {one.person}")
    return PASS if told else unknown("signatures.device")


def implausible(view: View) -> Found:
    """A-009: three or more signers within a minute, or an approver at two distant places within two. Who is briefed
    signs together with the others."""
    alone = tuple(one for one in view.a.signatures or () if one.step not in ("BRIEFER", "BRIEFED"))
    facts = restated(view.facts, signatures=alone if view.a.signatures is not None else view.facts.signatures)
    found = signing.signed_plausibly(facts, view.case("sign"))
    if found.outcome != "PASS":
        return found
    row = view.approval()
    if view.a.elsewhere is None or row is None:
        return unknown("elsewhere")
    far, near = view.number("apart_m"), view.span("apart_min")
    own = [one.signed_at for one in view.a.signatures or () if one.step == row.approving_step]
    for other in view.a.elsewhere:
        if other.distance_m > far and any(abs(other.signed_at - one) <= near for one in own):
            return fails("elsewhere", f"{shown(other.distance_m)} m", f"{shown(far)} m")
    return PASS


def signed_out_of_time(view: View) -> Found:
    """A-010: signed before the permit was asked for, or after work began. The approval after the start is A-002's, the
    check before fire A-068's, the briefing A-020's."""
    signed, row = view.a.signatures, view.approval()
    if signed is None or row is None or view.a.applied_at is None:
        return unknown("signatures" if signed is None else "level" if row is None else "applied_at")
    for one in signed:
        if one.signed_at < view.a.applied_at:
            return fails("signatures.signed_at", _who(one, one.signed_at), view.a.applied_at)
        later = one.step not in ("ACCEPTOR", "CHIEF_ON_DUTY", row.approving_step) and one.step not in _OWN_RULES
        if later and view.started is not None and one.signed_at > view.started:
            return fails("signatures.signed_at", _who(one, one.signed_at), view.started)
    return PASS


def _who(one: Signed, at: datetime) -> Text:
    name = name_of(one.step) if one.step in roles.roles() else Text(one.step, one.step)
    return Text(f"{name.zh} {at:%m-%d %H:%M}", f"{name.en} {at:%m-%d %H:%M}")


def altered(view: View) -> Found:
    """A-011: what was signed is not what stands."""
    if not view.a.signatures and view.facts.is_unaltered is None:
        return NOT_APPLICABLE
    return of_flag(view.facts.is_unaltered, "is_unaltered", wanted=True)


def too_long(view: View) -> Found:
    """A-012: valid for longer than kind and level allow."""
    return view.planned(gas_and_time.window_short_enough)


def worked_past_end(view: View) -> Found:
    """A-013: work went on after the end of the window; the clock of the house stops it within a minute."""
    if view.started is None or view.facts.window is None:
        return NOT_APPLICABLE if view.started is None else unknown("window")
    last, end = view.a.worked_to, view.facts.window.end
    if last is None:
        return unknown("stretches")
    return passed(last, end) if last <= end + view.span("grace_min") else fails("stretches", last, end)


def closed_late(view: View) -> Found:
    """A-014: not accepted within some hours of the end of the window."""
    if view.started is None or view.a.has_ended or view.facts.window is None:
        return NOT_APPLICABLE
    last = view.facts.window.end + view.span("late_h")
    done = view.a.accepted_at
    if (done or view.a.now) > last:
        return fails("accepted_at", done or view.a.now, last)
    return PASS if done is not None else NOT_APPLICABLE


def accepted_too_soon(view: View) -> Found:
    """A-015: accepted while work was still seen, or within minutes of its end and without a photo."""
    done = view.a.accepted_at
    if done is None:
        return NOT_APPLICABLE
    last = view.a.worked_to
    if last is not None and last > done:
        return fails("accepted_at", done, last)
    if view.a.finished_at is None:
        return unknown("finished_at")
    if done - view.a.finished_at < view.span("least_min"):
        if view.a.accept_photos is None:
            return unknown("accept_photos")
        if view.a.accept_photos == 0:
            return fails("accept_photos", 0, 1)
    return PASS

