"""The management API: V2 and V3 routes over the state machine."""
