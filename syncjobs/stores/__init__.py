"""The store port: what flows, sets, polls and pages ask of a store (`port`), and who opens one (`opening`)."""
