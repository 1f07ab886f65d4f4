"""A close as accounting systems read it: one entry a day, and one beside it for what changed of days closed before.

Sources: Intuit, *Import journal entries in QuickBooks Online* and its sample file (accounts by name, dates by month);
Xero, *Enter multiple manual journals using an import template* (accounts by code, at most 300 lines a file, debits
positive).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.core.rules.journal import NAMES, Account

XERO_LINES = 300  # of a file
Line = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One journal entry. Amounts: debits positive, credits negative; they sum to nothing."""

    number: str
    day: date
    memo: str
    currency: str
    amounts: Mapping[Account, Decimal]


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """The merchant's own account. Systems that go by names need `name`, others `code`."""

    code: str
    name: str
    tax_rate: str = ""


Chart = Mapping[Account, Mapped]


def default_chart() -> dict[Account, Mapped]:
    """Our own names: what a merchant who mapped nothing exports by."""
    return {account: Mapped(code="", name=NAMES[account]) for account in Account}


def plain(entries: Sequence[Entry], chart: Chart) -> Iterator[Line]:
    """A list for any other system."""
    yield ("Entry", "Date", "Account code", "Account", "Debit", "Credit", "Currency", "Description")
    for entry, account, amount in _lines(entries):
        mapped = chart[account]
        debit, credit = _sides(amount)
        day = entry.day.isoformat()
        yield (entry.number, day, mapped.code, mapped.name, debit, credit, entry.currency, entry.memo)


def quickbooks(entries: Sequence[Entry], chart: Chart) -> Iterator[Line]:
    """QuickBooks Online."""
    head = ("*JournalNo", "*JournalDate", "*AccountName", "*Debits", "*Credits", "Description", "Name", "Currency")
    yield (*head, "Location", "Class")
    for entry, account, amount in _lines(entries):
        debit, credit = _sides(amount)
        day = f"{entry.day:%m/%d/%Y}"
        yield (entry.number, day, chart[account].name, debit, credit, entry.memo, "", entry.currency, "", "")


def xero(entries: Sequence[Entry], chart: Chart) -> Iterator[Line]:
    """Xero's manual journals. Entries are told apart by narration and date."""
    tracking = ("TrackingName1", "TrackingOption1", "TrackingName2", "TrackingOption2")
    yield ("*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount", *tracking)
    for entry, account, amount in _lines(entries):
        mapped = chart[account]
        day = f"{entry.day.day} {entry.day:%b %Y}"
        narration = f"{entry.memo} ({entry.number})"
        yield (narration, day, NAMES[account], mapped.code, mapped.tax_rate, f"{amount:.2f}", *([""] * len(tracking)))


LAYOUTS: Mapping[str, tuple[str, Callable[[Sequence[Entry], Chart], Iterator[Line]]]] = {
    "plain": ("CSV", plain),
    "quickbooks": ("QuickBooks Online", quickbooks),
    "xero": ("Xero", xero),
}


def parts(entries: Sequence[Entry], most: int = XERO_LINES) -> list[list[Entry]]:
    """The entries in files of at most so many lines; an entry is never cut."""
    found: list[list[Entry]] = [[]]
    lines = 0
    for entry in entries:
        if found[-1] and lines + len(entry.amounts) > most:
            found.append([])
            lines = 0
        found[-1].append(entry)
        lines += len(entry.amounts)
    return found


def missing(layout: str, entries: Sequence[Entry], chart: Chart) -> list[Account]:
    """Accounts that the entries use and the layout cannot name: Xero goes by codes and wants a tax rate."""
    used = [account for account in Account if any(account in entry.amounts for entry in entries)]
    if layout != "xero":
        return []
    return [account for account in used if not (chart[account].code and chart[account].tax_rate)]


def _lines(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Account, Decimal]]:
    for entry in entries:
        for account, amount in entry.amounts.items():
            yield entry, account, amount


def _sides(amount: Decimal) -> tuple[str, str]:
    return (f"{amount:.2f}", "") if amount > 0 else ("", f"{-amount:.2f}")
