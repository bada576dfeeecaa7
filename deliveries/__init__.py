"""Messages we owe: what is due to whom, and sending it once."""
