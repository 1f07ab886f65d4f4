"""What happens to an order that Heartland holds: each act with its share of a hundred."""

from collections.abc import Callable

from ipaas.types import JSON
from syncjobs.stories.demo.townspeople import Townspeople

Pause = Callable[[], None]
Act = Callable[[Townspeople, int, int, Pause], bool]  # with the store and the web order; False: it was refused


def at_the_desk(do: Callable[[Townspeople, JSON, int], bool]) -> Act:
    """Something that staff do with the sales order of a web order."""

    def play(people: Townspeople, store: int, web_id: int, pause: Pause) -> bool:
        orders = people.sales_orders(store, web_id)
        return bool(orders) and all(do(people, order, web_id) for order in orders)

    return play


def reopened(people: Townspeople, store: int, web_id: int, pause: Pause) -> bool:
    is_cancelled = people.cancels(store, web_id)
    pause()
    return is_cancelled and people.reopens(store, web_id)


def edited_often(people: Townspeople, store: int, web_id: int, pause: Pause) -> bool:
    for pieces in (2, 3, 1, 4):
        if not people.edits(store, web_id, pieces):
            return False
        pause()
    return True


ACTS: dict[str, tuple[int, Act]] = {
    "desk cancels": (8, at_the_desk(lambda people, order, _: people.desk_cancels(order))),
    "desk reprices": (7, at_the_desk(lambda people, order, _: people.desk_reprices(order, 1))),
    "desk gives it to another customer": (
        5,
        at_the_desk(lambda people, order, _: people.desk_gives_to_another(order, people.stranger())),
    ),
    "desk ships": (20, at_the_desk(lambda people, order, web_id: people.desk_ships(order, f"1Z{web_id}"))),
    "cancelled": (7, lambda people, store, web_id, _: people.cancels(store, web_id)),
    "cancelled and reopened": (8, reopened),
    "archived": (6, lambda people, store, web_id, _: people.archives(store, web_id)),
    "edited": (7, lambda people, store, web_id, _: people.edits(store, web_id, 2)),
    "edited again and again": (6, edited_often),
    "refunded in part": (6, lambda people, store, web_id, _: people.refunds(store, web_id, "1.00")),
    "account opened later": (8, lambda people, store, web_id, _: people.opens_an_account(store, web_id)),
    "left alone": (12, lambda *_: True),
}
