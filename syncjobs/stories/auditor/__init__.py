"""The auditor: reads both outside systems directly and says where a page, card or proof of ours claims something else.

It shares no code with what it audits: no record, link or client of the product, only the pages as a person sees them.
"""
