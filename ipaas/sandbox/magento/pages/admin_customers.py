"""Admin → Customers: the list, an account with its addresses, and what staff may change (apis/magento.md §17)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.web import Reply, Request, Router
from ipaas.sandbox.magento.errors import Refused
from ipaas.sandbox.magento.pages.admin_frame import Shop, admin_page, done, missing, paged, undone, words
from ipaas.sandbox.magento.people.customer_rows import customer_shape
from ipaas.sandbox.magento.people.customer_save import customer_deleted, customer_updated
from ipaas.sandbox.magento.people.merging import Shop as TellingShop
from ipaas.sandbox.magento.people.merging import accounts_merged, merge_told
from ipaas.sandbox.magento.state import Row, State

router: Router[Any] = Router()
HERE = "/admin/customers"
FIELDS = (("First name", "firstname"), ("Last name", "lastname"), ("E-mail", "email"))
PLACE = (
    *(("Street", "street"), ("City", "city"), ("State", "region_code"), ("ZIP", "postcode")),
    *(("Country", "country_id"), ("Phone", "telephone")),
)


@router.route("GET", HERE)
def customers(service: Shop, request: Request) -> Reply:
    """Everybody with an account; `?q=`."""
    state, text = service.state, request.args.get("q", "").strip()
    found = [row for row in state.customers.all() if text.casefold() in _named(row).casefold()]
    rows, pager = paged(found, request)
    groups = {row["id"]: row["code"] for row in state.groups.all()}
    listed = pages.table(
        ("ID", "Name", "E-mail", "Group", "Website"),
        [
            (
                pages.link(f"{HERE}/{row['id']}", row["id"]),
                f"{row['firstname']} {row['lastname']}",
                row["email"],
                groups.get(row["group_id"], row["group_id"]),
                row["website_id"],
            )
            for row in rows
        ],
        none="Nobody matches.",
    )
    search = pages.form(HERE, pages.field("Search", "q", text, kind="search"), submit="Search", method="get")
    return admin_page(request, "Customers", pages.section(f"{len(found)} accounts", search + listed + pager), here=HERE)


def _named(row: Row) -> str:
    return f"{row['firstname']} {row['lastname']} {row['email']}"


@router.route("GET", f"{HERE}/<int:customer_id>")
def customer(service: Shop, request: Request, customer_id: int) -> Reply:
    """One account."""
    state, here = service.state, f"{HERE}/{customer_id}"
    row = state.customers.get(customer_id)
    if row is None:
        return missing(request, "account", HERE)
    shown = customer_shape(state, row)
    groups = [(one["id"], one["code"]) for one in state.groups.all()]
    edit = pages.form(
        here,
        *(pages.field(label, name, row[name]) for label, name in FIELDS),
        pages.select("Group", "group_id", groups, row["group_id"]),
        pages.checkbox("Newsletter", "subscribed", checked=bool(shown["extension_attributes"].get("is_subscribed"))),
    )
    book = pages.table(
        ("ID", "Name", "Address", "Phone", "Default"),
        [
            (
                one["id"],
                f"{one['firstname']} {one['lastname']}",
                f"{', '.join(one['street'])}, {one['city']} {one['postcode']}",
                one["telephone"],
                ", ".join(kind for kind in ("billing", "shipping") if one.get(f"default_{kind}")),
            )
            for one in shown["addresses"]
        ],
        none="No address.",
    )
    add = pages.form(
        f"{here}/addresses",
        *(pages.field(label, name, "US" if name == "country_id" else "") for label, name in PLACE),
        submit="Add address",
    )
    merge = pages.form(
        f"{here}/merge", pages.field("ID of the account that stays", "into", required=True), submit="Put into that one"
    )
    return admin_page(
        request,
        _named(row),
        pages.section("Account", edit),
        pages.section("Addresses", book + add),
        pages.section("Put together (by the shop's module)", merge),
        pages.section("Delete", pages.form(f"{here}/delete", submit="Delete account", quiet=True)),
        here=HERE,
    )


def _told(url: str, said: str, act: Callable[[], Any]) -> Reply:
    """Do something and go back with what came of it."""
    try:
        act()
    except Refused as refused:
        return undone(url, words(refused))
    except (TypeError, ValueError):
        return undone(url, "That is not a number.")
    return done(url, said)


@router.route("POST", f"{HERE}/<int:customer_id>")
def customer_edit(service: Shop, request: Request, customer_id: int) -> Reply:
    """Names, e-mail, group, newsletter."""
    form = request.form

    def act() -> None:
        given: Row = {name: form.get(name, "").strip() for _, name in FIELDS}
        given |= {"group_id": int(form.get("group_id", 1))}
        given["extension_attributes"] = {"is_subscribed": "subscribed" in form}
        customer_updated(service.state, customer_id, given)

    return _told(f"{HERE}/{customer_id}", "The account is saved.", act)


@router.route("POST", f"{HERE}/<int:customer_id>/addresses")
def address_add(service: Shop, request: Request, customer_id: int) -> Reply:
    """One more address, beside those that there are."""
    form = request.form

    def act() -> None:
        before = customer_shape(service.state, service.state.customers.get(customer_id) or {})
        given: Row = {name: form.get(name, "").strip() for name in ("city", "postcode", "country_id", "telephone")}
        given |= {name: before[name] for name in ("firstname", "lastname")}
        given |= {"street": [form.get("street", "").strip()], "region": {"region_code": form.get("region_code", "")}}
        customer_updated(service.state, customer_id, {"addresses": [*before["addresses"], given]})

    return _told(f"{HERE}/{customer_id}", "The address is added.", act)


@router.route("POST", f"{HERE}/<int:customer_id>/merge")
def customer_merge(service: TellingShop, request: Request, customer_id: int) -> Reply:
    """Put the account into another one, as a module of the shop's does; it tells of that where it knows an address."""
    into = request.form.get("into", "").strip()

    def act() -> None:
        accounts_merged(service.state, [customer_id], int(into), deletes=False)
        merge_told(service.state, service.outbox, [customer_id], int(into))

    return _told(f"{HERE}/{customer_id}", f"The account is {into} now.", act)


@router.route("POST", f"{HERE}/<int:customer_id>/delete")
def customer_delete(service: Shop, request: Request, customer_id: int) -> Reply:
    """Remove the account with its addresses."""
    return _told(HERE, "The account is deleted.", lambda: _delete(service.state, customer_id))


def _delete(state: State, customer_id: int) -> None:
    customer_deleted(state, customer_id)
