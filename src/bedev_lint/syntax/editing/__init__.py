"""Trees that are changed for fixes."""
