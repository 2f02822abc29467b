"""What a migration sees of the models, where each is drawn alone."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.migrations.state import ModelState, ProjectState

from quancheng.runtime.migrate import drawn_alone


def test_python_of_a_migration_finds_the_way_back_to_a_model_that_was_added_alone():
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    state.add_model(ModelState("house", "Tank", [key]))
    tank = state.apps.get_model("house", "Tank")
    with drawn_alone():
        to_tank = models.ForeignKey("house.Tank", models.CASCADE)
        state.add_model(ModelState("house", "Gauge", [key, ("tank", to_tank)]))
        state.add_field("house", "gauge", "beside", models.ForeignKey("house.Tank", models.CASCADE, "+"), True)
        state.add_index("house", "gauge", models.Index(fields=["tank"], name="gauge_tank"))
    assert state.apps.get_model("house", "Tank") is tank, "what stood was drawn anew"
    gauge = state.apps.get_model("house", "Gauge")
    assert [field.name for field in gauge._meta.fields] == ["id", "tank", "beside"]
    assert [index.name for index in gauge._meta.indexes] == ["gauge_tank"]
    assert state.is_delayed
    state.clear_delayed_apps_cache()  # what Django does before Python of a migration runs
    assert hasattr(state.apps.get_model("house", "Tank"), "gauge_set")


def test_a_rule_taken_away_and_a_plain_field_altered_draw_one_model_and_a_relation_draws_all():
    state = ProjectState()
    key = ("id", models.BigAutoField(primary_key=True))
    state.add_model(ModelState("house", "Tank", [key, ("code", models.CharField(max_length=8))]))
    to_tank = models.ForeignKey("house.Tank", models.CASCADE)
    named = {"constraints": [models.UniqueConstraint(fields=["name"], name="gauge_once")]}
    fields = [key, ("tank", to_tank), ("name", models.CharField(max_length=8))]
    state.add_model(ModelState("house", "Gauge", fields, named))
    tank = state.apps.get_model("house", "Tank")
    with drawn_alone():
        state.remove_constraint("house", "gauge", "gauge_once")
        state.alter_field("house", "gauge", "name", models.CharField(max_length=20), True)
    assert state.apps.get_model("house", "Tank") is tank, "what stood was drawn anew"
    gauge = state.apps.get_model("house", "Gauge")
    assert (gauge._meta.get_field("name").max_length, gauge._meta.constraints) == (20, [])
    with drawn_alone():
        state.alter_field("house", "gauge", "tank", models.ForeignKey("house.Tank", models.PROTECT), True)
    assert state.apps.get_model("house", "Tank") is not tank
    assert apps.get_swappable_settings_name.__self__ is apps, "the registry is as it was"
