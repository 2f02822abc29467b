"""``quancheng calc gb30871``: a described job in, what the standard says of it out, and what it says of bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quancheng.runtime.calc import gb30871_command
from quancheng.runtime.place import ROOT
from quancheng.standards.gb18218.document import dump
from quancheng.standards.gb30871.basis import BadInput
from quancheng.standards.gb30871.document import described, to_json

WINDOW = {"start": "2026-03-03T10:00+08:00", "end": "2026-03-03T14:00+08:00"}
CALENDAR = {"years": [2026]}
PLACE = {"hazard_place": True, "on_running_equipment": True, "in_major_hazard_dike": False, "on_pipe_rack": False}
RUNNING = {"kind": "HW", "hot_work": {**PLACE, "outdoor": True}, "window": WINDOW, "calendar": CALENDAR}
RACK = {**PLACE, "hazard_place": False, "on_running_equipment": False, "on_pipe_rack": True, "outdoor": False}
SATURDAY = {"start": "2026-03-07T09:00+08:00", "end": "2026-03-07T11:00+08:00"}


def calc(given_: object, capsys: Any, monkeypatch: Any, *arguments: str) -> tuple[int, str, str]:
    data = given_ if isinstance(given_, bytes) else json.dumps(given_, ensure_ascii=False).encode()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data)))
    status = gb30871_command(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def told(given_: dict[str, Any], language: str = "zh") -> dict[str, Any]:
    return json.loads(dump(to_json(described(json.dumps(given_).encode()), language=language)))


def test_the_program_answers_without_a_database():
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "DATABASE_URL": "postgresql://nobody@nowhere/x"}
    command = [sys.executable, "-m", "quancheng.runtime", "calc", "gb30871", "--language", "en"]
    data = json.dumps(RUNNING).encode()
    answer = subprocess.run(command, input=data, capture_output=True, env=env, cwd="/", check=False)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["level"]["name"] == "special"


def test_welding_on_a_running_line_is_told_whole_tv_01():
    said = told(RUNNING)
    level = said["level"]
    assert (level["base"], level["effective"], level["ticket_type"], level["doubts"]) == ("S", "S", "01", [])
    assert (said["validity"]["longest_h"], said["validity"]["is_allowed"]) == (8, True)
    assert [role["code"] for role in said["roles"]["approvers"]] == ["RESP_LEADER"]
    assert said["gas"]["continuous"] is True
    assert {row["code"] for row in said["measures"] if row["is_forced"]} >= {"HW-13", "HW-14"}
    video = next(one for one in said["refusals"]["start"]["answers"] if one["code"] == "C-31")
    assert (video["outcome"], video["verdict"], video["fact"]) == ("UNKNOWN", "BLOCK", "site.camera_online")


def test_a_rack_on_a_saturday_is_refused_until_upgraded_tv_03():
    job = {"kind": "HW", "hot_work": RACK, "window": SATURDAY, "calendar": CALENDAR, "level": "I", "is_upgraded": False}
    said = told({**job, "phase": "apply"})
    (answer,) = [one for one in said["refusals"]["apply"]["answers"] if one["code"] == "C-18"]
    assert (answer["verdict"], answer["alarm"], answer["clause"]) == ("BLOCK", "41", "GB 30871-2022, 5.1.1")
    assert answer["remedy"]
    assert said["level"]["effective"] == "S"
    swapped = told({**job, "phase": "apply", "calendar": {"worked": ["2026-03-07"], "years": [2026]}})
    assert not [one for one in swapped["refusals"]["apply"]["answers"] if one["code"] == "C-18"]
    raised = told({**job, "phase": "apply", "mode": "APPROVER_UP"})["level"]
    assert (raised["effective"], raised["approval"]) == ("I", "S")


def test_every_number_of_a_sample_is_read_as_it_stands_tv_10():
    sample = {"quantity": "COMBUSTIBLE", "gas": "propane", "unit": "%VOL", "sampled_at": "2026-03-03T09:45+08:00"}
    text = json.dumps({**RUNNING, "gas": [{**sample, "value": 0}, {**sample, "value": 1}]})
    exact = text.replace('"value": 0', '"value": 0.200').replace('"value": 1', '"value": 0.2000000001')
    said = to_json(described(exact.encode()))
    assert [one["verdict"] for one in said["gas"]["samples"]] == ["PASS", "FAIL"]
    assert said["gas"]["samples"][0]["value"] == Decimal("0.2")


def test_other_kinds_are_told_too():
    height = told({"kind": "WH", "height": {"height_m": 3, "situations": ["RAIN"]}, "phase": "book"})
    assert (height["level"]["base"], height["roles"]["approvers"][0]["code"]) == ("4", "PLANT_DIRECTOR")
    lift = told({"kind": "LF", "lifting": {"mass_t": 9.9}, "phase": "book"})
    assert lift["level"]["need"] == "WAIVED"
    space = told({"kind": "CS", "questions": {"sparks": True}, "phase": "book"}, "en")
    assert (space["validity"]["longest_h"], space["gas"]["record_every_min"]) == (24, 120)
    assert [need["kind"] for need in space["related"]] == ["HW"]
    assert set(told({"kind": "RC"})["refusals"]) == {"book", "apply", "sign", "issue", "start", "resume", "work"}


def test_other_jobs_nearby_are_judged_tv_17():
    def at(code: str, activity: str, metres: float) -> dict[str, Any]:
        return {"code": code, "activity": activity, "slot": WINDOW, "x_m": metres, "y_m": 0, "hazard_place": True}

    for metres, results in ((28, {"FORBID"}), (31, set())):
        others = [at("other", "BL", metres)]
        said = told({**RUNNING, "phase": "issue", "job": at("own", "HW", 0), "other_jobs": others})
        assert {one["result"] for one in said["simultaneous"]} == results
        met = [one for one in said["refusals"]["issue"]["answers"] if one["code"] == "C-22"]
        assert [one["outcome"] for one in met] == (["FAIL"] if results else [])


def test_an_enterprise_may_be_stricter_and_a_looser_figure_is_refused_with_its_clause(capsys, monkeypatch):
    strict = told({**RUNNING, "parameters": {"hw_valid_h_special": 3, "night_from": "19:00"}, "phase": "issue"})
    assert strict["validity"]["is_allowed"] is False
    status, out, err = calc({**RUNNING, "parameters": {"hw_valid_h_special": 9}}, capsys, monkeypatch)
    assert (status, out) == (2, "")
    assert err.startswith("parameters.hw_valid_h_special: ")
    assert "GB 30871-2022, 5.1.5" in err


BAD = [
    (b"\xff", "stdin"),
    (b"{", "stdin"),
    (b"[]", "stdin"),
    (b'{"kind":"HW","kind":"CS"}', "kind"),
    ({}, "kind"),
    ({"kind": "XX"}, "kind"),
    ({"kind": 1}, "kind"),
    ({"kind": "HW", "levle": "I"}, "levle"),
    ({"kind": "HW", "level": "1"}, "level"),
    ({"kind": "HW", "phase": "lunch"}, "phase"),
    ({"kind": "HW", "phase": []}, "phase"),
    ({"kind": "HW", "mode": "UP"}, "mode"),
    ({"kind": "HW", "now": "2026-03-03T10:00"}, "now"),
    ({"kind": "HW", "now": "today"}, "now"),
    ({"kind": "HW", "now": "0001-01-01T00:00+14:00"}, "now"),
    ({"kind": "HW", "window": {"start": WINDOW["end"], "end": WINDOW["start"]}}, "window.end"),
    ({"kind": "HW", "window": {"start": WINDOW["start"]}}, "window.end"),
    ({"kind": "HW", "hot_work": {"hazard_place": "yes"}}, "hot_work.hazard_place"),
    ({"kind": "HW", "hot_work": {"hazard_plce": True}}, "hot_work.hazard_plce"),
    ({"kind": "HW", "hot_work": {"wind_beaufort": 18}}, "hot_work.wind_beaufort"),
    ({"kind": "WH", "height": {"height_m": -1}}, "height.height_m"),
    (b'{"kind":"WH","height":{"height_m":NaN}}', "height.height_m"),
    (b'{"kind":"WH","height":{"height_m":1e999999}}', "height.height_m"),
    ({"kind": "WH", "height": {"height_m": 3, "factors": ["WF10"]}}, "height.factors"),
    ({"kind": "HW", "gas": [{"quantity": "COMBUSTIBLE", "value": 1, "unit": "percent",
                             "sampled_at": WINDOW["start"]}]}, "gas[0].unit"),
    ({"kind": "HW", "gas": [{"quantity": "COMBUSTIBLE", "unit": "%VOL", "sampled_at": WINDOW["start"]}]},
     "gas[0].value"),
    ({"kind": "HW", "gas": {}}, "gas"),
    ({"kind": "HW", "workers": [{"code": "w", "certificates": [{"code": "SO-2.1", "valid_to": "soon"}]}]},
     "workers[0].certificates[0].valid_to"),
    ({"kind": "HW", "methods": ["SING"]}, "methods"),
    ({"kind": "HW", "methods": [1]}, "methods[0]"),
    ({"kind": "HW", "calendar": {"off": ["2026-13-01"]}}, "calendar.off[0]"),
    ({"kind": "HW", "calendar": {"off": ["2026-03-03"], "worked": ["2026-03-03"]}}, "calendar.worked[0]"),
    ({"kind": "HW", "special_periods": [{"name": "x"}]}, "special_periods[0].slot"),
    ({"kind": "HW", "parameters": {"night_from": "21:00"}}, "parameters.night_from"),
    ({"kind": "HW", "parameters": {"cs_valid_h": "01:00"}}, "parameters.cs_valid_h"),
    ({"kind": "HW", "parameters": {"lunch": 1}}, "parameters.lunch"),
    ({"kind": "HW", "circumstances": {"moonlight": True}, "measures": []}, "circumstances"),
    ({"kind": "HW", "requester": "x" * 501}, "requester"),
    ({"kind": "HW", "job": {"code": "x"}}, "job.activity"),
    ({"kind": "HW", "job": {"code": "x", "activity": "HW", "slot": WINDOW, "x_m": 1e8, "y_m": 0}}, "job.x_m"),
    ({"kind": "HW", "job": {"code": "x", "activity": "HW", "slot": WINDOW, "x_m": 0, "y_m": 0}, "other_jobs": [1]},
     "other_jobs[0]"),
]  # fmt: skip


@pytest.mark.parametrize(("given_", "place"), BAD)
def test_bad_input_is_refused_by_its_place_and_nothing_is_printed(given_, place, capsys, monkeypatch):
    for language in ("zh", "en"):
        status, out, err = calc(given_, capsys, monkeypatch, "--language", language)
        assert (status, out) == (2, "")
        assert err.startswith(f"{place}: ")
        assert err.count("\n") == 1


KEYS = ["kind", "level", "window", "start", "end", "hot_work", "gas", "value", "workers", "x", "phase", "parameters"]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner),
)


@settings(max_examples=60)
@given(JSON | st.builds(lambda key, value: {**RUNNING, key: value}, st.sampled_from(KEYS), JSON))
def test_whatever_json_is_given_it_is_judged_or_refused(given_):
    try:
        said = dump(to_json(described(json.dumps(given_).encode())))
    except BadInput as bad:
        said = json.dumps([bad.reason.en, bad.reason.zh, bad.place])
    assert json.loads(said)
