"""What holds now of all that is watched, and the daily digest; what is told of it, `errors/alerts/` decides."""
