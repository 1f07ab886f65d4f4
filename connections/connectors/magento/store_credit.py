"""Store credit of accounts, which Adobe Commerce shows from 2.4.9 on (notes §18)."""

import csv
from base64 import b64encode
from collections.abc import Mapping
from io import StringIO

from connections.connectors.http import segment
from connections.connectors.magento.base import MagentoBase
from connections.connectors.magento.rights import CUSTOMERS, IMPORT
from connections.connectors.needs import needs
from errors.failures import Rejected
from ipaas.types import JSON

TAKEN = "Entities Processed: 1"


class StoreCreditCalls(MagentoBase):
    """Questions about store credit."""

    @needs(CUSTOMERS)
    def credit_read(self, customer_id: str, website_id: int) -> JSON:
        """`amount` of an account on a website. Raises NotFound for the account, NotOffered where no route tells."""
        route = f"/customers/{segment(customer_id)}/balance/{website_id}"
        return self._read(route, f"store credit of customer {customer_id}")

    @needs(IMPORT)
    def credit_import(self, row: Mapping[str, str]) -> None:
        """Set what one account has, by a file of one row: what it says counts, not what is added. Raises Rejected."""
        file = StringIO()
        sheet = csv.DictWriter(file, list(row))
        sheet.writeheader()
        sheet.writerow(row)
        source = {
            "entity": "customer_finance",
            "behavior": "add_update",
            "validationStrategy": "validation-stop-on-errors",
            "allowedErrorCount": "0",
            "csvData": b64encode(file.getvalue().encode()).decode(),
        }
        said = self._send("POST", self._v1("/import/csv"), body={"source": source}).data
        if said != [TAKEN]:  # a row that is refused is told with status 200
            raise Rejected(
                "Magento did not take the store credit: its import of “customer_finance” refused the row.", status=200
            )
