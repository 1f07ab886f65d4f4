"""One item's stock asked for again: the next look at the ledger writes it, whatever was refused before."""

from mappings.models import StockLevel
from syncjobs.engine.expedite_stock import stock_expedite
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.models import Record


def mark(context: Context) -> Outcome:
    """Take away the refusal and have the item looked at now."""
    levels = StockLevel.objects.filter(connection=context.connection, sku=context.external_id)
    context.learn(label=f"Stock of {context.external_id}")
    if not levels.update(refusal="", is_dirty=True):
        sentence = f"{context.external_id} is not linked any more; no stock is sent for it."
        return Outcome(disposition=Record.Disposition.SKIPPED, code="not_linked", sentence=sentence)
    stock_expedite(context.connection.pk, context.now)
    return Outcome(
        disposition=Record.Disposition.BOOKED, sentence="Its stock is read anew and sent with the next look."
    )


STOCK = Flow(name="stock", title="Stock of", context=Context, steps=(Step("mark", mark),))
