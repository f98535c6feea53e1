"""What the compiler will not translate, before it is known where in the file it stands."""

from __future__ import annotations


class Refusal(Exception):
    """A meaning that cannot be kept exactly; whoever knows the line turns it into a SqlError.

    Args:
        what: one sentence that names the expression and its types.
        remedy: what the author of the SQL can write instead.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


PYTHON_INSTEAD = "Or make this table a Python function."
