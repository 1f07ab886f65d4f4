"""Messages that people have a store send us are hooks too, which nothing of ours registers."""

from django.db import migrations, models

FORMER = ["live", "inactive", "blocked", "missing", "polled"]
STATES = [
    ("live", "Live"),
    ("inactive", "Switched off by the sender"),
    ("blocked", "Held back by the sender for a while"),
    ("missing", "Not registered"),
    ("polled", "No webhook exists: polled"),
    ("manual", "Set up by people in the store"),
]


class Migration(migrations.Migration):
    dependencies = [("connections", "0034_handshakes")]

    operations = [
        migrations.AlterField(
            model_name="hook",
            name="state",
            field=models.CharField(choices=STATES, default="missing", max_length=10),
        ),
        migrations.RemoveConstraint(model_name="hook", name="hook_state_known"),
        migrations.AddConstraint(
            model_name="hook",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", [*FORMER, "manual"])), name="hook_state_known"
            ),
        ),
    ]
