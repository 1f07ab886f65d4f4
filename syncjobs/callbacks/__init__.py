"""Callbacks of any system: what proves one, what may be read of it, and who sends which (`senders`)."""
