"""What people type about review reports, and about running again after a stop."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from quancheng.domains.hazards.forms.findings import CommentForm
from quancheng.domains.hazards.models import Maker, ReviewReport
from quancheng.kernel.pages import fields
from quancheng.kernel.pages.fields import FilesField


def _report_fields(required: bool) -> dict[str, forms.Field]:
    verdict = ReviewReport.Verdict.choices
    return {
        "maker_kind": fields.choice(_("出具方"), Maker.choices, required=required),
        "maker": fields.words(_("专家或机构名称"), limit=120, required=required),
        "made_date": fields.day(_("出具日期"), required=required),
        "verdict": fields.choice(_("审查结论"), verdict, required=required),
        "conclusion": fields.text(_("结论说明"), limit=2000, required=required),
        "report_files": FilesField(
            label=_("审查报告"), required=required, error_messages={"required": _("请上传审查报告。")}
        ),
    }


class ReviewReportForm(forms.Form):
    """The report of an expert or an agency that was asked to look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= _report_fields(required=True)


class ApplicationForm(CommentForm):
    """What the accepter saw, with the report that the application to the regulator needs where none stands yet."""

    def __init__(self, *args: Any, asks_report: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if asks_report:
            self.fields |= _report_fields(required=True)


class ResumptionForm(forms.Form):
    """The application in writing, with the assessment."""

    text = fields.text(_("申请内容"), limit=4000, help_text=_("写明停产范围、整改情况和恢复生产的条件。"))
    assessor_kind = fields.choice(_("评估方"), Maker.choices)
    assessor = fields.words(_("评估专家或机构"), limit=120)
    assessment = fields.text(_("评估结论"), limit=2000)
    report = FilesField(label=_("评估报告"), error_messages={"required": _("请上传评估报告。")})


class AllowForm(forms.Form):
    """What the review on site found, when."""

    visited = fields.day(_("现场审查日期"))
    text = fields.text(_("审查意见"), limit=1000)
    evidence = FilesField(label=_("现场照片、材料"), required=False)


class ExpiryReviewForm(forms.Form):
    """What was found on site after the term ended."""

    visited = fields.day(_("现场审查日期"))
    text = fields.text(_("审查情况和处理意见"), limit=4000)
    evidence = FilesField(label=_("现场照片、材料"), error_messages={"required": _("请上传现场照片或材料。")})


class RefuseForm(forms.Form):
    """Why work may not go on."""

    visited = fields.day(_("现场审查日期"))
    reason = fields.text(_("不同意的理由"), limit=1000)
    evidence = FilesField(label=_("现场照片、材料"), required=False)
