"""Applications to be registered: sent by whoever has no account yet, answered by an office."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import LINKS_OF, ContactRole, Kind
from quancheng.domains.registry.models import Application, Enterprise
from quancheng.domains.registry.services import enterprises
from quancheng.domains.registry.services.enterprises import ENTER, EnterpriseSpec, covers_area, supervisor_for
from quancheng.kernel import throttle
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, Text
from quancheng.kernel.loops.services import enter, move
from quancheng.kernel.names import clean
from quancheng.kernel.numbering.codes import next_code
from quancheng.kernel.people import accounts, administration, passwords
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.services import create_user
from quancheng.kernel.throttle import Bound
from quancheng.kernel.vault import services as vault

#: Applications, and looks at a receipt, of one address within :data:`WINDOW`. [D]
MOST = {"apply": 5, "receipt": 30}
WINDOW = timedelta(hours=1)
#: Of all addresses within a day: more is no district's enterprises but a program. [D]
MOST_A_DAY = 500
#: Without letters and figures that people take for one another.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_RECEIPT_LENGTH = 16
#: Whose account may come first, and with which role.
ROLES = {ContactRole.HEAD: "enterprise.head", ContactRole.SAFETY: "enterprise.safety"}


@dataclass(frozen=True, slots=True)
class ApplicationSpec:
    """What an applicant says of the enterprise and of himself."""

    name: str
    credit_code: str
    kind: str
    area: Area
    address: str
    contact_name: str
    contact_role: str
    phone: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """The file that was opened, and the first account with its password, which is shown once and kept nowhere."""

    file: Enterprise
    username: str
    password: str


def apply(*, spec: ApplicationSpec, address: str | None, now: datetime) -> str:
    """Take an application; returns the receipt number, which is told once.

    The answer is the same whether the enterprise is known or not: who asks learns nothing about others.

    :param address: the network address that it comes from. :raises Invalid: by field. :raises TooMany: too often.
    """
    wrong: dict[str, Text] = {}
    if not clean(spec.name):
        wrong["name"] = _("请填写企业全称。")
    if spec.kind not in Kind.values or spec.kind == Kind.UNLICENSED:
        wrong["kind"] = _("请选择企业类别。")
    if not clean(spec.address):
        wrong["address"] = _("请填写实际经营地址。")
    if not clean(spec.contact_name):
        wrong["contact_name"] = _("请填写联系人。")
    if spec.contact_role not in ROLES:
        wrong["contact_role"] = _("请选择人员类别。")
    code, phone = "", ""
    try:
        code = check_credit_code(spec.credit_code) or ""
        if not code:
            wrong["credit_code"] = _("请填写统一社会信用代码。")
    except Invalid as refused:
        wrong |= refused.fields
    try:
        phone = vault.check_phone(spec.phone)
    except Invalid as refused:
        wrong["phone"] = next(iter(refused.fields.values()), refused.message)
    if wrong:
        raise Invalid(fields=wrong)
    count_use(page="apply", address=address, now=now)
    receipt = "".join(secrets.choice(_ALPHABET) for _place in range(_RECEIPT_LENGTH))
    house = system_actor("registry", ENTER)
    with transaction.atomic():
        row = Application(
            owner_org=supervisor_for(spec.kind), area=spec.area, links=list(LINKS_OF[spec.kind]), reach="chain",
            code=next_code(Application, "Z", now=now), name=clean(spec.name)[:120], credit_code=code, kind=spec.kind,
            address=clean(spec.address)[:200], contact_name=clean(spec.contact_name)[:60],
            contact_role=spec.contact_role, phone=vault.seal(vault.PHONE, phone), receipt_digest=vault.keyed(receipt),
            created_at=now,
        )  # fmt: skip
        enter(actor=house, row=row, now=now, facts={"kind": spec.kind})
    return "-".join(re.findall(".{4}", receipt))


def find_receipt(*, receipt: str, address: str | None, now: datetime) -> Application | None:
    """The application of a receipt number; None where there is none. :raises TooMany: this address asks too often."""
    count_use(page="receipt", address=address, now=now)
    plain = re.sub(r"[\s-]", "", receipt).upper()
    return Application.objects.filter(receipt_digest=vault.keyed(plain)).first()


def count_use(*, page: str, address: str | None, now: datetime) -> None:
    """Count one use of a public page. :raises TooMany: this address, or everybody together, uses it too often."""
    throttle.count_use(
        place=f"registry.{page}", address=address, bound=Bound(MOST[page], WINDOW), now=now,
        together=Bound(MOST_A_DAY, timedelta(days=1)) if page == "apply" else None,
    )  # fmt: skip


def admit(
    *, actor: Actor, application: Application, username: str, now: datetime, client_id: uuid.UUID | None = None
) -> Admitted:
    """Register the applicant: organisation, file, contact, and a first account whose roles await the administrator.

    :raises NotPermitted: not of the actor's area. :raises Conflict: the code, name, user name or number is another's.
    :raises StaleState: somebody answered it meanwhile.
    """
    actor.require(ENTER)
    if not covers_area(actor, application.area):
        raise NotPermitted(_("只能登记本辖区内的企业。"))
    if not re.fullmatch(r"[A-Za-z0-9_.-]{4,30}", username):
        raise Invalid(fields={"username": _("用户名由4至30个字母、数字组成。")})
    phone = vault.reveal(vault.PHONE, application.phone)
    house = system_actor("registry", "people.users.manage")
    with transaction.atomic():
        move(
            actor=actor, row=application, name="admit", now=now, given={"username": username},
            changes={"closed_at": now}, client_id=client_id,
        )  # fmt: skip
        spec = EnterpriseSpec(
            name=application.name, credit_code=application.credit_code, kind=application.kind, area=application.area,
            known={"address": application.address},
        )  # fmt: skip
        file = enterprises.enter_enterprise(actor=actor, spec=spec, now=now)
        enterprises.name_contact(
            actor=actor, file=file, role=application.contact_role, name=application.contact_name, post="", phone=phone,
            since_date=None, now=now,
        )  # fmt: skip
        password = passwords.initial_password()
        user = create_user(actor=house, username=username, name=application.contact_name, password=password, now=now)
        try:
            accounts.set_phone(actor=house, user_id=user.pk, phone=phone, now=now)
        except Invalid as taken:
            sentence = next(iter(taken.fields.values()), taken.message)
            raise Conflict(sentence, fields={"username": sentence}) from taken
        administration.request_place(
            actor=house, user=user, organisation=file.owner_org, roles=[ROLES[ContactRole(application.contact_role)]],
            now=now,
        )  # fmt: skip
    return Admitted(file, user.username, password)


def refuse(
    *, actor: Actor, application: Application, reason: str, now: datetime, client_id: uuid.UUID | None = None
) -> None:
    """Refuse an application; the applicant reads the reason with the receipt number.

    :raises Invalid: no reason. :raises StaleState: somebody answered it meanwhile.
    """
    actor.require(ENTER)
    if not clean(reason):
        raise Invalid(fields={"reason": _("请写明不予登记的理由，申请人会看到。")})
    said = clean(reason)[:500]
    move(
        actor=actor, row=application, name="refuse", now=now, given={"reason": said},
        changes={"reason": said, "closed_at": now}, client_id=client_id,
    )  # fmt: skip
