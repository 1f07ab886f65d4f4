"""Gift certificates: liabilities with a code that shoppers spend at the checkout."""

from collections.abc import Mapping
from typing import Any

from connections.connectors.bigcommerce.base import ROWS_PER_PAGE, BigCommerceBase
from connections.connectors.bigcommerce.rights import MARKETING
from connections.connectors.http import segment
from connections.connectors.needs import needs
from ipaas.masking import SECRET
from ipaas.types import JSON


class GiftCertificateCalls(BigCommerceBase):
    """Questions about gift certificates (notes §23). Their list cannot be deleted here: that would delete them all."""

    @needs(MARKETING)
    def certificates_page(self, after: int) -> tuple[list[JSON], bool]:
        """Certificates with a greater id, ascending, and whether more may follow: one call."""
        params = [("min_id", str(after + 1)), ("sort", "id"), ("direction", "asc"), ("limit", str(ROWS_PER_PAGE))]
        rows = self._v2_page("/v2/gift_certificates", "gift certificates", params)
        return rows, len(rows) == ROWS_PER_PAGE

    @needs(MARKETING)
    def certificates_with_code(self, code: str) -> list[JSON]:
        """The certificate with a code: one or none. One call."""
        self.redactor.conceal(SECRET, [code])
        found = self._v2_page("/v2/gift_certificates", "gift certificates", [("code", code)])
        return [row for row in found if str(row.get("code")) == code]

    @needs(MARKETING)
    def certificate_read(self, certificate_id: str) -> JSON:
        """One certificate. Raises NotFound."""
        path = f"/v2/gift_certificates/{segment(certificate_id)}"
        return self._object(self._send("GET", path), "gift certificate")

    @needs(MARKETING)
    def certificate_create(self, body: Mapping[str, Any]) -> JSON:
        """Make a certificate; the store mails nobody. Raises Rejected, also where the code is there already."""
        self.redactor.conceal(SECRET, [str(body.get("code") or "")])
        return self._object(self._send("POST", "/v2/gift_certificates", body=body), "gift certificate")

    @needs(MARKETING)
    def certificate_update(self, certificate_id: str, body: Mapping[str, Any]) -> JSON:
        """Overwrite fields; `balance` as a number, whatever it is by then. Raises NotFound or Rejected."""
        path = f"/v2/gift_certificates/{segment(certificate_id)}"
        return self._object(self._send("PUT", path, body=body), "gift certificate")
