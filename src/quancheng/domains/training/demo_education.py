"""Education of the demo's people: what each learned before he began, courses, a session, orders, and the offices'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from quancheng.domains.registry.demo_parts import Desk
from quancheng.domains.registry.models import Enterprise
from quancheng.domains.registry.queries.enterprises import own_file
from quancheng.domains.training.models import Enrolment, PaperRule, Person, PersonPost, PlanLine, RecordSource
from quancheng.domains.training.queries.certificates import RULES
from quancheng.domains.training.queries.courses import TEACH
from quancheng.domains.training.queries.programmes import programme_of, programmes_on
from quancheng.domains.training.queries.standing import ENTRY_KINDS, levels_of
from quancheng.domains.training.queries.study import STUDY, YEARLY
from quancheng.domains.training.services.courses import add_course, add_line, add_plan, publish_plan
from quancheng.domains.training.services.orders import order_retraining
from quancheng.domains.training.services.procedures import acknowledge, issue_document
from quancheng.domains.training.services.records import Learned, record_hours
from quancheng.domains.training.services.sessions import (
    assess_practice,
    check_effect,
    close_session,
    enrol,
    plan_session,
    sign_in,
)
from quancheng.domains.training.services.study import keep_file, record_study
from quancheng.domains.training.services.unified import set_unified
from quancheng.kernel.access.actor import Actor
from quancheng.kernel.people.models import Membership, User

_A_DAY = 8


def educate(desk: Desk, own: Actor, person: Person, *, role: str, last: int) -> None:
    """The education before work at each of its levels, eight hours a day, the last so many days ago."""
    found = next(
        (
            one
            for one in programmes_on(desk.date_in(0))
            if one.kind in ENTRY_KINDS
            and one.concerns(roles={role} if role else set(), employment=person.employment, kind=person.file.kind)
        ),
        None,
    )
    if found is None:
        return
    days = [
        (level, min(_A_DAY, hours - done)) for level, hours in levels_of(found) for done in range(0, hours, _A_DAY)
    ]
    items = found.syllabus.splitlines()
    for number, (level, hours) in enumerate(days):
        day = desk.date_in(-(last + len(days) - number))
        text = next((one for one in items if one.startswith(str(level.label))), items[0])
        learned = Learned(
            programme=found, held_date=day, hours=Decimal(hours), teacher="安全管理部门讲师", place="本单位培训室",
            content=text, level=level, score=88 if number + 1 == len(days) else None,
        )  # fmt: skip
        record_hours(actor=own, person=person, learned=learned, now=desk.ago(last + len(days) - number - 1))


def load(desk: Desk, numbers: Sequence[int]) -> None:
    """Courses, plans, a session with its people, an order, procedures of enterprises; plan and study of the bureau.

    :param numbers: the demo's enterprises that have people.
    """
    for number in numbers:
        own, head = desk.actor(f"enterprise{number}"), desk.actor(f"enterprise{number}.head")
        file = own_file(actor=own)
        if file is not None:
            _teach(desk, own, file)
            _document(desk, head, file)
    _offices(desk)


def _teach(desk: Desk, own: Actor, file: Enterprise) -> None:
    """A practical course of the post; one session that was held, with an absent one and a late one."""
    programme = programme_of("post-skills")
    here = Person.objects.visible_to(own).filter(file=file)
    people = list(here.filter(posts__role__code__in=programme.roles).distinct().order_by("pk"))
    plan = add_plan(actor=own, title="年度安全培训计划", year=desk.date_in(0).year, now=desk.ago(50))
    line = add_line(actor=own, plan=plan, now=desk.ago(50), known={
        "programme": programme, "title": "岗位操作技能班", "month": desk.date_in(-20).month, "audience": "各岗位操作工",
        "people": max(len(people), 1), "hours": 8,
    })  # fmt: skip
    publish_plan(actor=own, plan=plan, now=desk.ago(49))
    course = add_course(
        actor=own, title="岗位操作规程和初期应急处置", programme=programme, hours=Decimal(8),
        teacher="安全管理部门讲师", is_practical=True, now=desk.ago(48),
        content="岗位操作规程\n岗位风险和隐患排查\n空气呼吸器佩戴实操\n初期火灾和泄漏处置",
    )  # fmt: skip
    first, last = desk.ago(20, hour=1), desk.ago(20, hour=8)
    session = plan_session(
        actor=own, course=course, place="本单位培训室", teacher="安全管理部门讲师", starts_at=first, ends_at=last,
        hours=Decimal(8), capacity=30, plan_line=line, now=desk.ago(40),
    )  # fmt: skip
    if people:
        enrol(actor=own, session=session, persons=people, now=desk.ago(30))
    for place, person in enumerate(people[:-1] if len(people) > 1 else people):
        late = timedelta(minutes=25 if place == 1 else -5)
        sign_in(session=session, staff_no=person.staff_no, name=person.name, now=first + late)
        seat = Enrolment.objects.get(session=session, person=person)
        assess_practice(actor=own, session=session, seat=seat, score=70 if place == 2 else 88, now=last)
    close_session(actor=own, session=session, now=desk.ago(20, hour=9))
    check_effect(
        actor=own, session=session, method="岗位抽考", rate=85,
        text="个别人员空气呼吸器佩戴不熟练，列入下月班前会复练。", now=desk.ago(10),
    )  # fmt: skip
    if people:
        order_retraining(
            actor=own, person=people[-1], reason="violation", programme=programme_of("retraining"), needs_exam=True,
            off_post=False, due_date=desk.date_in(9), now=desk.ago(5), explained="未按规程进行装卸前静电接地",
        )  # fmt: skip


def unify(desk: Desk, rule: PaperRule) -> None:
    """From today the four main posts learn by the bureau's material and are examined by its paper."""
    bureau, head = desk.actor("emb"), desk.actor("emb.head")
    if not (bureau.has(TEACH) and head.has(RULES)):
        return
    one, at = programme_of("heads-unified"), desk.ago(0)
    material = desk.paper(bureau, "四类主要人员统编教材.txt", at)
    course = add_course(
        actor=bureau, title="四类主要人员统编教材课程", programme=one, hours=Decimal(8), teacher="应急管理局讲师",
        content=one.syllabus, is_practical=False, now=at, materials=[material],
    )  # fmt: skip
    set_unified(actor=head, programme=one, version=one.version, course=course, rule=rule, from_date=desk.date_in(0),
                reason="区统一部署", now=at)  # fmt: skip


def _dangerous_work(desk: Desk, bureau: Actor, line: PlanLine) -> None:
    """The bureau's class on dangerous work, with safety managers of the demo's enterprises."""
    course = add_course(
        actor=bureau, title="危险作业专题课程", programme=line.programme, hours=Decimal(8), teacher="应急管理局讲师",
        content="动火和受限空间作业\n作业票和监护", is_practical=False, now=desk.ago(60),
    )  # fmt: skip
    first, last = desk.ago(15, hour=1), desk.ago(15, hour=8)
    session = plan_session(
        actor=bureau, course=course, place="区培训中心", teacher="应急管理局讲师", starts_at=first, ends_at=last,
        hours=Decimal(8), capacity=60, plan_line=line, now=desk.ago(40),
    )  # fmt: skip
    for number in (1, 2, 3):
        own = desk.actor(f"enterprise{number}")
        here = Person.objects.visible_to(own).filter(file=own.organisation_id, posts__role__code="safety_manager")
        people = list(here.distinct().order_by("pk"))
        if people:
            enrol(actor=own, session=session, persons=people, now=desk.ago(30))
        for person in people:
            sign_in(session=session, staff_no=person.staff_no, name=person.name, now=first)
            online = Learned(
                programme=line.programme, held_date=desk.date_in(-12), hours=Decimal(2), teacher="平台讲师",
                place="网络培训平台（示例）", content="受限空间事故案例", number=f"示结业{person.staff_no}", score=86,
            )  # fmt: skip
            record_hours(actor=own, person=person, learned=online, source=RecordSource.ONLINE, now=desk.ago(11))
    close_session(actor=bureau, session=session, now=desk.ago(15, hour=9))


def _document(desk: Desk, head: Actor, file: Enterprise) -> None:
    """A procedure of the post that most people hold, acknowledged by some, and a rule for everybody."""
    post = PersonPost.objects.filter(person__file=file, to_date__isnull=True, role__code__endswith="_operator").first()
    known: dict[str, Any] = {"file": file, "approved_by": "主要负责人", "in_force_date": desk.date_in(-60)}
    at = desk.ago(55)
    issue_document(
        actor=head, kind="rule", role=None, title="安全教育培训制度", edition="第二版", now=at,
        text=[desk.paper(head, "安全教育培训制度.txt", at)], **known,
    )  # fmt: skip
    if post is None:
        return
    row = issue_document(
        actor=head, kind="procedure", role=post.role, title=f"{post.role.name}操作规程", edition="A/3", now=at,
        text=[desk.paper(head, "岗位操作规程.txt", at)], **known,
    )  # fmt: skip
    acknowledge(actor=head, document=row, persons=[post.person], read_date=desk.date_in(-50), signature="纸质签字",
                now=desk.ago(50))  # fmt: skip


def _offices(desk: Desk) -> None:
    """The bureau's class for enterprises of the year, and what its officers learned."""
    for username, hours in (("emb", 44), ("emb.head", 16)):
        if not User.objects.filter(username=username).exists():
            continue
        actor = desk.actor(username)
        if not actor.has(STUDY) or not actor.supervises:
            continue
        places = Membership.objects.select_related("organisation")
        place = places.get(user=actor.user_id, organisation=actor.organisation_id)
        keep_file(actor=actor, place=place, now=desk.ago(60), known={
            "appointed_date": desk.date_in(-800), "education": "bachelor", "major": "安全工程", "major_field": "safety",
            "studying": "graduate" if hours < 40 else "", "studying_until": desk.date_in(500) if hours < 40 else None,
        })  # fmt: skip
        for number in range(hours // 4):
            record_study(
                actor=actor, place=place, programme=programme_of(YEARLY), way="class" if number % 3 == 2 else "online",
                title=f"化工安全网络课程第{number + 1}讲", given_by="应急管理干部网络培训平台（示例）",
                held_date=desk.date_in(-(50 - number)), hours=Decimal(4), score=90,
                proof_number=f"示结业{number + 1:03}", now=desk.ago(1),
            )  # fmt: skip
        if hours < 40 or not actor.has(TEACH):
            continue
        plan = add_plan(actor=actor, title="危险化学品企业培训计划", year=desk.date_in(0).year, now=desk.ago(70))
        for title, code, month in (("经营单位应急能力提升班", "emergency-trade", 5),
                                   ("危险作业专题班", "dangerous-work", 9)):  # fmt: skip
            line = add_line(actor=actor, plan=plan, now=desk.ago(70), known={
                "programme": programme_of(code), "title": title, "month": month, "audience": "辖区企业有关人员",
                "people": 40, "hours": 8,
            })  # fmt: skip
        publish_plan(actor=actor, plan=plan, now=desk.ago(69))
        _dangerous_work(desk, actor, line)
