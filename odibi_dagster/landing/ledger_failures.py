"""What goes wrong with a ledger, told to people."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from odibi_dagster.errors import OdibiError, StateError, Where
from odibi_dagster.storage.failures import explain, refusal

#: What says that a file of the ledger is missing or broken, as against a store that does not answer.
_DAMAGE = (
    *("(os error 2)", "not found", "corrupt", "invalid parquet", "eof"),
    *("range was invalid", "range not satisfiable"),  # on the local disk, on stores: a file that is cut off
)


@contextmanager
def explained(where: Where) -> Iterator[None]:
    """Turns what the library raises into the platform's errors; a lost race passes as it is.

    Args:
        where: the ledger.

    Raises:
        StateError: a file of the ledger is missing or broken.
        StorageError, TransientError: the store refused or did not answer.
        deltalake.exceptions.CommitFailedError: somebody else has committed first.
    """
    import duckdb
    from deltalake.exceptions import CommitFailedError, DeltaError

    try:
        yield
    except (CommitFailedError, OdibiError):
        raise
    except (DeltaError, OSError, duckdb.Error) as error:
        raise _failure(where, error) from error
    except Exception as error:
        if type(error) is not Exception:  # which is what an Arrow stream raises
            raise
        raise _failure(where, error) from error


def _failure(where: Where, error: BaseException) -> OdibiError:
    if refused := refusal(where, error):
        return refused
    first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if not any(sign in first.lower() for sign in _DAMAGE):
        code = re.search(r"\bcode: (\d+)", str(error))  # the operating system's, in a later line
        return explain(where, OSError(int(code[1]), first) if code else error)
    return StateError(
        "The ledger is damaged.",
        where=where,
        why=first,
        remedy="Restore the folder from a backup. Without one, remove both the ledger and the table: "
        "the next run builds the table again from every file that still lies in landing.",
    )
