"""What orders and products are found by. PostgreSQL compares terms byte by byte, whatever its own order of letters."""

from typing import Any

import connections.crypto
import django.db.models.deletion
from django.db import migrations, models


def compare_by_byte(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute('ALTER TABLE syncjobs_orderterm ALTER term TYPE varchar(90) COLLATE "C"')


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0035_hooks_by_hand'),
        ('syncjobs', '0035_assignments'),
    ]

    operations = [
        migrations.CreateModel(
            name='OrderPeople',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=255)),
                ('content', connections.crypto.EncryptedTextField()),
                ('placed_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='OrderTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('external_id', models.CharField(max_length=255)),
                ('kind', models.CharField(choices=[('number', 'Number'), ('tracking', 'Tracking number'), ('sku', 'SKU of a line')], max_length=8)),
                ('term', models.CharField(max_length=90)),
                ('placed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='PersonTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('term', models.CharField(max_length=40)),
                ('placed_at', models.DateTimeField()),
            ],
        ),
        migrations.RunPython(compare_by_byte, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(condition=models.Q(('target_id', ''), _negated=True), fields=['connection', 'target_id'], name='record_of_target'),
        ),
        migrations.AddIndex(
            model_name='record',
            index=models.Index(condition=models.Q(('target_label', ''), _negated=True), fields=['connection', 'target_label'], name='record_of_target_label'),
        ),
        migrations.AddField(
            model_name='orderpeople',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='order_people', to='connections.connection'),
        ),
        migrations.AddField(
            model_name='orderterm',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='connections.connection'),
        ),
        migrations.AddField(
            model_name='personterm',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='connections.connection'),
        ),
        migrations.AddField(
            model_name='personterm',
            name='people',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='syncjobs.orderpeople'),
        ),
        migrations.AddConstraint(
            model_name='orderpeople',
            constraint=models.UniqueConstraint(fields=('connection', 'external_id'), name='order_people_once'),
        ),
        migrations.AddIndex(
            model_name='orderterm',
            index=models.Index(fields=['connection', 'term', '-placed_at'], name='order_term_found'),
        ),
        migrations.AddConstraint(
            model_name='orderterm',
            constraint=models.UniqueConstraint(fields=('connection', 'external_id', 'kind', 'term'), name='order_term_once'),
        ),
        migrations.AddConstraint(
            model_name='orderterm',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['number', 'tracking', 'sku'])), name='order_term_kind_known'),
        ),
        migrations.AddIndex(
            model_name='personterm',
            index=models.Index(fields=['connection', 'term', '-placed_at'], name='person_term_found'),
        ),
        migrations.AddConstraint(
            model_name='personterm',
            constraint=models.UniqueConstraint(fields=('people', 'term'), name='person_term_once'),
        ),
    ]
