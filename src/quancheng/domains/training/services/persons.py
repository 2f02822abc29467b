"""Persons entered, changed, gone and come back; their numbers shown for a reason; what health forbids."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    OF_OTHERS,
    Education,
    Employment,
    EntryStep,
    GatePass,
    HealthLimit,
    MajorField,
    Person,
    PersonPost,
    PersonQualification,
    RetrainingOrder,
    TitleLevel,
    TrainingRecord,
)
from quancheng.domains.training.queries.binding import bound_by
from quancheng.domains.training.queries.persons import HEALTH_LIMITS, PHOTO
from quancheng.domains.training.services.keeping import may_keep, note, require_keeper
from quancheng.domains.training.services.measuring import measure
from quancheng.domains.training.services.orders import order_for_absence, resume_after_return, stop_for_leaving
from quancheng.domains.training.services.qualifications import verify_anew
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.dictionaries.queries import list_items
from quancheng.kernel.errors import Conflict, Invalid, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.files.services import attach_files, release_files
from quancheng.kernel.names import clean, initials, pinyin_key
from quancheng.kernel.once import once
from quancheng.kernel.pages.words import listed
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.vault import services as vault
from quancheng.standards import gb11643

#: What is told of a person beside his numbers.
FIELDS = (
    "staff_no", "employment", "employer_name", "employer_code", "name", "education", "major", "major_field",
    "title_level", "workshop", "team", "joined_date",
)  # fmt: skip
_NUMBERS = ("resident_id", "phone")
#: Nobody works younger. Source: labour law; younger ones are for no file here.
YOUNGEST = 16
#: Older ones are slips of the pen.
OLDEST = 99
_CODED = {
    "employment": Employment.values, "education": Education.values, "major_field": MajorField.values,
    "title_level": TitleLevel.values,
}  # fmt: skip


def enter_person(
    *, actor: Actor, file: Enterprise, known: Mapping[str, Any], now: datetime, photo: uuid.UUID | None = None,
    client_id: uuid.UUID | None = None,
) -> Person:  # fmt: skip
    """Open a person's file.

    :param known: :data:`FIELDS`, ``resident_id`` and, where there is one, ``phone``, as typed.
    :raises NotPermitted: not the enterprise itself. :raises Invalid: by field, a number whose check character is
        wrong too. :raises Conflict: the enterprise has a file under the number; of who left too.
    """
    require_keeper(actor, file)
    given = {**_checked(known, now), **_sealed(known, now)}

    def make() -> uuid.UUID:
        row = Person(**file.row_scope(), file=file, created_at=now, updated_at=now, **given)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as twice:
            raise _twice(twice) from twice
        if photo is not None:
            attach_files(actor=actor, row=row, file_ids=[photo], now=now, role=PHOTO)
        note(actor, "training.person.enter", row, now, {
            "identity": vault.keyed(known["resident_id"]), "employment": row.employment,
        })  # fmt: skip
        publish("training.person.entered", row, actor=actor, now=now, facts={"employment": row.employment})
        return row.pk

    body = {"file": file.pk, "identity": given["id_index"], **{name: given[name] for name in FIELDS}}
    with transaction.atomic():
        pk, _made = once(actor=actor, client_id=client_id, act="training.person.enter", body=body, now=now, make=make)
    return Person.objects.get(pk=pk)


def change_person(
    *, actor: Actor, person: Person, version: int, known: Mapping[str, Any], now: datetime,
    photo: uuid.UUID | None = None,
) -> Person:  # fmt: skip
    """Change what is told of a person. A number that is not given, or empty, stays as it was.

    Under another identity number or name whatever was verified of him is to be verified anew: it was another's.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    :raises Conflict: the number is another's.
    """
    require_keeper(actor, person.file)
    given = _checked(known, now, before=person)
    given |= _sealed({name: known[name] for name in _NUMBERS if known.get(name)}, now)
    changed = {name: value for name, value in given.items() if getattr(person, name) != value}
    if changed.get("id_index") is None:
        # Sealed anew it differs, though the number is the same.
        changed.pop("resident_id", None)
    if "phone" in changed and person.phone and _same_phone(person, known["phone"]):
        del changed["phone"]
    if not changed and photo is None:
        return person
    with transaction.atomic():
        try:
            with transaction.atomic():
                won = Person.objects.filter(pk=person.pk, version=version).update(
                    **changed, version=F("version") + 1, updated_at=now
                )
        except IntegrityError as twice:
            raise _twice(twice) from twice
        if not won:
            raise StaleState
        if photo is not None:
            attach_files(actor=actor, row=person, file_ids=[photo], now=now, role=PHOTO)
        again = verify_anew(actor=actor, person=person, now=now) if {"id_index", "name"} & {*changed} else 0
        measure([person.pk], now=now)
        fields = sorted({*changed} - {"pinyin", "initials"})
        note(actor, "training.person.change", person, now, {"fields": fields, "to_verify": again})
        publish("training.person.changed", person, actor=actor, now=now)
    return Person.objects.select_related("file").get(pk=person.pk)


def leave_person(
    *, actor: Actor, person: Person, left_date: date, reason: str, now: datetime
) -> None:
    """A person works here no longer; the posts that he held end with that day.

    :raises Invalid: a day to come, or before he came. :raises StaleState: he left already.
    """
    require_keeper(actor, person.file)
    wrong: dict[str, Text] = {}
    if left_date > Calendar().local_date(now):
        wrong["left_date"] = _("离岗日期不能晚于今天。")
    elif person.joined_date is not None and left_date < person.joined_date:
        wrong["left_date"] = _("离岗日期不能早于到岗日期。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        won = Person.objects.filter(pk=person.pk, left_date__isnull=True).update(
            left_date=left_date, left_reason=clean(reason)[:200], version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState(_("该人员已离岗。"))
        held = PersonPost.objects.filter(person=person, to_date__isnull=True)
        # One that would have begun later never did.
        held.filter(from_date__gt=left_date).delete()
        ended = held.update(to_date=left_date)
        stop_for_leaving(person, now=now)
        measure([person.pk], now=now)
        note(actor, "training.person.leave", person, now, {"left_date": left_date, "posts": ended})
        publish("training.person.left", person, actor=actor, now=now)


def return_person(*, actor: Actor, person: Person, joined_date: date, now: datetime) -> None:
    """Somebody who left works here again, under the same file; his posts are given anew.

    :raises Invalid: a day before he left. :raises StaleState: he is at work.
    """
    require_keeper(actor, person.file)
    if person.left_date is not None and joined_date < person.left_date:
        raise Invalid(fields={"joined_date": _("到岗日期不能早于上次离岗日期。")})
    with transaction.atomic():
        won = Person.objects.filter(pk=person.pk, left_date__isnull=False).update(
            left_date=None, left_reason="", joined_date=joined_date, version=F("version") + 1, updated_at=now
        )
        if not won:
            raise StaleState(_("该人员在岗。"))
        resume_after_return(person, now=now)
        if person.left_date is not None:
            order_for_absence(actor=actor, person=person, left=person.left_date, back=joined_date, now=now)
        measure([person.pk], now=now)
        facts = {"left_date": person.left_date, "joined_date": joined_date}
        note(actor, "training.person.return", person, now, facts)
        publish("training.person.changed", person, actor=actor, now=now)


def remove_person(*, actor: Actor, person: Person, now: datetime) -> None:
    """Take back a file that was opened by mistake: one with nothing in it.

    :raises Conflict: posts, certificates or limits of health are entered in it, or records of another room name him.
    """
    require_keeper(actor, person.file)
    hanging = (
        PersonPost, HealthLimit, PersonQualification, TrainingRecord, RetrainingOrder, EntryStep, GatePass,
    )  # fmt: skip
    if any(one.objects.filter(person=person).exists() for one in hanging):
        raise Conflict(_("该人员档案已有任职等记录，不能撤销，请登记离岗。"))
    if by := bound_by(person):
        raise Conflict(_("该人员列在%(what)s中，不能撤销档案，请登记离岗。") % {"what": listed(map(str, by))})
    try:
        with transaction.atomic():
            release_files(row=person)
            note(actor, "training.person.remove", person, now, {"identity": person.id_index})
            Person.objects.filter(pk=person.pk).delete()
    except ProtectedError as named:
        # By a record that came meanwhile, or by a room that registered no binding.
        raise Conflict(_("该人员档案已被其他记录引用，不能撤销，请登记离岗。")) from named


# Numbers -----------------------------------------------------------------------------------------------------------


def show_numbers(*, actor: Actor, person: Person, reason: str, now: datetime) -> tuple[str, str]:
    """Identity and telephone number in full, for a reason that the journal keeps.

    The enterprise that entered them needs no duty besides; everybody else that of the vault.

    :raises NotPermitted: the duty is missing. :raises Invalid: no reason.
    """
    if may_keep(actor, person.file):
        if len(reason.strip()) < 4:
            raise Invalid(fields={"reason": _("请写明查看原因（至少4个字）。")})
        note(actor, "training.person.show_numbers", person, now, {"reason": reason.strip()[:200]})
        number = vault.reveal(vault.RESIDENT_ID, person.resident_id)
    else:
        number = vault.unmask(
            actor=actor, kind=vault.RESIDENT_ID, token=person.resident_id, reason=reason, now=now,
            subject_type=Person.row_type(), subject_id=person.pk, org_id=person.file_id,
        )  # fmt: skip
    return number, vault.reveal(vault.PHONE, person.phone) if person.phone else ""


def may_see_numbers(actor: Actor, person: Person) -> bool:
    return may_keep(actor, person.file) or actor.has("vault.unmask")


# Health ------------------------------------------------------------------------------------------------------------


def enter_limit(
    *, actor: Actor, person: Person, limit: str, source: str, from_date: date, until_date: date | None, now: datetime
) -> HealthLimit:
    """Enter work for which a person is not fit.

    :raises Invalid: no such code, no paper that says so, days out of order.
    """
    require_keeper(actor, person.file)
    wrong: dict[str, Text] = {}
    if limit not in {one.code for one in list_items(HEALTH_LIMITS, on=Calendar().local_date(now))}:
        wrong["limit"] = _("请选择不宜从事的作业。")
    if not clean(source):
        wrong["source"] = _("请写明依据，例如年度职业健康检查。")
    if until_date is not None and until_date < from_date:
        wrong["until_date"] = _("截止日期不能早于起始日期。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        made = HealthLimit.objects.create(
            person=person, limit=limit, source=clean(source)[:120], from_date=from_date, until_date=until_date,
            created_at=now,
        )  # fmt: skip
        measure([person.pk], now=now)
        note(actor, "training.health.limit", person, now, {"limit": vault.keyed(limit), "until": until_date})
        publish("training.person.changed", person, actor=actor, now=now)
    return made


def end_limit(*, actor: Actor, person: Person, limit: HealthLimit, until_date: date, now: datetime) -> None:
    """What was forbidden is allowed again after a day; the row stays.

    :raises Invalid: before it began. :raises StaleState: it ended before that day.
    """
    require_keeper(actor, person.file)
    if until_date < limit.from_date:
        raise Invalid(fields={"until_date": _("截止日期不能早于起始日期。")})
    with transaction.atomic():
        rows = HealthLimit.objects.filter(pk=limit.pk, person=person, until_date=limit.until_date)
        if (limit.until_date is not None and limit.until_date < until_date) or not rows.update(until_date=until_date):
            raise StaleState
        measure([person.pk], now=now)
        note(actor, "training.health.end", person, now, {"until": until_date})
        publish("training.person.changed", person, actor=actor, now=now)


# --------------------------------------------------------------------------------------------------------------------


def check_identity(text: str) -> tuple[str, gb11643.Told]:
    """The number as it is indexed, and what it says. :raises Invalid: it cannot be one, and why."""
    number = vault.normalise(vault.RESIDENT_ID, text)
    if len(number) != 18:
        raise Invalid(fields={"resident_id": _("身份证号码应为18位，现为%(count)s位。") % {"count": len(number)}})
    try:
        vault.check_resident_id(number)
        return number, gb11643.read(number)
    except Invalid as refused:
        sentence = _("身份证号码的末位校验码或出生日期不对，请逐位核对。")
        raise Invalid(fields={"resident_id": sentence}) from refused


def _sealed(known: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The numbers as they are kept, and what the identity number says besides. :raises Invalid: by field."""
    found: dict[str, Any] = {}
    wrong: dict[str, Text] = {}
    if "resident_id" in known:
        try:
            number, told = check_identity(known["resident_id"] or "")
        except Invalid as refused:
            wrong |= refused.fields
        else:
            if not YOUNGEST <= gb11643.age_on(told.birth_date, Calendar().local_date(now)) <= OLDEST:
                wrong["resident_id"] = _("按身份证号码，该人员未满%(age)s周岁或年龄有误，请核对。") % {"age": YOUNGEST}
            found |= {
                "resident_id": vault.seal(vault.RESIDENT_ID, number),
                "id_index": vault.blind_index(vault.RESIDENT_ID, number),
                "birth_date": told.birth_date, "sex": told.sex,
            }  # fmt: skip
    if known.get("phone"):
        try:
            found["phone"] = vault.seal(vault.PHONE, vault.check_phone(known["phone"]))
        except Invalid as refused:
            wrong |= refused.fields
    if wrong:
        raise Invalid(fields=wrong)
    return found


def _checked(known: Mapping[str, Any], now: datetime, before: Person | None = None) -> dict[str, Any]:
    """:raises Invalid: by field."""
    given: dict[str, Any] = {}
    for name in FIELDS:
        value = known[name] if name in known else getattr(before, name, None)
        given[name] = value if name.endswith("_date") else clean(value or "")
    wrong: dict[str, Text] = {}
    for name, codes in _CODED.items():
        if given[name] not in (codes if name == "employment" else ("", *codes)):
            wrong[name] = _("没有这个选项。")
    if not given["name"]:
        wrong["name"] = _("请填写姓名。")
    if given["employment"] in OF_OTHERS and not given["employer_name"]:
        wrong["employer_name"] = _("请填写该人员的用人单位。")
    if given["employer_code"]:
        try:
            given["employer_code"] = check_credit_code(given["employer_code"]) or ""
        except Invalid as refused:
            wrong["employer_code"] = refused.fields["credit_code"]
    if given["joined_date"] is not None and given["joined_date"] > Calendar().local_date(now):
        wrong["joined_date"] = _("到岗日期不能晚于今天。")
    for name in ("staff_no", "employer_name", "name", "major", "workshop", "team"):
        field: Any = Person._meta.get_field(name)
        most = field.max_length
        if len(given[name]) > most:
            wrong[name] = _("最多%(count)s个字。") % {"count": most}
    if wrong:
        raise Invalid(fields=wrong)
    return {**given, "pinyin": pinyin_key(given["name"]), "initials": initials(given["name"])}


def _same_phone(person: Person, number: str) -> bool:
    return vault.reveal(vault.PHONE, person.phone) == vault.check_phone(number)


def _twice(error: IntegrityError) -> Conflict:
    if "person_staff_no_once" in str(error):
        sentence = _("该工号已用于本单位另一人员。")
        return Conflict(sentence, fields={"staff_no": sentence})
    sentence = _("该身份证号码在本单位已有人员档案；离岗后重新到岗的，请在原档案上办理。")
    return Conflict(sentence, fields={"resident_id": sentence})
