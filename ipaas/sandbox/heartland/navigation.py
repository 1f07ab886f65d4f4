"""Where the desk's pages are."""

NAV = (
    ("/desk/", "Dashboard"),
    ("/desk/orders", "Orders"),
    ("/desk/distribute", "Distribute"),
    ("/desk/fulfill", "Fulfill"),
    ("/desk/sale", "Sale"),
    ("/desk/return", "Return"),
    ("/desk/tickets", "Tickets"),
    ("/desk/items", "Items"),
    ("/desk/adjust", "Adjust stock"),
    ("/desk/customers", "Customers"),
    ("/desk/gift-cards", "Gift cards"),
    ("/desk/account", "My account"),
)
