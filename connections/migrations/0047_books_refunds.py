"""Whether what the store gave back is booked by itself, and puts pieces back into stock."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("connections", "0046_counts_points")]

    operations = [
        migrations.AddField(
            model_name="ordersettings",
            name="books_refunds",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="ordersettings",
            name="restocks_refunds",
            field=models.BooleanField(db_default=True, default=True),
        ),
    ]
