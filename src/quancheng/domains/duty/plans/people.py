"""Names of persons in wall charts (挂图作战): several in one cell, with, between or without separators."""

from __future__ import annotations

import re

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边辜吉饶刁瞿戚丘古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺荀"
)
_DOUBLE = (
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "长孙", "夏侯", "司徒", "令狐", "闻人",
    "公冶", "宇文", "南宫", "西门", "申屠", "太史", "濮阳", "淳于", "单于", "鲜于", "澹台", "赫连", "钟离", "独孤",
    "呼延", "端木",
)  # fmt: skip
_NOT_GIVEN = set("局办委镇街村区县市部门单位责任领导企业公司及和等的各站所队科院校会组处室长书记主任安全")
_POST = re.compile(r"（[^）)]{1,16}）|\([^)]{1,16}\)")
_SEPARATOR = re.compile(r"[、，,；;/|\s]+")


def _surname_length(text: str) -> int:
    if text[:2] in _DOUBLE:
        return 2
    return 1 if text[:1] and text[0] in _SURNAMES else 0


def is_person_name(text: str) -> bool:
    """Whether a text is shaped like one Chinese name: a surname and one or two given characters."""
    length = _surname_length(text)
    return (
        bool(length)
        and length + 1 <= len(text) <= length + 2
        and not set(text[length:]) & _NOT_GIVEN
        and bool(re.fullmatch(r"[\u4e00-\u9fff]+", text))
    )


def names_in(text: str) -> list[str]:
    """Names of a cell; [] where it does not read as names only. 张 三 is one name, 张三李四 are two."""
    tokens = [token for token in _SEPARATOR.split(_POST.sub("、", text.strip("。；"))) if token]
    joined: list[str] = []
    for token in tokens:
        if len(token) == 1 and joined and len(joined[-1]) == 1:
            joined[-1] += token
        else:
            joined.append(token)
    names: list[str] = []
    for token in joined:
        found = _segment(token)
        if not found:
            return []
        names += found
    return list(dict.fromkeys(names))


def is_name_list(text: str) -> bool:
    """Whether a cell holds nothing but names of persons."""
    return bool(names_in(text))


def unsure_names(text: str) -> bool:
    """Whether names were told apart without a separator, so that a person should look."""
    return any(len(token) > 3 for token in _SEPARATOR.split(text.strip()) if token)


def _segment(token: str) -> list[str]:
    """Split a run of names without separators into two- and three-character names; [] where it cannot be done."""
    if is_person_name(token):
        return [token]
    if not re.fullmatch(r"[\u4e00-\u9fff]{4,40}", token):
        return []
    best: dict[int, tuple[int, list[str]]] = {0: (0, [])}
    for end in range(2, len(token) + 1):
        for size in (3, 2, 4):
            start = end - size
            if start not in best or not is_person_name(token[start:end]):
                continue
            # Fewer names win: a given character that is also a surname belongs to the name before it.
            candidate = (
                best[start][0] + (10 if size == 3 else 11 if size == 2 else 12),
                [*best[start][1], token[start:end]],
            )
            if end not in best or candidate[0] < best[end][0]:
                best[end] = candidate
    return best[len(token)][1] if len(token) in best else []
