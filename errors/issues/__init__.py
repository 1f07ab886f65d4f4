"""Issues: one a cause, with the records that wait behind it."""
