"""Of which stores somebody may see who ordered."""

from collections.abc import Sequence

from connections.models import Connection
from connections.permissions import Action, may, role_of
from connections.views.base import PersonRequest


def seeing_shoppers(request: PersonRequest, connections: Sequence[Connection]) -> list[Connection]:
    """Of these, the stores of whose orders the person may see who made them."""
    merchants = {row.merchant_id: row.merchant for row in connections}
    seen = {pk for pk, one in merchants.items() if may(role_of(request.user, one), Action.SHOPPERS)}
    return [row for row in connections if row.merchant_id in seen]
