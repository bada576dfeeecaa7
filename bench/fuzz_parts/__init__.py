"""What the fuzzer is made of: events, their mutations, and requests to every address."""
