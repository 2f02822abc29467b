"""An organisation as nobody in particular: what the clock may see when it works in its name."""

from __future__ import annotations

import pytest
from tests.factories import make_district

from quancheng.kernel.people.actors import scope_of_organisation
from quancheng.kernel.people.models import Organisation

pytestmark = pytest.mark.django_db
SCOPE = ("organisation_id", "organisation_name", "area_path", "whole_district", "supervises", "links", "general",
         "administrator")  # fmt: skip


def test_it_sees_what_its_people_see_and_may_do_nothing() -> None:
    district = make_district()
    for name in ("director", "department", "town", "enterprise"):
        person = getattr(district, name)
        organisation = Organisation.objects.select_related("area").get(pk=person.organisation_id)
        found = scope_of_organisation(organisation)
        assert [getattr(found, one) for one in SCOPE] == [getattr(person, one) for one in SCOPE]
        assert (found.duties, found.user_id, found.is_system) == (frozenset(), None, False)
