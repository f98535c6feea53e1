"""CloudAdapter: a container, a bucket or a folder, for scripts and notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

from odibi_dagster.cloud import connect, create, files, listing, read, write
from odibi_dagster.cloud.connect import Connection
from odibi_dagster.cloud.listing import File
from odibi_dagster.cloud.target import Target
from odibi_dagster.cloud.vault import get_secret as vault_secret
from odibi_dagster.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd
    from arro3.core import Table

Format = Literal["parquet", "csv", "json", "delta"]
Mode = Literal["overwrite", "append", "error"]


class CloudAdapter:
    """Reads, writes, lists, copies and deletes files of one container, bucket or folder.

    It has stores of its own: neither the environment nor another adapter is touched by its credentials. Paths
    are below the container; a whole URL of something in it will do too. Every failure is an
    `odibi_dagster.errors.OdibiError`, of the same classes that runs and hooks see.

    Make one with `CloudAdapter.create`.
    """

    def __init__(self, target: Target) -> None:
        self._target = target

    @classmethod
    def create(
        cls,
        provider: str,
        *,
        container: str | None = None,
        bucket: str | None = None,
        network: Mapping[str, Any] | None = None,
        **credentials: Any,
    ) -> CloudAdapter:
        """An adapter; nothing is contacted (but for a vault, if only it knows the account).

        Args:
            provider: "azure", "s3" or "local".
            container, bucket: the Azure container or S3 bucket; for "local" the folder. Without it, `connect`
                tells which there are, and nothing else works.
            network: as `network:` of an environment file: proxy, no_proxy, ca_file, connect_timeout, timeout,
                attempts.
            **credentials: the keys of an entry of `stores:` in an environment file, and `account_name` for
                `account`. Values may be references, such as "${keyvault:my-vault/key}". Without any, the
                default chain of the provider.

        Raises:
            ConfigError: a keyword is unknown, empty or missing, or several do not go together.
        """
        if container is not None and bucket is not None:
            raise ConfigError(
                "CloudAdapter.create: `container` and `bucket` are two names for one thing.",
                remedy="Keep one of them.",
            )
        place = container if container is not None else bucket
        return cls(create.create_target(provider, place, network, credentials))

    def connect(self) -> Connection:
        """Asks the server who you are and what you may do; the answer is true, and prints well.

        Tried are to list, and to read one byte; nothing is written. What fails is tried twice at most.

        Raises:
            StorageError: AuthenticationError, PermissionDenied, ContainerNotFound, NameResolutionError, …
            TransientError: the store does not answer.
        """
        return connect.connect(self._target)

    @overload
    def read(
        self,
        path: str,
        format: Format | None = None,
        as_: Literal["pandas"] = "pandas",
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame: ...
    @overload
    def read(
        self,
        path: str,
        format: Format | None = None,
        *,
        as_: Literal["arrow"],
        columns: Sequence[str] | None = None,
    ) -> Table: ...
    @overload
    def read(
        self,
        path: str,
        format: Format | None = None,
        *,
        as_: Literal["duckdb"],
        columns: Sequence[str] | None = None,
    ) -> Any: ...
    def read(
        self,
        path: str,
        format: Format | None = None,
        as_: str = "pandas",
        columns: Sequence[str] | None = None,
    ) -> Any:
        """The rows of a file, of all files of a folder or pattern, or of a Delta table.

        Files are fetched in pieces to this machine's disk of temporary files, several at once, and parsed by
        DuckDB; they are gone afterwards. Files of different columns are put together by name. A folder's or
        pattern's `name=value` steps are columns, of texts; names that begin with `_` or `.` are passed over.

        Args:
            path: a file, a folder, or a pattern: `*` and `?` stay in one folder, `**` is any number of them.
            format: "parquet", "csv", "json" (one object a line, or a list) or "delta"; None goes by the
                files' names.
            as_: "pandas": no value is rounded (decimals are `decimal.Decimal`, integers and booleans nullable
                types, datetimes microseconds). "arrow": an arro3 table, which pyarrow, Polars and DuckDB
                take. "duckdb": a relation of a DuckDB of its own, which uses the disk where memory ends.
            columns: their names, in the wanted order; None is all.

        Raises:
            ObjectNotFound: there is no such file, and no folder with files.
            DataError: the bytes are not of the format.
            ConfigError: the format is not known, or there is no such column.
            StateError: a Delta table uses features that cannot be honoured here.
            SpaceError: the disk of temporary files is too small.
            StorageError, TransientError: the store refused, or did not answer.
        """
        return read.read(self._target, path, format, as_, columns)

    def write(
        self,
        data: Any,
        path: str,
        format: Format | None = None,
        mode: Mode = "overwrite",
        partition_by: Sequence[str] | str = (),
    ) -> None:
        """Writes rows as one file, as files of a folder, or as a Delta table.

        One file, and a Delta table, change at once and whole: readers see the old rows or the new. A folder
        does not: while it is overwritten, readers see both for a moment. A path that ends in `/`, and every
        path with `partition_by`, is a folder.

        Args:
            data: a pandas DataFrame (its unnamed index is left out), a DuckDB relation, or whatever has the
                Arrow PyCapsule protocol.
            path: where.
            format: "parquet", "csv", "json" (one object a line) or "delta"; None goes by the path's suffix.
            mode: "overwrite" replaces what is there; "append" adds a file to a folder, or rows to a Delta
                table; "error" writes only where nothing is: of several writers of one file, or of one Delta
                table, one wins (a file is then one request: 5 GB at most).
            partition_by: columns that become `name=value` folders, and are not in the files.

        Raises:
            ConfigError: `append` to one file, an unknown mode or format, or another partitioning than the
                Delta table's.
            DataError: the data cannot be written, or does not have the Delta table's columns.
            StateError: something is there and the mode is "error"; or what is there is of another kind.
            StorageError, TransientError: the store refused, or did not answer.
        """
        write.write(self._target, data, path, format, mode, partition_by)

    def list(self, path: str = "", pattern: str = "*") -> list[File]:
        """The files below a path whose names match, in the order of their paths.

        What marks folders, successes and commits is no file. A path with nothing below gives an empty list.

        Args:
            path: a folder, at any depth of which files are found; a pattern; or a file.
            pattern: of the files' names, such as "*.parquet"; with a `/`, of their paths below `path`.

        Returns:
            Paths as `read` takes them: texts that also have `size` (bytes), `modified` (UTC) and `etag`.

        Raises:
            StorageError, TransientError: the store refused, or did not answer.
        """
        return listing.listed(self._target, path, pattern)

    def exists(self, path: str) -> bool:
        """Whether a file, or a folder with files, is there; False means exactly that it is not.

        Raises:
            StorageError, TransientError: the store refused, or did not answer, or has no such container.
        """
        return files.exists(self._target, path)

    def delete(self, path: str) -> int:
        """Deletes a file, or the files that a pattern matches, and says how many; 0 if nothing is there.

        Args:
            path: a file; or a pattern, such as "old/2023/*.csv"; "old/**" is all that is below `old`.

        Raises:
            ConfigError: it is a folder.
            StorageError, TransientError: the store refused, or did not answer.
        """
        return files.delete(self._target, path)

    def copy(self, source: str, target: str) -> None:
        """Copies one file within the container, in the store itself, replacing what was there.

        Raises:
            ObjectNotFound: there is no file to copy.
            StorageError, TransientError: the store refused (S3 copies up to 5 GB), or did not answer.
        """
        files.copy(self._target, source, target)

    def get_secret(self, vault: str, name: str | None = None) -> str:
        """A secret of Azure Key Vault or of AWS Secrets Manager, asked as this adapter's identity.

        A storage account's key or signature opens no vault: then it is the default chain that asks. The value
        is masked in what the platform logs, from here on.

        Args:
            vault: Azure: the vault's name or host. S3: the secret's name or ARN.
            name: Azure: the secret's name, perhaps with `@version`. S3: a field, if the secret is an object.

        Raises:
            ConfigError: there is no such secret.
            StorageError: the identity is refused.
            TransientError: the vault cannot be reached.
        """
        return vault_secret(self._target, vault, name)

    def __repr__(self) -> str:
        return f"CloudAdapter({self._target.provider}, {self._target.root or 'no ' + self._target.noun})"
