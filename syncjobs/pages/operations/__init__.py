"""For who runs the installation."""
