"""What is kept of a shopper."""
