"""Which files a run looks at: found, told from tests and other code, named as modules."""
