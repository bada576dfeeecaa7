"""Webhooks: what happened, written as LINE writes it, signed and sent."""
