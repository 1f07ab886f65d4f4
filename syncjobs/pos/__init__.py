"""The points of sale: what is theirs alone, in a room for each."""
