"""Frame of the desk's pages."""

NAV = (("/desk/", "Dashboard"),)
