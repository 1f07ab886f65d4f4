"""The store port: what flows, sets, polls and pages ask of a store, and who answers."""
