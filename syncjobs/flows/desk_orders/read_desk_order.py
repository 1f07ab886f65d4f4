"""Read the sales order as it is now, and what the store is to keep of it."""

from collections.abc import Iterable

from connections.models import Connection
from errors.failures import NotFound, Violation, held
from mappings.catalogue import linked_skus
from mappings.core.heartland.desk_orders import CANNOT, SoldAs, desk_order_from_heartland
from mappings.core.heartland.marks import order_marked
from mappings.core.heartland.sales_orders import sales_order_from_heartland
from mappings.models import CatalogueSku, Side
from mappings.services import marking_of
from syncjobs.flows.base import Outcome
from syncjobs.flows.desk_orders.desk_context import DeskContext
from syncjobs.flows.orders import ORDERS
from syncjobs.flows.orders.standing_for import orders_of
from syncjobs.flows.settled import still_closed
from syncjobs.models import Record
from syncjobs.stores.port import OrderHead


def read(context: DeskContext) -> Outcome | None:
    """End here with what stands for a web order, or is recorded already: the mark in the store says so."""
    try:
        found = context.sales_order = sales_order_from_heartland(context.heartland.order_read(context.external_id))
    except NotFound:
        return skipped("not_in_heartland", f"Heartland has no sales order {context.external_id}.")
    context.learn(
        label=f"Sales order {found.public_id}",
        number=found.public_id,
        source_status=found.status,
        source_version=str(found.answer.get("updated_at") or ""),
        source_total=found.total,
        currency=context.connection.heartland.currency,
    )
    there = context.store.desk_orders.recorded(str(context.mark))
    if len(there) > 1:
        raise held(recorded_twice(context, there))
    if there:
        return recorded(context, there[0])
    if web_id := stands_for(context):
        return skipped(
            "stands_for_web_order", f"{found.public_id} is order {web_id} of the store already: none is made."
        )
    return still_closed(context, str(found.answer.get("updated_at") or ""))


def stands_for(context: DeskContext) -> str:
    """The order of the store that it was booked for, or recorded as before that was archived; "" for none."""
    found = context.sales_order
    marked = order_marked(found.answer, marking_of(context.connection))
    known = orders_of(context.connection, [found.id]).get(found.id, "")
    return marked or known or context.record.target_id


def recorded(context: DeskContext, there: OrderHead) -> Outcome:
    """The store has it: its order is looked at, so that it is followed. Raises a hold where the sums differ."""
    context.learn(target_id=there.id, target_label=there.id, target_total=there.total, order_id=there.id)
    context.others.append((ORDERS.name, there.id))
    if there.total != context.sales_order.total:
        raise held(sums_differ(context, there))
    sentence = f"{context.sales_order.public_id} is recorded in {context.store_name} as order {there.id}."
    context.decide(sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence=sentence)


def prepare(context: DeskContext) -> None:
    """What the store is to keep. Two calls. Raises the holds that say what is missing."""
    customer = context.sales_order.customer_id
    items = {str(line["item_id"]) for line in context.sales_order.lines if line.get("item_id") is not None}
    context.desired = desk_order_from_heartland(
        context.sales_order,
        context.heartland.customer_addresses(customer) if customer else [],
        sold_as(context.connection, items),
        mark=context.mark,
        account_id=account_of(context),
    )


def account_of(context: DeskContext) -> str:
    """The one account with the customer's e-mail address; "" for a guest. Raises a hold for several."""
    email = str((context.sales_order.answer.get("customer") or {}).get("email") or "").strip()
    found = [one for one in context.store.customers.of_email(email) if not one.is_gone] if email else []
    if len(found) > 1:
        raise held(
            Violation(
                code=CANNOT,
                sentence=f"{len(found)} accounts of {context.store_name} have the e-mail address of the customer of "
                f"{context.sales_order.public_id}: nobody is guessed.",
                field="email",
                fix="Leave the address to one of them in the store, then try again.",
                fix_page="store",
            )
        )
    return found[0].id if found else ""


def sold_as(connection: Connection, items: Iterable[str]) -> dict[str, SoldAs]:
    """What the store sells each of these items as, where it is linked and was read."""
    skus = linked_skus(connection, items)
    rows = CatalogueSku.objects.filter(connection=connection, side=Side.STORE, sku__in=skus.values())
    known = {row.sku: row for row in rows.select_related("product")}
    return {
        item: SoldAs(
            sku=sku,
            product_id=known[sku].product.external_id,
            variant_id=known[sku].external_id,
        )
        for item, sku in skus.items()
        if sku in known
    }


def skipped(code: str, sentence: str) -> Outcome:
    return Outcome(disposition=Record.Disposition.SKIPPED, code=code, sentence=sentence)


def recorded_twice(context: DeskContext, there: Iterable[OrderHead]) -> Violation:
    names = ", ".join(sorted(one.id for one in there))
    return Violation(
        code="desk_order_recorded_twice",
        sentence=f"{context.sales_order.public_id} is recorded in {context.store_name} several times: {names}.",
        field="external_order_id",
        value=names,
        fix="Archive all of them but one in the store, then try again.",
        fix_page="store",
    )


def sums_differ(context: DeskContext, there: OrderHead) -> Violation:
    return Violation(
        code="desk_order_sums_differ",
        sentence=f"{context.sales_order.public_id} is over {context.sales_order.total:.2f}, and {context.store_name} "
        f"made order {there.id} of it over {there.total}.",
        field="total",
        value=str(there.total),
        fix="It is marked and never booked back. Correct its prices in the store, or archive it there; then try again.",
        fix_page="store",
    )
