"""What people say of an issue, how often it is met, and whose a record is."""

import connections.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0035_hooks_by_hand'),
        ('errors', '0003_sealed_answers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IssueCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('records', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='IssueNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', connections.crypto.EncryptedTextField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='IssueTag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
            ],
        ),
        migrations.AddField(
            model_name='issue',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='issue',
            name='because',
            field=connections.crypto.EncryptedTextField(blank=True, db_default=''),
        ),
        migrations.AddField(
            model_name='issue',
            name='snoozed_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='issue',
            name='triage',
            field=models.CharField(blank=True, choices=[('', 'Open'), ('acknowledged', 'Acknowledged'), ('snoozed', 'Snoozed'), ('ignored', 'Ignored')], db_default='', default='', max_length=12),
        ),
        migrations.AddField(
            model_name='syncerror',
            name='assignee',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='syncerror',
            name='ignored_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(condition=models.Q(('is_open', False)), fields=['connection', '-last_seen_at'], name='issue_done'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('triage__in', ['', 'acknowledged', 'snoozed', 'ignored'])), name='issue_triage_known'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('triage', 'snoozed'), _negated=True), ('snoozed_until__isnull', False), _connector='OR'), name='issue_snoozed_until_when'),
        ),
        migrations.AddField(
            model_name='issuecount',
            name='issue',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='errors.issue'),
        ),
        migrations.AddField(
            model_name='issuenote',
            name='by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='issuenote',
            name='issue',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='errors.issue'),
        ),
        migrations.AddField(
            model_name='issuetag',
            name='issue',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='tags', to='errors.issue'),
        ),
        migrations.AddIndex(
            model_name='issuecount',
            index=models.Index(fields=['hour'], name='issue_count_age'),
        ),
        migrations.AddConstraint(
            model_name='issuecount',
            constraint=models.UniqueConstraint(fields=('issue', 'hour'), name='issue_count_once'),
        ),
        migrations.AddIndex(
            model_name='issuenote',
            index=models.Index(fields=['issue', '-at'], name='issue_note_recent'),
        ),
        migrations.AddConstraint(
            model_name='issuetag',
            constraint=models.UniqueConstraint(fields=('issue', 'name'), name='issue_tag_once'),
        ),
    ]
