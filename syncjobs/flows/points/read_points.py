"""What both sides show of somebody's points, read now."""

from decimal import Decimal, InvalidOperation

from errors.failures import NotFound, Violation, held
from mappings import services
from mappings.core.canonical.order import Buyer
from mappings.core.heartland.customers import customer_key
from mappings.known_links import links_known
from mappings.models import Link
from syncjobs.flows.base import Outcome
from syncjobs.flows.points.points_context import NAME, PointsContext
from syncjobs.models import CustomerIdentity, LoyaltySettings, PointsSide, Record

MOST = 2**31 - 1


def read(context: PointsContext) -> Outcome | None:
    """Ask both sides; ends where loyalty is off, or somebody is not known on both. Two calls."""
    settings = LoyaltySettings.objects.filter(connection=context.connection, is_on=True).first()
    if settings is None:
        return skipped("loyalty_off", "Loyalty points are switched off for this store.")
    context.settings = settings
    if into := merged_into(context):
        context.others.append((NAME, into))
        return skipped("account_merged", f"The account was merged into {into}, where its points count.")
    context.customer_id = customer_of(context)
    if not context.customer_id:
        return skipped("no_customer_yet", "This account has no customer in Heartland yet: its first order makes one.")
    member = context.store.loyalty.member(context.external_id, settings.store_field)
    if member is None:
        PointsSide.objects.filter(connection=context.connection, external_id=context.external_id).delete()
        return skipped("account_gone", "The account was deleted in the store.")
    context.in_store = points_of(member.points, f"{context.store_name}'s field of account {context.external_id}")
    context.group = member.group
    try:
        customer = context.heartland.customer_read(context.customer_id)
    except NotFound:
        customer = {"deleted_at": "gone"}
    if customer.get("deleted_at"):
        return skipped("customer_gone", "The customer is gone from Heartland: the next order finds it anew.")
    shown = (customer.get("custom") or {}).get(settings.heartland_field)
    context.in_heartland = points_of(str(shown or ""), f"Heartland's field of customer {customer_number(customer)}")
    return None


def merged_into(context: PointsContext) -> str:
    """The account that took this one's place in the store; "" for none."""
    rows = CustomerIdentity.objects.filter(connection=context.connection, account_id=context.external_id)
    return rows.values_list("merged_into", flat=True).first() or ""


def customer_of(context: PointsContext) -> str:
    """The Heartland customer that the account is, as it is kept alike or as its orders were booked; "" for none."""
    linked = CustomerIdentity.State.LINKED
    known_as = CustomerIdentity.objects.filter(
        connection=context.connection, account_id=context.external_id, state=linked
    ).values_list("customer_id", flat=True)
    if kept := known_as.first():
        return kept
    buyer = Buyer(source_id=context.external_id, email="", phone="", first_name="", last_name="")
    key = customer_key(buyer, "")
    known = links_known(context.connection, services.person_link_keys(Link.Kind.CUSTOMER, key))
    link = services.person_link(known, Link.Kind.CUSTOMER, key)
    return link.target_id if link else ""


def customer_number(customer: dict[str, object]) -> str:
    return str(customer.get("public_id") or customer.get("id"))


def points_of(text: str, what: str) -> int | None:
    """Whole points as a field holds them; None for an empty one. Raises a hold for what is no number."""
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > MOST:
        raise held(
            Violation(
                code="points_unreadable",
                sentence=f"{what} holds no whole number of points: nothing is counted until it does.",
                field="points",
                fix="Correct the field there, or choose the right field in the loyalty settings; then retry.",
                fix_page="loyalty",
            )
        )
    return int(number)


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)
