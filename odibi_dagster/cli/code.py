"""The definitions module as Dagster loads it, in this process and again in the processes of a run's steps."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from odibi_dagster.errors import ConfigError

if TYPE_CHECKING:
    import dagster as dg
    from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
    from dagster._core.definitions.reconstruct import ReconstructableJob
    from dagster._core.origin import RepositoryPythonOrigin


@dataclass(frozen=True)
class Code:
    """Loaded definitions.

    Args:
        origin: how another process loads them.
        repository: what they hold.
    """

    origin: RepositoryPythonOrigin
    repository: dg.RepositoryDefinition

    @cached_property
    def job(self) -> ReconstructableJob:
        """The job that can materialize any selection of the assets, in this process and in others."""
        from dagster._core.origin import JobPythonOrigin
        from dagster._utils.hosted_user_process import recon_job_from_origin

        name = self.repository.get_implicit_global_asset_job_def().name
        job = recon_job_from_origin(JobPythonOrigin(name, repository_origin=self.origin))
        return job.with_repository_load_data(self.repository.repository_load_data)

    @property
    def graph(self) -> AssetGraph:
        """The assets and their dependencies."""
        return self.repository.asset_graph

    @cached_property
    def tables(self) -> Mapping[str, dg.AssetKey]:
        """What can be materialized, by name ("silver.orders"), inputs before the tables that read them."""
        made = self.graph.materializable_asset_keys
        return {
            table_name(key): key
            for level in self.graph.toposorted_asset_keys_by_level
            for key in sorted(level)
            if key in made
        }


def load_code(module: str) -> Code:
    """Loads the definitions in a module.

    Args:
        module: an importable name; the working directory is searched too, as Dagster's own commands do.

    Raises:
        ConfigErrors: everything that is wrong with the environment and the table files.
        ConfigError: there is no such module, or it holds no definitions.
    """
    import dagster as dg
    from dagster import DagsterError
    from dagster._cli.workspace.cli_target import get_repository_python_origin_from_cli_opts
    from dagster._utils.hosted_user_process import recon_repository_from_origin
    from dagster_shared.cli import PythonPointerOpts

    for notice in (dg.BetaWarning, dg.PreviewWarning, dg.SupersessionWarning):
        # They speak to the authors of code, and the reader of this command is not one of them.
        warnings.simplefilter("ignore", notice)
    try:
        origin = get_repository_python_origin_from_cli_opts(PythonPointerOpts(module_name=module))
        return Code(origin, recon_repository_from_origin(origin).get_definition())
    except (DagsterError, ImportError) as error:
        if _ours(error):
            raise
        raise ConfigError(
            f"The definitions in {module} do not load.",
            why=str(error.__cause__ or error).strip(),
            remedy="Give --module the name of a module with one `dagster.Definitions` in it.",
        ) from error


def table_name(key: dg.AssetKey) -> str:
    """An asset's name as SQL and messages have it: "silver.orders"."""
    return ".".join(key.path)


def _ours(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ConfigError):
            return True
        error = error.__cause__ or error.__context__
    return False
