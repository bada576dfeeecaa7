"""The LINE platform, as this product sees it. The only package that imports linebot."""
