"""Education of the demo's people: what each learned before he began, courses, a session, orders, and the offices'."""

from __future__ import annotations

from decimal import Decimal

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.training.models import Person
from quancheng.domains.training.queries.programmes import programmes_on
from quancheng.domains.training.queries.standing import ENTRY_KINDS, LEVELS
from quancheng.domains.training.services.records import Learned, record_hours
from quancheng.kernel.access.actor import Actor

_A_DAY = 8


def educate(desk: Desk, own: Actor, person: Person, *, role: str, last: int) -> None:
    """The education before work at each of its levels, eight hours a day, the last so many days ago."""
    found = next(
        (
            one
            for one in programmes_on(desk.date_in(0))
            if one.kind in ENTRY_KINDS
            and one.concerns(roles={role} if role else set(), employment=person.employment, kind=person.file.kind)
        ),
        None,
    )
    if found is None:
        return
    wanted = zip(LEVELS, (found.plant_hours, found.workshop_hours, found.team_hours), strict=True)
    days = [
        (level, min(_A_DAY, hours - done)) for level, hours in wanted if hours for done in range(0, hours, _A_DAY)
    ]
    items = found.syllabus.splitlines()
    for number, (level, hours) in enumerate(days):
        day = desk.date_in(-(last + len(days) - number))
        text = next((one for one in items if one.startswith(str(level.label))), items[0])
        learned = Learned(
            programme=found, held_date=day, hours=Decimal(hours), teacher="安全管理部门讲师", place="本单位培训室",
            content=text, level=level, score=88 if number + 1 == len(days) else None,
        )  # fmt: skip
        record_hours(actor=own, person=person, learned=learned, now=desk.ago(last + len(days) - number - 1))
