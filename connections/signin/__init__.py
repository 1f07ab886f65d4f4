"""How people come in and prove who they are: log-in, second factors, sessions, limits on guessing, notices."""
