"""How large a large ticket tree is: three thousand entries, which is what lists without pages count by.

>>> ticket = 1 + MILESTONES * (1 + TASKS)
>>> ticket + CHILDREN * ticket
2993
"""

CHILDREN = 40
MILESTONES = 6
TASKS = 11

LINKS = 2
MENTIONS = 1
"""What hangs on an ordinary row."""
