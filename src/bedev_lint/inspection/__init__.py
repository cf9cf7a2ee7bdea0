"""One file read by itself: facts, suppressions, what visitor rules find; in processes."""
