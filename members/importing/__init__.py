"""Members from the brand's file: read, compared, and what is new or different written."""
