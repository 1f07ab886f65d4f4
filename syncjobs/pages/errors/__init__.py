"""The Errors tab: causes and the records behind them, and the fix where the cause is shown."""
