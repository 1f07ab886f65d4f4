"""BigCommerce: installing our app, its pages in the control panel, its access, and what is checked there."""
