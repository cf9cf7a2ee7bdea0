"""One file per visitor rule, called as the rule is: `check` looks at the nodes of one module."""
