"""The loyalty page: the rules, and every movement of points."""
