"""What is printed: one file per output format, each a pure `render(diagnostics, page) -> str`."""
