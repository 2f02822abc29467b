"""What stands on the label, and which classes cannot go together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from quancheng.standards.ghs.model import SIGNAL_WORDS, Category, Hazard, categories, statements
from quancheng.standards.wording import Text

_SKIN_OR_EYE = ("skin", "eye")


@dataclass(frozen=True, slots=True)
class Label:
    """The label elements that follow from the classes. ``signal`` is None when no class has a word; ``dropped``
    tells each pictogram that gave way and why; ``doubts`` what a person must still settle."""

    pictograms: tuple[str, ...]
    signal: Text | None
    statements: tuple[tuple[str, Text], ...]
    dropped: tuple[tuple[str, Text], ...]
    doubts: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two hazards that one substance cannot have at the same time, and why."""

    first: Hazard
    second: Hazard
    reason: Text


def label_of(hazards: Iterable[Hazard]) -> Label:
    """Pictograms after precedence, signal word and hazard statements [G].

    Danger drives out warning. The skull drives out the exclamation mark; corrosion drives out the exclamation mark
    of skin and eye irritation; the health hazard of a respiratory sensitiser drives out that of skin and eye
    irritation and skin sensitisation. A hazard without a category adds nothing and is doubted; gases under pressure
    bear their cylinder in every group. KeyError for an unknown class.
    """
    doubts: list[Text] = []
    known: list[tuple[Hazard, Category]] = []
    for hazard in dict.fromkeys(hazards):
        category = categories().get((hazard.key, hazard.category))
        if category is None:
            name = hazard.ghs_class.name
            doubts.append(Text(f"{name.zh}未写类别，标签要素未定", f"{name.en}: no category, so no label elements"))
            continue
        if hazard.key == "pressure_gas" and not hazard.category:
            doubts.append(
                Text(
                    "加压气体未写哪一组，危险性说明(H280或H281)未定",
                    "Gas under pressure without its group: H280 or H281 is open",
                )
            )
        if hazard.key == "desensitised":
            doubts.append(
                Text(
                    "退敏爆炸物依据 GB 30000.1-2024，上标签前须核对",
                    "Desensitised explosives rest on GB 30000.1-2024; check before they go on a label",
                )
            )
        known.append((hazard, category))
    codes: list[str] = []
    for hazard, category in known:
        told = category.statements
        if (hazard.key, hazard.category) == ("stot_single", "3"):
            told = {"respiratory": ("H335",), "narcotic": ("H336",)}.get(hazard.effect, ())
            if not told:
                doubts.append(
                    Text(
                        "一次接触类别3未写是呼吸道刺激还是麻醉效应",
                        "Single exposure category 3 without its effect: respiratory irritation or narcotic",
                    )
                )
        codes += told
    pictograms, dropped = _after_precedence(known)
    signals = {category.signal for _, category in known}
    word = next((SIGNAL_WORDS[letter] for letter in ("D", "W") if letter in signals), None)
    texts = statements()
    told_once = tuple((code, texts[code]) for code in sorted(set(codes)))
    return Label(pictograms, word, told_once, dropped, tuple(doubts))


def _after_precedence(
    known: list[tuple[Hazard, Category]],
) -> tuple[tuple[str, ...], tuple[tuple[str, Text], ...]]:
    shown = {picture for _, category in known for picture in category.pictograms}
    sensitiser = any(hazard.key == "respiratory_sensitiser" for hazard, _ in known)
    reasons: list[Text] = []
    kept = False
    for hazard, category in known:
        if "GHS07" not in category.pictograms:
            continue
        if "GHS06" in shown:
            reasons.append(Text("已有骷髅图形，不再用感叹号", "The skull replaces the exclamation mark"))
        elif hazard.key in _SKIN_OR_EYE and "GHS05" in shown and _corrodes(known):
            reasons.append(
                Text("已有腐蚀图形，刺激不再用感叹号", "Corrosion replaces the exclamation mark of irritation")
            )
        elif hazard.key in (*_SKIN_OR_EYE, "skin_sensitiser") and sensitiser:
            reasons.append(
                Text(
                    "已有呼吸道致敏的健康危害图形，皮肤和眼不再用感叹号",
                    "The health hazard of a respiratory sensitiser replaces the exclamation mark for skin and eye",
                )
            )
        else:
            kept = True
    if reasons and not kept:
        shown.discard("GHS07")
        return tuple(sorted(shown)), tuple(("GHS07", reason) for reason in dict.fromkeys(reasons))
    return tuple(sorted(shown)), ()


def _corrodes(known: list[tuple[Hazard, Category]]) -> bool:
    """Whether corrosion is shown for skin or eye; metals alone leave irritation its own mark."""
    return any(hazard.key in _SKIN_OR_EYE and "GHS05" in category.pictograms for hazard, category in known)


#: Classes that exclude each other whatever their categories.
_EXCLUDING: tuple[tuple[frozenset[str], Text], ...] = (
    (
        frozenset({"explosive", "flammable_gas"}),
        Text("爆炸物不再划为易燃气体", "An explosive is not classed as a flammable gas"),
    ),
    (
        frozenset({"explosive", "self_reactive"}),
        Text("划为爆炸物的不是自反应物质", "What is an explosive is no self-reactive substance"),
    ),
    (
        frozenset({"explosive", "organic_peroxide"}),
        Text("划为爆炸物的不再划为有机过氧化物", "What is an explosive is not classed as an organic peroxide"),
    ),
    (
        frozenset({"explosive", "desensitised"}),
        Text("退敏爆炸物不再划为爆炸物", "A desensitised explosive is no longer classed as an explosive"),
    ),
    (
        frozenset({"self_reactive", "organic_peroxide"}),
        Text("有机过氧化物不属于自反应物质", "An organic peroxide is no self-reactive substance"),
    ),
    (
        frozenset({"flammable_gas", "oxidising_gas"}),
        Text("同一气体不能既易燃又助燃", "One gas is not both flammable and oxidizing"),
    ),
    (
        frozenset({"pyrophoric_liquid", "flammable_liquid"}),
        Text("自燃液体不再划为易燃液体", "A pyrophoric liquid is not classed as a flammable liquid"),
    ),
    (
        frozenset({"pyrophoric_solid", "flammable_solid"}),
        Text("自燃固体不再划为易燃固体", "A pyrophoric solid is not classed as a flammable solid"),
    ),
    (
        frozenset({"pyrophoric_liquid", "self_heating"}),
        Text("自燃物不再划为自热物质", "What is pyrophoric is not classed as self-heating"),
    ),
    (
        frozenset({"pyrophoric_solid", "self_heating"}),
        Text("自燃物不再划为自热物质", "What is pyrophoric is not classed as self-heating"),
    ),
)
_STATES = {"gas": Text("气体", "gas"), "liquid": Text("液体", "liquid"), "solid": Text("固体", "solid")}


def contradictions(hazards: Iterable[Hazard]) -> tuple[Contradiction, ...]:
    """Pairs that one substance in one form cannot have [G].

    Two categories of one class (target organs aside: each organ has its own; nor lactation beside a category);
    classes of different states; an aerosol beside gas, liquid or solid classes; classes that exclude each other;
    skin corrosion beside mere eye irritation. A substance sold in grades or forms is entered once for each, so
    grades do not excuse a pair.
    """
    found = []
    for first, second in combinations(dict.fromkeys(hazards), 2):
        reason = _reason(first, second)
        if reason is not None:
            found.append(Contradiction(first, second, reason))
    return tuple(found)


def _reason(first: Hazard, second: Hazard) -> Text | None:
    if first.key == second.key:
        return _same_class(first, second)
    for pair, reason in _EXCLUDING:
        if {first.key, second.key} == pair:
            return reason
    states = (first.ghs_class.state, second.ghs_class.state)
    if all(states) and states[0] != states[1]:
        if "aerosol" in states:
            return Text(
                "气溶胶不再划为气体、液体或固体的类别", "An aerosol is not classed as a gas, liquid or solid too"
            )
        one, other = (_STATES[state] for state in states)
        return Text(f"同一形态不能既是{one.zh}又是{other.zh}", f"One form is not both {one.en} and {other.en}")
    by_key = {first.key: first.category, second.key: second.category}
    if by_key.get("skin", "").startswith("1") and by_key.get("eye", "").startswith("2"):
        return Text(
            "皮肤腐蚀类别1即视为严重眼损伤类别1",
            "Skin corrosion category 1 counts as serious eye damage category 1",
        )
    return None


def _same_class(first: Hazard, second: Hazard) -> Text | None:
    if first.category == second.category or not (first.category and second.category):
        return None
    if first.key in ("stot_single", "stot_repeated") or "lactation" in (first.category, second.category):
        return None
    name = first.ghs_class.name
    return Text(
        f"{name.zh}写了两个类别：{first.category}和{second.category}",
        f"{name.en} with two categories: {first.category} and {second.category}",
    )
