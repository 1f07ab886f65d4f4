"""The preflight doctor (PRODUCT.md row D22): what would go wrong, said before it does, each with its fix."""
