"""Rich menus: the menus, their images and aliases, and which menu each person is shown."""
