"""Safety information codes: made once, extended by the enterprise, withdrawn for good; scans counted."""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.models import CodeExtension, Enterprise, Product, SafetyCode, ScanDay
from quancheng.domains.registry.models.codes import ExtensionKind
from quancheng.domains.registry.services.enterprises import VERIFY, note, require_keeper
from quancheng.kernel import throttle
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.names import clean
from quancheng.kernel.throttle import Bound

#: Thirty-two letters without I, L, O and U: nobody takes one for another, and 16 of them are 80 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16
_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0"})
#: How long what an address asked at a door counts: opening pages, trying short-lived codes.
_WINDOWS = {"page": timedelta(minutes=1), "try": timedelta(minutes=15)}
_EXTENSION = re.compile(r"^[0-9A-Z][0-9A-Z-]{0,23}$")


def read_code(text: str) -> str:
    """A code as people type it (small letters, dashes, O for 0) in its one form; empty for what is none."""
    plain = text.upper().replace("-", "").replace(" ", "").translate(_LIKE)
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""


def spelled(code: str) -> str:
    """As it is printed: four groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def codes_for(*, file: Enterprise, product: Product | None, now: datetime) -> SafetyCode:
    """The code of a product, or of an enterprise, made where there is none; with the product's comes the enterprise's.

    In the caller's transaction.
    """
    if product is not None:
        codes_for(file=file, product=None, now=now)
    known = SafetyCode.objects.filter(file=file, product=product).first()
    if known is not None:
        return known
    code = "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))
    made, _new = SafetyCode.objects.get_or_create(file=file, product=product, defaults={"code": code, "made_at": now})
    return made


def extend_code(
    *, actor: Actor, code: SafetyCode, kind: str, text: str, produced_date: date | None, package: str, now: datetime
) -> CodeExtension:
    """Hang a batch or a package on a product's code.

    :raises Invalid: letters that do not print small, a day to come, the enterprise's own code; by field.
    :raises Conflict: that extension is used already.
    """
    require_keeper(actor, code.file)
    wrong: dict[str, Text] = {}
    wanted = clean(text).upper()
    if code.product_id is None or code.withdrawn_at is not None:
        raise Invalid(_("只有在用的产品码可以加扩展码。"))
    if not _EXTENSION.match(wanted):
        wrong["text"] = _("扩展码用大写字母、数字和连字符，最长24位。")
    if kind not in ExtensionKind.values:
        wrong["kind"] = _("请选择扩展码类别。")
    if produced_date is not None and produced_date > Calendar().local_date(now):
        wrong["produced_date"] = _("生产日期不能晚于今天。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = CodeExtension.objects.create(
                    code=code, kind=kind, text=wanted, produced_date=produced_date, package=clean(package)[:60],
                    made_at=now,
                )  # fmt: skip
        except IntegrityError as twice:
            sentence = _("该扩展码已使用。")
            raise Conflict(sentence, fields={"text": sentence}) from twice
        facts = {"code": code.pk, "product": code.product_id, "name": wanted}
        note(actor, "registry.code.extend", code.file, now, facts)
    return made


def withdraw_code(*, actor: Actor, code: SafetyCode, reason: str, now: datetime) -> None:
    """Withdraw a code for good, because it was forged or printed wrongly: by the enterprise or its supervisor.

    :raises Invalid: no reason. :raises StaleState: withdrawn already.
    """
    if code.file_id == actor.organisation_id:
        require_keeper(actor, code.file)
    else:
        actor.require(VERIFY)
        if code.file.supervisor_id != actor.organisation_id:
            raise NotPermitted
    if len(clean(reason)) < 2:
        raise Invalid(fields={"reason": _("请写明作废原因。")})
    with transaction.atomic():
        standing = SafetyCode.objects.filter(pk=code.pk, withdrawn_at__isnull=True)
        if not standing.update(withdrawn_at=now, withdrawn_why=clean(reason)[:200]):
            raise StaleState(_("该码已作废。"))
        facts = {"code": code.pk, "product": code.product_id, "remark": clean(reason)[:200]}
        note(actor, "registry.code.withdraw", code.file, now, facts)


# Scans -----------------------------------------------------------------------------------------------------------


def count_scan(*, code: SafetyCode, extension: str, now: datetime, identified: bool = False) -> None:
    """Count that a code was opened today; nothing is kept of who did."""
    day = Calendar().local_date(now)
    which = {"code": code, "day": day, "extension": extension}
    ScanDay.objects.bulk_create([ScanDay(**which)], ignore_conflicts=True)
    field = "identified" if identified else "opened"
    ScanDay.objects.filter(**which).update(**{field: F(field) + 1})


def knock(*, door: str, address: str, limit: int, now: datetime, about: str = "") -> None:
    """Count a request of an address at a door.

    :param limit: requests within the door's time. :param about: which file, where each counts for itself.
    :raises TooMany: more than that.
    """
    throttle.count_use(
        place=f"registry.code.{door}", address=address, about=about, bound=Bound(limit, _WINDOWS[door]), now=now,
        sentence=_("查询过于频繁，请稍后再试。紧急情况请直接拨打包装上的24小时应急电话或119。"), code="code_busy",
    )  # fmt: skip
