"""A YAML file: a source, from files that land or from one URL."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, ByteSize, Field

from odibi_dagster.errors import ConfigError
from odibi_dagster.landing.glob import compile_glob
from odibi_dagster.sql.types import Column, Schema
from odibi_dagster.tables.columns import DeclaredSchema
from odibi_dagster.tables.document import Document
from odibi_dagster.tables.header import Header, Url
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.section import Seconds, Section, choice, problem
from odibi_dagster.tables.spec import ExternalBody, Kind, LandingBody

ORIGINS = ("landing", "parquet", "csv", "json", "delta")
LATER = ("kafka", "jdbc", "hdfs", "sql", "avro", "orc", "excel", "api")
RESERVED = ("_file", "_batch", "_landed_at")
RESERVED_CHECK = "landed_files_are_readable"
_OPTIONS = {
    "csv": ("delimiter", "header", "quote", "encoding", "compression"),
    "json": ("compression",),
    "parquet": (),
    "delta": (),
}


def _glob(path: str) -> str:
    try:
        compile_glob(path)
    except ConfigError as error:
        raise problem(f"{error.what} {error.why}.".replace(" .", ""), error.remedy) from None
    return path


def _place(url: str) -> str:
    start = min((at for char in "*?[{" if (at := url.find(char)) >= 0), default=None)
    if start is not None:
        _glob(url[url.rindex("/", 0, start) + 1 :])
    return url


def _one_character(text: str) -> str:
    if len(text) != 1:
        raise problem(f"`{text}` is not one character.", 'Write one, in quotes: ";" or "\\t" for a tab.')
    return text


def _quote(text: str) -> str:
    return _one_character(text) if text else text


class OptionsSection(Section):
    """`options:`: how the files are written."""

    delimiter: Annotated[str, AfterValidator(_one_character)] | None = None
    header: bool | None = None
    quote: Annotated[str, AfterValidator(_quote)] | None = None  # '' is no quoting at all
    encoding: (
        Annotated[Literal["utf-8", "utf-16", "latin-1"], choice(("utf-8", "utf-16", "latin-1"))] | None
    ) = None
    compression: Annotated[Literal["none", "gzip", "zstd"], choice(("none", "gzip", "zstd"))] | None = None

    def given(self) -> dict[str, str | bool]:
        """The options that the file sets; the engine knows the defaults of the others."""
        return self.model_dump(exclude_none=True)


class LandingSection(Header):
    """A source `from: landing`."""

    from_: Annotated[Literal["landing"], Field(alias="from")]
    path: Annotated[str, AfterValidator(_glob)]
    format: Annotated[Literal["parquet", "csv", "json"], choice(("parquet", "csv", "json"))]
    options: OptionsSection = OptionsSection()
    declared: Annotated[DeclaredSchema | None, Field(alias="schema")] = None
    settle: Annotated[Seconds, Field(ge=0)] | None = None
    max_files: Annotated[int, Field(ge=1)] = LandingBody.max_files
    max_bytes: Annotated[ByteSize, Field(ge=1)] = ByteSize(LandingBody.max_bytes)
    changed: Annotated[Literal["ignore"], choice(("ignore",), later=("reload",))] = "ignore"
    accept_changed: bool = False
    allow_empty: bool = False
    allow_partial: bool = False

    def body(self) -> LandingBody:
        """The source that this section means."""
        return LandingBody(
            path=self.path,
            format=self.format,
            options=self.options.given(),
            schema=_schema(self.declared),
            settle=self.settle,
            max_files=self.max_files,
            max_bytes=int(self.max_bytes),
            changed=self.changed,
            accept_changed=self.accept_changed,
            allow_empty=self.allow_empty,
            allow_partial=self.allow_partial,
        )


class ExternalSection(Header):
    """A source `from: parquet | csv | json | delta`."""

    from_: Annotated[Literal["parquet", "csv", "json", "delta"], Field(alias="from")]
    url: Annotated[Url, AfterValidator(_place)]
    options: OptionsSection = OptionsSection()
    declared: Annotated[DeclaredSchema | None, Field(alias="schema")] = None

    def body(self) -> ExternalBody:
        """The source that this section means."""
        return ExternalBody(self.url, self.from_, self.options.given(), _schema(self.declared))


SourceSection: TypeAlias = LandingSection | ExternalSection


def _schema(declared: DeclaredSchema | None) -> Schema | None:
    return tuple(Column(name, type) for name, type in declared.items()) if declared is not None else None


def section_of(document: Document, problems: Problems) -> type[LandingSection] | type[ExternalSection] | None:
    """Which section `from:` asks for; None, with the problem noted, when it asks for none that exists."""
    origin = document.data.get("from")
    if origin in ORIGINS:
        return LandingSection if origin == "landing" else ExternalSection
    if "from" not in document.data:
        problems.add(
            "The source does not say where its rows come from.",
            line=document.line(()),
            remedy="Add `from: landing` with `path` and `format`, or `from: parquet` with `url`.",
        )
    elif origin in LATER:
        problems.add(
            f"from: `{origin}` is not available yet.",
            line=document.line(("from",)),
            remedy=f"Available: {', '.join(ORIGINS)}; or write a Python source.",
        )
    else:
        problems.add(
            f"from: `{origin}` is not one of {', '.join(ORIGINS)}.",
            line=document.line(("from",)),
            remedy=did_you_mean(str(origin), ORIGINS),
        )
    return None


def check_source(section: SourceSection, document: Document, problems: Problems) -> Kind:
    """Refuse keys that do not go together in a source, and return its kind.

    Files that land are appended unless the source is `full`; what is read whole replaces the whole table.
    """
    landing = isinstance(section, LandingSection)
    kind: Kind = section.kind or ("append" if landing else "full")
    allowed = ("append", "full") if landing else ("full",)
    if kind not in allowed:
        problems.add(
            f"A source from `{section.from_}` cannot be `{kind}`.",
            line=document.line(("kind",)),
            remedy=f"Use kind: {' or '.join(allowed)}.",
        )
    if section.partitions is not None:
        problems.add(
            "A source has no `partitions`.",
            line=document.line(("partitions",)),
            remedy="Declare them on a table that reads this source.",
        )
    if isinstance(section, LandingSection) and kind == "append":
        for name in ("allow_empty", "allow_partial"):
            if getattr(section, name):
                problems.add(
                    f"`{name}` goes with kind: full only.",
                    line=document.line((name,)),
                    remedy="Remove it: an append takes the files that are there and settled.",
                )
    form = section.format if isinstance(section, LandingSection) else section.from_
    for name in section.options.given():
        if name not in _OPTIONS[form]:
            known = ", ".join(_OPTIONS[form]) or "none"
            problems.add(
                f"The option `{name}` does not go with {form} files.",
                line=document.line(("options", name)),
                remedy=f"Options of {form}: {known}.",
            )
    if RESERVED_CHECK in section.expect:
        problems.add(
            f"The expectation `{RESERVED_CHECK}` has the name of a check that every source has.",
            line=document.line(("expect", RESERVED_CHECK)),
            remedy="Rename it.",
        )
    for name in section.declared or ():
        if name.lower() in RESERVED:
            problems.add(
                f"The column `{name}` is one that the platform adds.",
                line=document.line(("schema", name)),
                remedy="Remove it from the schema.",
            )
    if form == "delta" and section.declared is not None:
        problems.add(
            "A Delta table brings its schema.",
            line=document.line(("schema",)),
            remedy="Remove `schema`; `columns` is a contract for what is read.",
        )
    return kind
