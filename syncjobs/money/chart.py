"""The merchant's chart of accounts: what each of our accounts is called in their books."""

from collections.abc import Mapping

from django.db import transaction

from connections.audit import audit
from connections.models import Connection, User
from ipaas.chains import digest_of
from mappings.core.rules.journal import Account
from mappings.core.rules.journal_layouts import Chart, Mapped, default_chart
from syncjobs.models import AccountName

CODE, NAME, TAX = 40, 160, 80  # longest
Given = Mapping[Account, tuple[str, ...]]  # code, name and tax rate as typed


def chart_read(connection: Connection) -> Chart:
    """Their accounts; ours by our own name where they named none."""
    chart = default_chart()
    for row in AccountName.objects.filter(connection=connection):
        ours = Account(row.account)
        chart[ours] = Mapped(code=row.code, name=row.name or chart[ours].name, tax_rate=row.tax_rate)
    return chart


def chart_state(connection: Connection) -> str:
    """Which accounts a page showed."""
    rows = AccountName.objects.filter(connection=connection).order_by("account")
    return digest_of(list(map(list, rows.values_list("account", "code", "name", "tax_rate"))))[:16]


def chart_write(*, connection: Connection, given: Given, actor: User) -> None:
    """Keep them; what is left blank goes by our own name."""
    rows = []
    for account, (code, name, tax) in given.items():
        if code or name or tax:
            rows.append(
                AccountName(
                    connection=connection, account=account, code=code[:CODE], name=name[:NAME], tax_rate=tax[:TAX]
                )
            )
    with transaction.atomic():
        AccountName.objects.filter(connection=connection).delete()
        AccountName.objects.bulk_create(rows)
        audit(
            merchant=connection.merchant, actor=actor, action="accounts.mapped", subject=connection,
            accounts=", ".join(f"{row.account} {row.code or row.name}" for row in rows),
        )  # fmt: skip
