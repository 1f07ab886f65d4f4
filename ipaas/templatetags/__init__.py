"""Template tags of the installation."""
