"""What the sandbox systems share: web layer, store, clock, faults, switches, outgoing calls, control API, pages."""
