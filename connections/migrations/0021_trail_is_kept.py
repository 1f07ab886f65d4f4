"""Chains the audit trail where it stands, and has PostgreSQL refuse to change it from here on."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from connections.trail import PLATFORM, seal

# Triggers fire always, also in sessions that switch ordinary ones off. What lets an UPDATE through is the digest of an
# entry that has none yet: the version before this one wrote it while the new one was installed.
KEPT = """
CREATE FUNCTION tillbridge_trail_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.number IS NULL
           AND to_jsonb(OLD) - '{number,previous,digest}'::text[] = to_jsonb(NEW) - '{number,previous,digest}'::text[]
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit trail is only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER trail_is_kept BEFORE UPDATE OR DELETE ON connections_auditentry
    FOR EACH ROW EXECUTE FUNCTION tillbridge_trail_is_kept();
CREATE TRIGGER trail_is_never_emptied BEFORE TRUNCATE ON connections_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION tillbridge_trail_is_kept();
ALTER TABLE connections_auditentry ENABLE ALWAYS TRIGGER trail_is_kept;
ALTER TABLE connections_auditentry ENABLE ALWAYS TRIGGER trail_is_never_emptied;
"""
FREE = """
DROP TRIGGER trail_is_kept ON connections_auditentry;
DROP TRIGGER trail_is_never_emptied ON connections_auditentry;
DROP FUNCTION tillbridge_trail_is_kept();
"""


def chain(apps, schema_editor):
    entries, heads = apps.get_model("connections", "AuditEntry").objects, apps.get_model("connections", "AuditHead").objects
    seal(entries.filter(merchant=None), heads, PLATFORM)
    for merchant in apps.get_model("connections", "Merchant").objects.order_by("pk"):
        seal(entries.filter(merchant=merchant), heads, str(merchant.public_id))


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEPT, params=None)


def free(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREE, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0020_people_in_the_trail'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=36, unique=True)),
                ('count', models.PositiveIntegerField(default=0)),
                ('digest', models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.AddField(
            model_name='auditentry',
            name='digest',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='number',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='person',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='auditentry',
            name='previous',
            field=models.CharField(blank=True, db_default='', max_length=64),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='actor',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='auditentry',
            name='merchant',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='audit_entries', to='connections.merchant'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.UniqueConstraint(fields=('merchant', 'number'), name='audit_chain_has_no_forks'),
        ),
        migrations.AddConstraint(
            model_name='auditentry',
            constraint=models.UniqueConstraint(condition=models.Q(('merchant', None)), fields=('number',), name='audit_platform_has_no_forks'),
        ),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.RunPython(keep, free),
    ]
