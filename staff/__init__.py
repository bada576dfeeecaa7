"""The staff site: where people who are no engineers look after the account."""
