"""One file for each area of the site, found by looking into this folder.

An area has a `NAV`, or None, and `install(pages, parts)`, which adds its routes.
"""
