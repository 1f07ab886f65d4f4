"""The sandbox's stores as stories meet them, whatever kind they are: shoppers, staff, and books."""
