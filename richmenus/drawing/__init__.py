"""Draws the pictures of the sample menus: `python -m richmenus.drawing`. Not needed to run."""
