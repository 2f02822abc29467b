"""Construction projects entered, consulted on, checked, reviewed, tried and completed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Chemical, Enterprise, Project, ProjectChemical, TrialVisit
from quancheng.domains.registry.models.projects import CHECKLIST, ProjectKind, ProjectLink
from quancheng.domains.registry.quantities import LARGEST_T, SMALLEST_T, tonnes
from quancheng.domains.registry.queries.chemicals import find_chemical
from quancheng.domains.registry.services.restrictions import refusals
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import DomainError, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.files.services import attach_files
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.standards import ghs
from quancheng.standards.gb18218.tables import table1

APPLY, JUDGE = "registry.projects.apply", "registry.projects.judge"
_TEXT_LIMIT = 5000
_AMOUNT = re.compile(r"^(.+?)[\s,，:：]+([\d.,]+\s*\S+)$")


@dataclass(frozen=True, slots=True)
class ProjectSpec:
    """A project to be entered; ``chemicals`` with their design maximum in tonnes."""

    title: str
    kind: str
    purpose: str
    place: str
    text: str
    chemicals: Sequence[tuple[Chemical, Decimal]]


def enter_project(
    *, actor: Actor, file: Enterprise, spec: ProjectSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Project:
    """An enterprise enters a project of its own.

    :raises NotPermitted: another's. :raises Invalid: by field; no chemical, or one twice.
    """
    actor.require(APPLY)
    if file.pk != actor.organisation_id:
        raise NotPermitted(_("只能登记本单位的建设项目。"))
    if wrong := faults_of(spec, links=file.links, on=Calendar().local_date(now)):
        raise Invalid(fields=wrong)
    with transaction.atomic():
        project = Project(
            **file.row_scope(),
            code=next_code(Project, "J", now=now), supervisor_id=file.supervisor_id, created_at=now, **_columns(spec),
        )  # fmt: skip
        facts = {"title": project.title, "chemicals": {one.name: design_t for one, design_t in spec.chemicals}}
        made = enter(actor=actor, row=project, now=now, facts=facts, client_id=client_id)
        if made.pk == project.pk:
            _write_chemicals(made, spec)
    return made


def change_project(*, actor: Actor, project: Project, spec: ProjectSpec, now: datetime) -> Project:
    """Change a project before its first review is asked for.

    :raises Invalid: by field. :raises StaleState: the review was asked for meanwhile.
    """
    if wrong := faults_of(spec, links=project.links, on=Calendar().local_date(now)):
        raise Invalid(fields=wrong)
    with transaction.atomic():
        _keep(actor, project, ("PREPARING",), _columns(spec), "registry.project.change", now, APPLY, ())
        project.chemicals.all().delete()
        _write_chemicals(project, spec)
    return project


def _columns(spec: ProjectSpec) -> dict[str, Any]:
    return {
        "title": clean(spec.title)[:200], "kind": spec.kind, "purpose": spec.purpose, "place": clean(spec.place)[:200],
        "text": spec.text.strip()[:_TEXT_LIMIT],
        "has_explosives": any(is_explosive(one) for one, _t in spec.chemicals),
    }  # fmt: skip


def _write_chemicals(project: Project, spec: ProjectSpec) -> None:
    ProjectChemical.objects.bulk_create(
        [ProjectChemical(project=project, chemical=one, design_t=design_t) for one, design_t in spec.chemicals]
    )


def read_amounts(
    lines: Sequence[str], *, find: Callable[[str], Chemical | None] = find_chemical
) -> tuple[list[tuple[Chemical, Decimal]], list[Text]]:
    """Lines such as ``甲醇 260 t`` or ``67-64-1，30 m³``: what they say in tonnes, and what is wrong with which."""
    found: list[tuple[Chemical, Decimal]] = []
    faults: list[Text] = []
    for number, line in enumerate(lines, 1):
        parts = _AMOUNT.match(line)
        if parts is None:
            faults.append(_("第%(number)s行：请写名称、数量和单位。") % {"number": number})
            continue
        chemical = find(parts[1])
        if chemical is None:
            sentence = _("第%(number)s行：化学品目录中没有（或不止一个）“%(text)s”。")
            faults.append(sentence % {"number": number, "text": parts[1]})
            continue
        try:
            found.append((chemical, tonnes(parts[2], density=chemical.density)))
        except DomainError as refused:
            said = refused.fields["quantity"]
            faults.append(_("第%(number)s行：%(said)s") % {"number": number, "said": said})
    return found, faults


def faults_of(spec: ProjectSpec, *, links: Sequence[str], on: date) -> dict[str, Text]:
    """What cannot stand of a project on a day, by field.

    :param links: those of its enterprise; its own purpose counts too. One query.
    """
    wrong: dict[str, Text] = {}
    for name in ("title", "place"):
        if not clean(getattr(spec, name)):
            wrong[name] = _("请填写此项。")
    if spec.kind not in ProjectKind.values:
        wrong["kind"] = _("请选择建设性质。")
    if spec.purpose not in ProjectLink.values:
        wrong["purpose"] = _("请选择项目类别。")
    if not spec.chemicals:
        wrong["chemicals"] = _("请至少填写一种化学品及其设计最大量。")
    elif len({one.pk for one, _t in spec.chemicals}) < len(spec.chemicals):
        wrong["chemicals"] = _("同一化学品只写一行。")
    elif any(not SMALLEST_T <= design_t <= LARGEST_T for _one, design_t in spec.chemicals):
        wrong["chemicals"] = _("设计最大量应大于0，且在合理范围内。")
    elif said := refusals(chemicals=[one for one, _t in spec.chemicals], links={*links, spec.purpose}, on=on):
        wrong["chemicals"] = "".join(map(str, said))
    return wrong


def is_explosive(chemical: Chemical) -> bool:
    """Whether a chemical is an explosive (爆炸物): by its classes, or by its item in table 1 of GB 18218."""
    read = ghs.parse("；".join(chemical.hazard_classes))
    if any(one.key == "explosive" for one in read.hazards):
        return True
    item = table1().get(int(chemical.gb18218_item)) if chemical.gb18218_item.isdigit() else None
    return item is not None and any(symbol.startswith("W1.") for symbol in item.symbols)


def consult(
    *, actor: Actor, project: Project, on: date, by: str, text: str, evidence: Sequence[uuid.UUID], now: datetime
) -> Project:
    """Keep the consultation (决策咨询) before the first review. :raises Invalid: by field."""
    wrong: dict[str, Text] = {}
    if on > Calendar().local_date(now):
        wrong["on"] = _("日期不能晚于今天。")
    if not clean(by):
        wrong["by"] = _("请填写咨询专家或机构。")
    if not text.strip():
        wrong["text"] = _("请填写咨询结论。")
    if wrong:
        raise Invalid(fields=wrong)
    changes = {"consulted_date": on, "consulted_by": clean(by)[:200], "consulted_text": text.strip()[:_TEXT_LIMIT]}
    _keep(actor, project, ("PREPARING", "CONDITION"), changes, "registry.project.consult", now, APPLY, evidence)
    return project


def approve_specially(*, actor: Actor, project: Project, document: str, now: datetime) -> Project:
    """Enter the document by which a project with explosives was specially approved. :raises Invalid: none."""
    if not clean(document):
        raise Invalid(fields={"document": _("请填写特别批准文号。")})
    changes = {"special_approval": clean(document)[:120]}
    _keep(actor, project, ("PREPARING", "CONDITION"), changes, "registry.project.approve", now, JUDGE, ())
    return project


def answer_checklist(
    *, actor: Actor, project: Project, answers: Mapping[str, tuple[bool, str]], now: datetime
) -> Project:
    """The office answers the admission checklist (准入清单); a no needs a word why. :raises Invalid: by item."""
    known = {code for code, _label in CHECKLIST}
    wrong: dict[str, Text] = {
        f"note_{code}": _("不符合的须写明情况。")
        for code, (ok, said) in answers.items()
        if code in known and not ok and not said.strip()
    }
    if wrong:
        raise Invalid(fields=wrong)
    given = {code: {"ok": ok, "note": said.strip()[:500]} for code, (ok, said) in answers.items() if code in known}
    _keep(actor, project, ("CONDITION",), {"answers": given}, "registry.project.check", now, JUDGE, ())
    return project


def plan_trial(
    *, actor: Actor, project: Project, first: date, last: date, plan: str, evidence: Sequence[uuid.UUID], now: datetime
) -> Project:
    """Keep the plan of a trial production (试生产方案): at most one year. [G]

    :raises Invalid: no plan, days out of order, or longer than a year.
    """
    wrong: dict[str, Text] = {}
    if not plan.strip():
        wrong["plan"] = _("请填写试生产方案。")
    if last < first:
        wrong["last"] = _("截止日期不能早于起始日期。")
    elif (last - first).days > 366:
        wrong["last"] = _("试生产期限一般不超过一年。")
    if wrong:
        raise Invalid(fields=wrong)
    changes = {"trial_from": first, "trial_to": last, "trial_plan": plan.strip()[:_TEXT_LIMIT]}
    _keep(actor, project, ("BUILDING",), changes, "registry.project.plan_trial", now, APPLY, evidence)
    return project


def visit_trial(*, actor: Actor, project: Project, day: date, inspectors: str, text: str, now: datetime) -> TrialVisit:
    """Record a look at a trial production. :raises Invalid: by field. :raises StaleState: it is in no trial."""
    actor.require(JUDGE)
    wrong: dict[str, Text] = {}
    if day > Calendar().local_date(now):
        wrong["day"] = _("日期不能晚于今天。")
    if not clean(inspectors):
        wrong["inspectors"] = _("请填写检查人员。")
    if not text.strip():
        wrong["text"] = _("请填写检查情况。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        if not Project.objects.visible_to(actor).filter(pk=project.pk, status="TRIAL").exists():
            raise StaleState(_("该项目不在试生产期。"))
        made = TrialVisit.objects.create(
            project=project, day=day, inspectors=clean(inspectors)[:200], text=text.strip()[:_TEXT_LIMIT],
            by_user=actor.user_id, recorded_at=now,
        )  # fmt: skip
        _record(actor, "registry.project.visit", project, now, {"visit": made.pk, "day": day})
    return made


def step_project(
    *, actor: Actor, project: Project, name: str, given: Mapping[str, Any], evidence: Sequence[uuid.UUID],
    now: datetime, client_id: uuid.UUID | None = None,
) -> Project:  # fmt: skip
    """Make a move of the review, with the papers that go with it."""
    told = {key: str(value).strip()[:2000] for key, value in given.items() if key in ("text", "reason")}
    changes: dict[str, Any] = {}
    if name in ("complete", "refuse", "withdraw"):
        changes["closed_at"] = now
    with transaction.atomic():
        if evidence:
            attach_files(actor=actor, row=project, file_ids=list(evidence), now=now)
            told["evidence"] = [str(one) for one in evidence]  # type: ignore[assignment]
        move(actor=actor, row=project, name=name, now=now, given=told, changes=changes, client_id=client_id)
    return project


def require_side(actor: Actor, project: Project, duty: str) -> None:
    """The enterprise applies, the supervising office judges. :raises NotPermitted: anybody else."""
    actor.require(duty)
    side = project.owner_org_id if duty == APPLY else project.supervisor_id
    if not actor.is_system and side != actor.organisation_id:
        raise NotPermitted


def _keep(
    actor: Actor, project: Project, states: Sequence[str], changes: dict[str, Any], act: str, now: datetime, duty: str,
    evidence: Sequence[uuid.UUID],
) -> None:  # fmt: skip
    """Write facts of an open project, by the side that owes them."""
    require_side(actor, project, duty)
    with transaction.atomic():
        if evidence:
            attach_files(actor=actor, row=project, file_ids=list(evidence), now=now)
        if not Project.objects.filter(pk=project.pk, status__in=states).update(**changes, updated_at=now):
            raise StaleState(_("该项目已进入下一步，请刷新后重试。"))
        _record(actor, act, project, now, changes)
    project.refresh_from_db()


def _record(actor: Actor, act: str, project: Project, now: datetime, facts: Mapping[str, Any]) -> None:
    journal.record(
        actor=actor, act=act, subject_type=Project.row_type(), subject_id=project.pk, org_id=project.owner_org_id,
        facts=facts, now=now,
    )  # fmt: skip
