"""What string literals are for: which are settings, data, examples, or only defaults."""
