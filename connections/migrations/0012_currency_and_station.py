from django.db import migrations, models


def stations_to_locations(apps, schema_editor):
    """The set-up assistant kept a station that it made beside the settings only."""
    location = apps.get_model("connections", "Location")
    settings = apps.get_model("connections", "OrderSettings").objects.filter(source_location__isnull=False)
    for place, station in settings.exclude(station_id="").values_list("source_location", "station_id"):
        location.objects.filter(pk=place).update(station_id=station)


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0011_guests_unknown'),
    ]

    operations = [
        migrations.AddField(
            model_name='heartlandaccount',
            name='currency',
            field=models.CharField(blank=True, db_default='', max_length=3),
        ),
        migrations.AlterField(
            model_name='ordersettings',
            name='station_id',
            field=models.CharField(blank=True, db_default='', max_length=40),
        ),
        migrations.RunPython(stations_to_locations, migrations.RunPython.noop, elidable=True),
        # The column stays for workers that still run the code before.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name='ordersettings', name='station_id')],
        ),
    ]
