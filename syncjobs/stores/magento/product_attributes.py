"""What a shop's products can say: its attributes and their options, read once, and made where they are missing.

Options are known by their labels alone: the shop takes an id where people think of a label, and a size “12” is not the
option whose id is 12 (Magento notes §14.3).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from connections.connectors.magento import MagentoClient
from errors.failures import ContractBroken, Rejected
from mappings.core.magento.products import BRAND, Axis, axis_from_magento

BARCODES = ("upc", "ean", "gtin", "barcode")  # what merchants call it: a fresh install has none
NO_SIGN = re.compile(r"[^a-z0-9]+")
LONGEST_CODE = 30
DEFAULT_SET = "Default"
NO_OPTION = "Magento has no option “{}” of {}, and refuses to make it: it takes it for another one. Make it there."


class ProductAttributes:
    """Those of the set in which new products stand."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """By id, all that are chosen from a list: a call for each page of them."""
        found = (axis_from_magento(row) for row in self._client.choices())
        return {axis.id: axis for axis in found}

    @cached_property
    def set_id(self) -> int:
        """The set called Default, else the first one: one call."""
        rows = sorted(self._client.attribute_sets(), key=lambda row: int(row["attribute_set_id"]))
        named = [row for row in rows if row.get("attribute_set_name") == DEFAULT_SET]
        if not rows:
            raise ContractBroken("Magento has no attribute set for products.")
        return int((named or rows)[0]["attribute_set_id"])

    @cached_property
    def in_set(self) -> set[str]:
        """Codes of the attributes that stand in the set: one call."""
        return {str(row["attribute_code"]) for row in self._client.attributes_of(self.set_id)}

    @cached_property
    def barcode(self) -> str:
        """The code of the attribute for barcodes; "" where there is none yet."""
        return next((code for code in BARCODES if code in self.in_set), "")

    def barcode_made(self) -> str:
        """The same, made where it is missing: two calls more then, and one to look for its place."""
        if not self.barcode:
            code = BARCODES[0]
            if self._client.attribute(code) is None:
                self._client.attribute_create(_attribute(code, code.upper(), "text"))
            self._join(code)
            self.barcode = code
        return self.barcode

    def brand(self, name: str) -> str:
        """The id of a brand's option, made where it is missing; "" where products of the shop have no brand."""
        axis = next((one for one in self.axes.values() if one.code == BRAND), None)
        return self.option(axis, name) if axis else ""

    def axis(self, name: str, labels: Sequence[str]) -> Axis:
        """The attribute of an option by what people call it, with these values, made as far as they are missing."""
        axis = self._known(name) or self._made(name)
        if axis.code not in self.in_set:
            self._join(axis.code)
        for label in dict.fromkeys(labels):
            self.option(axis, label)
            axis = self.axes[axis.id]
        return axis

    def option(self, axis: Axis, label: str) -> str:
        """The id of an option, looked for anew before it is made. Raises Rejected where the shop takes it for another.

        No call where it is known, else two.
        """
        known = self.axes[axis.id]
        if not known.option(label):
            known = self._reread(known)
        if not known.option(label):
            refusal = None
            try:
                number = self._client.option_add(known.code, label)
            except Rejected as failure:
                number, refusal = "", failure
            known = replace(known, options={**known.options, number: label}) if number else self._reread(known)
            self.axes[axis.id] = known
            if not known.option(label):
                raise Rejected(NO_OPTION.format(label, known.label), status=400) from refusal
        return known.option(label)

    def _reread(self, axis: Axis) -> Axis:
        rows = self._client.options_of(axis.code)
        fresh = replace(axis, options={str(row["value"]): str(row.get("label") or "") for row in rows})
        self.axes[axis.id] = fresh
        return fresh

    def _known(self, name: str) -> Axis | None:
        wanted = name.strip().casefold()
        called = [one for one in self.axes.values() if wanted in (one.label.strip().casefold(), one.code)]
        return min(called, key=lambda one: (one.code not in self.in_set, int(one.id)), default=None)

    def _made(self, name: str) -> Axis:
        code = NO_SIGN.sub("_", name.casefold()).strip("_")[:LONGEST_CODE] or "option"
        code = code if code[0].isalpha() else f"option_{code}"
        row = self._client.attribute(code)
        if row is not None:  # it is there, and no choice from a list: another one of ours beside it
            code = f"{code[: LONGEST_CODE - 7]}_choice"
        row = self._client.attribute_create(_attribute(code, name, "select"))
        axis = axis_from_magento(row)
        self.axes[axis.id] = axis
        return axis

    def _join(self, code: str) -> None:
        """Into the first group of the set; what stands in none is dropped from products without a word."""
        groups = self._client.groups_of(self.set_id)
        self._client.attribute_join(self.set_id, int(groups[0]["attribute_group_id"]), code)
        self.in_set.add(code)


def _attribute(code: str, label: str, kind: str) -> dict[str, object]:
    return {
        "attribute_code": code,
        "frontend_input": kind,
        "default_frontend_label": label,
        "is_required": False,
        "scope": "global",
    }
