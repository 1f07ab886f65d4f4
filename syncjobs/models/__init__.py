"""The ledger: what came in, what has to move, what was tried, and how far we read."""

from syncjobs.models.assignments import Assignment
from syncjobs.models.begun_orders import BegunOrder
from syncjobs.models.cards import CardMovement, CardSettings, CardTotal, GiftCard
from syncjobs.models.closings import AccountName, ClosedDocument, DayClose
from syncjobs.models.comments import Comment
from syncjobs.models.corrections import OrderCorrection
from syncjobs.models.cursors_and_runs import BeforeImage, Cursor, Run, RunChange, StockMove
from syncjobs.models.customers import (
    CustomerChange,
    CustomerIdentity,
    CustomerMerge,
    CustomerQuestion,
    CustomerSettings,
)
from syncjobs.models.exchanges import AttemptExchange
from syncjobs.models.ledger import GONE, IN_VAIN, Attempt, InboxEvent, Lane, Record, ServiceClass, SyncJob
from syncjobs.models.loyalty import LoyaltySettings, OrderPoints, PointsAccount, PointsMovement, PointsSide
from syncjobs.models.order_search import OrderPeople, OrderTerm, PersonTerm
from syncjobs.models.order_texts import OrderText
from syncjobs.models.payment_calls import OwnPaymentWrite, PaymentCall, SalesPayment
from syncjobs.models.payouts import PayoutEntry, PayoutFile, PayoutLayout, PayoutWord
from syncjobs.models.proofs import Proof
from syncjobs.models.settlements import Settlement
from syncjobs.models.shared_limits import Circuit, RateBudget, Refusal, RefusalStreak, WorkerBeat

__all__ = [
    "GONE",
    "IN_VAIN",
    "AccountName",
    "Assignment",
    "Attempt",
    "AttemptExchange",
    "BeforeImage",
    "BegunOrder",
    "CardMovement",
    "CardSettings",
    "CardTotal",
    "Circuit",
    "ClosedDocument",
    "Comment",
    "Cursor",
    "CustomerChange",
    "CustomerIdentity",
    "CustomerMerge",
    "CustomerQuestion",
    "CustomerSettings",
    "DayClose",
    "GiftCard",
    "InboxEvent",
    "Lane",
    "LoyaltySettings",
    "OrderCorrection",
    "OrderPeople",
    "OrderPoints",
    "OrderTerm",
    "OrderText",
    "OwnPaymentWrite",
    "PaymentCall",
    "PayoutEntry",
    "PayoutFile",
    "PayoutLayout",
    "PayoutWord",
    "PersonTerm",
    "PointsAccount",
    "PointsMovement",
    "PointsSide",
    "Proof",
    "RateBudget",
    "Record",
    "Refusal",
    "RefusalStreak",
    "Run",
    "RunChange",
    "SalesPayment",
    "ServiceClass",
    "Settlement",
    "StockMove",
    "SyncJob",
    "WorkerBeat",
]
