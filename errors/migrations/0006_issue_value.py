"""What a cause is about stands on the issue itself."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('errors', '0005_alerts'),
    ]

    operations = [
        migrations.AddField(
            model_name='issue',
            name='field',
            field=models.CharField(blank=True, db_default='', default='', max_length=100),
        ),
        migrations.AddField(
            model_name='issue',
            name='value',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
    ]
