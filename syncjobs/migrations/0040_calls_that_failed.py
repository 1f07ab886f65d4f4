"""What was sent and answered where a try failed; skipped records by when they changed; how sure corrections are."""

import connections.crypto
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0035_hooks_by_hand'),
        ('syncjobs', '0039_payment_calls'),
    ]

    operations = [
        migrations.CreateModel(
            name='AttemptExchange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', connections.crypto.EncryptedTextField(blank=True)),
                ('response', connections.crypto.EncryptedTextField(blank=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='ordercorrection',
            name='confidence',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='ordercorrection',
            name='why',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(condition=models.Q(('disposition', 'skipped')), fields=['connection', '-changed_at', '-id'], name='record_skipped'),
        ),
        migrations.AddField(
            model_name='attemptexchange',
            name='attempt',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='exchange', to='syncjobs.attempt'),
        ),
        migrations.AddIndex(
            model_name='attemptexchange',
            index=models.Index(fields=['at'], name='attempt_exchange_age'),
        ),
    ]
