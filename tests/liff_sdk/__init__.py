"""LINE's own LIFF SDK, put here by `make liff-sdk` for the browser tests; never shipped."""
