"""Where a visitor rule may find something: one file per rule that can tell, called as the rule is.

`where(landmarks, options)` says, cheaply, on which rows; it may name too many, but never too few.
Nothing here knows LibCST, which is imported only once some file has such rows. What both `where`
and `check` of a rule ask stands here too.
"""
