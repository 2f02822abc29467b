"""Enterprises entered, changed and verified; who answers for them; on whose ground they stand."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from quancheng.domains.registry.kinds import LEAD_OTHERWISE, LEADS, LINKS_OF, ContactRole, Kind, Life
from quancheng.domains.registry.models import Contact, Enterprise, LeadDepartment, Lease, Unit
from quancheng.domains.registry.points import point_fault
from quancheng.domains.registry.queries.enterprises import keeps
from quancheng.domains.registry.services.assessing import asked_once, assessing, touch
from quancheng.kernel import journal
from quancheng.kernel.access.actor import Actor, system_actor
from quancheng.kernel.areas.models import Area
from quancheng.kernel.calendar import Calendar
from quancheng.kernel.errors import Conflict, Invalid, NotPermitted, StaleState, Text
from quancheng.kernel.events.services import publish
from quancheng.kernel.names import clean
from quancheng.kernel.once import once
from quancheng.kernel.people.administration import check_credit_code
from quancheng.kernel.people.models import Organisation
from quancheng.kernel.people.services import create_organisation
from quancheng.kernel.vault import services as vault

KEEP, ENTER, VERIFY = "registry.files.keep", "registry.files.enter", "registry.files.verify"
VIEW = "registry.files.view"

#: What a change of the file may name.
FIELDS = (
    "kind", "more_kinds", "size", "life", "life_date", "registered_address", "address", "registered_lon",
    "registered_lat", "lon", "lat", "boundary", "emergency_phone", "industry", "staff_count", "founded_date",
    "exposed_population", "exposed_date", "exposed_source", "registration_code",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EnterpriseSpec:
    """An enterprise to be entered: who it is, where, and what else is known (:data:`FIELDS`).

    :param within: where an organisation that stands under the code must lie, besides what the actor covers.
    """

    name: str
    credit_code: str
    kind: str
    area: Area | None
    links: Sequence[str] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    within: Area | None = None


def enter_enterprise(
    *, actor: Actor, spec: EnterpriseSpec, now: datetime, client_id: uuid.UUID | None = None
) -> Enterprise:
    """Enter an enterprise with its file; an organisation that stands under the same code gets its file.

    :raises NotPermitted: the actor does not enter enterprises, or not in that area.
    :raises Invalid: by field. :raises Conflict: two enterprises with one code, a name that is another's, or a
        code of an organisation that is no enterprise or lies elsewhere.
    """
    actor.require(ENTER)
    if not covers_area(actor, spec.area):
        raise NotPermitted(_("只能登记本辖区内的企业。"))
    code = check_credit_code(spec.credit_code)
    wrong = _faults(spec.known)
    if spec.kind not in Kind.values:
        wrong["kind"] = _("没有这个企业类别。")
    if code is None and spec.kind != Kind.UNLICENSED:
        wrong["credit_code"] = _("请填写统一社会信用代码；没有证照的场所请选“无证场所”。")
    if spec.area is None:
        wrong["area"] = _("请选择所在镇街。")
    if wrong:
        raise Invalid(fields=wrong)

    def make() -> uuid.UUID:
        org = _organisation_of(actor, spec, code, now)
        return _open(actor, org, spec.kind, spec.known, now).pk

    body = {"name": spec.name, "code": code, "kind": spec.kind, "area": spec.area and spec.area.pk}
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.enterprise.enter", body=body, now=now, make=make
        )
    return Enterprise.objects.get(pk=pk)


def open_own_file(
    *, actor: Actor, kind: str, known: Mapping[str, Any], now: datetime, client_id: uuid.UUID | None = None
) -> Enterprise:
    """An enterprise opens its own file, for the organisation under which it signed in.

    :raises Conflict: it has one. :raises Invalid: no enterprise, or a fault by field.
    """
    actor.require(KEEP)
    org = Organisation.objects.filter(pk=actor.organisation_id or uuid.UUID(int=0)).first()
    if org is None or org.kind != "enterprise":
        raise Invalid(_("只有企业可以建立企业档案。"))
    wrong = _faults(known)
    if kind not in Kind.values:
        wrong["kind"] = _("没有这个企业类别。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        pk, _made = once(
            actor=actor, client_id=client_id, act="registry.enterprise.open", body={"kind": kind}, now=now,
            make=lambda: _open(actor, org, kind, known, now).pk,
        )  # fmt: skip
    return Enterprise.objects.get(pk=pk)


def change_enterprise(
    *, actor: Actor, file: Enterprise, version: int, changes: Mapping[str, Any], now: datetime
) -> Enterprise:
    """Change what stands in the file; what was verified is to be verified anew.

    :raises StaleState: somebody changed it since it was read. :raises Invalid: by field.
    """
    require_keeper(actor, file)
    unknown = set(changes) - set(FIELDS)
    if unknown:
        raise ValueError(f"not of the file: {sorted(unknown)}")
    wrong = _faults(changes, before=file)
    if wrong:
        raise Invalid(fields=wrong)
    changed = {name: value for name, value in changes.items() if getattr(file, name) != value}
    if not changed:
        return file
    more: dict[str, Any] = {}
    if "kind" in changed:
        more["supervisor"] = supervisor_for(changed["kind"])
    with assessing(actor=actor, now=now, because="registry.enterprise.change") as pending:
        if "exposed_population" in changed:
            # Before the file, in the order in which whoever assesses a unit takes the two.
            units = Unit.objects.select_for_update(no_key=True).filter(file=file).order_by("pk")
            pending.units.update(units.values_list("pk", flat=True))
        won = Enterprise.objects.filter(pk=file.pk, version=version).update(
            **changed, **more, version=F("version") + 1, updated_at=now, verified_at=None, verified_by=None
        )
        if not won:
            raise StaleState(_("该档案刚被他人修改，请刷新后重试。"))
        before = {name: getattr(file, name) for name in changed}
        note(actor, "registry.enterprise.change", file, now, {"before": before, "after": changed})
        publish("registry.enterprise.changed", file, actor=actor, now=now, facts={"fields": sorted(changed)})
        if more and more["supervisor"].pk != file.supervisor_id:
            told = {"from": file.supervisor_id, "to": more["supervisor"].pk}
            publish("registry.supervisor.changed", file, actor=actor, now=now, facts=told)
    return Enterprise.objects.get(pk=file.pk)


def verify_enterprise(*, actor: Actor, file: Enterprise, version: int, remark: str, now: datetime) -> Enterprise:
    """The supervising office confirms that the file is as it found the enterprise.

    :raises NotPermitted: not its supervisor, or it is the actor's own. :raises StaleState: changed since it was read.
    """
    actor.require(VERIFY)
    if file.pk == actor.organisation_id:
        raise NotPermitted(_("不能核验本单位的档案。"))
    if not actor.is_system and file.supervisor_id != actor.organisation_id:
        raise NotPermitted(_("该档案由监管牵头部门核验。"))
    with transaction.atomic():
        won = (
            Enterprise.objects.visible_to(actor)
            .filter(pk=file.pk, version=version)
            .update(verified_at=now, verified_by=actor.organisation_id, updated_at=now)
        )
        if not won:
            raise StaleState(_("该档案刚被他人修改，请刷新后重试。"))
        note(actor, "registry.enterprise.verify", file, now, {"version": version, "remark": clean(remark)[:500]})
        publish("registry.enterprise.verified", file, actor=actor, now=now)
    return Enterprise.objects.get(pk=file.pk)


# People and leases -----------------------------------------------------------------------------------------------


def name_contact(
    *,
    actor: Actor,
    file: Enterprise,
    role: str,
    name: str,
    post: str,
    phone: str,
    since_date: date | None,
    now: datetime,
) -> Contact:
    """Name somebody who answers for the enterprise; of a role with one holder the former one leaves.

    :raises Invalid: no name, or no telephone number where one is given.
    """
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    if role not in ContactRole.values:
        wrong["role"] = _("请选择人员类别。")
    if not clean(name):
        wrong["name"] = _("请填写姓名。")
    if wrong:
        raise Invalid(fields=wrong)
    sealed = index = ""
    if phone.strip():
        number = vault.check_phone(phone)
        sealed, index = vault.seal(vault.PHONE, number), vault.blind_index(vault.PHONE, number)
    with transaction.atomic():
        standing = Contact.objects.filter(file=file, role=role, left_date__isnull=True)
        today = Calendar().local_date(now)
        if role in (ContactRole.LEGAL, ContactRole.HEAD):
            standing.exclude(name=clean(name)).update(left_date=today)
        made, _new = Contact.objects.update_or_create(
            file=file, role=role, name=clean(name)[:60], left_date=None,
            defaults={"post": clean(post)[:60], "phone": sealed, "phone_index": index, "since_date": since_date},
        )  # fmt: skip
        note(actor, "registry.contact.name", file, now, {"role": role, "contact": made.pk})
    return made


def leave_contact(*, actor: Actor, file: Enterprise, contact: Contact, now: datetime) -> None:
    """Somebody does no longer answer for the enterprise; the row stays with the day."""
    require_keeper(actor, file)
    with transaction.atomic():
        standing = Contact.objects.filter(pk=contact.pk, file=file, left_date__isnull=True)
        won = standing.update(left_date=Calendar().local_date(now))
        if not won:
            raise StaleState(_("该人员已离任。"))
        note(actor, "registry.contact.leave", file, now, {"contact": contact.pk})


def enter_lease(
    *, actor: Actor, file: Enterprise, landlord_name: str, landlord: Organisation | None, place: str, now: datetime,
    use: str = "", area_m2: Any = None, from_date: date | None = None, to_date: date | None = None,
    has_agreement: bool = False,
) -> Lease:  # fmt: skip
    """Enter on whose ground the enterprise stands (厂中厂).

    :raises Invalid: no landlord, no place, its own landlord, or dates out of order.
    """
    require_keeper(actor, file)
    wrong: dict[str, Text] = {}
    called = landlord.name if landlord else clean(landlord_name)
    if not called:
        wrong["landlord_name"] = _("请填写出租方。")
    if landlord is not None and landlord.pk == file.pk:
        wrong["landlord"] = _("出租方不能是本企业。")
    if not clean(place):
        wrong["place"] = _("请填写承租场所。")
    if from_date and to_date and to_date < from_date:
        wrong["to_date"] = _("到期日期不能早于起租日期。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        lease = Lease.objects.create(
            file=file, landlord=landlord, landlord_name=called[:120], place=clean(place)[:200], use=clean(use)[:120],
            area_m2=area_m2, from_date=from_date, to_date=to_date, has_agreement=has_agreement,
        )  # fmt: skip
        note(actor, "registry.lease.enter", file, now, {"lease": lease.pk, "landlord": called, "place": lease.place})
    return lease


# What the other services share -----------------------------------------------------------------------------------


def require_keeper(actor: Actor, file: Enterprise) -> None:
    """Only the enterprise itself, and offices that supervise it, write in its file.

    :raises NotPermitted: anybody else. :raises Conflict: it was merged into another file.
    """
    if file.merged_into_id is not None:
        raise Conflict(_("该档案已合并到另一份档案，只能查阅。"))
    if file.pk == actor.organisation_id:
        actor.require(KEEP)
        return
    actor.require(ENTER)
    if actor.is_system:
        return

    def is_seen() -> bool:
        return Enterprise.objects.visible_to(actor).filter(pk=file.pk).exists()

    if not asked_once(("keeper", actor, file.pk), is_seen):
        raise NotPermitted()


def may_keep(actor: Actor, file: Enterprise) -> bool:
    """Whether the actor may write in the file that he sees."""
    return keeps(actor, file, own=KEEP, office=ENTER)


def note(actor: Actor, act: str, file: Enterprise, now: datetime, facts: Mapping[str, Any]) -> None:
    """The journal's entry of an act on a file, in the enterprise's own chain, written last: the score follows."""
    journal.record(
        actor=actor, act=act, subject_type=Enterprise.row_type(), subject_id=file.pk, org_id=file.pk, facts=facts,
        now=now,
    )  # fmt: skip
    touch(file.pk, now=now)


def supervisor_for(kind: str) -> Organisation:
    """The organisation that leads the supervision of a class: as the district set it, else the usual department.

    :raises Invalid: the district has none.
    """
    chosen = LeadDepartment.objects.filter(kind=kind).select_related("org").first()
    if chosen is not None:
        return chosen.org
    standing = Organisation.objects.standing().order_by("pk")
    for code in (LEADS.get(kind, LEAD_OTHERWISE), LEAD_OTHERWISE, "SCO"):
        if (found := standing.filter(actor_code=code, supervises=True).first()) is not None:
            return found
    raise Invalid(_("本区尚未设置该类企业的监管牵头部门，请联系系统管理员。"))


def _organisation_of(actor: Actor, spec: EnterpriseSpec, code: str | None, now: datetime) -> Organisation:
    known = Organisation.objects.filter(credit_code=code).select_related("area").first() if code else None
    if known is not None:
        if known.kind != "enterprise":
            sentence = _("该统一社会信用代码属于机关或其他单位，不是企业。")
            raise Conflict(sentence, fields={"credit_code": sentence})
        if not covers_area(actor, known.area) or not _lies_in(known.area, spec.within):
            sentence = _("该统一社会信用代码的企业不在本辖区，请由其所在镇街或监管部门登记。")
            raise Conflict(sentence, fields={"credit_code": sentence})
        if known.name != clean(spec.name):
            sentence = _("该统一社会信用代码已登记为“%(name)s”，请核对。") % {"name": known.name}
            raise Conflict(sentence, fields={"credit_code": sentence})
        return known
    house = system_actor("registry", "people.organisations.manage")
    links = list(spec.links) or list(LINKS_OF[spec.kind])
    return create_organisation(
        actor=house, name=spec.name, kind="enterprise", now=now, area=spec.area, credit_code=code, links=links
    )


def _open(actor: Actor, org: Organisation, kind: str, known: Mapping[str, Any], now: datetime) -> Enterprise:
    if Enterprise.objects.filter(pk=org.pk).exists():
        sentence = _("“%(name)s”已有档案。") % {"name": org.name}
        raise Conflict(sentence, fields={"credit_code": sentence})
    given = {name: value for name, value in known.items() if name in FIELDS and name != "kind"}
    made = Enterprise.objects.create(
        id=org.pk, owner_org=org, enterprise=org, area_id=org.area_id, links=org.links, reach="party", kind=kind,
        supervisor=supervisor_for(kind), created_at=now, updated_at=now, **given,
    )  # fmt: skip
    note(actor, "registry.enterprise.enter", made, now, {"kind": kind, "known": given})
    publish("registry.enterprise.entered", made, actor=actor, now=now)
    return made


def covers_area(actor: Actor, area: Area | None) -> bool:
    """Whether enterprises of that division are the actor's to enter."""
    return actor.is_system or actor.whole_district or (area is not None and area.path.startswith(actor.area_path))


def _lies_in(area: Area | None, within: Area | None) -> bool:
    return within is None or (area is not None and area.path.startswith(within.path))


def _faults(known: Mapping[str, Any], before: Enterprise | None = None) -> dict[str, Text]:
    wrong: dict[str, Text] = {}

    def told(name: str) -> Any:
        return known[name] if name in known else getattr(before, name, None)

    for one, other in (("lon", "lat"), ("registered_lon", "registered_lat")):
        if (told(one) is None) != (told(other) is None):
            wrong[one if told(one) is None else other] = _("经度和纬度须同时填写。")
    lon, lat = known.get("lon"), known.get("lat")
    # The registered address may lie in another district; where the business is cannot.
    if lon is not None and lat is not None and (said := point_fault(lon, lat)) is not None:
        wrong["lon"] = said
    code = known.get("registration_code") or ""
    if code and not (len(code) == 9 and code.isascii() and code.isalnum()):
        wrong["registration_code"] = _("企业编码为化学品登记系统的9位编码。")
    if set(known.get("more_kinds") or ()) - set(Kind.values):
        wrong["more_kinds"] = _("没有这个企业类别。")
    if known.get("life") not in (None, *Life.values):
        wrong["life"] = _("没有这个经营状态。")
    if told("exposed_population") is not None and not clean(told("exposed_source") or ""):
        wrong["exposed_source"] = _("请写明人口数据来源，例如社区统计、现场核查。")
    return wrong
