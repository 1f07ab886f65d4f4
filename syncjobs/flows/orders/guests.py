"""The one customer that a merchant chose for guests, and what is said when Heartland does not have it."""

from connections.models import OrderSettings
from errors.failures import Violation
from mappings.core.canonical.order import Buyer

GUEST_CUSTOMER_GONE = "guest_customer_gone"
FIX = "Choose another customer for guests in the order settings, or switch this one on in Heartland."


def goes_to_chosen(settings: OrderSettings, buyer: Buyer) -> bool:
    """True for every guest, or for those who gave nothing to know them by, as the merchant chose."""
    match settings.guest_policy:
        case OrderSettings.GuestPolicy.DEFAULT:
            return buyer.is_guest
        case OrderSettings.GuestPolicy.UNKNOWN:
            return buyer.is_guest and not buyer.email and not buyer.phone
        case _:
            return False


def not_chosen() -> Violation:
    return _violation("Guests' orders go to one customer, and none is chosen.", "")


def gone(settings: OrderSettings) -> Violation:
    """Heartland does not take the customer chosen for guests."""
    customer_id = settings.guest_customer_id
    return _violation(f"Heartland has no active customer {customer_id}, who is chosen for guests.", customer_id)


def _violation(sentence: str, value: str) -> Violation:
    return Violation(
        code=GUEST_CUSTOMER_GONE,
        sentence=sentence,
        field="guest_customer_id",
        value=value,
        fix=FIX,
        fix_page="guests",
    )
