"""A program linked from the facts of its modules, and again from what of it has changed."""
