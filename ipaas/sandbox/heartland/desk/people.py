"""Staff change a customer at the till: names, contact, consent, addresses; and put two together who are one."""

from markupsafe import Markup

from ipaas.sandbox.core import pages
from ipaas.sandbox.core.tables import Row
from ipaas.sandbox.core.web import ApiError, Request, Router
from ipaas.sandbox.heartland import staff
from ipaas.sandbox.heartland.customers import add_address, customer_saved
from ipaas.sandbox.heartland.desk import frame
from ipaas.sandbox.heartland.service import Heartland

routes: Router[Heartland] = Router()
FIELDS = (("First name", "first_name"), ("Last name", "last_name"), ("E-mail", "email"), ("Phone", "phone_number"))
FLAGS = (("Active", "active"), ("Promotional e-mails", "promotional_emails"))
PLACE = (
    *(("First name", "first_name"), ("Last name", "last_name"), ("Street", "line_1"), ("Line 2", "line_2")),
    *(("City", "city"), ("State", "state"), ("ZIP", "postal_code"), ("Country", "country"), ("Phone", "phone")),
)


def customer_forms(row: Row) -> Markup:
    """What staff may do with a customer who is there."""
    here = f"/desk/customers/{row['id']}"
    edit = pages.form(
        here,
        *(pages.field(label, name, row[name]) for label, name in FIELDS),
        *(pages.checkbox(label, name, checked=bool(row[name])) for label, name in FLAGS),
        *(pages.field(key, f"custom-{key}", value) for key, value in (row["custom"] or {}).items()),
    )
    known = {"first_name": row["first_name"], "last_name": row["last_name"], "country": "US"}
    address = pages.form(
        f"{here}/addresses",
        *(pages.field(label, name, known.get(name, "")) for label, name in PLACE),
        submit="Add address",
    )
    merge = pages.form(
        f"{here}/merge", pages.field("Customer # who stays", "into", required=True), submit="Merge into that one"
    )
    return pages.section("Edit", edit) + pages.section("New address", address) + pages.section("Merge", merge)


@routes.route("POST", "/desk/customers/<int:customer_id>")
@frame.action
def customer_edit(service: Heartland, request: Request, customer_id: int) -> str:
    """Save what the form holds."""
    form = request.form
    body: Row = {name: form.get(name, "").strip() or None for _, name in FIELDS}
    body |= {"active": "active" in form, "promotional_emails?": "promotional_emails" in form}
    body["custom"] = {name.removeprefix("custom-"): value for name, value in form.items() if name.startswith("custom-")}
    row = customer_saved(service, customer_id, body)
    return f"/desk/customers/{customer_id}|{row['name']} is saved."


@routes.route("POST", "/desk/customers/<int:customer_id>/addresses")
@frame.action
def address_add(service: Heartland, request: Request, customer_id: int) -> str:
    """One more address."""
    customer = service.one("customers", customer_id, "Customer")
    add_address(service, customer, {name: request.form.get(name, "").strip() or None for _, name in PLACE})
    return f"/desk/customers/{customer_id}|The address is added."


@routes.route("POST", "/desk/customers/<int:customer_id>/merge")
@frame.action
def customer_merge(service: Heartland, request: Request, customer_id: int) -> str:
    """Put the customer into another one, named by number."""
    kept = service.table("customers").first(public_id=request.form.get("into", "").strip())
    if kept is None or kept["id"] == customer_id or kept["deleted_at"]:
        raise ApiError(400, {"message": "There is no other living customer of that number"})
    staff.merge_customers(service, gone_id=customer_id, kept_id=kept["id"])
    return f"/desk/customers/{kept['id']}|Both are {kept['name']} now."
