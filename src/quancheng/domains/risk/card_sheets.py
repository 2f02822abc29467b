"""The lists and cards of one edition (两单两卡、应知卡、承诺卡、明白卡) as lines, for page, phone and paper alike.

Each line says where it comes from: the risk list, the registry, or who wrote this edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quancheng.domains.risk.models import PostCard
from quancheng.kernel.vault import services as vault
from quancheng.standards.hidden_dangers.checklists import cards as card_specs
from quancheng.standards.risk.colours import Colour
from quancheng.standards.wording import Text

#: Sources of a line.
SOURCES: dict[str, Text] = {
    "risk": Text("风险清单", "risk list"),
    "registry": Text("企业档案", "registry"),
    "post": Text("岗位台账", "posts"),
    "written": Text("本版填写", "written in this edition"),
    "reader": Text("本人填写", "filled in by the person"),
}
#: Sheet code to paper size: width and height in millimetres.
A6, A5, A4 = (105, 148), (148, 210), (297, 210)
SIZES = {
    "worker_card": A6, "risk_list": A4, "duty_list": A4, "operation_card": A4, "emergency_card": A5,
    "knowledge_card": A5, "promise_card": A5,
}  # fmt: skip
_LAYERS = {
    "company": Text("公司", "company"), "plant": Text("厂", "plant"), "team": Text("班组、岗位", "team, post"),
    "workshop": Text("车间、部门", "workshop, department"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``kind``: ``texts`` (sentences), ``table``, ``level`` (1 to 4 or None), ``signs`` (GHS codes).

    :ivar value: as the kind has it; a table's cells are texts, or ``{"level": 1}``.
    """

    label: str
    source: str
    kind: str
    value: Any
    headings: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return self.value in (None, "", [], [""])


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list or card, with its lines, or groups of lines where it has parts (应知、应会、应急)."""

    code: str
    name: str
    size: tuple[int, int]
    lines: Sequence[Line] = ()
    groups: Sequence[tuple[str, Sequence[Line]]] = field(default_factory=tuple)

    @property
    def all_groups(self) -> Sequence[tuple[str, Sequence[Line]]]:
        return self.groups or [("", self.lines)]


class _Maker:
    """Makes the sheets of one edition in one language."""

    def __init__(self, card: PostCard, facts: Mapping[str, Any], language: str) -> None:
        self.card, self.facts, self.parts, self.language = card, facts, card.parts, language

    def say(self, text: Text | Mapping[str, str] | None) -> str:
        if text is None:
            return ""
        if isinstance(text, Text):
            return text.in_language(self.language)
        return text["en" if self.language.startswith("en") else "zh"]

    def label(self, card: str, name: str) -> str:
        return next(self.say(one.label) for one in card_specs()[card].fields if one.name == name)

    def written(self, card: str, field_name: str, part: str) -> Line:
        value = self.parts.get(part) or []
        return Line(self.label(card, field_name), "written", "texts", value if isinstance(value, list) else [value])

    def line(self, card: str, name: str, source: str, texts: Sequence[str]) -> Line:
        return Line(self.label(card, name), source, "texts", [one for one in dict.fromkeys(texts) if one])

    # What the facts say -----------------------------------------------------------------------------------------

    def hazards(self) -> list[str]:
        told = []
        for one in self.facts["chemicals"]:
            said = "、".join(self.say(text) for text in one["statements"][:4])
            told.append(f"{one['name']}：{said}" if said else one["name"])
        return told or self.accidents()

    def accidents(self) -> list[str]:
        return [self.say(one["accident_name"]) for one in self.facts["events"] if one["accident_name"]]

    def events(self) -> list[str]:
        return [one["name"] for one in self.facts["events"]]

    def measures(self, *, emergency: bool) -> list[str]:
        return [
            one["text"]
            for event in self.facts["events"]
            for one in event["measures"]
            if (one["category"] == "4") is emergency
        ]

    def signs(self) -> list[str]:
        return [self.say(one) for one in self.facts["safety_signs"]]

    def phone(self, name: str) -> list[str]:
        token = getattr(self.card, name)
        return [vault.reveal(vault.PHONE, token)] if token else []

    def head(self, card: str) -> list[Line]:
        post = self.facts["post"]
        return [
            self.line(card, "postId", "post", [self.card.code]),
            self.line(card, "postName", "post", [post["name"]]),
            self.line(card, "dept", "post", [post["department"]]),
        ]

    # The sheets -------------------------------------------------------------------------------------------------

    def sheet(self, code: str, lines: Sequence[Line] = (), groups: Sequence[tuple[str, Sequence[Line]]] = ()) -> Sheet:
        return Sheet(code, self.say(card_specs()[code].name), SIZES[code], lines, groups)

    def risk_list(self) -> Sheet:
        card = "risk_list"
        names = ("riskPointName", "riskLevel", "preventionLevel", "harmfulFactors", "riskEvent", "measures")
        rows = []
        for one in self.facts["events"]:
            factors = "、".join(filter(None, [self.say(one["accident_name"]), one["consequence"]]))
            layer = self.say(_LAYERS.get(one["layer"]))
            measures = "\n".join(f"{at}. {each['text']}" for at, each in enumerate(one["measures"], start=1))
            rows.append([one["unit"], {"level": one["level"]}, layer, factors, one["name"], measures])
        return self.sheet(card, [
            *self.head(card), self.written(card, "deptHead", "dept_head"),
            Line(self.say(Text("风险", "Risks")), "risk", "table", rows, [self.label(card, one) for one in names]),
            self.line(card, "safetySignImage", "risk", self.signs()), self.written(card, "jingle", "risk_jingle"),
        ])  # fmt: skip

    def duty_list(self) -> Sheet:
        card = "duty_list"
        names = ("dutyNo", "dutyText", "checkStandard", "frequency")
        rows = [[str(at), one["text"], one["standard"], one["frequency"]]
                for at, one in enumerate(self.parts.get("duties") or [], start=1)]  # fmt: skip
        return self.sheet(card, [
            *self.head(card),
            Line(self.label(card, "dutyText"), "written", "table", rows, [self.label(card, one) for one in names]),
            self.written(card, "jingle", "duty_jingle"),
        ])  # fmt: skip

    def operation_card(self) -> Sheet:
        card = "operation_card"
        names = ("stepIndex", "procedure", "standardAndCaution")
        rows = [[str(at), one["text"], one["standard"]]
                for at, one in enumerate(self.parts.get("steps") or [], start=1)]  # fmt: skip
        return self.sheet(card, [
            *self.head(card), self.written(card, "deptHead", "dept_head"),
            Line(self.label(card, "procedure"), "written", "table", rows, [self.label(card, one) for one in names]),
            self.written(card, "jingle", "step_jingle"),
        ])  # fmt: skip

    def emergency_card(self) -> Sheet:
        card, facts = "emergency_card", self.facts
        places = [f"{one['object']} {one['name']}" for one in facts["units"]]
        return self.sheet(card, [
            self.line(card, "cardName", "post", [f"{facts['post']['name']}{self.say(Text('应急处置卡', ' card'))}"]),
            self.line(card, "postName", "post", [facts["post"]["name"]]),
            self.line(card, "cardNo", "post", [self.card.code]),
            self.line(card, "accidentRisk", "risk", self.events()), self.line(card, "place", "risk", places),
            self.written(card, "processNote", "process_note"), self.written(card, "accidentSigns", "accident_signs"),
            self.line(card, "harm", "risk", [one["consequence"] for one in facts["events"]]),
            self.written(card, "steps", "first_acts"),
            self.line(card, "measures", "risk", self.measures(emergency=True)),
            self.written(card, "mainPerson", "main_person"), self.written(card, "cautions", "cautions"),
            self.line(card, "innerPhone", "written", self.phone("inner_phone")),
            self.line(card, "outerPhone", "written", self.phone("outer_phone")),
        ])  # fmt: skip

    def knowledge_card(self) -> Sheet:
        card = "knowledge_card"
        return self.sheet(card, [
            self.line(card, "postName", "post", [self.facts["post"]["name"]]),
            self.line(card, "mainHazards", "registry" if self.facts["chemicals"] else "risk", self.hazards()),
            self.line(card, "likelyAccidents", "risk", self.accidents()),
            Line(self.label(card, "riskLevel"), "risk", "level", self.facts["level"]),
            self.line(card, "controlMeasures", "risk", self.measures(emergency=False)),
            self.line(card, "emergencyMeasures", "risk", self.measures(emergency=True)),
            self.line(card, "safetySigns", "risk", self.signs()),
            Line(self.say(Text("危险性象形图", "Hazard pictograms")), "registry", "signs", self.facts["signs"]),
        ])  # fmt: skip

    def promise_card(self) -> Sheet:
        card = "promise_card"
        blank = "　" * 8
        return self.sheet(card, [
            self.line(card, "postName", "post", [self.facts["post"]["name"]]),
            self.written(card, "promiseItems", "promises"),
            self.line(card, "promiser", "reader", [blank]), self.written(card, "leaderInCharge", "leader"),
            self.line(card, "promiseDate", "reader", [blank]),
        ])  # fmt: skip

    def worker_card(self) -> Sheet:
        """The clear card (明白卡): the gravest events with their colours first, what fits a pocket."""
        parts = self.parts

        def own(zh: str, en: str, name: str) -> Line:
            value = parts.get(name) or []
            return Line(self.say(Text(zh, en)), "written", "texts", value if isinstance(value, list) else [value])

        risks = [[{"level": one["level"]}, one["name"]] for one in self.facts["events"][:6]]
        limits = [[one["text"], one["standard"]] for one in parts.get("limits") or []]
        know = [
            Line(self.say(Text("我的风险", "My risks")), "risk", "table", risks),
            Line(self.say(Text("关键参数", "Key limits")), "written", "table", limits),
            Line(self.say(Text("化学品要点", "Chemicals")), "registry", "texts", self.chemicals()),
            Line(self.say(Text("象形图", "Pictograms")), "registry", "signs", self.facts["signs"]),
            own("禁止行为", "Forbidden", "forbidden"),
        ]
        can = [
            own("开停和操作", "Operating", "operating"), own("异常处置", "Abnormal conditions", "abnormal"),
            own("防护和灭火", "Gear and extinguisher", "gear"), own("作业票", "Work permits", "tickets"),
        ]  # fmt: skip
        emergency = [
            own("三分钟内", "First three minutes", "first_acts"), own("切断阀", "Shut-off valves", "valves"),
            Line(self.say(Text("报警电话", "Alarm number")), "written", "texts",
                 ["　".join(self.phone("inner_phone") + self.phone("outer_phone"))]),
            own("逃生路线", "Way out", "escape"), own("集合点", "Meeting point", "muster"),
            own("何时撤离", "When to leave", "withdraw"),
        ]  # fmt: skip
        groups = [
            (self.say(Text("应知", "Know")), know),
            (self.say(Text("应会", "Can")), can),
            (self.say(Text("应急", "Emergency")), emergency),
        ]
        return self.sheet("worker_card", groups=groups)

    def chemicals(self) -> list[str]:
        told = []
        for one in self.facts["chemicals"]:
            points = [
                *(self.say(each) for each in one["statements"][:2]),
                *(self.say(each) for each in one["points"][:2]),
            ]
            aid = [f"{self.say(Text('急救', 'first aid'))}：{one['first_aid']}"] if one["first_aid"] else []
            told.append(f"{one['name']}：{'；'.join([*points, *aid])}" if points or aid else one["name"])
        if self.facts["more_chemicals"]:
            told.append(self.say(Text(f"另有{self.facts['more_chemicals']}种，见安全技术说明书",
                                      f"and {self.facts['more_chemicals']} more: see the data sheets")))  # fmt: skip
        return told


def sheets_of(
    card: PostCard, facts: Mapping[str, Any], *, language: str, only: Sequence[str] = ()
) -> dict[str, Sheet]:  # fmt: skip
    """The sheets of an edition by code, in the order in which they are read; ``only`` those named, where any is."""
    made = _Maker(card, facts, language)
    makers: dict[str, Callable[[], Sheet]] = {code: getattr(made, code) for code in SIZES}
    return {code: maker() for code, maker in makers.items() if not only or code in only}


def colour_of(level: int | None) -> dict[str, str] | None:
    """A level as paper shows it: the colour's name for the square, and its words beside it."""
    if level is None:
        return None
    found = Colour(level)
    return {"name": found.name.lower(), "zh": f"{found.word.zh}风险", "colour": found.colour_word.zh}
