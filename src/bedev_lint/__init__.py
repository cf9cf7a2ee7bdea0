"""bedev-lint: house rules for backend code, enforced by machine."""

__version__ = "0.1.0"
