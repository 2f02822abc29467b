"""Departments word checklists of their own (部门自定检查表): drafted, published by another person, withdrawn.

The text, its editions and their items are those of the law register; here only their loop is moved.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from quancheng.domains.hazards.models import DepartmentChecklist
from quancheng.domains.hazards.queries.department_checklists import items_of, misnamed, published_items
from quancheng.domains.hazards.services.judging import is_criterion
from quancheng.domains.registry.kinds import Kind
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.access.models import Reach
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.law import queries as law
from quancheng.kernel.law import services as register
from quancheng.kernel.law.models import Clause, Edition, Grade, LegalText, Mark
from quancheng.kernel.law.models import Kind as TextKind
from quancheng.kernel.law.services import OWN, ClauseSpec, EditionSpec
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.once import act_once, once
from quancheng.kernel.people.models import LINKS, User
from quancheng.standards.hidden_dangers.kinds import code_list

#: Grades that an item can have; criteria have others.
GRADES = (Grade.MAJOR, Grade.SERIOUS, Grade.GENERAL, Grade.LOW)
MOST_ITEMS = 300
_LINKS = {code for code, _label in LINKS}


@dataclass(frozen=True, slots=True)
class ListSpec:
    """What a checklist is: its name, its aspect, and for whom; for all where neither kinds nor chains are told."""

    name: str
    aspect: str
    kinds: Sequence[str] = ()
    chains: Sequence[str] = ()


def draft_list(
    *, actor: Actor, spec: ListSpec, now: datetime, copy_from: Edition | None = None,
    client_id: uuid.UUID | None = None,
) -> DepartmentChecklist:  # fmt: skip
    """Begin a checklist of the actor's own department.

    :param copy_from: a published edition of any checklist, shipped or a department's: its items are the first draft.
    :raises Invalid: by field.
    """
    actor.require(OWN)
    if actor.organisation_id is None or not actor.supervises:
        raise NotPermitted
    _check(spec)
    body = {"name": spec.name, "aspect": spec.aspect, "kinds": list(spec.kinds), "chains": list(spec.chains),
            "copy": copy_from.pk if copy_from else None}  # fmt: skip

    def make() -> uuid.UUID:
        code = next_code(DepartmentChecklist, "B", now=now)
        text = register.add_text(
            actor=actor, code=f"CL-{code}", kind=TextKind.CHECKLIST, name=clean(spec.name)[:200],
            issuer=actor.organisation_name[:120], is_own=True, now=now,
        )  # fmt: skip
        return _enter(actor, text, code, spec, copy_from, now).pk

    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.department_list.draft", body=body, now=now,
                        make=make)  # fmt: skip
    return _row(pk)


def revise_list(
    *, actor: Actor, row: DepartmentChecklist, now: datetime, client_id: uuid.UUID | None = None
) -> DepartmentChecklist:
    """Begin the next edition of a published checklist, with the items of the present one.

    :raises Conflict: it is not in use, or its next edition is being drafted.
    """
    _require_owner(actor, row)

    def make() -> uuid.UUID:
        if row.status != "PUBLISHED":
            raise Conflict(_("只有使用中的检查表可以制定新版。"))
        spec = ListSpec(row.title, row.aspect, row.kinds, row.chains)
        code = next_code(DepartmentChecklist, "B", now=now)
        try:
            with transaction.atomic():
                return _enter(actor, row.text, code, spec, row.edition, now).pk
        except IntegrityError as failure:
            raise Conflict(_("该检查表的新版正在拟订。")) from failure

    with transaction.atomic():
        pk, _new = once(actor=actor, client_id=client_id, act="hazards.department_list.revise",
                        body={"list": row.pk}, now=now, make=make)  # fmt: skip
    return _row(pk)


def change_list(
    *, actor: Actor, row: DepartmentChecklist, spec: ListSpec, now: datetime, client_id: uuid.UUID | None = None
) -> DepartmentChecklist:
    """Name, aspect and for whom, while it is a draft."""
    _require_owner(actor, row)
    _check(spec)
    body = {"name": spec.name, "aspect": spec.aspect, "kinds": list(spec.kinds), "chains": list(spec.chains)}

    def do() -> None:
        _require_draft(row)
        DepartmentChecklist.objects.filter(pk=row.pk).update(
            title=clean(spec.name)[:200], aspect=spec.aspect, kinds=list(spec.kinds), chains=list(spec.chains),
            updated_at=now,
        )  # fmt: skip
        _worded(actor, row, now)

    act_once(actor=actor, row=row, act="hazards.department_list.change", body=body, now=now, client_id=client_id,
             do=do)  # fmt: skip
    return row


def save_items(
    *, actor: Actor, row: DepartmentChecklist, items: Sequence[tuple[int, ClauseSpec]], now: datetime,
    client_id: uuid.UUID | None = None,
) -> DepartmentChecklist:  # fmt: skip
    """Enter items of a draft by their numbers, or word them anew; those that are not named stay as they are.

    The number of an item that an earlier edition had and this one took out is not given to another: a danger names its
    item by it.

    :raises Invalid: by ``items``, or by the field of the one item that is wrong. :raises StaleState: no draft any more.
    """
    _require_owner(actor, row)
    clauses = [replace(one, place=place_of(row, number), mark=Mark.DEFAULT) for number, one in items]
    for number, one in items:
        _check_item(number, one, now)

    def do() -> None:
        _require_draft(row)
        places = {one.place for one in items_of(row)} | {one.place for one in clauses}
        if len(places) > MOST_ITEMS:
            raise Invalid(fields={"items": _("一张检查表最多%(count)s项。") % {"count": MOST_ITEMS}})
        _refuse_used(row, clauses)
        register.save_clauses(actor=actor, edition=row.edition, clauses=clauses, now=now)
        _worded(actor, row, now)

    body = {"list": row.pk, "items": [[one.place, one.summary, one.basis, one.grade, list(one.refers), one.asks]
                                      for one in clauses]}  # fmt: skip
    act_once(actor=actor, row=row, act="hazards.department_list.items", body=body, now=now, client_id=client_id,
             do=do)  # fmt: skip
    return row


def remove_items(
    *, actor: Actor, row: DepartmentChecklist, numbers: Sequence[int], now: datetime,
    client_id: uuid.UUID | None = None,
) -> DepartmentChecklist:  # fmt: skip
    """Take items out of a draft."""
    _require_owner(actor, row)

    def do() -> None:
        _require_draft(row)
        places = [place_of(row, number) for number in numbers]
        register.remove_clauses(actor=actor, edition=row.edition, places=places, now=now)
        _worded(actor, row, now)

    act_once(actor=actor, row=row, act="hazards.department_list.remove_items",
             body={"list": row.pk, "numbers": list(numbers)}, now=now, client_id=client_id, do=do)  # fmt: skip
    return row


def submit_list(
    *, actor: Actor, row: DepartmentChecklist, now: datetime, client_id: uuid.UUID | None = None
) -> DepartmentChecklist:
    """Hand a draft on to be published. :raises Invalid: it has no items."""
    count = len(items_of(row))
    if row.status == "DRAFT" and not count:
        raise Invalid(fields={"items": _("请先录入检查项。")})
    return move(actor=actor, row=row, name="submit", now=now, given={"items": count}, client_id=client_id)


def publish_list(
    *, actor: Actor, row: DepartmentChecklist, effective_date: date, now: datetime,
    client_id: uuid.UUID | None = None,
) -> DepartmentChecklist:  # fmt: skip
    """Publish what others of the department worded and submitted; the edition before ends the day before.

    :raises NotPermitted: anybody who worded this edition, or submitted it.
    :raises Invalid: a day that has passed, or on which the edition before had not held for a day.
    """
    if effective_date < Calendar().local_date(now):
        raise Invalid(fields={"effective_date": _("施行日期不能早于今天。")})

    def do() -> None:
        is_worder = actor.user_id == row.worded_by_id or row.worders.filter(pk=actor.user_id).exists()
        if row.status == "CHECKING" and is_worder:
            raise NotPermitted(_("检查表须由拟订人以外的本部门人员发布。"), code="own_work")
        published = DepartmentChecklist.objects.filter(text=row.text_id, status="PUBLISHED").exclude(pk=row.pk)
        before = published.select_related("edition").first()
        _refuse_too_soon(before, effective_date)
        house = system_actor("hazards", OWN)
        if before is not None:
            move(actor=house, row=before, name="replace", now=now, changes={"closed_at": now})
        move(actor=actor, row=row, name="publish", now=now, given={"effective_date": effective_date.isoformat()},
             changes={"published_at": now})  # fmt: skip
        register.put_in_force(actor=actor, edition=row.edition, effective_from=effective_date, now=now)
        if before is None:
            # Nothing of it was in force yet: it is called at once as it will be.
            register.name_text(actor=house, code=row.text_id, name=row.title, now=now)
        name_lists(now=now)

    act_once(actor=actor, row=row, act="hazards.department_list.publish", body={"from": effective_date}, now=now,
             client_id=client_id, do=do)  # fmt: skip
    return row


def withdraw_list(
    *, actor: Actor, row: DepartmentChecklist, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> DepartmentChecklist:
    """Withdraw a published checklist: today is the last day of what is in force. Who began by it goes on by it.

    An edition that has not begun is taken back, and the one that it was to replace is in use again without an end.
    """

    def do() -> None:
        said = clean(reason)[:300]
        today = Calendar().local_date(now)
        edition = Edition.objects.get(pk=row.edition_id)
        has_begun = edition.effective_from is not None and edition.effective_from <= today
        move(actor=actor, row=row, name="withdraw", now=now, given={"reason": said},
             changes={"reason": said, "closed_at": now})  # fmt: skip
        register.end_edition(actor=actor, edition=row.edition, last_day=today, now=now)
        if has_begun:
            return
        before = DepartmentChecklist.objects.filter(
            text=row.text_id, status="REPLACED", edition__effective_from__isnull=False
        )  # fmt: skip
        again = before.select_related("edition__text").order_by("-edition__effective_from").first()
        if again is not None:
            register.reopen_edition(actor=actor, edition=again.edition, now=now)
            house = system_actor("hazards", OWN)
            move(actor=house, row=again, name="reopen", now=now, changes={"closed_at": None})

    act_once(actor=actor, row=row, act="hazards.department_list.withdraw", body={"reason": reason}, now=now,
             client_id=client_id, do=do)  # fmt: skip
    return row


def step_list(
    *, actor: Actor, row: DepartmentChecklist, name: str, text: str, now: datetime,
    client_id: uuid.UUID | None = None,
) -> DepartmentChecklist:  # fmt: skip
    """Return it to be worded anew, drop a draft, or confirm after a year that it is still used, each with a word."""
    given = {"note" if name == "confirm" else "reason": clean(text)[:1000]}
    changes: dict[str, Any] = {"closed_at": now} if name == "drop" else {}
    return move(actor=actor, row=row, name=name, now=now, given=given, changes=changes, client_id=client_id)


def place_of(row: DepartmentChecklist, number: int) -> str:
    """The code of an item, which no other checklist has: a danger names its item by it."""
    return f"{row.text_id.removeprefix('CL-')}-{number:02}"


def next_number(row: DepartmentChecklist) -> int:
    """The first number that no item of a checklist had yet, in this edition or a published one."""
    known = {number_of(one) for one in items_of(row)} | {
        int(place.rpartition("-")[2]) for place in published_items(row).values_list("place", flat=True)
    }
    return max(known, default=0) + 1


def name_lists(*, now: datetime) -> int:
    """Let checklists be called as the edition calls them that is in force today; returns how many changed."""
    found = 0
    for row in misnamed(on=Calendar().local_date(now)):
        register.name_text(actor=system_actor("hazards", OWN), code=row.text_id, name=row.title, now=now)
        found += 1
    return found


def number_of(clause: Clause) -> int:
    """The number of an item of a department's checklist."""
    return int(clause.place.rpartition("-")[2])


def _enter(
    actor: Actor, text: LegalText, code: str, spec: ListSpec, copy_from: Edition | None, now: datetime
) -> DepartmentChecklist:
    number = f"第{DepartmentChecklist.objects.filter(text=text).count() + 1}版"
    edition = register.add_edition(
        actor=actor, text=text, now=now,
        spec=EditionSpec(number=number, effective_from=None, mark=Mark.DEFAULT, dates_mark=Mark.DEFAULT),
    )  # fmt: skip
    if actor.organisation_id is None or actor.user_id is None:
        raise NotPermitted
    row = DepartmentChecklist(
        owner_org_id=actor.organisation_id, reach=Reach.OWN, code=code, text=text, edition=edition,
        title=clean(spec.name)[:200], aspect=spec.aspect, kinds=list(spec.kinds), chains=list(spec.chains),
        copied_from=copy_from, worded_by_id=actor.user_id, created_at=now,
    )  # fmt: skip
    made = enter(actor=actor, row=row, now=now, facts={"text": text.pk, "copied": copy_from.pk if copy_from else ""})
    _add_worder(actor, made)
    if copy_from is not None:
        # Of the same checklist an item keeps its code: what was found by it names the item by its code.
        is_same = copy_from.text_id == text.pk
        copied = [
            ClauseSpec(
                place=one.place if is_same else place_of(made, position), summary=one.summary, title=one.title,
                summary_en=one.summary_en, basis=one.basis, grade=one.grade, refers=one.refers, asks=one.asks,
                mark=Mark.DEFAULT,
            )
            for position, one in enumerate(law.list_clauses(copy_from)[:MOST_ITEMS], start=1)
        ]  # fmt: skip
        register.save_clauses(actor=actor, edition=edition, clauses=copied, now=now)
    return made


def _row(pk: uuid.UUID) -> DepartmentChecklist:
    return DepartmentChecklist.objects.select_related("owner_org", "text", "edition__text", "copied_from").get(pk=pk)


def _worded(actor: Actor, row: DepartmentChecklist, now: datetime) -> None:
    DepartmentChecklist.objects.filter(pk=row.pk).update(worded_by_id=actor.user_id, updated_at=now)
    _add_worder(actor, row)


def _add_worder(actor: Actor, row: DepartmentChecklist) -> None:
    if actor.user_id is None:
        raise NotPermitted
    row.worders.add(User.objects.get(pk=actor.user_id))


def _refuse_used(row: DepartmentChecklist, clauses: Sequence[ClauseSpec]) -> None:
    """:raises Invalid: a new item under a number that an earlier edition gave to another one."""
    own = {one.place for one in items_of(row)}
    new = {one.place: one for one in clauses if one.place not in own}
    used = published_items(row).filter(place__in=list(new))
    taken = sorted({one.place for one in used if clean(one.summary) != clean(new[one.place].summary)})
    if taken:
        said = _("序号%(numbers)s在以往版本中是别的检查项，不能再用；可用%(next)s。") % {
            "numbers": "、".join(str(int(place.rpartition("-")[2])) for place in taken), "next": next_number(row),
        }  # fmt: skip
        raise Invalid(fields={"number": said})


def _refuse_too_soon(before: DepartmentChecklist | None, day: date) -> None:
    """:raises Invalid: the edition before would not hold for a single day."""
    began = before.edition.effective_from if before is not None else None
    if began is not None and day <= began:
        raise Invalid(fields={"effective_date": _("现行版本自%(began)s起施行，新版最早可自%(first)s起施行。") % {
            "began": began, "first": began + timedelta(days=1)}})  # fmt: skip


def _require_owner(actor: Actor, row: DepartmentChecklist) -> None:
    actor.require(OWN)
    if row.owner_org_id != actor.organisation_id or actor.user_id is None:
        raise NotPermitted(_("这是其他部门的检查表，只能由制定部门修改。"), code="owned_by_another")


def _require_draft(row: DepartmentChecklist) -> None:
    if row.status != "DRAFT":
        raise StaleState(_("只有拟订中的检查表可以修改；使用中的请制定新版。"))


def _check(spec: ListSpec) -> None:
    wrong: dict[str, Text] = {}
    if not clean(spec.name):
        wrong["name"] = _("请填写检查表名称。")
    elif len(clean(spec.name)) > 200:
        wrong["name"] = _("最多%(count)s个字。") % {"count": 200}
    if spec.aspect not in {one.code for one in code_list("aspect").items}:
        wrong["aspect"] = _("请选择检查方面。")
    if set(spec.kinds) - set(Kind.values):
        wrong["kinds"] = _("没有这个企业类别。")
    if set(spec.chains) - _LINKS:
        wrong["chains"] = _("没有这个链条环节。")
    if wrong:
        raise Invalid(fields=wrong)


def _check_item(number: int, item: ClauseSpec, now: datetime) -> None:
    wrong: dict[str, Text] = {}
    if not 1 <= number <= 999:
        wrong["number"] = _("序号为1至999。")
    if not clean(item.summary):
        wrong["summary"] = _("请填写检查内容。")
    if item.grade not in GRADES:
        wrong["grade"] = _("请选择等级。")
    unknown = [code for code in item.refers if not is_criterion(code, now)]
    if unknown:
        wrong["refers"] = _("没有这条判定标准，或尚未施行、已经失效：%(codes)s。") % {"codes": "、".join(unknown)}
    if wrong:
        raise Invalid(fields=wrong)
