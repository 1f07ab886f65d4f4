"""Whether methods without a row of their own are booked is a choice; pairs of before go on as they were set up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0023_prefix_once")]

    operations = [
        migrations.AddField(
            model_name="ordersettings",
            name="books_other_payments",
            field=models.BooleanField(db_default=True, default=False),
        ),
    ]
