"""The index that the broker's claim walks, on django-q2's own queue table. DEPENDENCIES.md, django-q2."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("syncjobs", "0001_initial"),
        ("django_q", "0019_alter_task_options_alter_ormq_key_alter_ormq_lock_and_more"),
    ]
    operations = [
        migrations.RunSQL(
            sql="CREATE INDEX IF NOT EXISTS syncjobs_queue_turn ON django_q_ormq (key, id)",
            reverse_sql="DROP INDEX IF EXISTS syncjobs_queue_turn",
        )
    ]
