"""bedev-lint: house rules for backend code, enforced by machine."""

__all__ = ["DOCS_URL", "__version__"]

__version__ = "0.1.0"
# The site that docs/ becomes: each rule has a page there.
DOCS_URL = "https://bedev-lint.readthedocs.io/en/stable/"
