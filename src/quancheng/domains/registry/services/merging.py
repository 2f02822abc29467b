"""Two files of one enterprise joined (档案合并), and taken apart again; no row is lost either way."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, ForeignKey, Min, OneToOneField, Q
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import Life
from quancheng.domains.registry.models import (
    Clue,
    Completeness,
    Enterprise,
    EnterpriseMerge,
    EnvironmentRecord,
    HazardCheck,
    Holding,
    Laboratory,
    MajorHazard,
    Stoppage,
    StorageFinding,
    Unit,
)
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
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.models import Membership
from quancheng.kernel.work.models import WorkItem

MERGE = "registry.files.merge"
#: The files themselves, their merges, and what is measured for each file anew: none of it moves.
_APART = (Enterprise, EnterpriseMerge, Completeness)
#: What names a file and yet stands under a unit, by the way to it: where the unit goes, it goes.
_UNDER: tuple[tuple[type[models.Model], str], ...] = (
    (Holding, "facility__unit"), (Laboratory, "facility__unit"), (StorageFinding, "facility__unit"),
    (StorageFinding, "unit"), (Stoppage, "unit"), (MajorHazard, "unit"), (HazardCheck, "hazard__unit"),
    (EnvironmentRecord, "unit"),
)  # fmt: skip
_UNITS = "registry.unit:file"
#: Columns of scope that say where a row lies.
_PLACE = ("area_id", "links")
#: Steps owed that a refusal names.
MOST_NAMED = 3


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
        kept, double = _locked(kept, double)
        if kept.merged_into_id is not None or double.merged_into_id is not None:
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

    What was entered since under a unit goes with it.

    :raises Invalid: no reason. :raises StaleState: it was undone already, or the kept file was merged on.
    :raises Conflict: something that arose since under a unit is under way, or a code or name is taken meanwhile.
    """
    actor.require(MERGE)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明撤销理由。")})
    kept, double = merge.kept, merge.retired
    _require_both(actor, kept, double)
    with assessing(actor=actor, now=now, because="registry.enterprise.unmerge") as pending:
        kept, double = _locked(kept, double)
        won = EnterpriseMerge.objects.filter(pk=merge.pk, undone_at__isnull=True).update(
            undone_at=now, undone_reason=clean(reason)[:500]
        )
        if not won or kept.merged_into_id is not None:
            raise StaleState(_("该合并已撤销，或保留的档案又被合并。"))
        units = list(Unit.objects.filter(pk__in=merge.moved.get(_UNITS, ()), file=kept).values_list("pk", flat=True))
        _refuse_arisen(units)
        try:
            with transaction.atomic():
                _move_back(merge, kept, double)
                _take_along(units, kept, double)
        except IntegrityError as taken:
            raise Conflict(_("有记录不能移回原档案，请先处理重复的编号或名称。")) from taken
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


def _locked(kept: Enterprise, double: Enterprise) -> tuple[Enterprise, Enterprise]:
    """Units first, then their files, in the order in which whoever assesses a unit takes them; both read anew.

    A unit's file is part of a key, so that units are locked whole.
    """
    both = (kept.pk, double.pk)
    list(Unit.objects.select_for_update().filter(file__in=both).order_by("pk").values_list("pk"))
    files = Enterprise.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk")
    found = {one.pk: one for one in files}
    return found[kept.pk], found[double.pk]


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
    if not busy:
        # What other domains ask of it.
        owed = WorkItem.objects.open().filter(owner_org=double.pk).order_by("pk")
        busy = [f"“{title}”" for title in owed.values_list("title", flat=True)[:MOST_NAMED]]
    if busy:
        words = {"kinds": listed(busy)}
        raise Conflict(_("该档案有未办结的事项（%(kinds)s），应作为保留的档案；请从另一份档案发起合并。") % words)


def _refuse_arisen(units: list[uuid.UUID]) -> None:
    """What is under way under a unit is owed by the kept file: it ends there before the unit leaves."""
    busy = []
    for model, path in _UNDER:
        if issubclass(model, LoopRow):
            loop = loop_of(model.loop_code)
            if model._default_manager.filter(**{f"{path}__in": units}).exclude(status__in=loop.finals).exists():
                busy.append(str(loop.name))
    if busy:
        words = {"kinds": listed(busy)}
        raise Conflict(_("合并后在移回的单元下有未办结的事项（%(kinds)s），请办结后再撤销合并。") % words)


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
    """The columns of scope follow, so that who supervises the kept file, and no other, sees what hangs on it."""
    kind, moved = subject_type_of(model), set()
    files = [column for each, column in _columns() if each is model]
    for column in ("owner_org", "enterprise"):
        rows = model._default_manager.filter(**{column: double.pk}, **dict.fromkeys(files, kept.pk))
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            model._default_manager.filter(pk__in=pks).update(**{column: kept.pk})
            record.moved[f"{kind}:{column}"] = [str(pk) for pk in pks]
            moved.update(pks)
    # A row that lies elsewhere than its file, or in fewer links, does so for a reason of its own.
    for column in _PLACE:
        before, after = getattr(double, column), getattr(kept, column)
        rows = model._default_manager.filter(pk__in=moved, **{column: before})
        pks = [] if before == after else list(rows.order_by("pk").values_list("pk", flat=True))
        if pks:
            model._default_manager.filter(pk__in=pks).update(**{column: after})
            record.moved[f"{kind}:{column}"] = [str(pk) for pk in pks]


def _move_back(merge: EnterpriseMerge, kept: Enterprise, double: Enterprise) -> None:
    """First whose a row is, so far as it still stands with the kept file, then where it lies: as the double does."""
    placed = []
    for key, pks in merge.moved.items():
        kind, column = key.split(":")
        if column in _PLACE:
            placed.append((kind, column, pks))
            continue
        rows = apps.get_model(kind)._default_manager.filter(pk__in=pks, **{column: kept.pk})
        rows.update(**{column: double.pk})
    for kind, column, pks in placed:
        back = Q(owner_org=double.pk) | Q(enterprise=double.pk)
        rows = apps.get_model(kind)._default_manager.filter(back, pk__in=pks)
        rows.update(**{column: getattr(double, column)})


def _take_along(units: list[uuid.UUID], kept: Enterprise, double: Enterprise) -> None:
    """What was entered under the units since the merge, and the kept file never had without them."""
    files = list(_columns())
    for model, path in _UNDER:
        rows = model._default_manager.filter(**{f"{path}__in": units})
        columns = [column for each, column in files if each is model]
        if issubclass(model, Scoped):
            whose = Q(owner_org=kept.pk) | Q(enterprise=kept.pk)
            for column in _PLACE:
                here = rows.filter(whose, **{column: getattr(kept, column)})
                here.update(**{column: getattr(double, column)})
            columns += ["owner_org", "enterprise"]
        for column in columns:
            rows.filter(**{column: kept.pk}).update(**{column: double.pk})


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
