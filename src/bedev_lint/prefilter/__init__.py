"""Where a visitor rule may find something, told by Python's own trees, without LibCST."""
