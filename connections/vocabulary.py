"""What people read of what the product does: one word a thing, for screens, mails and the API.

The code keeps its own names (disposition, lane, backfill); nobody but us has to learn them, and
`tests/screens/test_vocabulary.py` keeps ENGINE_WORDS out of what pages show, `tests/unit/test_vocabulary.py` out of
what they may ever show, and has every template take these words from here.
"""

STATES: dict[str, str] = {
    "booked": "Booked",
    "in_flight": "Waiting",
    "retrying": "Waiting",
    "held": "Needs you",
    "skipped": "Skipped",
    "cancelled": "Cancelled",
    "dead": "Gave up",
    "settled": "Closed by hand",
    "resolved": "Resolved",
}  # of an order or another record: where it stands

RETRY, FIX, PREVIEW = (
    "Retry",
    "Fix",
    "Preview",
)  # what people do: try again, take the cause away, look before it is done
CHECK_UP = "Check-up"  # what is asked of both systems before orders flow, and once an hour
FETCH_OLDER = "Fetch older orders"  # by number or date: from before the connection, or when in doubt
DAILY_PROOF = "Daily proof"  # both systems' own lists of a day, held against each other

WORDS = STATES | {
    "retry": RETRY,
    "fix": FIX,
    "preview": PREVIEW,
    "check_up": CHECK_UP,
    "fetch_older": FETCH_OLDER,
    "daily_proof": DAILY_PROOF,
}  # as templates ask for them: {{ "retry"|word }}

ENGINE_WORDS = (
    "backfill",
    "dead letter",
    "digest",
    "disposition",
    "folded",
    "hint",
    "lane",
    "lease",
    "ledger",
    "mend",
    "preflight",
    "replay",
)  # the code's; never on a merchant's page
