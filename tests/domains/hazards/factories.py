"""The smallest valid rows of 隐患."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.factories import NOW, District, make_file
from tests.support.replay import replayed

from quancheng.domains.hazards.models import Finding
from quancheng.domains.hazards.services import findings as services
from quancheng.domains.hazards.services.review_reports import ReportSpec
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.services.enterprises import open_own_file
from quancheng.kernel.access.actor import Actor


@replayed
def own_file(district: District) -> Enterprise:
    found = Enterprise.objects.filter(pk=district.enterprise_org.pk).first()
    return found or open_own_file(actor=district.enterprise, kind="depot", known={}, now=NOW)


@replayed
def make_finding(actor: Actor, file: Enterprise, **known: Any) -> Finding:
    given: dict[str, Any] = {"name": "可燃气体探测器超期未检定", "place": "罐区", "type": "instrument", **known}
    return services.report_finding(actor=actor, file=file, spec=services.FindingSpec(**given), now=NOW)


def paper(name: str = "审查报告.txt", text: str = "经现场审查，隐患已消除。") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/plain")


def told_report(**known: Any) -> dict[str, Any]:
    """What a form tells of a review report."""
    return {"maker_kind": "agency", "maker": "示例安全技术服务公司", "made_date": NOW.date().isoformat(),
            "verdict": "removed", "conclusion": "隐患已消除，符合要求", "report_files": paper(), **known}  # fmt: skip


def report_spec(actor: Actor, **known: Any) -> ReportSpec:
    given: dict[str, Any] = {
        "maker_kind": "expert", "maker": "示例专家", "made_date": NOW.date(), "verdict": "removed",
        "conclusion": "隐患已消除", "files": (make_file(actor, "审查报告"),), **known,
    }  # fmt: skip
    return ReportSpec(**given)
