"""Hazard classes as people write them, the label that follows, and what cannot go together."""

import pytest

from quancheng.standards.ghs import (
    Hazard,
    acute_hazard,
    acute_limits,
    categories,
    classes,
    contradictions,
    is_highly_toxic,
    label_of,
    parse,
    pictograms,
    statements,
)


def read(text: str) -> list[str]:
    parsed = parse(text)
    assert not parsed.problems, parsed.problems
    return [hazard.label.zh for hazard in parsed.hazards]


def test_the_tables_are_whole():
    assert {key for key, _ in categories()} == set(classes())
    assert sorted({each.part for each in classes().values()}) == [1, *range(2, 30)]
    assert list(pictograms()) == [f"GHS0{number}" for number in range(1, 10)]
    for category in categories().values():
        assert set(category.pictograms) <= set(pictograms())
        assert set(category.statements) <= set(statements())
        assert category.signal in ("D", "W", "")
        assert category.mark == "G"
    used = {code for category in categories().values() for code in category.statements} | {"H335", "H336"}
    assert used == set(statements())


def test_every_category_is_read_back_from_how_it_is_written():
    for key, category in categories():
        hazard = Hazard(key, category)
        assert parse(hazard.label.zh).hazards == (hazard,)
        assert parse(hazard.label.en).hazards == (hazard,), hazard.label.en


@pytest.mark.parametrize(
    ("text", "hazards"),
    [
        ("易燃液体,类别2; 急性毒性-吸入,类别3*", ["易燃液体,类别2", "急性毒性-吸入,类别3*"]),
        ("易燃液体，类别２、急性毒性－经口，类别３", ["易燃液体,类别2", "急性毒性-经口,类别3"]),
        ("易燃液体,类别2,急性毒性-经口,类别3", ["易燃液体,类别2", "急性毒性-经口,类别3"]),
        ("急性毒性，经皮，类别 1", ["急性毒性-经皮,类别1"]),
        ("爆炸物 (1.1项)", ["爆炸物,1.1项"]),
        ("爆炸物1.4S", ["爆炸物,1.4项"]),
        ("爆炸物，不稳定爆炸物\n加压气体", ["爆炸物,不稳定爆炸物", "加压气体"]),
        ("皮肤腐蚀/刺激,类别1A\r\n严重眼损伤/眼刺激,类别1", ["皮肤腐蚀/刺激,类别1A", "严重眼损伤/眼刺激,类别1"]),
        (
            "特异性靶器官毒性-一次接触,类别3（呼吸道刺激、麻醉效应）",
            ["特异性靶器官毒性-一次接触,类别3(呼吸道刺激)", "特异性靶器官毒性-一次接触,类别3(麻醉效应)"],
        ),
        ("自反应物质和混合物，Ｂ型;有机过氧化物 D型**", ["自反应物质和混合物,B型", "有机过氧化物,D型*"]),
        ("易燃液体 Ⅱ; 易燃固体2类", ["易燃液体,类别2", "易燃固体,类别2"]),
        ("Flam. Liq. 2; Acute Tox. Oral 3 *", ["易燃液体,类别2", "急性毒性-经口,类别3*"]),
        ("易燃液体,类别2;易燃液体,类别2", ["易燃液体,类别2"]),
        ("氧化性气体", ["氧化性气体,类别1"]),
        ("加压气体(液化气体)", ["加压气体,液化气体"]),
        ("生殖毒性,附加类别", ["生殖毒性,附加类别"]),
    ],
)
def test_hazards_are_read_as_people_write_them(text, hazards):
    assert read(text) == hazards


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("易燃液体,类别9", "看不懂"),
        ("易燃气体,类别3", "没有类别3"),
        ("爆炸物,类别2", "没有类别2"),
        ("很危险", "不认识"),
        ("易燃液体,类别2(某效应)", "括号内"),
        ("第3类易燃液体", "不认识"),
        ("急性毒性,类别3", "途径"),
        ("特异性靶器官毒性,类别1", "一次接触或反复"),
        ("危害水生环境,类别1", "急性或长期"),
        ("致敏,类别1", "呼吸道或皮肤"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_reason(text, reason):
    parsed = parse(text)
    assert parsed.hazards == ()
    assert reason in parsed.problems[0].reason.zh
    assert parsed.problems[0].reason.en


def test_the_readable_pieces_are_kept_beside_the_others():
    parsed = parse("易燃液体,类别2;胡写;急性毒性-经口,类别3")
    assert [hazard.key for hazard in parsed.hazards] == ["flammable_liquid", "acute_oral"]
    assert [problem.piece for problem in parsed.problems] == ["胡写"]


@pytest.mark.parametrize("bad", ["", " ", ",,,;;", "(((", ")", "*" * 50, "\x00", "\ud800", "类别1", ";" * 9999])
def test_a_bad_string_raises_nothing(bad):
    assert parse(bad).hazards == ()


def test_a_flood_of_pieces_is_refused_at_once():
    parsed = parse("易燃液体,类别2;" * 10_000)
    assert parsed.hazards == ()
    assert "200" in parsed.problems[0].reason.zh


def test_a_hundred_thousand_brackets_take_no_time():
    assert parse("易燃液体" + "(" * 20_000).hazards == ()


def label(text: str):
    return label_of(parse(text).hazards)


def test_the_label_of_methanol():
    told = label(
        "易燃液体,类别2;急性毒性-经口,类别3*;急性毒性-经皮,类别3*;急性毒性-吸入,类别3*;特异性靶器官毒性-一次接触,类别1"
    )
    assert told.pictograms == ("GHS02", "GHS06", "GHS08")
    assert told.signal.zh == "危险"
    assert [code for code, _ in told.statements] == ["H225", "H301", "H311", "H331", "H370"]
    assert told.statements[0][1].zh == "高度易燃液体和蒸气"


def test_danger_drives_out_warning():
    assert label("易燃液体,类别3").signal.zh == "警告"
    assert label("易燃液体,类别3;急性毒性-经口,类别2").signal.zh == "危险"
    assert label("易燃液体,类别2;皮肤腐蚀/刺激,类别2").signal.en == "Danger"
    assert label("危害水生环境-长期危害,类别2").signal is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("急性毒性-经口,类别3;急性毒性-经皮,类别4", ("GHS06",)),
        ("皮肤腐蚀/刺激,类别1B;严重眼损伤/眼刺激,类别1", ("GHS05",)),
        ("严重眼损伤/眼刺激,类别1;皮肤腐蚀/刺激,类别2", ("GHS05",)),
        ("严重眼损伤/眼刺激,类别1;皮肤腐蚀/刺激,类别2;皮肤致敏物,类别1", ("GHS05", "GHS07")),
        ("严重眼损伤/眼刺激,类别1;急性毒性-经口,类别4", ("GHS05", "GHS07")),
        ("呼吸道致敏物,类别1;皮肤致敏物,类别1;皮肤腐蚀/刺激,类别2", ("GHS08",)),
        ("呼吸道致敏物,类别1;急性毒性-经口,类别4", ("GHS07", "GHS08")),
        ("致癌性,类别1A;皮肤腐蚀/刺激,类别2", ("GHS07", "GHS08")),
        ("金属腐蚀物,类别1;皮肤腐蚀/刺激,类别2", ("GHS05", "GHS07")),
        ("有机过氧化物,B型", ("GHS01", "GHS02")),
        ("危害水生环境-急性危害,类别2;危害水生环境-长期危害,类别2", ("GHS09",)),
    ],
)
def test_pictograms_give_way(text, shown):
    assert label(text).pictograms == shown


def test_what_gave_way_is_told():
    assert label("急性毒性-经口,类别3;急性毒性-经皮,类别4").dropped[0][0] == "GHS07"
    assert label("易燃液体,类别2").dropped == ()


def test_the_label_of_chlorine_whose_gas_has_no_group():
    told = label("加压气体;急性毒性-吸入,类别2;皮肤腐蚀/刺激,类别2;氧化性气体,类别1")
    assert told.pictograms == ("GHS03", "GHS04", "GHS06")
    assert "H280" in told.doubts[0].zh
    assert [code for code, _ in told.statements] == ["H270", "H315", "H330"]


def test_a_label_that_cannot_be_settled_is_doubted():
    assert "未写类别" in label("易燃液体").doubts[0].zh
    assert "麻醉" in label("特异性靶器官毒性-一次接触,类别3").doubts[0].zh
    assert [code for code, _ in label("特异性靶器官毒性-一次接触,类别3(麻醉效应)").statements] == ["H336"]
    assert "GB 30000.1-2024" in label("退敏爆炸物,类别1").doubts[0].zh
    assert label("") == label_of([])


@pytest.mark.parametrize(
    "text",
    [
        "易燃液体,类别2;易燃液体,类别3",
        "爆炸物,1.1项;易燃气体,类别1",
        "易燃气体,类别1;易燃液体,类别2",
        "易燃液体,类别2;易燃固体,类别1",
        "氧化性液体,类别1;氧化性固体,类别1",
        "易燃气体,类别1;氧化性气体,类别1",
        "气溶胶,类别1;加压气体,压缩气体",
        "自反应物质和混合物,A型;有机过氧化物,A型",
        "爆炸物,1.1项;有机过氧化物,A型",
        "自燃固体,类别1;自热物质和混合物,类别1",
        "皮肤腐蚀/刺激,类别1A;严重眼损伤/眼刺激,类别2A",
        "加压气体,压缩气体;加压气体,液化气体",
        "爆炸物,1.1项;爆炸物,1.4项",
    ],
)
def test_contradictions_are_told_with_a_reason(text):
    (found,) = contradictions(parse(text).hazards)
    assert found.reason.zh
    assert found.reason.en


@pytest.mark.parametrize(
    "text",
    [
        "易燃气体,类别1;加压气体,液化气体;急性毒性-吸入,类别3",
        "易燃气体,类别1;化学不稳定性气体,类别A",
        "急性毒性-经口,类别3;急性毒性-经皮,类别1",
        "危害水生环境-急性危害,类别1;危害水生环境-长期危害,类别2",
        "特异性靶器官毒性-一次接触,类别1;特异性靶器官毒性-一次接触,类别3(麻醉效应)",
        "生殖毒性,类别1A;生殖毒性,附加类别",
        "爆炸物,1.1项;氧化性固体,类别1",
        "有机过氧化物,D型;易燃液体,类别3",
        "皮肤腐蚀/刺激,类别1A;严重眼损伤/眼刺激,类别1",
    ],
)
def test_what_goes_together_is_no_contradiction(text):
    assert contradictions(parse(text).hazards) == ()


@pytest.mark.parametrize(
    ("route", "value", "category"),
    [
        ("oral", 5, "1"),
        ("oral", "5.1", "2"),
        ("oral", 300, "3"),
        ("oral", 5000, "5"),
        ("oral", 5001, None),
        ("dermal", 1000, "3"),
        ("gas", 100, "1"),
        ("gas", 20001, None),
        ("vapour", 0.5, "1"),
        ("vapour", 20, "4"),
        ("dust", "0.05", "1"),
        ("dust", 5.1, None),
    ],
)
def test_an_estimate_gives_its_category(route, value, category):
    hazard = acute_hazard(route, value)
    assert (hazard.category if hazard else None) == category


def test_more_poison_is_never_a_milder_category():
    for route in acute_limits():
        last = 0
        for value in (0.01, 0.05, 0.3, 0.9, 4, 18, 60, 250, 900, 1900, 4800, 19000, 99999):
            hazard = acute_hazard(route, value)
            category = int(hazard.category) if hazard else 9
            assert category >= last
            last = category


def test_highly_toxic_is_category_1():
    assert is_highly_toxic("dermal", 50)
    assert not is_highly_toxic("dermal", 51)


@pytest.mark.parametrize(("route", "value"), [("nose", 1), ("oral", 0), ("oral", -1), ("oral", "x"), ("oral", "nan")])
def test_a_bad_estimate_is_refused_clearly(route, value):
    with pytest.raises(ValueError, match=r"route|number above 0"):
        acute_hazard(route, value)
