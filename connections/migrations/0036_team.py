"""Roles get a builder, and people are invited by their merchant's owners."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def builders_to_viewers(apps, schema_editor):
    """The version before knows no builder, and nobody gets more rights by going back."""
    apps.get_model("connections", "Membership").objects.filter(role="builder").update(role="viewer")


class Migration(migrations.Migration):

    dependencies = [
        ('connections', '0035_hooks_by_hand'),
    ]

    operations = [
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('builder', 'Builder'), ('staff', 'Staff'), ('ops', 'Operations'), ('viewer', 'Viewer')], max_length=10)),
                ('nonce', models.CharField(max_length=40, unique=True)),
                ('invited_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='membership',
            name='membership_role_known',
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('owner', 'Owner'), ('builder', 'Builder'), ('staff', 'Staff'), ('ops', 'Operations'), ('viewer', 'Viewer')], default='viewer', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'builder', 'staff', 'ops', 'viewer'])), name='membership_role_known'),
        ),
        migrations.RunPython(migrations.RunPython.noop, builders_to_viewers),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='merchant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='connections.merchant'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('merchant', 'email'), name='invitation_once'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'builder', 'staff', 'ops', 'viewer'])), name='invitation_role_known'),
        ),
    ]
