"""How customers are kept alike, as a person chose: stored with one entry of the trail; the looks begin with it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from connections.preferences import SavedMeanwhile
from syncjobs.engine.cursors import feed_ring, feeds_end
from syncjobs.engine.sweeping import OF_CUSTOMERS
from syncjobs.models import Cursor, CustomerSettings

CHOICES = (
    *("is_on", "creates_in_heartland", "creates_in_store", "company_field", "group_field", "tax_exempt_field"),
    *("rules", "groups", "own_phones"),
)


def customer_settings_of(connection: Connection) -> CustomerSettings:
    """The connection's; the defaults where it has none yet."""
    return CustomerSettings.objects.filter(connection=connection).first() or CustomerSettings(
        connection=connection, company_field="", group_field="", tax_exempt_field="", own_phones=""
    )


def version_of(settings: CustomerSettings) -> str:
    """What a form showed: another version means that somebody saved meanwhile."""
    values = {name: getattr(settings, name) for name in CHOICES}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


@transaction.atomic
def customer_settings_save(
    *, connection: Connection, changes: Mapping[str, Any], shown: str, actor: User, now: datetime
) -> bool:
    """Store checked choices; answers whether that changed anything. Raises SavedMeanwhile.

    What changes from now on is carried: accounts of before are looked at when they change or are swept.
    """
    row, _ = CustomerSettings.objects.select_for_update().get_or_create(connection=connection)
    if version_of(row) != shown:
        raise SavedMeanwhile("Somebody")
    before = {name: getattr(row, name) for name in changes}
    changed = [name for name in changes if before[name] != changes[name]]
    if not changed:
        return False
    for name in changed:
        setattr(row, name, changes[name])
    row.save(update_fields=changed)
    if "is_on" in changed:
        _looks_switch(connection, now, is_on=row.is_on)
    detail = {name: {"was": before[name], "is": changes[name]} for name in changed}
    audit(
        merchant=connection.merchant,
        actor=actor,
        action="customer_settings.changed",
        subject=connection.store,
        **detail,
    )
    return True


def _looks_switch(connection: Connection, now: datetime, *, is_on: bool) -> None:
    """From this moment on; a later start does not go back to what changed while it was off."""
    feeds_end(connection, OF_CUSTOMERS, now)
    for feed in OF_CUSTOMERS if is_on else ():
        position = "" if feed == Cursor.ACCOUNT_SWEEP else now.isoformat()
        Cursor.objects.create(connection=connection, feed=feed, due_at=now, position=position)
        feed_ring(connection.pk, feed)
