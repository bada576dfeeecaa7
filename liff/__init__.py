"""Surface: the pages a friend of the account opens in LINE to become a linked member."""
