"""Which rich menu each friend sees and why, and keeping LINE in agreement."""
