"""Pages about records and their work: a folder a page, with what it shows, its forms and its views."""
