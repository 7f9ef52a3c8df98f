"""House numbers that are drawn, so that everything works without any download."""
