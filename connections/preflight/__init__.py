"""The preflight doctor (PRODUCT.md row D22): what would go wrong, said before it does, each with its fix."""

from connections.preflight.doctor import preflight
from connections.preflight.findings import Finding, Severity

__all__ = ["Finding", "Severity", "preflight"]
