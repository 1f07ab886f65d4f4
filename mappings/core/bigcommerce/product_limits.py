"""What BigCommerce takes of a product (notes §18, §19)."""

from mappings.core.canonical.product import CatalogueLimits

LIMITS = CatalogueLimits(
    store="BigCommerce",
    longest_name=250,
    longest_sku=255,
    longest_option=255,
    most_variants=600,
    most_values=250,  # "Platform Limits" of the vendor's help; of options it names no limit
    is_name_unique=True,  # a second one is refused with 409
    is_sku_case_told=False,
)
