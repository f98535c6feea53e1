"""Lakes in the shipped cloud environments: the variables a user exports, and servers of this machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odibi_dagster_tests.lakes import Lake, rows_of
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import LocalDisk, Place
from odibi_dagster_tests.services.seaweedfs import REGION, SeaweedFS

#: What another shell may have exported and these lakes must not see.
OTHERS = (
    "AZURE_",
    "AWS_",
    "ODIBI_",
    "DAGSTER_",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
)


@dataclass(frozen=True)
class Cloud(Lake):
    """A lake whose layers are in a cloud.

    Args:
        landed: the landing layer.
        lake: what is above the other layers.
    """

    landed: Place = field(kw_only=True)
    lake: Place = field(kw_only=True)

    @property
    def env(self) -> dict[str, str]:
        own = {"DAGSTER_HOME", "DAGSTER_DISABLE_TELEMETRY", *self.variables}
        kept = {
            name: value for name, value in super().env.items() if not name.startswith(OTHERS) or name in own
        }
        return {**kept, "XDG_CACHE_HOME": str(self.root / "cache")}

    def land(self, local: Path) -> None:
        """The files of a local landing folder land here too."""
        Place(LocalDisk(str(local)), str(local)).copy(self.landed)

    def table(self, key: str) -> Any:
        return (self.lake / key.replace(".", "/")).delta()

    def rows(self, key: str) -> list[dict[str, Any]]:
        return list(rows_of(self.table(key)))


def azure_variables(server: Azurite, container: str) -> dict[str, str]:
    """What somebody exports for `ODIBI_ENV=azure`; a real account needs no endpoint."""
    return {
        "AZURE_STORAGE_ACCOUNT_NAME": server.account,
        "AZURE_STORAGE_ACCOUNT_KEY": server.key,
        "AZURE_STORAGE_CONTAINER": container,
        "AZURE_STORAGE_ENDPOINT": server.endpoint,
    }


def aws_variables(server: SeaweedFS, bucket: str) -> dict[str, str]:
    """What somebody exports for `ODIBI_ENV=aws`; Amazon's S3 needs no endpoint."""
    return {
        "AWS_ACCESS_KEY_ID": server.access_key_id,
        "AWS_SECRET_ACCESS_KEY": server.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_BUCKET": bucket,
        "AWS_ENDPOINT_URL": server.endpoint,
    }


def new_cloud(name: str, root: Path, azurite: Azurite, seaweedfs: SeaweedFS) -> Cloud:
    """An empty lake in the shipped environment of that name, with a container and a bucket of its own."""
    root.mkdir(parents=True, exist_ok=True)
    container, bucket = azurite.container("shop"), seaweedfs.bucket("shop")
    azure = azure_variables(azurite, container.removeprefix("abfss://").partition("@")[0])
    aws = aws_variables(seaweedfs, bucket.removeprefix("s3://"))
    on_azure, on_s3 = Place(azurite, container), Place(seaweedfs, bucket)
    variables, landed, lake = {
        "azure": (azure, on_azure, on_azure),
        "aws": (aws, on_s3, on_s3),
        "hybrid": (azure | aws, on_s3, on_azure),
    }[name]
    return Cloud(root, None, {"ODIBI_ENV": name, **variables}, landed=landed / "landing", lake=lake)
