"""How news comes in: callbacks, polls and feeds, and older orders fetched again."""
