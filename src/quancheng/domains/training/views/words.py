"""Words and marks that several pages of persons share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from quancheng.domains.training.models import Contractor, Person, PersonQualification, QualificationState
from quancheng.domains.training.queries.certificates import qualifications_of
from quancheng.domains.training.queries.history import Act
from quancheng.domains.training.views.exam_words import EXAM_ACTS
from quancheng.kernel.access.models import Scoped
from quancheng.kernel.errors import Text
from quancheng.kernel.pages import marks
from quancheng.kernel.pages.objects import HistoryLine
from quancheng.kernel.pages.words import listed


def held(person: Person) -> str:
    """The posts that a person holds now, as ``list_persons`` fetched them."""
    return listed(one.title for one in getattr(person, "held", ()))


def state(person: Person) -> str:
    return _("在岗") if person.left_date is None else _("已离岗")


def state_mark(person: Person) -> SafeString:
    return marks.badge(state(person), "done" if person.left_date is None else "quiet")


def age(person: Person) -> int:
    return person.age_on(timezone.localdate())


def enterprise_of(row: Scoped) -> str:
    return row.enterprise.name if row.enterprise else ""


def link_to_file(person: Person) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("registry:enterprise", args=[person.file_id]), enterprise_of(person)
    )


# History -----------------------------------------------------------------------------------------------------------

_ACTS = {
    "training.person.enter": gettext_lazy("登记人员"), "training.person.change": gettext_lazy("修改档案"),
    "training.person.leave": gettext_lazy("离岗"), "training.person.return": gettext_lazy("重新到岗"),
    "training.person.show_numbers": gettext_lazy("查看完整号码"), "vault.unmask": gettext_lazy("查看完整号码"),
    "training.health.limit": gettext_lazy("登记职业禁忌"), "training.health.end": gettext_lazy("结束职业禁忌"),
    "training.post.assign": pgettext_lazy("act", "任职"), "training.post.end": gettext_lazy("结束任职"),
    "training.entry.register": gettext_lazy("入厂登记"), "training.entry.step": gettext_lazy("四个统一"),
    "training.gate.refuse": gettext_lazy("拒绝入厂"),
    "training.qualification.enter": gettext_lazy("登记证书"), "files.link.add": gettext_lazy("上传附件"),
    "training.qualification.change": gettext_lazy("更正证书"),
    "training.qualification.verify": gettext_lazy("核验证书"),
    "training.qualification.unverify": gettext_lazy("姓名或身份证号码已改，须重新核验"),
    "training.qualification.remove": gettext_lazy("撤销证书登记"),
    "training.entry.withdraw": gettext_lazy("撤销入厂登记"),
    "training.qualification.revoke": gettext_lazy("登记吊销、注销"),
    "training.certificate_kind.add": gettext_lazy("增加证书种类"),
    "training.certificate_kind.change": gettext_lazy("修改"), "training.role.change": gettext_lazy("修改"),
    "training.role.add": gettext_lazy("增加岗位角色"),
    "training.requirement.add": gettext_lazy("增加任职要求"),
    "training.requirement.end": gettext_lazy("停用任职要求"),
    "training.programme.add": gettext_lazy("增加培训大纲"), "training.programme.change": gettext_lazy("修改"),
    "training.programme.unify": gettext_lazy("设定四个统一"),
    "training.programme.end_unify": gettext_lazy("停止四个统一"), "training.quota.add": gettext_lazy("增加配备标准"),
    "training.quota.change": gettext_lazy("停用配备标准"),
    "training.order.give": gettext_lazy("下达再培训令"), "training.order.exam": gettext_lazy("再培训考试合格"),
    "training.order.exam_on_paper": gettext_lazy("登记考试合格"),
    "training.order.withdraw": gettext_lazy("撤回再培训令"), "training.record.enter": gettext_lazy("登记学时"),
    "training.record.strike": gettext_lazy("作废学时记录"),
    "training.record.practice": gettext_lazy("登记实操考核"),
    "training.document.issue": gettext_lazy("发布"), "training.document.read": gettext_lazy("登记签收"),
    "training.document.end": gettext_lazy("废止"),
    "training.course.add": gettext_lazy("增加课程"), "training.course.end": gettext_lazy("停开"),
    "training.course.materials": gettext_lazy("上传课件和教材"), "training.plan.add": gettext_lazy("制定计划"),
    "training.plan.line": gettext_lazy("增加班次"), "training.plan.publish": gettext_lazy("发布"),
}  # fmt: skip


#: What of an act is told, the first that it has.
_SAID = ("reason", "kind", "role", "code", "title", "programme")


def history(acts: Iterable[Act]) -> list[HistoryLine]:
    """What was done, with the reason that was given, or the kind or role that it was about."""
    lines = []
    for one in acts:
        said = next((str(one.facts[name]) for name in _SAID if one.facts.get(name)), "")
        what: Text = _ACTS.get(one.act) or EXAM_ACTS.get(one.act) or one.act
        lines.append(HistoryLine(at=one.at, who=one.who, what=what, note=said))
    return lines


# Certificates -------------------------------------------------------------------------------------------------------

_TONES = {
    QualificationState.VERIFIED: "done", QualificationState.EXPIRING: "active", QualificationState.DRAFT: "active",
    QualificationState.UNCHECKED: "active", QualificationState.EXPIRED: "active", QualificationState.REVOKED: "active",
}  # fmt: skip


def qualification_state(state: str) -> str:
    return str(QualificationState(state).label)


def qualification_mark(state: str) -> SafeString:
    return marks.badge(qualification_state(state), _TONES.get(QualificationState(state), "quiet"))


def verified(row: PersonQualification) -> str:
    """By whom a certificate was verified, when and where he looked."""
    if row.verified_at is None:
        return _("未核验")
    who = row.verified_by.name if row.verified_by else ""
    return _("%(day)s %(organisation)s%(who)s核验（%(source)s）") % {
        "day": timezone.localtime(row.verified_at).date(), "who": who,
        "organisation": row.verified_org.label if row.verified_org else "",
        "source": row.get_verified_source_display(),
    }  # fmt: skip


# Contractors -------------------------------------------------------------------------------------------------------

_CONTRACTOR_ACTS = {
    "training.contractor.enter": gettext_lazy("登记承包商"), "training.contractor.change": gettext_lazy("修改档案"),
    "training.contractor.qualify": gettext_lazy("登记资质"),
    "training.contractor.unqualify": gettext_lazy("注销资质"),
    "training.outside_rule.change": gettext_lazy("修改"),
}  # fmt: skip


def person_link(row: Person) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("training:person", args=[row.pk]), row.name)


def valid_certificates(person: Person, day: date) -> list[tuple[str, date | None]]:
    """Certificates that count on a day, with their ends."""
    counting = (QualificationState.VERIFIED, QualificationState.EXPIRING)
    return [(one.kind.shown, one.ends_date) for one in qualifications_of(person) if one.state_on(day) in counting]


def contractor_link(row: Contractor) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("training:contractor", args=[row.pk]), row.name)


def contractor_history(acts: Iterable[Act]) -> list[HistoryLine]:
    """Acts on a company or a line of the settings, as sentences."""
    return [
        HistoryLine(at=one.at, who=one.who, what=_CONTRACTOR_ACTS.get(one.act, one.act),
                    note=str(one.facts.get("number") or one.facts.get("reason") or ""))
        for one in acts
    ]  # fmt: skip
