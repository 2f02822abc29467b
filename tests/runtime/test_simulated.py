"""The demo's simulated sites: each of their tags can be entered as any other."""

from __future__ import annotations

import pytest
from tests.domains.monitoring.factories import make_source, own_file
from tests.factories import NOW, make_district

from quancheng.domains.monitoring.models import Tag
from quancheng.domains.monitoring.services.tags import enter_tag
from quancheng.runtime.demo_signals import SITES, _known
from quancheng.stream.simulator.district import plan_site
from quancheng.stream.simulator.site import Simulation


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(set(SITES.values())))
def test_every_tag_of_a_simulated_site_passes_the_register(kind: str) -> None:
    district = make_district()
    file, source = own_file(district), make_source(district)
    seen: set[str] = set()
    for tag in Simulation([plan_site(kind, 1, seed=1)], seed=1, start_ms=0).tags:
        if tag.spec.row not in seen:
            seen.add(tag.spec.row)
            enter_tag(
                actor=district.enterprise, file=file, code=tag.code, known=_known(tag) | {"source": source}, now=NOW
            )
    assert Tag.objects.count() == len(seen)
    assert Tag.objects.exclude(h=None, hh=None).exists()
