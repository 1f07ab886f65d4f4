"""The flows by name. A flow is registered by adding it to this table."""

from syncjobs.flows.base import AnyFlow

FLOWS: dict[str, AnyFlow] = {}
