"""The catalogue of certificates changed by the district; who changed what and why is in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.training.models import CertificateAlias, CertificateGroup, CertificateKind, Education
from quancheng.domains.training.models.certificates import WARN_D, SourceMark
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.services.set_rows import add_row, change_row
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.errors import Invalid, Text
from quancheng.kernel.names import clean

#: What of a kind may be changed; its code stays.
FIELDS = (
    "group", "card_code", "category", "name", "name_en", "valid_years", "recheck_years", "min_age", "min_education",
    "warn_days", "basis", "mark", "years_mark", "valid_from", "valid_to",
)  # fmt: skip
#: How codes of kinds are written.
KIND_CODE = r"[A-Z]+(-[A-Z0-9]+)+"
_ACT = "training.certificate_kind"
MOST_YEARS, MOST_DAYS = 50, 366


def add_kind(
    *, actor: Actor, code: str, known: Mapping[str, Any], reason: str, now: datetime
) -> CertificateKind:
    """Add a kind to the catalogue. :raises Invalid: by field. :raises Conflict: the code is taken."""
    actor.require(RULES)
    given = _checked(known, reason)
    return add_row(
        actor=actor, model=CertificateKind, code=code, pattern=KIND_CODE, given=given, reason=reason, now=now, act=_ACT,
        written=_("代码写作大写字母、连字符和数字，例如 LO-1，最多40个字符。"),
    )  # fmt: skip


def change_kind(
    *, actor: Actor, kind: CertificateKind, version: int, known: Mapping[str, Any], reason: str, now: datetime
) -> None:
    """Change a kind, or end it. Certificates that stand keep the days that are printed on them.

    :raises Invalid: by field. :raises StaleState: somebody changed it since it was read.
    """
    actor.require(RULES)
    given = _checked({name: known.get(name, getattr(kind, name)) for name in FIELDS}, reason)
    changed = {name: value for name, value in given.items() if getattr(kind, name) != value}
    if not changed:
        return
    change_row(actor=actor, row=kind, version=version, changed=changed, reason=reason, now=now, act=_ACT)


def set_alias(
    *, actor: Actor, card_code: str, cards_until: date, kind: CertificateKind | None, note: str, now: datetime
) -> CertificateAlias:
    """Say what a code means on former cards. :raises Invalid: no code."""
    actor.require(RULES)
    code = clean(card_code).upper()
    if not code or len(code) > 20:
        raise Invalid(fields={"card_code": _("请填写旧证代号，最多20个字符。")})
    facts = {"cards_until": cards_until, "note": clean(note)[:200], "note_en": ""}
    with transaction.atomic():
        made, _new = CertificateAlias.objects.update_or_create(
            card_code=code, defaults={**facts, "kind": kind, "mark": SourceMark.DEFAULT, "changed_at": now}
        )
        journal.record(
            actor=actor, act="training.certificate_alias.set", subject_type="training.certificatealias",
            subject_id=made.pk, now=now, facts={"code": code, "kind": kind.code if kind else "", **facts},
        )  # fmt: skip
    return made


def _checked(known: Mapping[str, Any], reason: str) -> dict[str, Any]:
    given: dict[str, Any] = {name: known.get(name) for name in FIELDS}
    for name in ("group", "card_code", "category", "name", "name_en", "min_education", "basis", "mark", "years_mark"):
        given[name] = clean(given[name] or "")
    given["name_en"] = given["name_en"] or given["name"]
    wrong: dict[str, Text] = {}
    if not given["name"]:
        wrong["name"] = _("请填写名称。")
    for name, codes in (("group", CertificateGroup.values), ("mark", SourceMark.values),
                        ("years_mark", SourceMark.values), ("min_education", ["", *Education.values])):  # fmt: skip
        if given[name] not in codes:
            wrong[name] = _("没有这个选项。")
    for name in ("valid_years", "recheck_years"):
        if given[name] is not None and not 1 <= given[name] <= MOST_YEARS:
            wrong[name] = _("年限应为1至50年。")
    if given["valid_years"] and given["recheck_years"] and given["recheck_years"] > given["valid_years"]:
        wrong["recheck_years"] = _("复审年限不能长于有效年限。")
    given["warn_days"] = sorted(set(given["warn_days"] or WARN_D), reverse=True)
    if any(not 1 <= one <= MOST_DAYS for one in given["warn_days"]):
        wrong["warn_days"] = _("提前提醒天数应为1至366的整数。")
    if given["valid_from"] and given["valid_to"] and given["valid_to"] < given["valid_from"]:
        wrong["valid_to"] = _("停用日期不能早于启用日期。")
    if not clean(reason):
        wrong["reason"] = _("请写明修改原因。")
    if wrong:
        raise Invalid(fields=wrong)
    return given
