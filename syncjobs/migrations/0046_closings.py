"""Days that are closed; PostgreSQL refuses to change or delete one, as it does with proofs."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Triggers fire always, also in sessions that switch ordinary ones off.
KEPT = """
CREATE FUNCTION tillbridge_day_close_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'closed days are only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER day_close_is_kept BEFORE UPDATE OR DELETE ON syncjobs_dayclose
    FOR EACH ROW EXECUTE FUNCTION tillbridge_day_close_is_kept();
CREATE TRIGGER day_closes_are_never_emptied BEFORE TRUNCATE ON syncjobs_dayclose
    FOR EACH STATEMENT EXECUTE FUNCTION tillbridge_day_close_is_kept();
ALTER TABLE syncjobs_dayclose ENABLE ALWAYS TRIGGER day_close_is_kept;
ALTER TABLE syncjobs_dayclose ENABLE ALWAYS TRIGGER day_closes_are_never_emptied;
"""
FREE = """
DROP TRIGGER day_close_is_kept ON syncjobs_dayclose;
DROP TRIGGER day_closes_are_never_emptied ON syncjobs_dayclose;
DROP FUNCTION tillbridge_day_close_is_kept();
"""


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEPT, params=None)


def free(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREE, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0043_lists'),
        ('syncjobs', '0045_gift_cards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='payoutentry',
            name='matched_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='AccountName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=20)),
                ('code', models.CharField(blank=True, max_length=40)),
                ('name', models.CharField(blank=True, max_length=160)),
                ('tax_rate', models.CharField(blank=True, max_length=80)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='account_names', to='connections.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connection', 'account'), name='account_name_once')],
            },
        ),
        migrations.CreateModel(
            name='ClosedDocument',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document', models.CharField(max_length=280)),
                ('amounts', models.JSONField(default=dict)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='closed_documents', to='connections.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connection', 'document'), name='closed_document_once')],
            },
        ),
        migrations.CreateModel(
            name='DayClose',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('note', models.CharField(blank=True, max_length=300)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('open_points', models.JSONField(default=dict)),
                ('figures', models.JSONField(default=dict)),
                ('lines', models.JSONField(default=list)),
                ('previous', models.CharField(blank=True, max_length=64)),
                ('digest', models.CharField(max_length=64)),
                ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='day_closes', to='connections.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connection', 'day'), name='day_closed_once'), models.UniqueConstraint(fields=('connection', 'previous'), name='day_close_chain_has_no_forks')],
            },
        ),
        migrations.RunPython(keep, free),
    ]
