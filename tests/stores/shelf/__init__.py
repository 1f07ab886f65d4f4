"""A made-up third kind of store, added in its own rooms: the worked example of README, "How to add a connector"."""
