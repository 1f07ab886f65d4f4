"""The measured life of orders: shipped, parted, cancelled, edited and refunded by people while everything acts up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import requests
from django.db.models import Q
from django.utils import timezone

from ipaas.types import JSON
from syncjobs import engine
from syncjobs.flows.orders.changing import CHOICES
from syncjobs.flows.shipments import SHIPMENTS
from syncjobs.models import Proof, Record
from syncjobs.proof.prove_day import chain_verify, day_of, proof_make
from syncjobs.stories.auditor.reach import audited
from syncjobs.stories.demo.life_report import ALL_LEAVES, Act, Findings, LifeReport, Seen, alive
from syncjobs.stories.demo.orders_at_work import OrdersAtWork
from syncjobs.stories.demo.report import FLOW, Problems, payments_by_order
from syncjobs.stories.shops.shop_side import NotThere

SHARES: Mapping[Act, int] = {  # of a hundred booked orders
    Act.SHIP: 35, Act.PARTS: 20, Act.LATE_NUMBER: 10, Act.CANCEL: 10, Act.CANCEL_LATE: 5, Act.EDIT_ACCEPT: 8,
    Act.EDIT_KEEP: 6, Act.REFUND: 6,
}  # fmt: skip
WAITS: Mapping[Act, Q] = {  # what a record must say before people go on
    Act.CANCEL: Q(disposition="cancelled"),
    Act.CANCEL_LATE: Q(code__in=["cancelled_after_invoice", "kept_though_ended"]),
    Act.EDIT_ACCEPT: Q(code__in=["changed_after_booking", "changed_after_invoice"]) | Q(target_label__endswith="-2"),
    Act.EDIT_KEEP: Q(code__in=["changed_after_booking", "kept_as_booked"]),
    Act.REFUND: Q(code__in=["refunded_after_booking", "kept_as_booked"]),
}


@dataclass
class LifeStory(OrdersAtWork):
    """Orders that people touch in the store and at the desk."""

    shares = SHARES

    def play(self, orders: int) -> LifeReport:
        """The whole story; answers its judgement."""
        if self.store.ships_what_it_holds:
            self.tell_stock()
        self.spoil()
        self.take_orders(orders)
        self.wait("changes are heard of", self.all_changes_are_heard_of)
        for web_id, act in self.acts.items():
            self.go_on(web_id, act)
        self.wait("choices are carried out", self.all_choices_are_made)
        for web_id, act in self.acts.items():
            if act == Act.EDIT_ACCEPT:
                self.ship(web_id, self.number(web_id))
        self.wait("shipments are carried back", self.all_invoices_are_carried)
        self.clear_up()
        proof = self.prove()
        return self.judged(proof)

    # --- what people do ------------------------------------------------------------------------------

    def begin(self, web_id: int, act: Act) -> Act:
        """The first step; answers the act that it became, as not every order can be edited."""
        match act:
            case Act.SHIP:
                self.ship(web_id, self.number(web_id))
            case Act.LATE_NUMBER:
                self.ship(web_id, "")
            case Act.PARTS:
                self.ship(web_id, self.number(web_id), part=True)
            case Act.CANCEL_LATE:
                self.ship(web_id, self.number(web_id), part=True)
                if not self.is_done(partial(self.store.cancel, web_id)):
                    return Act.PARTS
            case Act.CANCEL:
                if not self.is_done(partial(self.store.cancel, web_id)):
                    return self.begin(web_id, Act.SHIP)
            case Act.REFUND:
                if not self.is_done(partial(self.store.refund, web_id, "1.00")):
                    return self.begin(web_id, Act.SHIP)
            case Act.EDIT_ACCEPT | Act.EDIT_KEEP:
                held_by = self.edited(web_id)
                if held_by is None:
                    return self.begin(web_id, Act.SHIP)
                if held_by != web_id:  # another order has taken its place
                    self.placed[held_by] = "edited"
                    return Act.CANCEL
        return act

    def is_done(self, act: Callable[[], None]) -> bool:
        """Something that the shop's owner does; False where the store refuses it."""
        try:
            act()
        except (NotThere, requests.HTTPError):
            return False
        return True

    def edited(self, web_id: int) -> int | None:
        """The shop owner edits; which order has it then, None where the store refuses that."""
        try:
            return self.store.edit(web_id, lambda quantity: quantity + 1)
        except requests.HTTPError:
            return None

    def go_on(self, web_id: int, act: Act) -> None:
        """The second step: the rest of a parted order, a number that comes late, or a choice."""
        if act == Act.PARTS:
            self.ship(web_id, f"{self.number(web_id)}B")
        elif act == Act.LATE_NUMBER:
            for invoice in self.invoices(web_id):
                self.by_hand(partial(self.number_late, invoice, web_id))
        elif act in WAITS and act != Act.CANCEL:
            record = self.record(web_id)
            choice = Record.Choice.STORE if act == Act.EDIT_ACCEPT else Record.Choice.HEARTLAND
            if choice in CHOICES.get(record.code, ()):
                engine.order_choose(record=record, choice=choice, actor=self.staff)

    # --- waiting -------------------------------------------------------------------------------------

    def all_changes_are_heard_of(self) -> list[str]:
        waiting = [web_id for web_id, act in self.acts.items() if act in WAITS and not self.says(web_id, WAITS[act])]
        return [f"order {web_id} ({self.acts[web_id]})" for web_id in waiting] + self.jobs()

    def all_choices_are_made(self) -> list[str]:
        records = Record.objects.filter(flow=FLOW, external_id__in=map(str, self.acts), disposition="held")
        return [str(record) for record in records] + self.jobs()

    def says(self, web_id: int, condition: Q) -> bool:
        return Record.objects.filter(condition, flow=FLOW, external_id=web_id).exists()

    # --- the judgement -------------------------------------------------------------------------------

    def prove(self) -> JSON:
        """Prove the day: orders from before the connection are found, looked at, and the day proved again."""
        days = sorted({day_of(self.connection, timezone.now() - timedelta(hours=back)) for back in (0, 1)})
        self.proved(days)
        self.wait("the proof's repairs", self.jobs)
        proofs = self.proved(days)
        count, trouble = chain_verify(self.connection)
        self.problems += [trouble] if trouble else []
        repaired = [one for proof in proofs for one in proof.repaired]
        return {
            "orders": sum(proof.orders for proof in proofs),
            "counts": dict(sum((Counter(proof.counts) for proof in proofs), Counter())),
            "is_closed": all(proof.is_closed for proof in proofs) and not repaired,
            "unbroken": count,
        }

    def proved(self, days: Sequence[date]) -> list[Proof]:
        """A proof of each day, asked for as patiently as a person would: the proof may find the quota used up."""
        made: list[Proof] = []
        for day in days:
            self.by_hand(partial(self.add_proof, day, made))
        return made

    def add_proof(self, day: date, made: list[Proof]) -> None:
        made.append(proof_make(connection=self.connection, day=day, now=timezone.now()))

    def judged(self, proof: JSON) -> LifeReport:
        findings, untouched = Findings(), Problems()
        disagreements = audited(self.world, self.shops).disagreements
        for seen in self.seen():
            findings.look_at(seen)
        self.judge_untouched(untouched)
        held = Record.objects.filter(flow=SHIPMENTS.name, disposition__in=["held", "dead"])
        expected = {str(web_id) for web_id, act in self.acts.items() if act not in ALL_LEAVES}
        findings.lost += [f"{record}: {record.reason}" for record in held.exclude(order_id__in=expected)]
        early = self.store.mailed_without_tracking() & self.placed.keys()
        records = Record.objects.filter(flow=FLOW, external_id__in=map(str, self.placed))
        return LifeReport(
            orders=len(self.placed),
            acts=dict(Counter(self.acts.values())),
            dispositions=dict(Counter(records.values_list("disposition", flat=True))),
            lost=len(findings.lost) + len(untouched.lost),
            doubled=len(findings.doubled) + len(untouched.doubled),
            shipped_twice=len(findings.shipped_twice),
            notified_before_tracking=len(early),
            cent_differences=len(findings.cents) + len(untouched.cents),
            disagreements=len(disagreements),
            proof=proof,
            webhooks={
                "heartland": dict(Counter(row["status"] for row in self.heartland.rows("deliveries"))),
                self.store.kind: self.store.deliveries(),
            },
            problems=[
                *disagreements,
                *self.problems, *findings.lost, *findings.doubled, *findings.shipped_twice, *findings.cents,
                *untouched.lost, *untouched.doubled, *untouched.cents,
            ],
        )  # fmt: skip

    def judge_untouched(self, problems: Problems) -> None:
        """Orders that were never booked are judged like those of the short story."""
        sales_orders, paid = self.heartland.rows("orders"), payments_by_order(self.heartland)
        stores = self.store.books().orders
        for web_id in self.placed.keys() - self.acts.keys():
            record = Record.objects.filter(flow=FLOW, external_id=web_id).first()
            sold = stores[str(web_id)]
            problems.look_at(web_id, record, alive(sales_orders, self.label(sold)), paid, sold.total)

    def seen(self) -> Iterator[Seen]:
        """Every order that people touched, as both systems show it."""
        sales_orders, paid = self.heartland.rows("orders"), payments_by_order(self.heartland)
        stores, invoiced = self.store.books().orders, self.invoiced()
        for web_id, act in self.acts.items():
            sold = stores[str(web_id)]
            found = alive(sales_orders, self.label(sold))
            held: Counter[str] = sum((invoiced.get(row["id"], Counter()) for row in found), Counter())
            yield Seen(
                web_id=web_id,
                act=act,
                placed_total=self.totals[web_id],
                sold=sold,
                alive=found,
                paid=paid.get(found[0]["id"], Decimal(0)) if found else Decimal(0),
                invoiced={sku: count for sku, count in held.items() if sku in sold.goods},
            )

    def invoiced(self) -> dict[int, Counter[str]]:
        """Pieces by SKU that completed invoices took, by sales order."""
        numbers = {row["id"]: row["public_id"] for row in self.heartland.rows("items")}
        orders = {row["id"]: row["order_id"] for row in self.all_invoices()}
        found: dict[int, Counter[str]] = {}
        for line in self.heartland.rows("transaction_lines"):
            if order := orders.get(line["transaction_id"]):
                found.setdefault(order, Counter())[numbers[line["item_id"]]] += int(line["qty"])
        return found
