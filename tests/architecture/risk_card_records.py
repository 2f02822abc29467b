"""Records of post cards and boards for the walk: all of the first enterprise."""

from __future__ import annotations

from tests.architecture.census_records import _file
from tests.architecture.records import Record
from tests.domains.risk.factories import make_event, make_object, make_post, make_unit
from tests.factories import NOW, District, make_actor

from quancheng.domains.risk.models import (
    CardAsk,
    CardReading,
    CardVisit,
    PostCard,
    QuizAttempt,
    RiskBoard,
    RiskObject,
)
from quancheng.domains.risk.services import boards, card_visits, cards, posts, readings, spots

_PARTS = {
    "duties": [{"text": "巡检", "standard": "", "frequency": ""}], "steps": [{"text": "核对", "standard": ""}],
    "forbidden": ["吸烟"], "first_acts": ["停车"], "escape": "北门", "muster": "北门外",
}  # fmt: skip


def _draft(district: District, name: str) -> PostCard:
    post = make_post(district.enterprise, _file(district), name=name)
    posts.put_at_post(
        actor=district.enterprise, post=post, user_id=district.enterprise.user_id, since=NOW.date(), now=NOW  # type: ignore[arg-type]
    )  # fmt: skip
    made = cards.begin_edition(actor=district.enterprise, post=post, now=NOW)
    return cards.write_card(
        actor=district.enterprise, card=made, version=1, parts=_PARTS, phones={"inner_phone": "8119"}, now=NOW
    )


def _in_force(district: District, name: str) -> PostCard:
    card = _draft(district, name)
    cards.submit_card(actor=district.enterprise, card=card, now=NOW)
    head = make_actor(district.enterprise_org, "enterprise.head")
    return cards.approve_card(actor=head, card=card, now=NOW)


def post_card(district: District) -> Record:
    """An edition in force."""
    card = _in_force(district, "标记岗位卡岗位")
    return Record({"pk": card.pk, "sheet": "worker_card"}, card.code)


def post_card_draft(district: District) -> Record:
    card = _draft(district, "标记编写岗位")
    return Record({"pk": card.pk}, card.code)


def _reading(district: District, name: str) -> CardReading:
    return CardReading.objects.get(card=_in_force(district, name), kind="edition")


def card_reading(district: District) -> Record:
    """What the enterprise's own person has to read."""
    return Record({"pk": _reading(district, "标记阅读岗位").pk}, "阅读岗位卡：标记阅读岗位")


def quiz_attempt(district: District) -> Record:
    """A try that is begun; nobody but who takes it sees it."""
    row = _reading(district, "标记测试岗位")
    who = district.enterprise
    readings.read_card(actor=who, row=row, signed=row.reader.name, now=NOW)
    attempt = readings.start_quiz(actor=who, row=row, now=NOW)
    # Its questions are its own: nothing else says what they do.
    questions = [{**one, "text": {"zh": "标记测试题", "en": "标记测试题"}} for one in attempt.questions]
    QuizAttempt.objects.filter(pk=attempt.pk).update(questions=questions)
    return Record({"pk": attempt.pk}, "标记测试题")


def spot_round(district: District) -> Record:
    _in_force(district, "标记抽查岗位")
    row = spots.draw_quarter(file=_file(district), now=NOW)
    return Record({"pk": row.pk}, row.code)


def risk_board(district: District) -> Record:
    """The enterprise's own board, printed."""
    file = _file(district)
    code = f"O{RiskObject.objects.count() + 1}"
    make_event(district.enterprise, make_unit(district.enterprise, make_object(district.enterprise, file, code=code)))
    boards.find_boards(file=file, now=NOW)
    board = RiskBoard.objects.get(file=file, kind="enterprise")
    RiskBoard.objects.filter(pk=board.pk).update(leader="标记分管领导")
    board.refresh_from_db()
    boards.print_board(actor=district.enterprise, board=board, now=NOW)
    return Record({"pk": board.pk, "size": "a3"}, "标记分管领导")


def _visit(district: District, name: str) -> CardVisit:
    """The office's open one; it has no second at an enterprise."""
    known = CardVisit.objects.filter(file=_file(district), status="OPEN").first()
    if known is not None:
        return known
    _in_force(district, name)
    return card_visits.draw_visit(
        actor=district.department, file=_file(district), count=1, keys_only=False, occasion=name, now=NOW, seed="s"
    )


def card_visit(district: District) -> Record:
    """One that is not done: the enterprise is not to know."""
    row = _visit(district, "标记抽考事由")
    return Record({"pk": row.pk}, row.code)


def card_ask(district: District) -> Record:
    """A post that was drawn; its page asks its questions."""
    row = _visit(district, "标记提问岗位").asks.get()
    questions = [{**one, "text": {"zh": "标记抽考题", "en": "标记抽考题"}} for one in row.questions]
    CardAsk.objects.filter(pk=row.pk).update(questions=questions)
    return Record({"pk": row.pk}, "标记抽考题")
