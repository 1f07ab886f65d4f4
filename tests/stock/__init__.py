"""Stock from Heartland's ledger to the store, over real HTTP."""
