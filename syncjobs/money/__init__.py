"""What a gateway paid out, beside what the orders were paid by."""
