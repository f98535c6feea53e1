"""The section `spark:` of an environment file, and the settings that it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from odibi_dagster.spark.presets import PRESETS, Preset
from odibi_dagster.storage.secrets import Secret
from odibi_dagster.storage.secrets.secret import Text
from odibi_dagster.tables.section import Section, choice, problem

#: What has a key of its own.
_ELSEWHERE = {"spark.master": "master", "spark.remote": "remote"}
#: What Spark wants in the JVM's command line, which every user of the machine can read.
_COMMAND_LINE = ("memory", "extraJavaOptions", "extraClassPath", "extraLibraryPath")


def _setting(value: object) -> Secret | str:
    """YAML's true and numbers as Spark writes them; what a reference answers is secret."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, Text):
        return value.secret
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, list | dict):
        raise problem("This is no setting's value.", "Write a text, a number, true or false.")
    return str(value)


# A plain text stays one: a field of the type Secret would make a secret of it.
Setting = Annotated[Secret | str, PlainValidator(_setting)]


def _keys(config: Mapping[str, Secret | str]) -> Mapping[str, Secret | str]:
    for key, value in config.items():
        if key.removeprefix("spark.driver.") in _COMMAND_LINE and isinstance(value, Secret):
            raise problem(f"`{key}` stands in the JVM's command line.", "Write the value, not a reference.")
        if key in _ELSEWHERE:
            raise problem(f"`{key}` has its own key.", f"Write `spark: {{{_ELSEWHERE[key]}: …}}`.")
        if key.startswith("fs."):
            raise problem(f"`{key}` is Hadoop's.", f"Write it as `spark.hadoop.{key}`.")
        if not key.startswith("spark."):
            raise problem(f"`{key}` is no setting of Spark.", "Spark's settings begin with `spark.`.")
    return config


def _master(text: str) -> str:
    if not text.startswith(("local", "spark://", "yarn", "k8s://")):
        remedy = "Write local[4], spark://host:7077, yarn or k8s://…; a Connect server is `remote:`."
        raise problem(f"`{text}` is no master of Spark.", remedy)
    return text


class SparkSection(Section):
    """Where Spark works, and how it is set."""

    preset: Annotated[Preset, choice(tuple(PRESETS))] = "local"
    master: Annotated[str, AfterValidator(_master)] | None = None
    remote: Setting | None = None
    config: Annotated[Mapping[str, Setting], AfterValidator(_keys)] = Field(default_factory=dict)
    keep: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.master and self.remote is not None:
            raise problem("`master` and `remote` are different places.", "Keep one of them.")
        if isinstance(self.remote, str) and not self.remote.startswith("sc://"):
            raise problem(
                "`remote` is no URL of a Spark Connect server.", "Write it like sc://host:15002/;token=${…}."
            )
        return self
