"""When a demo starts again on other ports, what it connected before moves along: addresses and webhooks."""

from django.conf import settings
from django.db.models import F, Value
from django.db.models.functions import Replace

from connections.hooks import hooks_arm
from connections.models import Connection, HeartlandAccount, Store


def readdress(former: dict[str, int], present: dict[str, int]) -> bool:
    """Point stored systems to their new ports; True when anything moved."""
    moved = {name for name, port in present.items() if former.get(name, port) != port}
    for name in moved:
        rows, field = (
            (HeartlandAccount.objects.all(), "base_url") if name == "heartland" else (Store.objects.all(), "api_base")
        )
        old, new = (f"http://127.0.0.1:{ports[name]}" for ports in (former, present))
        rows.filter(**{f"{field}__startswith": old}).update(**{field: Replace(F(field), Value(old), Value(new))})
    return bool(moved)


def rearm(public_url: str) -> None:
    """Register the webhooks anew at our new address; both sandbox systems must be up."""
    settings.PUBLIC_URL = public_url
    for connection in Connection.objects.running():
        hooks_arm(connection)
