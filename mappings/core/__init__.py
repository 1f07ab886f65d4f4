"""Pure mapping: canonical records, readers, shapers, money, addresses. No Django, no HTTP, no clock."""
