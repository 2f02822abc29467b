"""The demo's guarantors: three persons for most major hazards, one with a gap, the running periods."""

from __future__ import annotations

from datetime import timedelta

from quancheng.domains.hazards.services import guarantors
from quancheng.domains.hazards.services.check_records import RECORD
from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Unit
from quancheng.kernel.errors import DomainError
from quancheng.kernel.people.queries import list_colleagues
from quancheng.kernel.schedule.models import RecurringRule
from quancheng.kernel.schedule.services import generate_rule

_JOBS = {"main": "总经理", "technical": "分管副总经理", "operation": "车间主任"}
#: Days ago on which they were named.
_DAYS = 40


def load(desk: Desk) -> None:
    """Before records are told: some of these are theirs. The second enterprise has not named its operation person."""
    now = desk.district.now
    for number, organisation in enumerate(desk.district.enterprises, start=1):
        hazards = Unit.objects.filter(file=organisation.pk, legal_grade__isnull=False, ended_date__isnull=True)
        people = [one.user_id for one in list_colleagues(organisation_id=organisation.pk, duty=RECORD)]
        for place, hazard in enumerate(hazards.select_related("file").order_by("code")):
            who, at = desk.actor(f"enterprise{number}"), desk.ago(_DAYS)
            for rank, (role, job) in enumerate(_JOBS.items()):
                if number == 2 and role == "operation":
                    continue
                guarantors.name_guarantor(
                    actor=who, hazard=hazard, role=role, person_id=people[rank % len(people)], job=job,
                    phone=f"139000{number:02d}{place:01d}{rank:02d}", since=at.date(), now=at,
                )  # fmt: skip
            try:
                guarantors.build_tasks(actor=who, hazard=hazard, first=at.date() + timedelta(days=1), now=at)
            except DomainError:
                continue  # no object of this hazard in the risk list yet: the list of gaps shows it
    for key in RecurringRule.objects.filter(generator=guarantors.GENERATOR).values_list("pk", flat=True):
        generate_rule(rule_id=key, now=now)
    guarantors.close_rounds(now=now)
