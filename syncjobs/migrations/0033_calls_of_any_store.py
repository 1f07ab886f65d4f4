"""The count of calls to a store stands in a column of its field's name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0032_feeds_of_any_store")]
    operations = [migrations.AlterField("attempt", "calls_store", models.PositiveIntegerField(default=0))]
