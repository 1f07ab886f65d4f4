"""The product measured as a whole: demo, life, stock, soak, attack and bench, and the auditor that judges them."""
