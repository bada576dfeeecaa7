"""Who of the staff may do what, and what they did."""
