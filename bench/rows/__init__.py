"""One file for each row of the table: `measure(size)` gives its figures, yardstick beside them."""
