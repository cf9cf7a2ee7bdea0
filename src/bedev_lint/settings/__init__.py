"""What a project asks for: configuration, a catalog with its own rules, which of them are on."""
