
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0047_books_refunds'),
    ]

    operations = [
        migrations.AddField(
            model_name='ordersettings',
            name='promise_days',
            field=models.PositiveSmallIntegerField(db_default=7, default=7),
        ),
    ]
