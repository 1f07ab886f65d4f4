"""Connections: pairing a Heartland account with a store, testing, pausing, disconnecting."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connections import hooks
from connections.audit import audit
from connections.diagnosis import ConnectionDiagnosis
from connections.models import (
    AccessState,
    Connection,
    HeartlandAccount,
    InventorySettings,
    Merchant,
    OrderSettings,
    Store,
    User,
)
from connections.outbox import told_events_keep
from connections.prefixes import prefix_free, prefix_lock, tenant_of
from connections.services.accounts import heartland_check
from connections.services.secrets import credential_erase
from connections.services.stores import store_check
from connections.store_kinds import profile_of
from errors.failures import ConfigurationFailure

State = Connection.State
CLOCK_TOLERANCE = timedelta(minutes=10)


def connection_create(*, heartland: HeartlandAccount, store: Store, actor: User | None) -> Connection:
    """Pair an account with a store, or take up a former pair again. Nothing moves until it is activated.

    Orders placed before now are history, unless the merchant sets an earlier start.
    """
    if store.merchant_id is None or heartland.merchant_id != store.merchant_id:
        raise ConfigurationFailure("The Heartland account and the store belong to different merchants.")
    _require_connected(heartland, store)
    with transaction.atomic():
        connection, is_new = Connection.objects.select_for_update().get_or_create(
            store=store, defaults={"merchant": heartland.merchant, "heartland": heartland}
        )
        if connection.heartland_id != heartland.pk:
            raise ConfigurationFailure(
                f"{store} was connected with {connection.heartland}: its history and links belong there. "
                "Connect it with that Heartland account again."
            )
        if not is_new and connection.state != State.DISCONNECTED:
            return connection
        if is_new:
            prefix_lock(heartland)
            start = timezone.now() - CLOCK_TOLERANCE  # the store's clock may be behind ours
            OrderSettings.objects.create(
                connection=connection,
                history_start_at=start,
                order_prefix=prefix_free(heartland, profile_of(store).order_prefix),
                tenant=tenant_of(heartland),
                **profile_of(store).order_defaults,
            )
            InventorySettings.objects.create(connection=connection)
            told_events_keep(connection.merchant)
        else:
            connection.state, connection.ended_at = State.SETTING_UP, None
            connection.save(update_fields=["state", "ended_at"])
        action = "connection.created" if is_new else "connection.reconnected"
        audit(merchant=connection.merchant, actor=actor, action=action, subject=connection)
    return connection


def pair_the_only(*, merchant: Merchant, actor: User | None) -> Connection | None:
    """Pair the one store that waits with the one account there is; None where nothing waits or a person has to choose.

    Raises ConfigurationFailure where both cannot go together.
    """
    connected = AccessState.CONNECTED
    gone = Q(connection=None) | Q(connection__state=State.DISCONNECTED)
    waiting = list(Store.objects.filter(gone, merchant=merchant, state=connected)[:2])
    accounts = list(HeartlandAccount.objects.filter(merchant=merchant, state=connected)[:2])
    if len(waiting) != 1 or len(accounts) != 1:
        return None
    return connection_create(heartland=accounts[0], store=waiting[0], actor=actor)


def _require_connected(heartland: HeartlandAccount, store: Store) -> None:
    for side in (heartland, store):
        if side.state != AccessState.CONNECTED:
            raise ConfigurationFailure(f"{side} is not connected ({side.get_state_display().lower()}): reconnect it.")


def connection_test(*, connection: Connection) -> ConnectionDiagnosis:
    """Test both sides now; revoked access pauses the flows, working access resumes them."""
    return ConnectionDiagnosis(
        heartland=heartland_check(account=connection.heartland), store=store_check(store=connection.store)
    )


def mastery_acknowledge(*, connection: Connection, actor: User | None) -> None:
    """A person has read that Heartland becomes master of quantities (PRODUCT.md row 6)."""
    if connection.mastery_acknowledged_at:
        return
    connection.mastery_acknowledged_at = timezone.now()
    connection.save(update_fields=["mastery_acknowledged_at"])
    audit(merchant=connection.merchant, actor=actor, action="connection.mastery_acknowledged", subject=connection)


def connection_activate(*, connection: Connection, actor: User | None) -> None:
    """Let records move, once everything orders need is chosen. Raises ConfigurationFailure naming what is not."""
    settings = connection.order_settings
    missing = [
        words
        for words, is_there in {
            "the notice that Heartland becomes master of quantities is confirmed": connection.mastery_acknowledged_at,
            "a source location is chosen": settings.source_location_id,
            "it has a station": settings.source_location and settings.source_location.station_id,
            "a payment type is chosen": settings.payment_type_id,
        }.items()
        if not is_there
    ]
    if missing:
        raise ConfigurationFailure(f"Orders can come once {', '.join(missing)}.")
    _change(connection, actor, "connection.activated", State.ACTIVE, only_from=[State.SETTING_UP])


def connection_pause(*, connection: Connection, actor: User | None) -> None:
    """Stop all flows; whatever comes in is kept and waits."""
    _change(connection, actor, "connection.paused", State.PAUSED, only_from=[State.ACTIVE])


def connection_resume(*, connection: Connection, actor: User | None) -> None:
    """Let the flows go on where they stopped."""
    _change(connection, actor, "connection.resumed", State.ACTIVE, only_from=[State.PAUSED])


def _change(
    connection: Connection, actor: User | None, action: str, state: Connection.State, only_from: list[Connection.State]
) -> None:
    """Change the state from one of the given ones; in any other, nothing happens."""
    with transaction.atomic():
        if Connection.objects.filter(pk=connection.pk, state__in=only_from).update(state=state):
            audit(merchant=connection.merchant, actor=actor, action=action, subject=connection)
    connection.refresh_from_db(fields=["state"])


def connection_disconnect(*, connection: Connection, actor: User | None) -> tuple[str, ...]:
    """Stop the flows, remove our webhooks at both sides and erase the tokens; history stays.

    A Heartland account that serves another store keeps its token. Answers, in words, what could not be removed there.
    """
    _change(connection, actor, "connection.disconnected", State.DISCONNECTED, only_from=_alive())
    Connection.objects.filter(pk=connection.pk).update(ended_at=timezone.now())
    leftovers = hooks.hooks_remove(connection, actor)
    _erase(connection.store, "Disconnected here.")
    others = connection.heartland.connections.exclude(pk=connection.pk).exclude(state=State.DISCONNECTED)
    if not others.exists():
        _erase(connection.heartland, "Disconnected here.")
    return leftovers


def _alive() -> list[Connection.State]:
    return [state for state in State if state != State.DISCONNECTED]


def _erase(side: HeartlandAccount | Store, reason: str) -> None:
    with transaction.atomic():
        side.state, side.state_reason = AccessState.DISCONNECTED, reason
        side.save(update_fields=["state", "state_reason"])
        credential_erase(owner=side)
