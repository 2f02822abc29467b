"""Questions about a card, made of its own facts; wrong answers are drawn from the enterprise's other cards.

Pure: the same cards and the same seed give the same questions. A telephone number stands in a question as the edition
whose sealed number it is, never in clear.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quancheng.standards.risk.colours import Colour

#: Options of a question, and questions of one try.
OPTIONS, MOST = 4, 8
#: Where other cards give too few: places that are no muster point, and acts that help nobody. [D]
_PLACES = ("配电室内", "原料库内", "车间二层休息室", "地下泵房")
_ACTS = ("先拍照再说", "返回岗位取个人物品", "等领导到场后再处置", "独自进入泄漏区查看")
_ALLOWED = ("上岗前检查防护用品", "按规程逐步操作并记录", "交接班时说明异常情况", "发现异常立即报告")
_MEASURES = ("由保洁人员每月清扫地面", "在食堂张贴宣传画", "办公室设来访登记", "每年组织一次体育活动")

Question = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CardText:
    """What of a card can be asked: ``card_id`` is its edition, ``events`` as ``queries.card_facts`` tells them."""

    card_id: str
    parts: Mapping[str, Any]
    has_phone: bool
    events: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def questions_of(card: CardText, others: Sequence[CardText], *, seed: str) -> list[Question]:
    """Questions in a mixed order: each with its text in both languages, its options, and which of them is right."""
    chance = random.Random(seed)  # noqa: S311 - no secret: the same seed shall give the same questions
    made: list[Question | None] = [_colour(card), *_measures(card, others, chance)]
    parts, elsewhere = card.parts, [one.parts for one in others]
    own_acts = parts.get("first_acts") or []
    made.append(_choice(
        ("发生险情时，第一个动作是什么？", "What is the first thing to do in an emergency?"),
        own_acts[:1], [*(act for one in elsewhere for act in (one.get("first_acts") or [])[:1]), *_ACTS], chance,
        never=own_acts,
    ))  # fmt: skip
    forbidden = parts.get("forbidden") or []
    allowed = [one["text"] for each in (parts, *elsewhere) for one in each.get("steps") or []]
    made.append(_choice(
        ("下列哪一项是本岗位禁止的行为？", "Which of these is forbidden at this post?"),
        [chance.choice(forbidden)] if forbidden else [], [*allowed, *_ALLOWED], chance, never=forbidden,
    ))  # fmt: skip
    muster = parts.get("muster") or ""
    made.append(_choice(
        ("紧急撤离后到哪里集合？", "Where does one meet after leaving?"),
        [muster] if muster else [], [*(one.get("muster") or "" for one in elsewhere), *_PLACES], chance, never=[muster],
    ))  # fmt: skip
    made.append(_phone(card, chance))
    found = [one for one in made if one is not None][:MOST]
    chance.shuffle(found)
    return found


def score_of(questions: Sequence[Question], answers: Sequence[int | None]) -> int:
    """Per cent of the questions that were answered rightly, rounded down."""
    right = sum(answer == one["right"] for one, answer in zip(questions, answers, strict=True))
    return right * 100 // len(questions)


def _colour(card: CardText) -> Question | None:
    """The colour of the gravest event; its options are the four colours."""
    main = next((one for one in card.events if one["level"]), None)
    if main is None:
        return None
    options = [{"zh": f"{one.word.zh}风险（{one.colour_word.zh}）", "en": f"{one.word.en} ({one.colour_word.en})"}
               for one in Colour]  # fmt: skip
    name = main["name"]
    asked = {"zh": f"本岗位风险最高的事件“{name}”是什么等级？", "en": f"Which level has the event “{name}”?"}
    return {"kind": "colour", "text": asked, "options": options, "right": int(main["level"]) - 1}


def _measures(card: CardText, others: Sequence[CardText], chance: random.Random) -> Iterable[Question | None]:
    """Which measure stands against an event, for two events at the most."""
    own = {one["text"] for event in card.events for one in event["measures"]}
    foreign = [one["text"] for each in others for event in each.events for one in event["measures"]]
    for event in [one for one in card.events if one["measures"]][:2]:
        right = chance.choice([one["text"] for one in event["measures"]])
        yield _choice(
            (f"下列哪一项是“{event['name']}”的管控措施？", f"Which measure stands against “{event['name']}”?"),
            [right], [*foreign, *_MEASURES], chance, never=own, kind="measure",
        )  # fmt: skip


def _choice(
    asked: tuple[str, str], right: Sequence[str], wrong: Iterable[str], chance: random.Random, *,
    never: Iterable[str], kind: str = "text",
) -> Question | None:  # fmt: skip
    """One question of plain texts. None without a right answer. Wrong ones come from the first that are given."""
    if not right or not right[0]:
        return None
    banned = {*never, right[0]}
    pool = list(dict.fromkeys(one for one in wrong if one and one not in banned))
    drawn = pool if len(pool) < OPTIONS else [*chance.sample(pool[: max(OPTIONS - 1, len(pool) - 4)], OPTIONS - 1)]
    options = [right[0], *drawn[: OPTIONS - 1]]
    chance.shuffle(options)
    return {
        "kind": kind, "text": {"zh": asked[0], "en": asked[1]},
        "options": [{"zh": one, "en": one} for one in options], "right": options.index(right[0]),
    }  # fmt: skip


def _phone(card: CardText, chance: random.Random) -> Question | None:
    """The alarm number, and beside it the same with its last digit altered.

    Never another card's number: several posts of an enterprise may have one number, and then two answers were right.
    """
    if not card.has_phone:
        return None
    options = [{"phone_of": card.card_id, "twist": place} for place in range(OPTIONS)]
    chance.shuffle(options)
    right = options.index({"phone_of": card.card_id, "twist": 0})
    asked = {"zh": "本岗位的内部报警电话是哪个？", "en": "Which is the internal alarm number of this post?"}
    return {"kind": "phone", "text": asked, "options": options, "right": right}


def twisted(number: str, twist: int) -> str:
    """A telephone number with its last digit moved on, for a wrong answer; 0 leaves it as it is."""
    return number if not twist else f"{number[:-1]}{(int(number[-1]) + twist * 2) % 10}" if number[-1:].isdigit() else (
        f"{number}{twist}"
    )  # fmt: skip
