"""The chat: webhook, inbox, and what we say."""
