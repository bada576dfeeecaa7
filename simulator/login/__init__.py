"""LINE Login: keys, tokens, the log-in pages and what an app may ask about a person."""
