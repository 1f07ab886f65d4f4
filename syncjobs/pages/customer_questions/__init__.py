"""The list of questions about customers, which only a person can answer."""
