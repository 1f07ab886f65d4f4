"""The checklist from two systems to orders and stock that flow: each step says what is, and leads to its act."""
