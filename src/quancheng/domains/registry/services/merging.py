"""Two files of one enterprise joined (档案合并), and taken apart again; no row is lost either way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, ForeignKey, Min, OneToOneField
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import Clue, Enterprise, EnterpriseMerge, Unit
from quancheng.domains.registry.services.assessing import assessing
from quancheng.domains.registry.services.enterprises import note
from quancheng.domains.registry.services.refiling import lapse_drafts
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.access.models import Scoped, subject_type_of
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.loops.declare import loop_of
from quancheng.kernel.loops.models import LoopRow
from quancheng.kernel.names import clean
from quancheng.kernel.people.models import Membership

MERGE = "registry.files.merge"
#: Kinds of rows that tell of a merge or a clue: they stay as they are.
_APART = (Enterprise, EnterpriseMerge)


def merge_files(
    *, actor: Actor, kept: Enterprise, double: Enterprise, reason: str, now: datetime
) -> EnterpriseMerge:  # fmt: skip
    """Retire a file as the double of another: whatever hangs on it moves, what the other has already stays with it.

    Each row that moves is written down, so that :func:`undo_merge` can take it back. What may only be added to
    (calculations, check records) stays where it was made and is read there.

    :raises Invalid: no reason, or one file twice. :raises NotPermitted: one of the two is not the actor's to keep.
    :raises Conflict: the double has accounts, or something is under way on it: then it is the one to be kept.
    :raises StaleState: one of the two was merged meanwhile.
    """
    actor.require(MERGE)
    wrong: dict[str, Text] = {}
    if not clean(reason):
        wrong["reason"] = _("请写明合并理由。")
    if kept.pk == double.pk:
        wrong["double"] = _("请选择另一份档案。")
    if wrong:
        raise Invalid(fields=wrong)
    _require_both(actor, kept, double)
    with assessing(actor=actor, now=now, because="registry.enterprise.merge") as pending:
        both = Enterprise.objects.select_for_update(no_key=True).filter(pk__in=(kept.pk, double.pk)).order_by("pk")
        if any(one.merged_into_id is not None for one in both):
            raise StaleState(_("其中一份档案已被合并，请刷新后重试。"))
        # What the clock alone called for holds up nobody.
        lapse_drafts(double.pk, now=now)
        _refuse_busy(double)
        record = EnterpriseMerge(
            kept=kept, retired=double, reason=clean(reason)[:500], life_before=double.life, by_name=actor.name, at=now
        )
        pending.units.update(Unit.objects.filter(file=double).values_list("pk", flat=True))
        _rename_units(record, kept, double)
        for model, column in _columns():
            _move(record, model, column, double, kept)
        for model in _scoped():
            _move_scope(record, model, double, kept)
        Enterprise.objects.filter(pk=double.pk).update(
            merged_into=kept, life=Life.CLOSED, version=F("version") + 1, updated_at=now
        )
        _keep_gravest(kept, double)
        record.save(force_insert=True)
        facts = {"merge": record.pk, "reason": record.reason, "counts": _counts(record)}
        note(actor, "registry.enterprise.merge", kept, now, {**facts, "retired": double.pk})
        note(actor, "registry.enterprise.retire", double, now, {**facts, "kept": kept.pk})
        publish("registry.enterprise.merged", kept, actor=actor, now=now, facts={"retired": str(double.pk)})
    return record


def undo_merge(*, actor: Actor, merge: EnterpriseMerge, reason: str, now: datetime) -> EnterpriseMerge:
    """Take two files apart again: every row that moved goes back, so far as it still stands with the kept file.

    :raises Invalid: no reason. :raises StaleState: it was undone already, or the kept file was merged on.
    """
    actor.require(MERGE)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销理由。")})
    kept, double = merge.kept, merge.retired
    _require_both(actor, kept, double)
    with assessing(actor=actor, now=now, because="registry.enterprise.unmerge") as pending:
        won = EnterpriseMerge.objects.filter(pk=merge.pk, undone_at__isnull=True).update(
            undone_at=now, undone_reason=clean(reason)[:500]
        )
        standing = Enterprise.objects.filter(pk=kept.pk, merged_into__isnull=True)
        if not won or not standing.exists():
            raise StaleState(_("该合并已撤销，或保留的档案又被合并。"))
        for key, pks in merge.moved.items():
            _move_back(key, pks, kept, double)
        for pk, code in merge.renamed.items():
            Unit.objects.filter(pk=pk, file=double).update(code=code)
        Enterprise.objects.filter(pk=double.pk).update(
            merged_into=None, life=merge.life_before, version=F("version") + 1, updated_at=now
        )
        _keep_gravest(kept, double)
        pending.units.update(Unit.objects.filter(file=double).values_list("pk", flat=True))
        facts = {"merge": merge.pk, "reason": clean(reason)[:500]}
        note(actor, "registry.enterprise.unmerge", kept, now, facts)
        note(actor, "registry.enterprise.unmerge", double, now, facts)
    merge.refresh_from_db()
    return merge


def _require_both(actor: Actor, kept: Enterprise, double: Enterprise) -> None:
    seen = Enterprise.objects.visible_to(actor).filter(pk__in=(kept.pk, double.pk)).count()
    if actor.organisation_id in (kept.pk, double.pk) or seen < 2:
        raise NotPermitted(_("只能合并本辖区、本环节内的企业档案。"))


def _refuse_busy(double: Enterprise) -> None:
    if Membership.objects.filter(organisation=double.pk, valid_to__isnull=True).exists():
        raise Conflict(_("该企业已有账号，应作为保留的档案；请从另一份档案发起合并。"))
    busy = []
    for model in _scoped():
        if not issubclass(model, LoopRow) or model is Clue:
            continue
        loop = loop_of(model.loop_code)
        if model._default_manager.filter(enterprise=double.pk).exclude(status__in=loop.finals).exists():
            busy.append(str(loop.name))
    if busy:
        words = {"kinds": "、".join(busy)}
        raise Conflict(_("该档案有未办结的事项（%(kinds)s），应作为保留的档案；请从另一份档案发起合并。") % words)


def _ours() -> Iterator[type[models.Model]]:
    for model in apps.get_app_config("registry").get_models():
        if model not in _APART and not getattr(model, "append_only", False):
            yield model


def _columns() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of the registry that names a file, whoever added its table; units come first."""
    found = [
        (model, column.name)
        for model in _ours()
        for column in model._meta.concrete_fields
        if isinstance(column, ForeignKey | OneToOneField) and column.related_model is Enterprise
    ]
    return iter(sorted(found, key=lambda one: (one[0] is not Unit, subject_type_of(one[0]), one[1])))


def _scoped() -> Iterator[type[Scoped]]:
    for model in _ours():
        if issubclass(model, Scoped):
            yield model


def _move(
    record: EnterpriseMerge, model: type[models.Model], column: str, double: Enterprise, kept: Enterprise
) -> None:
    """Row by row, since one that the other has already must not hold up the rest."""
    kind, moved, stayed = subject_type_of(model), [], 0
    for pk in list(model._default_manager.filter(**{column: double.pk}).order_by("pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                model._default_manager.filter(pk=pk).update(**{column: kept})
        except IntegrityError:
            stayed += 1
        else:
            moved.append(str(pk))
    if moved:
        record.moved[f"{kind}:{column}"] = moved
    if stayed:
        record.stayed[kind] = record.stayed.get(kind, 0) + stayed


def _move_scope(record: EnterpriseMerge, model: type[Scoped], double: Enterprise, kept: Enterprise) -> None:
    """The columns of scope follow, so that who supervises the kept file sees what hangs on it."""
    files = [column for each, column in _columns() if each is model]
    for column in ("owner_org", "enterprise"):
        rows = model._default_manager.filter(**{column: double.pk}, **dict.fromkeys(files, kept.pk))
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            model._default_manager.filter(pk__in=pks).update(**{column: kept.pk})
            record.moved[f"{subject_type_of(model)}:{column}"] = [str(pk) for pk in pks]


def _move_back(key: str, pks: list[str], kept: Enterprise, double: Enterprise) -> None:
    kind, column = key.split(":")
    model = apps.get_model(kind)
    for pk in pks:
        try:
            with transaction.atomic():
                model._default_manager.filter(pk=uuid.UUID(pk), **{column: kept.pk}).update(**{column: double.pk})
        except IntegrityError as taken:
            raise Conflict(_("有记录不能移回原档案，请先处理重复的编号或名称。")) from taken


def _rename_units(record: EnterpriseMerge, kept: Enterprise, double: Enterprise) -> None:
    """Two units with one code stay two: the one that comes is told apart by a number."""
    taken = set(Unit.objects.filter(file__in=(kept.pk, double.pk)).values_list("code", flat=True))
    same = Unit.objects.filter(file=kept).values("code")
    for unit in Unit.objects.filter(file=double, code__in=same).order_by("pk"):
        number = 2
        while f"{unit.code[:16]}-{number}" in taken:
            number += 1
        code = f"{unit.code[:16]}-{number}"
        taken.add(code)
        record.renamed[str(unit.pk)] = unit.code
        Unit.objects.filter(pk=unit.pk).update(code=code)


def _keep_gravest(*files: Enterprise) -> None:
    """Units changed their file, which the trigger that keeps the gravest grade does not look at."""
    for file in files:
        units = Unit.objects.filter(file=file, ended_date__isnull=True)
        gravest = units.aggregate(gravest=Min("legal_grade"))["gravest"]
        Enterprise.objects.filter(pk=file.pk).update(legal_grade=gravest)


def _counts(record: EnterpriseMerge) -> dict[str, int]:
    return {key: len(pks) for key, pks in record.moved.items()}
