"""Loops drawn from their declaration."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import pytest

from quancheng.kernel.errors import Text
from quancheng.kernel.loops import diagram
from quancheng.kernel.loops.declare import Loop, Move, State, all_closed, all_loops, on, within


def _sunrise(row: Any, entered_at: datetime, calendar: Any) -> datetime:
    """The next sunrise."""
    return entered_at


def _is_warm(row: Any) -> Text | None:
    return None


TEA = Loop(
    code="test.tea",
    name="泡茶",
    version=2,
    start="DRY",
    states={
        "DRY": State("待泡", owner="test.brew@owner_org", due=within(working_days=1)),
        "WET": State("待品", owner="test.taste@org", due=on("drink_by", otherwise=within(hours=2)), review=_sunrise),
        "SPILT": State("已洒", owner="test.brew@owner_org", review=within(days=30)),
        "DRUNK": State("已饮", owner=None),
    },
    moves={
        "brew": Move("DRY", "WET", by="test.brew@owner_org", label="冲泡", needs=("water",)),
        "stir": Move("WET", "WET", by="test.brew@system", label="搅动"),
        "spill": Move(("DRY", "WET"), "SPILT", by="test.brew@*", label="打翻"),
        "again": Move("SPILT", "DRY", by="test.brew@owner_org", label="重来", when=all_closed("cups")),
        "drink": Move("WET", "DRUNK", by="test.taste@org", label="品饮", not_by=("brew",), when=_is_warm),
    },
    strip=("DRY", "WET", "DRUNK"),
)


def test_the_page_says_who_owes_each_state_and_until_when() -> None:
    page = diagram.page(TEA, picture="tea.svg")
    assert "| `DRY` | 待泡 | `test.brew` of `owner_org` | within 1 working day | – |" in page
    assert "| `test.taste` of `org` | end of `drink_by`, else within 2 hours | The next sunrise |" in page
    assert "| `DRUNK` | 已饮 | –, final | – | – |" in page
    assert "![泡茶](tea.svg)" in page


def test_the_page_says_of_each_move_who_makes_it_with_what_and_who_may_not() -> None:
    page = diagram.page(TEA, picture="tea.svg")
    assert "| 1 | `brew` | 冲泡 | `DRY` | `WET` | `test.brew` of `owner_org` | `water` | – | – |" in page
    assert "| 2 | `stir` | 搅动 | `WET` | `WET` | the system itself | – | – | – |" in page
    assert "`test.brew`, any organisation that sees it" in page
    assert "all `cups` are closed" in page
    assert "not who made `brew` | is warm |" in page


def test_the_mermaid_text_has_every_state_every_arrow_and_both_ends() -> None:
    text = diagram.mermaid(TEA)
    assert text.startswith("stateDiagram-v2\n")
    assert "[*] --> DRY" in text
    assert "DRUNK --> [*]" in text
    assert text.count("打翻 (spill)") == 2
    assert sum(" --> " in line for line in text.splitlines()) == 6 + 2


@pytest.mark.parametrize("loop", [TEA, *all_loops()], ids=lambda loop: loop.code)
def test_every_loop_becomes_a_picture_with_all_its_states_inside(loop: Loop) -> None:
    picture = ElementTree.fromstring(diagram.svg(loop))
    left, top, width, height = map(int, picture.attrib["viewBox"].split())
    texts = [item.text or "" for item in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert set(loop.states) <= set(texts)
    numbers = {number for text in texts for number in text.split(", ")}
    assert {str(number) for number in range(1, len(loop.moves) + 1)} <= numbers
    for item in picture.iter("{http://www.w3.org/2000/svg}rect"):
        assert left <= float(item.attrib["x"])
        assert float(item.attrib["x"]) + float(item.attrib["width"]) <= left + width
        assert top <= float(item.attrib["y"])
        assert float(item.attrib["y"]) + float(item.attrib["height"]) <= top + height


def test_a_picture_needs_nothing_that_the_content_security_policy_forbids() -> None:
    for loop in all_loops():
        assert not {"style", "script", "onclick"} & {
            word for item in ElementTree.fromstring(diagram.svg(loop)).iter() for word in (item.tag, *item.attrib)
        }
