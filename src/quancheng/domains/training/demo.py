"""This domain's part of the demo district: people of three enterprises, their posts and certificates.

Everybody is invented; identity numbers are of a district that does not exist, telephone numbers of no network. A few
lack what their posts require, and some certificates run out or were not rechecked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from quancheng.domains.registry.demo_parts import Desk, District
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.training import demo_education
from quancheng.domains.training.demo_contractors import load_outside
from quancheng.domains.training.demo_exams import load_exams
from quancheng.domains.training.models import CertificateKind, Person, PersonQualification, WorkRole
from quancheng.domains.training.services.expiry import look_at_qualifications
from quancheng.domains.training.services.measuring import measure_all
from quancheng.domains.training.services.persons import enter_limit, enter_person
from quancheng.domains.training.services.posting import assign_post
from quancheng.domains.training.services.qualifications import enter_qualification, verify_qualification
from quancheng.kernel.access.actor import Actor
from quancheng.standards import gb11643

#: Days ago on which people were entered.
_DAYS = 75
_CONTRACTOR = "临澜鼎固检维修工程有限公司"


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate: its kind, how many days ago it began, and whether somebody verified it.

    :param recheck_in: days to the recheck printed on it; None for what follows from the kind.
    """

    kind: str
    began: int
    verified: bool = True
    recheck_in: int | None = None


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody with the post that he holds since so many days, if he holds one."""

    name: str
    born: str
    post: tuple[str, str, int] | None
    held: tuple[Held, ...] = ()
    known: tuple[tuple[str, str], ...] = ()
    limit: str = ""


def _known(**known: str) -> tuple[tuple[str, str], ...]:
    return tuple(known.items())


_CHEMIST = _known(education="bachelor", major="化学工程与工艺", major_field="chemical")
_COLLEGE = _known(education="college", major="应用化工技术", major_field="chemical")
_OUTSIDE = _known(employment="contractor", employer_name=_CONTRACTOR, education="senior")

#: People by the number of the demo's enterprise. Held posts begin before some of their certificates end.
_PEOPLE: dict[int, tuple[Worker, ...]] = {
    1: (
        Worker("阚承平", "19740312", ("main_head", "总经理", 60), (Held("MG-HEAD", 500),), _CHEMIST),
        Worker("荀若川", "19800606", ("safety_head", "安全副总", 60), (), _CHEMIST),
        Worker("麦知行", "19850217", ("safety_manager", "安全管理员", 60), (Held("MG-SAFETY", 900),), _COLLEGE),
        Worker("邬长庚", "19880912", ("hazard_operator", "罐区操作工", 60), (), _known(education="senior")),
        Worker("巩静之", "19910423", ("hazard_operator", "罐区操作工", 60), (), _known(education="junior")),
        Worker("郦启明", "19790130", ("tanker_filler", "装车操作工", 60), (Held("SE-R2", 1400),)),
        Worker("谌砚秋", "19930815", ("electrician_ex", "防爆电工", 60), (Held("SO-1-03", 1010, recheck_in=20),)),
        Worker("隗望舒", "19860704", ("forklift_driver", "叉车司机", 60), (Held("SE-N1", 1480),)),
        Worker("逄远帆", "19950928", ("loader", "装卸工", 60), (), _known(employment="dispatched",
               employer_name="临澜众合人力资源有限公司")),
        Worker("郗临风", "19900501", None, (Held("SO-2-01", 1080, recheck_in=-12), Held("OW-GUARD", 200)), _OUTSIDE),
        Worker("栾亦安", "19871111", None, (Held("SO-3-01", 300),), _OUTSIDE, "height"),
        Worker("晏松年", "19921203", None, (Held("SE-Q2", 700, verified=False),), _OUTSIDE),
    ),
    2: (
        Worker("佟景行", "19710825", ("main_head", "总经理", 60), (Held("MG-HEAD", 1040),), _CHEMIST),
        Worker("甄云舒", "19830419", ("technology_head", "工艺副总", 60), (), _known(education="bachelor",
               major="市场营销", major_field="other")),
        Worker("纪思齐", "19870302", ("safety_manager", "安全总监", 60), (Held("MG-SAFETY", 200),),
               _known(education="bachelor", major="安全工程", major_field="safety")),
        Worker("冉守正", "19810914", ("safety_engineer", "注册安全工程师", 60), (Held("EN-CHEM", 900),), _CHEMIST),
        Worker("边明远", "19890722", ("nitration_operator", "硝化岗内操", 60), (Held("SO-9-04", 700),), _COLLEGE),
        Worker("宓乐山", "19940116", ("nitration_operator", "硝化岗外操", 60), (Held("SO-9-04", 1020),),
               _known(education="senior")),
        Worker("阮怀瑾", "19880618", ("hydrogenation_operator", "加氢岗操作工", 60), (Held("SO-9-08", 2120,
               recheck_in=60),), _known(education="junior")),
        Worker("仇清和", "19850530", ("instrument_worker", "仪表工", 60), (Held("SO-9-16", 500),), _COLLEGE),
        Worker("谭止水", "19960203", ("vessel_operator", "釜区操作工", 60), (Held("SE-R1", 1380),)),
        Worker("褚安然", "19990807", ("process_operator", "公用工程操作工", 60), (), _known(education="senior")),
        Worker("滕子衿", "20050925", None, (), _known(employment="intern", education="college",
               major="应用化工技术", major_field="chemical")),
        Worker("欧一鸣", "19840212", None, (Held("SO-2-01", 400), Held("SO-3-02", 1000)), _OUTSIDE),
    ),
    3: (
        Worker("柯知微", "19760527", ("main_head", "总经理", 60), (Held("MG-HEAD-G", 300),), _CHEMIST),
        Worker("苗以宁", "19900908", ("safety_manager", "安全主管", 60), (), _COLLEGE),
        Worker("简修远", "19820113", ("chlorination_operator", "氯化岗操作工", 60), (Held("SO-9-03", 1030),),
               _known(education="senior")),
        Worker("尹若虚", "19930621", ("hydrogenation_operator", "加氢岗操作工", 60), (Held("SO-9-08", 640),),
               _COLLEGE),
        Worker("佘念慈", "19910319", ("storekeeper", "危化品库保管员", 60), (), _known(education="college"),
               "chemicals"),
        Worker("庾嘉木", "19800402", ("boiler_operator", "司炉工", 60), (Held("SE-G1", 1400),)),
        Worker("厍景明", "19871020", ("electrician_low", "值班电工", 60), (Held("SO-1-02", 1000),)),
        Worker("逯怀远", "19950711", ("forklift_driver", "叉车司机", 60), (Held("SE-N1", 500),)),
        Worker("缑文昭", "19890214", ("equipment_manager", "设备管理员", 60), (Held("SE-A", 1100),), _COLLEGE),
        Worker("亓向晚", "19980629", ("process_operator", "提取岗操作工", 60), (), _known(education="senior")),
        Worker("昝时雨", "19900117", None, (Held("SO-1-02", 100, verified=False),), _known(employment="third_party",
               employer_name="临澜恒运设施运维有限公司")),
    ),
}  # fmt: skip


def load(district: District) -> None:
    """People of the enterprises that have accounts and a file; who enters and who verifies are two."""
    desk = Desk(district)
    order = 0
    files: dict[int, Enterprise] = {}
    for number, people in _PEOPLE.items():
        file = Enterprise.objects.filter(pk=district.enterprises[number - 1].pk).first()
        if file is None:
            continue
        files[number] = file
        own, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        for place, worker in enumerate(people, start=1):
            order += 1
            _enter(desk, own, head, file, worker, f"{number}{place:03d}", order)
    demo_education.load(desk, list(_PEOPLE))
    load_outside(district)
    measure_all(now=desk.ago(0))
    look_at_qualifications(now=desk.ago(0))
    demo_education.unify(desk, load_exams(desk, files))


def _enter(desk: Desk, own: Actor, head: Actor, file: Enterprise, worker: Worker, badge: str, order: int) -> None:
    first = f"990102{worker.born}{order:03d}"
    at = desk.ago(_DAYS)
    told: dict[str, Any] = {"employment": "own", **dict(worker.known)}
    is_outside = told["employment"] != "own"
    told |= {
        "staff_no": badge, "name": worker.name, "resident_id": first + gb11643.check_character(first),
        "phone": f"19900{order:06d}", "joined_date": desk.date_in(-200), "workshop": "" if is_outside else "生产部",
    }  # fmt: skip
    person = enter_person(actor=own, file=file, known=told, now=at)
    for held in worker.held:
        _certify(desk, own, head, person, held, at)
    demo_education.educate(
        desk, own, person, role=worker.post[0] if worker.post else "", last=worker.post[2] if worker.post else 60
    )
    if worker.post is not None:
        code, title, days = worker.post
        role = WorkRole.objects.get(code=code)
        assign_post(
            actor=own, person=person, role=role, title=title, from_date=desk.date_in(-days), now=desk.ago(days)
        )
    if worker.limit:
        enter_limit(
            actor=own, person=person, limit=worker.limit, source="在岗期间职业健康检查", from_date=desk.date_in(-30),
            until_date=desk.date_in(335), now=desk.ago(30),
        )  # fmt: skip


def _certify(desk: Desk, own: Actor, head: Actor, person: Person, held: Held, at: datetime) -> PersonQualification:
    kind = CertificateKind.objects.get(code=held.kind)
    first = desk.date_in(-held.began)
    last = first + relativedelta(years=kind.valid_years or 1) - timedelta(days=1)
    printed = {
        "number": f"示{held.kind}{person.staff_no}", "issuer": "临澜市示例发证机关", "issued_date": first,
        "valid_from": first, "valid_to": last,
        "recheck_due": None if held.recheck_in is None else desk.date_in(held.recheck_in),
    }  # fmt: skip
    row = enter_qualification(actor=own, person=person, kind=kind, known=printed, now=at)
    if held.verified:
        source = "own_record" if kind.group == "own" else "national"
        verify_qualification(
            actor=head, row=row, version=row.version, source=source, snapshot="查询结果：与证书一致", now=at
        )
    return row
