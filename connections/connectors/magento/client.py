"""The whole Magento client."""

from connections.connectors.magento.shop import ShopCalls


class MagentoClient(ShopCalls):
    """One method per question that we ask a shop.

    Every method can raise Unreachable, ServerTrouble, Throttled, CredentialsRejected, PermissionMissing, NotOffered
    and ContractBroken; methods that name a record NotFound; methods that write Rejected, and SaveFailed.
    """
