"""A store whose database was put back to an earlier day: said, until a person who compared the days has it go on."""

from errors.failures import ConfigurationFailure
from syncjobs.models import Cursor

PUT_BACK = "The store's database was put back to an earlier day"


def restored_refuse(seen: str, newest: str) -> None:
    """Raises when the store had an order with a greater id before."""
    if seen and int(newest or 0) < int(seen):
        raise ConfigurationFailure(
            f"{PUT_BACK}: its newest order has the id {newest or 'of none'}, and before it had {seen}. Orders that it "
            "lost stay in Heartland, and new ones may bear ids of lost ones: such an order is held. Compare the days "
            "since in the proof, then retry: the look goes on from what the store holds now."
        )


def restored_accept(connection_id: int, feed: str) -> None:
    """A person asked for the look again: where it stands still for this, what was seen before is forgotten."""
    Cursor.objects.filter(connection=connection_id, feed=feed, failure__startswith=PUT_BACK).update(position="")
