"""Every declared loop: no dead end, no state without owner and date, no way around the four eyes' first pair."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quancheng.kernel.access.duties import is_declared
from quancheng.kernel.loops.declare import SYSTEM, Loop, Move, State, all_loops, check, within

LOOPS = {f"{loop.code} v{loop.version}": loop for loop in all_loops()}


@pytest.mark.parametrize("name", sorted(LOOPS))
def test_every_duty_that_a_loop_names_is_declared_and_every_owner_is_a_field_of_its_row(name: str) -> None:
    from django.apps import apps

    loop = LOOPS[name]
    rows = [model for model in apps.get_models() if getattr(model, "loop_code", None) == loop.code]
    assert len(rows) == 1, "a loop belongs to one kind of row"
    fields = {field.name for field in rows[0]._meta.get_fields()}
    owners = [state.holder for state in loop.states.values() if state.holder]
    movers = [step.holder for step in loop.moves.values()]
    assert {holder.field for holder in owners} <= {*fields, "*", SYSTEM}, owners
    for holder in [*owners, *movers]:
        # Who moves may also be told by another row, through a property: of it no list of what is owed asks.
        told = isinstance(getattr(rows[0], f"{holder.field}_id", None), property)
        assert told or holder.field in {*fields, "*", SYSTEM}, holder
        assert holder.field == SYSTEM or is_declared(holder.duty), holder.duty


@pytest.mark.parametrize("name", sorted(LOOPS))
@given(data=st.data())
def test_a_random_walk_ends_or_stands_where_somebody_owes_the_next_step(name: str, data: st.DataObject) -> None:
    loop = LOOPS[name]
    here = loop.start
    for _step in range(30):
        state = loop.states[here]
        if state.is_final:
            # What the clock closed the house alone may put right.
            assert all(step.holder.field == SYSTEM for step in loop.moves_from(here).values())
            return
        assert state.owner
        assert state.due or state.review
        onward = loop.moves_from(here)
        assert onward, f"{here} is a dead end"
        here = onward[data.draw(st.sampled_from(sorted(onward)))].target


def _loop(**changes: object) -> Loop:
    base = {
        "code": "test.loop", "name": "试", "version": 1, "start": "A",
        "states": {"A": State("甲", owner="work.urge@owner_org", due=within(days=1)), "Z": State("终", owner=None)},
        "moves": {"end": Move("A", "Z", by="work.urge@owner_org", label="完")},
    }  # fmt: skip
    return Loop(**{**base, **changes})  # type: ignore[arg-type]


def test_a_whole_loop_passes_and_each_fault_is_refused_at_its_declaration() -> None:
    whole = _loop()
    check(whole)
    timeless = {**whole.states, "A": State("甲", owner="work.urge@owner_org")}
    with pytest.raises(ValueError, match="deadline"):
        _loop(states=timeless)
    stuck = {**whole.states, "B": State("乙", owner="work.urge@owner_org", due=within(days=1))}
    with pytest.raises(ValueError, match="never reached"):
        _loop(states=stuck)
    with pytest.raises(ValueError, match="no way out"):
        _loop(states=stuck, moves={**whole.moves, "lose": Move("A", "B", by="work.urge@owner_org", label="失")})
    with pytest.raises(ValueError, match="final"):
        _loop(moves={**whole.moves, "back": Move("Z", "A", by="work.urge@owner_org", label="回")})
    with pytest.raises(ValueError, match="four eyes"):
        _loop(moves={"end": replace(whole.moves["end"], not_by=("nothing",))})
    with pytest.raises(ValueError, match="duty@field"):
        _loop(moves={"end": replace(whole.moves["end"], by="work.urge")})


def test_out_of_a_final_state_the_house_alone_moves() -> None:
    end = Move("A", "Z", by="work.urge@owner_org", label="完")
    again = Move("Z", "A", by="work.urge@system", label="重开")
    check(_loop(moves={"end": end, "again": again}))
    with pytest.raises(ValueError, match="out of a final state"):
        _loop(moves={"end": end, "again": replace(again, by="work.urge@owner_org")})
