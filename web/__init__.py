"""What the surfaces share: languages, headers, error pages, forms, and how a page looks."""
