"""Figures beside their ceilings, measured in one run. Nothing timed is asserted anywhere."""
