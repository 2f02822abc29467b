"""``quancheng calc gb18218``: a unit from standard input, its identification and grading as JSON. No database."""

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
