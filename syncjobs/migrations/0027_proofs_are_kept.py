"""Has PostgreSQL refuse to change or delete a proof, as it does with the audit trail."""

import django.db.models.deletion
from django.db import migrations, models

# Triggers fire always, also in sessions that switch ordinary ones off.
KEPT = """
CREATE FUNCTION tillbridge_proof_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'proofs are only ever added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER proof_is_kept BEFORE UPDATE OR DELETE ON syncjobs_proof
    FOR EACH ROW EXECUTE FUNCTION tillbridge_proof_is_kept();
CREATE TRIGGER proofs_are_never_emptied BEFORE TRUNCATE ON syncjobs_proof
    FOR EACH STATEMENT EXECUTE FUNCTION tillbridge_proof_is_kept();
ALTER TABLE syncjobs_proof ENABLE ALWAYS TRIGGER proof_is_kept;
ALTER TABLE syncjobs_proof ENABLE ALWAYS TRIGGER proofs_are_never_emptied;
"""
FREE = """
DROP TRIGGER proof_is_kept ON syncjobs_proof;
DROP TRIGGER proofs_are_never_emptied ON syncjobs_proof;
DROP FUNCTION tillbridge_proof_is_kept();
"""


def keep(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEPT, params=None)


def free(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FREE, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('syncjobs', '0026_begun_orders'),
    ]

    operations = [
        migrations.AlterField(
            model_name='proof',
            name='connection',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='connections.connection'),
        ),
        migrations.RunPython(keep, free),
    ]
