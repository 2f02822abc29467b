"""``quancheng calc``: a unit or a job from standard input, what a standard says of it as JSON. No database."""

from __future__ import annotations

import argparse
import sys

_SAID = """\
Identify and grade one unit by GB 18218-2018. Reads a JSON object from standard input, prints one.

in: {"kind": "storage" | "production", "exposed_population": 120, "stocks": [
      {"cas": "7782-50-5", "name": "氯", "quantity_t": 6.0, "hazard_classes": ["急性毒性-吸入,类别2"],
       "concentration": 1.0}]}
out: {"S", "is_major_hazard", "R", "grade", "alpha", "steps": [{"name", "cas", "q_t", "Q_t", "ratio", "beta", "symbol",
      "clause", "why"}], "doubts": [], "calculation": [], "edition", "table_version"}

What each stock may tell besides (unknown keys are refused):
  state                    gas, liquid or solid (气体, 液体, 固体); a gas kept liquid by pressure or cold is a gas
  boiling_point_c          boiling point in °C
  operating_temp_c, operating_pressure_mpa, key_process, near_explosive_range
                           how a flammable liquid is worked (W5.1, W5.2); true/false for the last two
  grade                    the item of table 1 (1 to 85, or words of its name) where several share name or CAS number;
                           "none": no item applies
  concentration            mass fraction, above 0 and up to 1, of the named substance in a mixture
  pure_hazard_classes      hazard classes of the pure substance, to compare a mixture with
  volume_m3, max_fill, density_t_per_m3
                           of a tank, in place of quantity_t; max_fill above 0 and up to 1
  is_net                   true: the quantity of aerosols is their net content
  out_of_service, decommissioning_record
                           counts as nothing only with a record (its number or file)
  beta, beta_reason        an override of β with its written reason
  place                    tank, warehouse, equipment, pipe, loading_rack, filling_shed, pump_room, cylinder_shed
And the unit:
  scope_excluded, exclusion, exclusion_reason
                           exclusion is nuclear, military, mining, off_site_transport, offshore or other; an
                           excluded unit is never graded
  boundary, boundary_count, is_partial, valve_tags
                           dike, building, shed, valves or plant; how many; only a part of it; where production is cut
  name                     for the reader; not used

quantity_t is the design maximum in tonnes. What cannot be decided stands in "doubts"; the gravest choice is used
meanwhile. Status 2, with the place on standard error and nothing on standard output, where the input is refused.
"""


def gb18218_command(arguments: list[str]) -> int:
    """``quancheng calc gb18218 < unit.json``: status 0, or 2 where the input is refused."""
    parser = argparse.ArgumentParser(
        prog="quancheng calc gb18218", description=_SAID, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="of sentences (default zh)")
    given = parser.parse_args(arguments)
    from quancheng.standards.gb18218 import BadInput, assess
    from quancheng.standards.gb18218.document import dump, load, to_json

    try:
        result = assess(load(sys.stdin.buffer.read()))
    except BadInput as bad:
        print(f"{bad.place or 'stdin'}: {bad.note.text(given.language)}", file=sys.stderr)
        return 2
    print(dump(to_json(result, language=given.language)))
    return 0


_SAID_GB30871 = """\
Tell what GB 30871-2022 says of one job of special work. Reads a JSON object from standard input, prints one.

in: {"kind": "HW", "hot_work": {"hazard_place": true, "on_running_equipment": true, "outdoor": true},
     "window": {"start": "2026-03-03T10:00+08:00", "end": "2026-03-03T14:00+08:00"}, "phase": "issue"}
out: {"level": {"base", "effective", "approval", "reasons", "why", "doubts"}, "validity", "gas", "roles", "guardian",
      "related", "simultaneous", "measures", "special_measures", "refusals": {"issue": {"refused", "answers": [{"code",
      "verdict", "outcome", "clause", "alarm", "value", "limit", "text", "remedy"}]}}, "edition"}

kind: HW hot work, CS confined space, BL blinding, WH height, LF lifting, TE temporary electricity, EX excavation,
RC road closing. phase: book, apply, sign, issue, start, resume or work; left out: all of them.

Every key is optional but the kind; docs/gb30871.md lists them. Besides the facts of the permit:
  calendar         {"off": ["2026-02-17"], "worked": ["2026-02-14"], "years": [2026]}: days that differ from the week
  special_periods  [{"name": "…", "slot": {"start": …, "end": …}, "is_ban": false}]
  parameters       {"hw_valid_h_2": 48, "night_from": "19:00"}: figures of the enterprise, stricter only
  mode             LEVEL_UP or APPROVER_UP: how the enterprise upgrades hot work
  job, other_jobs  this job and others in space and time ({"code", "activity", "slot", "x_m", "y_m", "radius_m", …},
                   metres in any plane): what may not run at once stands in "simultaneous" and counts as conflicts

A fact that is not told is not known: the graver is taken, and a check that needs it answers UNKNOWN and blocks. Times
tell their offset. Status 2, with the place on standard error and nothing on standard output, where the input is
refused.
"""


def gb30871_command(arguments: list[str]) -> int:
    """``quancheng calc gb30871 < job.json``: status 0, or 2 where the input is refused."""
    parser = argparse.ArgumentParser(
        prog="quancheng calc gb30871", description=_SAID_GB30871, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="of sentences (default zh)")
    given = parser.parse_args(arguments)
    from quancheng.standards.gb18218.document import dump
    from quancheng.standards.gb30871.basis import BadInput
    from quancheng.standards.gb30871.document import described, to_json

    try:
        said = to_json(described(sys.stdin.buffer.read()), language=given.language)
    except BadInput as bad:
        print(f"{bad.place or 'stdin'}: {bad.reason.in_language(given.language)}", file=sys.stderr)
        return 2
    print(dump(said))
    return 0


_SAID_AUDIT = """Read one permit of special work as JSON from standard input, audit it by 96 rules and print JSON: the
score, and each rule that fails or cannot be told.

  {"facts": {"kind": "HW", "level": "II", "started_at": "2026-08-04T09:00+08:00", ...}, "state": "ACCEPTED",
   "now": "2026-08-05T09:00+08:00", "issued_at": ..., "signatures": [...], "stretches": [...]}

"facts" are those of "quancheng calc gb30871"; the other keys stand in docs/gb30871.md. "calendar", "special_periods",
"parameters" and "mode" are as there; "phase" is ISSUE, START, ALARM, CLOSE, NIGHT (usual) or INTAKE. What is not told
is NO_DATA and takes nothing off the score. Status 2, with the place on standard error, where the input is refused.
"""


def gb30871_audit_command(arguments: list[str]) -> int:
    """``quancheng calc gb30871-audit < permit.json``: status 0, or 2 where the input is refused."""
    parser = argparse.ArgumentParser(
        prog="quancheng calc gb30871-audit", description=_SAID_AUDIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="of sentences (default zh)")
    given = parser.parse_args(arguments)
    from quancheng.standards.gb18218.document import dump
    from quancheng.standards.gb30871.audit.document import audited
    from quancheng.standards.gb30871.basis import BadInput

    try:
        said = audited(sys.stdin.buffer.read(), language=given.language)
    except BadInput as bad:
        print(f"{bad.place or 'stdin'}: {bad.reason.in_language(given.language)}", file=sys.stderr)
        return 2
    print(dump(said))
    return 0
