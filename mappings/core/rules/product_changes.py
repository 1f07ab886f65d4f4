"""What would have to change at the other side: field by field, before and after. Equal records have no changes."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from mappings.core.canonical.product import Field, Policy, Product, Variant, barcode_key, number_text
from mappings.core.rules.product_limits import is_same_title

NEW_VARIANT, ACTIVE = "variant", "active"
LABELS: dict[str, str] = {
    NEW_VARIANT: "New variant",
    ACTIVE: "On sale",
    Field.TITLE: "Title",
    Field.PRICE: "Price",
    Field.MSRP: "MSRP",
    Field.DESCRIPTION: "Description",
    Field.PICTURES: "Pictures",
    Field.CATEGORIES: "Categories",
    Field.BRAND: "Brand",
    Field.BARCODE: "Barcode",
    Field.WEIGHT: "Weight",
    Field.COST: "Cost",
}
KEPT_PLACES = 4  # of a number that the store keeps
SHOWN = 120  # characters of a value
SPACES = re.compile(r"\s+")
TAG = re.compile(r"<[^<>]+>")
ENDLESS = re.compile(r"&#\w{9,}")  # a character by a number that no character has


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field of a product, or of the variant with this SKU."""

    field: str  # a Field, NEW_VARIANT or ACTIVE
    sku: str = ""  # "": the product itself
    before: str = ""
    after: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.field]

    @property
    def place(self) -> tuple[str, str]:
        """Which value of the product it is."""
        return self.field, self.sku

    @property
    def jump(self) -> Decimal:
        """By how much a price moves."""
        if self.field != Field.PRICE or not self.before or not self.after:
            return Decimal(0)
        return abs(asked(self.after) - asked(self.before))

    def stored(self) -> dict[str, str]:
        return asdict(self)


def change_of(row: Mapping[str, Any]) -> Change:
    """A change as it was stored."""
    return Change(**{name: str(row[name]) for name in ("field", "sku", "before", "after")})


def differences(source: Product, target: Product, policy: Policy) -> list[Change]:
    """What the target has to change to say what the source says; variants are paired by SKU."""
    found = [change for change in _of_product(source, target, policy) if change.field in policy.fields]
    theirs = {variant.sku: variant for variant in target.variants}
    for variant in source.variants:
        other = theirs.get(variant.sku)
        if other is None:
            found.append(Change(field=NEW_VARIANT, sku=variant.sku, after=described(variant)))
        else:
            found += [change for change in _of_variant(variant, other, policy) if change.field in policy.fields]
    return found


def jump(changes: list[Change]) -> int:
    """The biggest move of a price, in cents."""
    return int(max((change.jump for change in changes), default=Decimal(0)) * 100)


def described(variant: Variant) -> str:
    """A variant in one line."""
    options = ", ".join(f"{name} {value}" for name, value in variant.options)
    return "; ".join(part for part in (options, priced(variant)) if part)


def priced(variant: Variant) -> str:
    """Regular price and, where it is lower, what is asked now: "20.00", "20.00 now 15.00"; "" for none."""
    if variant.price is None:
        return ""
    sale = f" now {variant.sale_price:.2f}" if variant.sale_price else ""
    return f"{variant.price:.2f}{sale}"


def asked(words: str) -> Decimal:
    """What a price that `priced` wrote asks now."""
    return Decimal(words.rpartition(" now ")[2])


def _of_product(source: Product, target: Product, policy: Policy) -> Iterator[Change]:
    pairs = (
        (Field.TITLE, source.title, target.title, is_same_title(source.title, target.title, policy.limits)),
        (
            Field.DESCRIPTION,
            source.description,
            target.description,
            wording(source.description) == wording(target.description),
        ),
        (Field.BRAND, source.brand, target.brand, source.brand.casefold() == target.brand.casefold()),
    )
    for field, mine, theirs, is_same in pairs:
        if not is_same and (mine or policy.blanks_overwrite):
            yield Change(field=field, before=shown(theirs), after=shown(mine))
    if source.categories and not _share(source, target):
        yield Change(
            field=Field.CATEGORIES, before=", ".join(target.categories), after=shown(", ".join(source.categories))
        )
    if source.has_pictures and not target.has_pictures:
        yield Change(field=Field.PICTURES, before="none", after="added")


def _share(source: Product, target: Product) -> bool:
    """Heartland knows one category, the store many: they agree when one is among the others."""
    mine = {name.casefold() for name in source.categories}
    theirs = {name.casefold() for name in target.categories}
    return bool(mine & theirs)


def _of_variant(source: Variant, target: Variant, policy: Policy) -> Iterator[Change]:
    if source.price is not None and priced(source) != priced(target):
        yield Change(field=Field.PRICE, sku=source.sku, before=priced(target), after=priced(source))
    if barcode_key(source.barcode) != barcode_key(target.barcode) and (source.barcode or policy.blanks_overwrite):
        yield Change(field=Field.BARCODE, sku=source.sku, before=target.barcode, after=source.barcode)
    for field, mine, theirs in (
        (Field.MSRP, source.msrp, target.msrp),
        (Field.WEIGHT, source.weight, target.weight),
        (Field.COST, source.cost, target.cost),
    ):
        if mine is not None and round(mine, KEPT_PLACES) != round(theirs or Decimal(0), KEPT_PLACES):
            yield Change(field=field, sku=source.sku, before=_said(theirs), after=_said(mine))


def _said(value: Decimal | None) -> str:
    return "" if value is None else number_text(value)


def shown(text: str) -> str:
    """A value as a table shows it."""
    words = wording(text)
    return words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"


def wording(text: str) -> str:
    """What a description says: without mark-up and idle spaces."""
    return SPACES.sub(" ", html.unescape(ENDLESS.sub(" ", TAG.sub(" ", text)))).strip()
