"""One product asked for again: the original's values are written, whatever the other side holds."""

from connections.models import ItemSettings
from errors.failures import ConfigurationFailure, NotYetReadable
from syncjobs.bulk.run_start import run_begin
from syncjobs.catalogue.choices import apply_kind, item_settings
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.models import Record


def begin(context: Context) -> Outcome:
    """Begin a run over this product alone; while another run goes on, wait for its end."""
    settings = item_settings(context.connection)
    if settings.mode == ItemSettings.Mode.MANUAL:
        sentence = "Items are managed manually now: nothing is written."
        return Outcome(disposition=Record.Disposition.SKIPPED, code="manual", sentence=sentence)
    try:
        run_begin(
            connection=context.connection,
            actor=None,
            kind=apply_kind(settings),
            now=context.now,
            parameters={"keys": [context.external_id], "forced": True},
        )
    except ConfigurationFailure as failure:
        raise NotYetReadable(failure.summary, retry_after=5.0) from failure
    return Outcome(disposition=Record.Disposition.BOOKED, sentence="It is read anew and written by a run of its own.")


ITEMS = Flow(name="items", title="Product", context=Context, steps=(Step("begin", begin),))
