"""What people chose of a list."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0042_payment_addresses'),
    ]

    operations = [
        migrations.CreateModel(
            name='ListView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(max_length=20)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('query', models.CharField(blank=True, max_length=1000)),
                ('columns', models.JSONField(default=list)),
                ('person', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='list_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('person', 'page', 'name'), name='list_view_once')],
            },
        ),
    ]
