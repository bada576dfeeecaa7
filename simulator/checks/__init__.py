"""As strict as LINE: what a request must look like, beyond having the right token."""
