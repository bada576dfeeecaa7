"""What chaos is made of: people who go on with their lives, kills, and the verdict."""
