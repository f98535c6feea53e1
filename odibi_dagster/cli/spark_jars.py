"""`odibi-dagster spark-jars`: the jars that Spark needs and pyspark does not bring."""

from __future__ import annotations

from pathlib import Path

import click

from odibi_dagster.cli.options import json_option


@click.command("spark-jars", short_help="Fetch the jars that Spark needs: Delta, S3, Azure.")
@click.option(
    "--by",
    type=click.Choice(["maven", "ivy"]),
    help="Who fetches them.  [default: Maven where `mvn` is, else the Ivy that pyspark brings]",
)
@click.option("--check", is_flag=True, help="Fetch nothing: tell what is missing or damaged.")
@json_option
@click.pass_context
def command(ctx: click.Context, by: str | None, check: bool, as_json: bool) -> None:
    """Fetch the jars that an environment with `engine: spark` needs, once for each machine.

    They are Delta's, and the parts of Hadoop that reach S3 and Azure: 46 files, 27 MB, of exact versions.
    Each is held against its SHA-256, and the folder appears when all are there. Maven uses its own
    settings.xml; Ivy uses Maven Central, or the mirror in DEFAULT_ARTIFACT_REPOSITORY. A session on a Spark
    Connect server or on Databricks needs none of them.

    \b
    Examples:
      odibi-dagster spark-jars
      odibi-dagster spark-jars --check
      odibi-dagster spark-jars --by ivy --json
    """
    from odibi_dagster.cli import console
    from odibi_dagster.spark.jars import default_home, expected, folder_in, missing

    folder = folder_in(default_home())
    wrong = missing(folder)
    fetched = bool(wrong) and not check
    if fetched:
        _fetch(by, quiet=as_json)
        wrong = ()
    size = sum(jar.size for jar in expected())
    if as_json:
        names = [jar.file for jar in wrong]
        console.print_json(
            {
                "folder": str(folder),
                "jars": len(expected()),
                "bytes": size,
                "fetched": fetched,
                "missing": names,
            }
        )
    elif wrong:
        click.echo(f"{len(wrong)} of {len(expected())} jars are missing or damaged in {folder}:")
        for jar in wrong:
            click.echo(f"  {jar.file}")
        click.echo("to do: odibi-dagster spark-jars")
    else:
        done = "Fetched" if fetched else "There are"
        click.echo(f"{done} {len(expected())} jars, {console.size(size)}, each as it should be: {folder}")
    ctx.exit(1 if wrong else 0)


def _fetch(by: str | None, *, quiet: bool) -> None:
    """Fetches, and shows on stderr how many are there."""
    import sys
    import threading

    from odibi_dagster.cli import console
    from odibi_dagster.spark.fetch import fetch
    from odibi_dagster.spark.jars import expected

    to, done = console.console(sys.stderr), threading.Event()
    names, watchers = {"maven": "Maven", "ivy": "pyspark's Ivy"}, []

    def told(who: str, folder: Path) -> None:
        if quiet:
            return
        click.echo(f"{names[who]} fetches {len(expected())} jars …", err=True)
        if to.is_terminal:
            watchers.append(threading.Thread(target=watch, args=(folder,), daemon=True))
            watchers[0].start()

    def watch(folder: Path) -> None:
        from rich.progress import Progress

        with Progress(console=to, transient=True) as progress:
            bar = progress.add_task("jars", total=len(expected()))
            while not done.wait(0.2):
                progress.update(bar, completed=len(list(folder.glob("*.jar"))))

    try:
        fetch(by=by, told=told)
    finally:
        done.set()
        for each in watchers:
            each.join()
