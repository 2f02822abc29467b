"""What a migration sees of the models, where each is drawn alone."""

from __future__ import annotations

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
