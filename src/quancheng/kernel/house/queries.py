"""Reading what this database is."""

from __future__ import annotations

from quancheng.kernel.house.models import DEMO, House


def the_house() -> House | None:
    """The one row; None while the set-up has not been finished."""
    return House.objects.first()


def house_kind() -> str:
    """``demo``, ``real``, or empty before birth."""
    house = the_house()
    return house.kind if house else ""


def is_demo() -> bool:
    """Whether every page, paper and export must carry 演示数据."""
    return house_kind() == DEMO
