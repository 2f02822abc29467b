"""Reads of rules for papers and of what the district demands, and whether a bank suffices for a rule."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from quancheng.domains.training.examining import Asked, Demand, Missing, lacks
from quancheng.domains.training.models import ExamPolicy, PaperRule, Question, QuestionKind
from quancheng.domains.training.models.exams import PaperRuleQuerySet
from quancheng.domains.training.queries.questions import pool_of, subject_names
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.errors import NotFound

SET_EXAMS = "training.exams"
#: In which order kinds stand on a paper.
ORDER = (QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.JUDGE, QuestionKind.CASE, QuestionKind.PRACTICE)


def policy() -> ExamPolicy:
    """What the district demands; what ships where nobody changed it."""
    return ExamPolicy.objects.first() or ExamPolicy()


def list_rules(*, actor: Actor) -> PaperRuleQuerySet:
    """Rules that the actor may see: his organisation's and those of offices. :raises NotPermitted: without the duty."""
    actor.require(SET_EXAMS)
    rows: PaperRuleQuerySet = PaperRule.objects.visible_to(actor).select_related("owner_org")
    return rows.order_by("name", "pk")


def usable_rules(*, actor: Actor) -> PaperRuleQuerySet:
    """Rules by which the actor may hold an exam: those of offices, and his organisation's own."""
    return list_rules(actor=actor).in_use().filter(Q(owner_org=actor.organisation_id) | Q(reach=Reach.PUBLIC))


def get_rule(*, actor: Actor, rule_id: uuid.UUID) -> PaperRule:
    """Raise NotFound for absent and for out of scope alike."""
    found = list_rules(actor=actor).filter(pk=rule_id).first()
    if found is None:
        raise NotFound
    return found


def paper_of(rule: PaperRule) -> dict[str, Any]:
    """What an exam keeps of a rule."""
    names = ("counts", "marks", "least", "major_share", "role", "is_partial")
    return {name: getattr(rule, name) for name in names}


def demand_of(paper: Mapping[str, Any]) -> Demand:
    counts = {kind.value: paper["counts"][kind] for kind in ORDER if paper["counts"].get(kind)}
    return Demand(counts=counts, least=paper["least"], major_share=paper["major_share"])


def marks_of(paper: Mapping[str, Any], kind: str) -> Decimal:
    return Decimal(str(paper["marks"][kind]))


def asked_of(questions: Sequence[Question]) -> list[Asked]:
    return [Asked(str(one.pk), one.kind, frozenset(one.subjects), len(one.options)) for one in questions]


def questions_for(
    *, organisation: uuid.UUID | None, paper: Mapping[str, Any], kind: str = "",
    roles: Collection[str] | None = None,
) -> list[Question]:  # fmt: skip
    """What a paper that an organisation sets may be built of.

    :param kind: class of the enterprise whose people sit: nothing that is for other classes alone.
    :param roles: of who sits; nothing that is for other roles alone. The paper's own role goes before.
    """
    rows = pool_of(organisation)
    wanted = [paper["role"]] if paper["role"] else roles
    if wanted is not None:
        rows = rows.filter(Q(posts__overlap=list(wanted)) | Q(posts=[]))
    if kind:
        rows = rows.filter(Q(industries__contains=[kind]) | Q(industries=[]))
    return list(rows)


def what_lacks(
    *, organisation: uuid.UUID | None, paper: Mapping[str, Any], kind: str = "",
    roles: Collection[str] | None = None,
) -> list[str]:  # fmt: skip
    """What the bank is too small for, in sentences; nothing where it suffices."""
    pool = questions_for(organisation=organisation, paper=paper, kind=kind, roles=roles)
    return said(lacks(asked_of(pool), demand_of(paper)))


def said(missing: Sequence[Missing]) -> list[str]:
    names = subject_names()
    kinds = dict(QuestionKind.choices)
    sentences = []
    for one in missing:
        if not one.kind and not one.subject:
            sentences.append(_("各题型题数和各知识点最少题数不能同时满足。"))
            continue
        what = kinds[QuestionKind(one.kind)] if one.kind else names.get(one.subject, one.subject)
        sentences.append(
            _("题库中“%(what)s”需要 %(wanted)s 题，可用的只有 %(there)s 题。")
            % {"what": what, "wanted": one.wanted, "there": one.there}
        )
    return sentences
