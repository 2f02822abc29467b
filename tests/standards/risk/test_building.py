"""The twelve steps of building dual prevention."""

from quancheng.standards.risk.building import ACCEPTANCE, steps


def test_there_are_twelve_steps_and_one_of_them_is_the_regulators() -> None:
    assert [one.number for one in steps()] == list(range(1, 13))
    assert [one.number for one in steps() if one.means == "act"] == [ACCEPTANCE]
    assert {one.means for one in steps()} == {"paper", "facts", "both", "act"}
    assert all(one.name.zh and one.name.en and one.how.zh and one.how.en and one.mark == "G" for one in steps())
