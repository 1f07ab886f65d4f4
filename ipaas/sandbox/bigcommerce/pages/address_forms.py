"""Address forms: the fields of an order address (note §11), read and written."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from ipaas.sandbox.bigcommerce.actions.customers import COUNTRIES, STATES
from ipaas.sandbox.bigcommerce.pages import frame
from ipaas.sandbox.bigcommerce.pages.frame import H, join
from ipaas.sandbox.bigcommerce.shop.goods import Unsellable
from ipaas.sandbox.bigcommerce.state import Row

TEXTS = ("first_name", "last_name", "company", "street_1", "street_2", "city", "zip", "phone", "email")
REQUIRED = {
    "first_name": "a first name",
    "last_name": "a last name",
    "street_1": "a street",
    "city": "a city",
    "zip": "a postal code",
}


def fields(prefix: str, row: Row, *, with_email: bool) -> Markup:
    """The fields of one address, named `{prefix}first_name` and so on."""

    def text(label: str, name: str, autocomplete: str, *, required: bool = False, kind: str = "text") -> Markup:
        value = row.get(name, "")
        return frame.field(label, prefix + name, value, required=required, kind=kind, autocomplete=autocomplete)

    email = text("E-mail", "email", "email", required=True, kind="email") if with_email else frame.NOTHING
    return join(
        (
            H('<div class="two">{}{}</div>').format(
                text("First name", "first_name", "given-name", required=True),
                text("Last name", "last_name", "family-name", required=True),
            ),
            H('<div class="two">{}{}</div>').format(email, text("Phone", "phone", "tel", kind="tel"))
            if with_email
            else text("Phone", "phone", "tel", kind="tel"),
            text("Street", "street_1", "address-line1", required=True),
            H('<div class="two">{}{}</div>').format(
                text("Apartment, suite (optional)", "street_2", "address-line2"),
                text("Company (optional)", "company", "organization"),
            ),
            H('<div class="three">{}{}{}</div>').format(
                text("City", "city", "address-level2", required=True),
                _state(prefix, row.get("state", "")),
                text("Postal code", "zip", "postal-code", required=True),
            ),
            frame.select("Country", f"{prefix}country_iso2", COUNTRIES.items(), row.get("country_iso2") or "US"),
        )
    )


def _state(prefix: str, chosen: str) -> Markup:
    """States to choose from; abroad it is free text, so an unknown one is kept as an own choice."""
    groups = join(
        H('<optgroup label="{}">{}</optgroup>').format(
            COUNTRIES[country], frame.options([(name, name) for name in sorted(names)], chosen)
        )
        for country, names in STATES.items()
    )
    known = not chosen or any(chosen in names for names in STATES.values())
    own = frame.NOTHING if known else frame.options([(chosen, chosen)], chosen)
    return H(
        '<label>State<select name="{}state" autocomplete="address-level1"><option value="">None</option>{}{}'
        "</select></label>"
    ).format(prefix, own, groups)


def read(prefix: str, form: Mapping[str, str]) -> Row:
    """The address of a form. Raises `Unsellable` naming what is missing."""
    row: Row = {name: form.get(prefix + name, "").strip() for name in TEXTS}
    country = form.get(f"{prefix}country_iso2", "US")
    row |= {
        "country_iso2": country,
        "country": COUNTRIES.get(country, country),
        "state": form.get(f"{prefix}state", "").strip(),
    }
    missing = [text for name, text in REQUIRED.items() if not row[name]]
    if missing:
        raise Unsellable(prefix, f"Please give {', '.join(missing)}.")
    if country in STATES and row["state"] not in STATES[country]:
        raise Unsellable(prefix, f"Please choose a state in {row['country']}.")
    return row


def shown(row: Row) -> Markup:
    """An address as lines."""
    street = [row.get("company"), row.get("street_1"), row.get("street_2")]
    place = f"{row.get('city', '')}, {row.get('state', '')} {row.get('zip', '')}".strip(" ,")
    lines = [f"{row.get('first_name', '')} {row.get('last_name', '')}".strip(), *street, place, row.get("country")]
    return H("<br>").join(line for line in lines if line)
