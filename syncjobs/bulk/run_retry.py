"""A run that failed, or a look that does not get through, asked for again by a person."""

from errors.failures import ConfigurationFailure, NotYetReadable
from ipaas import queue
from syncjobs.bulk.run_start import run_revive
from syncjobs.engine.cursors import feed_expedite
from syncjobs.engine.restored_store import restored_accept
from syncjobs.engine.stalls import FEEDS, LOOKS, RUNS
from syncjobs.flows.base import Context, Flow, Outcome, Step
from syncjobs.models import Record, ServiceClass


def revive(context: Context) -> Outcome:
    """Have the last run of this kind go on from its checkpoint."""
    try:
        is_revived = run_revive(connection=context.connection, kind=context.external_id, now=context.now)
    except ConfigurationFailure as failure:
        raise NotYetReadable(failure.summary, retry_after=5.0) from failure
    if not is_revived:
        sentence = "That run is over, or another has taken its place: nothing had to be done."
        return Outcome(disposition=Record.Disposition.SKIPPED, code="run_is_over", sentence=sentence)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence="It goes on where it stopped.")


def expedite(context: Context) -> Outcome:
    """Have the feed looked at now."""
    if look := LOOKS.get(context.external_id):
        queue.token_put(ServiceClass.SOON.queue, look, context.connection.pk)
    else:
        restored_accept(context.connection.pk, context.external_id)
        feed_expedite(context.connection.pk, context.external_id, context.now)
    return Outcome(disposition=Record.Disposition.BOOKED, sentence="It is looked at again now.")


RUN = Flow(name=RUNS, title="Run", context=Context, steps=(Step("revive", revive),))
FEED = Flow(name=FEEDS, title="Look", context=Context, steps=(Step("expedite", expedite),))
