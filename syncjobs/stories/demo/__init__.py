"""The demo: the whole product and a sandbox world on one machine, for people and, headless, as a measured story."""
