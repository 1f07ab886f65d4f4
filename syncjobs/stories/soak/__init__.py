"""The endurance test: a running demo world in which processes are killed and webhooks go astray, judged as always."""
