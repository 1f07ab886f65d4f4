"""Everything that writes about merchants' systems and their connections."""

from connections.audit import audit
from connections.services.access import access_recheck, access_restored, access_revoked
from connections.services.accounts import heartland_authorize, heartland_check, heartland_connect
from connections.services.pairs import (
    connection_activate,
    connection_create,
    connection_disconnect,
    connection_pause,
    connection_resume,
    connection_test,
    mastery_acknowledge,
    pair_the_only,
)
from connections.services.secrets import credentials_rotate
from connections.services.stores import store_check, store_claim

__all__ = [
    "access_recheck",
    "access_restored",
    "access_revoked",
    "audit",
    "connection_activate",
    "connection_create",
    "connection_disconnect",
    "connection_pause",
    "connection_resume",
    "connection_test",
    "credentials_rotate",
    "heartland_authorize",
    "heartland_check",
    "heartland_connect",
    "mastery_acknowledge",
    "pair_the_only",
    "store_check",
    "store_claim",
]
