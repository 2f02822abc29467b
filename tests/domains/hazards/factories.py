"""The smallest valid rows of 隐患."""

from __future__ import annotations

from typing import Any

from tests.factories import NOW, District

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.access.actor import Actor


def own_file(district: District) -> Enterprise:
    found = Enterprise.objects.filter(pk=district.enterprise_org.pk).first()
    return found or open_own_file(actor=district.enterprise, kind="depot", known={}, now=NOW)


def make_finding(actor: Actor, file: Enterprise, **known: Any) -> Finding:
    given: dict[str, Any] = {"name": "可燃气体探测器超期未检定", "place": "罐区", "type": "instrument", **known}
    return services.report_finding(actor=actor, file=file, spec=services.FindingSpec(**given), now=NOW)
