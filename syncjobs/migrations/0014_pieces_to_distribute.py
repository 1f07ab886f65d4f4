from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("syncjobs", "0013_settlements")]

    operations = [
        migrations.AddField(
            model_name="record",
            name="to_distribute",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
    ]
