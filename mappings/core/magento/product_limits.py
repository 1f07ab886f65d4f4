"""What Magento takes of a product (notes §14). Names may be alike; of SKUs the size of letters is not told."""

from mappings.core.canonical.product import CatalogueLimits

LIMITS = CatalogueLimits(
    store="Magento",
    longest_name=255,  # a column's, as are those of options
    longest_sku=64,
    longest_option=255,
    is_name_unique=False,
    is_sku_case_told=False,
)
