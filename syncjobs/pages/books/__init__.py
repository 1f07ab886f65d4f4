"""The books: days of a month with what is open of each, a day that is closed, and what accounting systems import."""
