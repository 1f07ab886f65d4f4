"""The BigCommerce stand-in: management API, app installs, webhooks, shop and order desk over one state."""
