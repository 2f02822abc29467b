"""Planning zones tell the box around their polygon."""

from django.db import migrations, models


def fill(apps, schema_editor):
    zones = apps.get_model("risk", "PlanningZone").objects.filter(west__isnull=True)
    for pk, polygon in zones.values_list("pk", "polygon").iterator(chunk_size=200):
        try:
            corners = polygon["coordinates"][0]
            lons, lats = [float(one[0]) for one in corners], [float(one[1]) for one in corners]
            box = {"west": min(lons), "south": min(lats), "east": max(lons), "north": max(lats)}
        except (KeyError, IndexError, TypeError, ValueError):
            continue
        zones.filter(pk=pk).update(**box)


class Migration(migrations.Migration):

    dependencies = [
        ("risk", "0012_planning_zones"),
    ]

    operations = [
        migrations.AddField(model_name="planningzone", name=name, field=models.FloatField(editable=False, null=True))
        for name in ("west", "south", "east", "north")
    ] + [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
