"""The points of sale: what is asked of one (`port.py`), and a room for each that answers."""
