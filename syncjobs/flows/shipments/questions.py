"""What only a person can settle about an invoice, and what they chose.

One choice answers all that is asked of an invoice at once, and is about exactly that: when anything of it differs, it
is asked anew.
"""

import hashlib
from collections.abc import Sequence

from errors.failures import ConfigurationFailure, Violation, held
from syncjobs.flows.shipments.shipment_context import ShipmentContext
from syncjobs.models import Record

VOIDED, DELETED, REFUNDED = "invoice_voided", "shipment_deleted", "shipped_though_refunded"
SUBSTITUTED, CONFLICT = "goods_substituted", "tracking_changed_on_both_sides"
VOIDED_KEPT, LEFT_DELETED, LEFT_OUT, TRACKING_KEPT = "voided_kept", "left_deleted", "left_out", "tracking_kept"
AS_CHOSEN = (VOIDED_KEPT, LEFT_DELETED, LEFT_OUT, TRACKING_KEPT)  # outcomes of choices that can be taken back
STORE, HEARTLAND = Record.Choice.STORE, Record.Choice.HEARTLAND
CHOICES = {  # by the code of a hold: the choices with the words of their buttons and what they do
    VOIDED: {STORE: ("Keep the store's shipment", "the goods have left: the store goes on showing it")},
    DELETED: {
        HEARTLAND: ("Ship it again in the store", "makes the shipment anew; the store may mail the shopper again"),
        STORE: ("Leave it deleted", "the store does not show these pieces as shipped"),
    },
    REFUNDED: {
        HEARTLAND: ("Ship all that was invoiced", "also what was given back is shown to the shopper as shipped"),
        STORE: ("Leave out what was given back", "only the other pieces are shipped in the store"),
    },
    SUBSTITUTED: {
        HEARTLAND: ("It went in place of what was sold", "the store shows the pieces sold as shipped"),
        STORE: ("Leave the store as it is", "only what was sold and invoiced is shipped in the store"),
    },
    CONFLICT: {
        HEARTLAND: ("Send Heartland's tracking", "overwrites what was written in the store"),
        STORE: ("Keep the store's tracking", "Heartland's is not sent"),
    },
}


def about(violations: Sequence[Violation]) -> str:
    """What a choice on these questions is about."""
    asked = [(violation.code, violation.value) for violation in violations]
    return hashlib.sha256(repr(asked).encode()).hexdigest()


def choice_on(context: ShipmentContext, violations: Sequence[Violation]) -> Record.Choice | None:
    """What a person chose for exactly this; None while nobody has."""
    record = context.record
    is_answered = bool(record.choice) and record.choice_about == about(violations)
    return Record.Choice(record.choice) if is_answered else None


def asked(context: ShipmentContext, violations: Sequence[Violation]) -> ConfigurationFailure:
    """The hold that asks; the page sends back what it showed."""
    context.keep(question=about(violations))
    return held(*violations)
