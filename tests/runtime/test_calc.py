"""``quancheng calc gb18218``: JSON in and out, and what it says of bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from io import BytesIO, TextIOWrapper

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quancheng.runtime.calc import gb18218_command
from quancheng.runtime.place import ROOT
from quancheng.standards.gb18218 import BadInput, assess
from quancheng.standards.gb18218.document import dump, load, to_json

CHLORINE = {
    "cas": "7782-50-5",
    "name": "氯",
    "quantity_t": 6.0,
    "hazard_classes": ["急性毒性-吸入,类别2"],
    "concentration": 1.0,
}


def unit(*stocks: object, **more: object) -> dict[str, object]:
    return {"kind": "storage", "exposed_population": 120, "stocks": list(stocks), **more}


def calc(given: object, capsys, monkeypatch, *arguments: str) -> tuple[int, str, str]:
    data = given if isinstance(given, bytes) else json.dumps(given, ensure_ascii=False).encode()
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(data)))
    status = gb18218_command(list(arguments))
    out, err = capsys.readouterr()
    return status, out, err


def run(data: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """As a program of its own that finds neither database nor state folder."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "DATABASE_URL": "postgresql://nobody@nowhere/x"}
    command = [sys.executable, "-m", "quancheng.runtime", "calc", "gb18218", *arguments]
    return subprocess.run(command, input=data, capture_output=True, env=env, cwd="/", check=False)


def test_a_unit_is_judged_without_a_database():
    answer = run(json.dumps(unit(CHLORINE)).encode())
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert json.loads(answer.stdout) == {
        "S": 1.2,
        "is_major_hazard": True,
        "R": 9.6,
        "grade": 4,
        "alpha": 2,
        "steps": [
            {
                "name": "氯",
                "cas": "7782-50-5",
                "q_t": 6,
                "Q_t": 5,
                "ratio": 1.2,
                "beta": 4,
                "symbol": "J3",
                "clause": "GB 18218-2018 4.1.2 a) 表1第12项",
                "why": "属于表1第12项“氯”，临界量5 t；6 ÷ 5 = 1.2；β按表3（氯）取4。",
            }
        ],
        "doubts": [],
        "calculation": [
            "S = 1.2 ≥ 1，构成重大危险源",
            "厂界外500 m内常住人口120人，α按表5取2",
            "R = α × Σ(β·q/Q) = 2 × 4.8 = 9.6",
            "R = 9.6，按表6为四级",
        ],
        "edition": "GB 18218-2018",
        "table_version": "2018.1",
    }


def test_it_starts_fast_and_without_django():
    modules = "quancheng.runtime.cli, quancheng.runtime.calc, quancheng.standards.gb18218.document"
    code = f"import sys, {modules}; print('django' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT / "src")}) == b"False\n"
    best = 9.0
    for _try in range(3):
        begun = time.perf_counter()
        run(json.dumps(unit(CHLORINE)).encode())
        best = min(best, time.perf_counter() - begun)
    assert best < 1.0


def test_numbers_are_printed_exactly(capsys, monkeypatch):
    _, out, _ = calc(unit(*[{"name": "液化石油气", "quantity_t": 198}] * 2), capsys, monkeypatch)
    assert '"S": 7.92,' in out
    assert '"alpha": 2,' in out
    _, out, _ = calc(unit(*[{"name": "光气", "quantity_t": 0.1}] * 3), capsys, monkeypatch)
    assert '"S": 1,' in out
    assert '"ratio": 0.333333333333,' in out
    _, out, _ = calc(b'{"kind":"storage","stocks":[{"name":"\xe6\xb0\xaf","quantity_t":1e-3}]}', capsys, monkeypatch)
    assert '"q_t": 0.001,' in out


def test_sentences_are_english_where_that_is_asked_for(capsys, monkeypatch):
    _, out, _ = calc(unit({"name": "X", "quantity_t": 1}), capsys, monkeypatch, "--language", "en")
    assert json.loads(out)["steps"][0]["why"] == "not in table 1 and without a hazard class: not summed."
    assert json.loads(out)["doubts"] == [
        "stocks[0] X: not in table 1 and without hazard_classes: its threshold cannot be known and it is not in S"
    ]


def test_every_further_key_is_taken(capsys, monkeypatch):
    tank = {
        "name": "示例液", "hazard_classes": ["易燃液体,类别2"], "pure_hazard_classes": ["易燃液体,类别2"],
        "concentration": 0.5, "state": "液体", "boiling_point_c": 80, "operating_temp_c": 90,
        "operating_pressure_mpa": 0.1, "key_process": False, "near_explosive_range": False, "grade": "none",
        "is_net": False, "volume_m3": 10, "max_fill": 0.9, "density_t_per_m3": 0.8, "out_of_service": False,
        "decommissioning_record": "", "beta": 1.2, "beta_reason": "专家论证", "place": "tank",
    }  # fmt: skip
    top = {"name": "示例罐区", "scope_excluded": False, "boundary": "dike", "boundary_count": 1, "is_partial": False}
    status, out, _ = calc(unit(tank, valve_tags=[], **top), capsys, monkeypatch)
    found = json.loads(out)
    assert (status, found["S"], found["doubts"]) == (0, 0.72, [])
    assert found["steps"][0]["beta"] == 1.2


def test_an_excluded_unit_has_no_s(capsys, monkeypatch):
    status, out, _ = calc(unit(CHLORINE, scope_excluded=True, exclusion_reason="军事设施"), capsys, monkeypatch)
    found = json.loads(out)
    assert (status, found["S"], found["grade"], found["is_major_hazard"]) == (0, None, None, False)


def test_help_tells_every_key():
    answer = run(b"", "--help")
    assert answer.returncode == 0
    from dataclasses import fields

    from quancheng.standards.gb18218 import Stock

    said = answer.stdout.decode()
    assert [field.name for field in fields(Stock) if field.name not in said] == []


STOCK = {"name": "氯", "quantity_t": 1}
BAD: list[tuple[object, str]] = [
    (b"", "stdin"),
    (b"{", "stdin"),
    (b"\xff\xfe", "stdin"),
    (b"[" * 100000, "stdin"),
    (b'{"kind": "storage", "kind": "production", "stocks": []}', "stdin"),
    ([], "stdin"),
    (3, "stdin"),
    ({"stocks": []}, "kind"),
    ({"kind": "shop", "stocks": []}, "kind"),
    ({"kind": 1, "stocks": []}, "kind"),
    ({"kind": "storage"}, "stocks"),
    ({"kind": "storage", "stocks": {}}, "stocks"),
    (unit("氯"), "stocks[0]"),
    (unit(STOCK, STOCK, {"name": "氯"}), "stocks[2].quantity_t"),
    (unit({"quantity_t": 1}), "stocks[0].name"),
    (unit(STOCK | {"quantity_t": -1}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": "1"}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": True}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": None}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": [1]}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": 1e30}), "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_t": 1e-30}), "stocks[0].quantity_t"),
    (b'{"kind": "storage", "stocks": [{"name": "x", "quantity_t": NaN}]}', "stocks[0].quantity_t"),
    (b'{"kind": "storage", "stocks": [{"name": "x", "quantity_t": -Infinity}]}', "stocks[0].quantity_t"),
    (b'{"kind": "storage", "stocks": [{"name": "x", "quantity_t": 1e99999999999999999999}]}', "stocks[0].quantity_t"),
    (b'{"kind": "storage", "stocks": [{"name": "x", "quantity_t": 1e-999999999}]}', "stocks[0].quantity_t"),
    (b'{"kind": "storage", "stocks": [{"name": "x", "quantity_t": 1' + b"0" * 9000 + b"}]}", "stocks[0].quantity_t"),
    (unit(STOCK | {"quantity_kg": 1}), "stocks[0].quantity_kg"),
    (unit(STOCK | {"concentration": 95}), "stocks[0].concentration"),
    (unit(STOCK | {"concentration": 0}), "stocks[0].concentration"),
    (unit(STOCK | {"hazard_classes": "易燃液体,类别2"}), "stocks[0].hazard_classes"),
    (unit(STOCK | {"hazard_classes": [1]}), "stocks[0].hazard_classes[0]"),
    (unit(STOCK | {"cas": "7782-50-4"}), "stocks[0].cas"),
    (unit(STOCK | {"cas": "氯"}), "stocks[0].cas"),
    (unit(STOCK | {"cas": 7782505}), "stocks[0].cas"),
    (unit(STOCK | {"grade": 86}), "stocks[0].grade"),
    (unit(STOCK | {"grade": 1.5}), "stocks[0].grade"),
    (unit(STOCK | {"state": "plasma"}), "stocks[0].state"),
    (unit(STOCK | {"key_process": "yes"}), "stocks[0].key_process"),
    (unit(STOCK | {"beta": 2}), "stocks[0].beta_reason"),
    (unit(STOCK | {"beta": 0, "beta_reason": "x"}), "stocks[0].beta"),
    (unit({"name": "氯", "volume_m3": 3}), "stocks[0].density_t_per_m3"),
    (unit(STOCK | {"name": "x" * 501}), "stocks[0].name"),
    (unit(STOCK, exposed_population=-1), "exposed_population"),
    (unit(STOCK, exposed_population=1.5), "exposed_population"),
    (unit(STOCK, exposed_population=True), "exposed_population"),
    (unit(STOCK, exposed_population="120"), "exposed_population"),
    (unit(STOCK, scope_excluded=True), "exclusion_reason"),
    (unit(STOCK, boundary="wall"), "boundary"),
    (unit(STOCK, boundary_count=0), "boundary_count"),
    (unit(STOCK, people=1), "people"),
]


@pytest.mark.parametrize(("given_", "place"), BAD)
def test_bad_input_is_refused_by_its_place_and_nothing_is_printed(given_, place, capsys, monkeypatch):
    for language in ("zh", "en"):
        status, out, err = calc(given_, capsys, monkeypatch, "--language", language)
        assert (status, out) == (2, "")
        assert err.startswith(f"{place}: ")
        assert err.count("\n") == 1


def test_the_program_refuses_with_status_2():
    answer = run(json.dumps(unit(STOCK, STOCK, {"name": "氯"})).encode())
    assert (answer.returncode, answer.stdout) == (2, b"")
    assert answer.stderr.decode() == "stocks[2].quantity_t: 缺少这一项\n"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([*STOCK, "kind", "stocks", "cas", "x"]), inner),
)


@settings(max_examples=50)
@given(JSON | st.builds(lambda stocks: {"kind": "storage", "stocks": stocks}, st.lists(JSON)))
def test_whatever_json_is_given_it_is_judged_or_refused(given_):
    try:
        said = dump(to_json(assess(load(json.dumps(given_).encode()))))
    except BadInput as bad:
        said = json.dumps([bad.note.text("en"), bad.note.text("zh")])
    assert json.loads(said)


@settings(max_examples=50)
@given(st.decimals(-(10**20), 10**20, places=12) | st.integers().map(lambda whole: Decimal(whole) * 10))
@example(Decimal(10) ** 40)
@example(Decimal("-0.000"))
def test_a_number_written_is_the_number(number):
    assert Decimal(dump(number)) == number
    assert "e" not in dump(number).lower()
