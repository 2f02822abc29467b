"""A contractor that is admitted, and its people: the ground of tests about people from outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.domains.training.factories import make_person, own_file
from tests.factories import NOW, District, make_actor, make_file
from tests.support.replay import replayed

from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training.models import (
    Admission,
    AgreementClause,
    Contractor,
    OutsideRule,
    Person,
    RuleGroup,
    WorkContract,
)
from quancheng.domains.training.services.contractors import admissions, companies
from quancheng.kernel.access.actor import Actor
from quancheng.standards import gb32100

TODAY = NOW.date()


def code(number: int) -> str:
    """A right code of a district that does not exist."""
    body = f"MA00X{number:03d}"
    first = f"91990102{body}{gb32100.organisation_check_character(body)}"
    return first + gb32100.check_character(first)


def head_of(district: District) -> Actor:
    return make_actor(district.enterprise_org, "enterprise.head", name="示例总经理")


def make_contractor(district: District, number: int = 1, *, actor: Actor | None = None) -> Contractor:
    return companies.enter_contractor(
        actor=actor or district.enterprise, code=code(number), name=f"示例检修{number}有限公司", business="设备检维修",
        now=NOW,
    )  # fmt: skip


def qualify(district: District, contractor: Contractor, *, number: str = "D199000001", **known: Any) -> None:
    given = {
        "work": "repair", "name": "石油化工工程施工总承包三级", "number": number, "holder_name": contractor.name,
        "holder_code": contractor.code, "valid_from": TODAY - timedelta(days=100),
        "valid_to": TODAY + timedelta(days=1000), **known,
    }  # fmt: skip
    companies.add_qualification(
        actor=district.enterprise, contractor=contractor, known=given, files=[make_file(district.enterprise)], now=NOW
    )


def begin(district: District, contractor: Contractor, *works: str) -> Admission:
    return admissions.begin_admission(
        actor=district.enterprise, file=own_file(district), contractor=contractor, works=works or ("repair",), now=NOW
    )


def judge_all(district: District, row: Admission, **changed: Any) -> None:
    for one in OutsideRule.objects.filter(group=RuleGroup.CHECK):
        given: dict[str, Any] = {
            "result": "met", "score": None if one.is_hard else 90, "number": "", "valid_to": None, "note": "",
            **changed.get(one.code, {}),
        }  # fmt: skip
        admissions.judge_item(
            actor=district.enterprise, row=row, code=one.code, files=[make_file(district.enterprise)], now=NOW, **given
        )


def agree(district: District, row: Admission, **known: Any) -> None:
    given = {
        "agreement_number": "安协2026-01", "agreement_signed_date": TODAY, "agreement_from": TODAY,
        "agreement_to": TODAY + timedelta(days=300), "agreement_scope": "装置检维修",
        "agreement_clauses": list(AgreementClause.values), "deposit_yuan": None, "signed_own": "某甲",
        "signed_contractor": "某乙", **known,
    }  # fmt: skip
    admissions.write_agreement(
        actor=district.enterprise, row=row, known=given, files=[make_file(district.enterprise)], now=NOW
    )


def admit(district: District, contractor: Contractor, *works: str) -> Admission:
    """Through its whole loop."""
    if not contractor.qualifications.exists():
        qualify(district, contractor, number=f"D1990{contractor.code[-6:]}")
    row = begin(district, contractor, *works)
    judge_all(district, row)
    agree(district, row)
    for name, actor, given in (
        ("submit", district.enterprise, {}), ("accept", district.enterprise, {"note": "资料齐全"}),
        ("admit", head_of(district), {"text": "现场核查符合"}),
    ):  # fmt: skip
        admissions.decide_admission(actor=actor, row=row, name=name, given=given, now=NOW)
    return row


def contract(district: District, row: Admission, *, number: str = "HT-01", **known: Any) -> WorkContract:
    upper, contractor = known.pop("upper", None), known.pop("contractor", None)
    given = {
        "name": f"装置检修{number}", "number": number, "work": "repair", "amount_yuan": 100_000, "signed_date": TODAY,
        "from_date": TODAY, "to_date": TODAY + timedelta(days=90), "manager": "设备部某甲", "issuer": "工程部某乙",
        "undertaker": "项目经理某丙", "plan_date": TODAY, "brief_date": TODAY, **known,
    }  # fmt: skip
    return admissions.add_contract(
        actor=district.enterprise, row=row, known=given, upper=upper, contractor=contractor, now=NOW
    )


@replayed
def outsider(district: District, contractor: Contractor, *, order: int = 1, file: Enterprise | None = None,
             **known: Any) -> Person:  # fmt: skip
    given = {
        "employment": "contractor", "employer_name": contractor.name, "employer_code": contractor.code,
        "staff_no": f"W{order:03d}", **known,
    }  # fmt: skip
    return make_person(district, order=order, file=file, **given)
