"""What products can say: attributes, their options, and the sets that they stand in (notes §14.3)."""

from collections.abc import Mapping, Sequence
from typing import Any

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.criteria import Filter
from connections.connectors.magento.rights import ATTRIBUTE_SETS, ATTRIBUTES
from connections.connectors.needs import needs
from errors.failures import NotFound
from ipaas.types import JSON

PER_PAGE = 100
OLD_PREFIX = "id_"  # releases of before answer "id_58" for the option 58


class AttributeCalls(MagentoBase):
    """Questions about attributes."""

    @needs(ATTRIBUTES)
    def attribute(self, code: str) -> JSON | None:
        """One attribute with its `attribute_id`, `scope` and `options`; None when there is none."""
        try:
            return self._read(f"/products/attributes/{segment(code)}", "attribute")
        except NotFound:
            return None

    @needs(ATTRIBUTES)
    def choices(self) -> list[JSON]:
        """All attributes that are chosen from a list: those by which products can differ from their siblings."""
        groups = [[Filter(field="frontend_input", value="select,swatch_visual,swatch_text", condition="in")]]
        return list(self._walk("/products/attributes", "attributes", groups, key="attribute_id", page_size=PER_PAGE))

    @needs(ATTRIBUTES)
    def attribute_create(self, attribute: Mapping[str, Any]) -> JSON:
        """Add an attribute. Raises Rejected, also when its code is there."""
        body = {"attribute": attribute}
        return self._object(self._send("POST", self._v1("/products/attributes"), body=body), "attribute")

    @needs(ATTRIBUTES)
    def options_of(self, code: str) -> list[JSON]:
        """The options of an attribute, `{label, value}`, without the blank one before them. Raises NotFound."""
        rows = self._bare(f"/products/attributes/{segment(code)}/options", "options")
        return [row for row in rows if str(row.get("value") or "").strip()]

    @needs(ATTRIBUTES)
    def option_add(self, code: str, label: str) -> str:
        """Add an option; answers its id, "" where an old release does not tell it. Raises Rejected when it is there."""
        body = {"option": {"label": label}}
        answer = self._send("POST", self._v1(f"/products/attributes/{segment(code)}/options"), body=body)
        number = str(answer.data or "").removeprefix(OLD_PREFIX)
        return number if number.isdigit() else ""

    @needs(ATTRIBUTE_SETS)
    def attribute_sets(self) -> list[JSON]:
        """`{attribute_set_id, attribute_set_name}` of all sets of products."""
        return list(
            self._walk(
                "/products/attribute-sets/sets/list", "attribute sets", key="attribute_set_id", page_size=PER_PAGE
            )
        )

    @needs(ATTRIBUTE_SETS)
    def attributes_of(self, set_id: int) -> list[JSON]:
        """The attributes of a set."""
        return self._bare(f"/products/attribute-sets/{set_id}/attributes", "attributes of the set")

    @needs(ATTRIBUTE_SETS)
    def groups_of(self, set_id: int) -> list[JSON]:
        """The groups of a set: `{attribute_group_id, attribute_group_name}`."""
        groups: Sequence[Sequence[Filter]] = [[Filter(field="attribute_set_id", value=str(set_id))]]
        route = "/products/attribute-sets/groups/list"
        return list(self._walk(route, "attribute groups", groups, key="attribute_group_id", page_size=PER_PAGE))

    @needs(ATTRIBUTE_SETS)
    def attribute_join(self, set_id: int, group_id: int, code: str) -> None:
        """Put an attribute into a set: a product of it drops what stands in none. Safe to repeat."""
        body = {"attributeSetId": set_id, "attributeGroupId": group_id, "attributeCode": code, "sortOrder": 0}
        self._send("POST", self._v1("/products/attribute-sets/attributes"), body=body)
