"""A project whose tables let secrets slip in every way that a failing or careless table can."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import quote

from odibi_dagster_tests.lakes import Lake

PASSWORD = "s3cr3t päss'wörd/&+"
SIGNATURE = "Zm9vYmFyYmF6cXV4Zm9vYmFy%2Bx%3D"
SAS = f"sv=2024-11-04&ss=b&srt=sco&sp=rl&se=2099-01-01&sig={SIGNATURE}"
KEY_LINES = ("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj")
KEY = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(KEY_LINES) + "\n-----END PRIVATE KEY-----\n"

#: What must not be found anywhere, in the spellings that the tables produce.
WANTED = {
    text.encode()
    for text in (
        PASSWORD,
        PASSWORD.replace("'", "''"),
        PASSWORD.replace("ä", "\\u00e4").replace("ö", "\\u00f6"),
        PASSWORD.encode().decode("latin-1"),
        quote(PASSWORD),
        quote(PASSWORD, safe=""),
        base64.b64encode(f"user:{PASSWORD}".encode()).decode()[8:-4],
        SIGNATURE,
        *KEY_LINES,
    )
}

ENVIRONMENT = """
secrets: named:values
engine: {{name: pandas}}
layers:
  landing: {lake}/landing
  bronze: {lake}/bronze
  silver: {lake}/silver
  gold: {lake}/gold
  checkpoints: {lake}/checkpoints
executor: {{kind: {executor}}}
retry: {{max_retries: 1, delay: 0s}}
sensors: {{enabled: false}}
hooks: [{{call: "named:told"}}]
"""

NAMED = """
import json, os

values = {"db_password": os.environ["TEST_DB_PASSWORD"]}

def told(report):
    with open(os.environ["TEST_TOLD"], "a") as file:
        file.write(json.dumps(report) + chr(10))
"""

#: Table name to the body of its function, which has `context`, `secrets` and the words below.
TABLES = {
    "raises": 'raise RuntimeError(f"cannot log in with {word}")',
    "raises_for_good": 'raise KeyError(f"https://user:{quote(word)}@host/?sig={sas}")',
    "raises_a_chain": """
    try:
        int(word)
    except ValueError as error:
        said = base64.b64encode(f"user:{word}".encode()).decode()
        raise ConnectionError(f"the other side said {said}") from error
""",
    "raises_dagsters": """
    raise dagster.Failure(f"no {word}", metadata={"tried": word, word: 1, "all": {"of": [word, sas]}})
""",
    "asks_duckdb_wrongly": """
    import duckdb
    duckdb.connect().sql(f"SELECT * FROM read_csv('s3://{word}/x.csv') WHERE")
""",
    "talks": """
    print("printed", word, key)
    print(key)
    sys.stderr.write(f"to stderr {word}" + chr(10))
    sys.stdout.buffer.write(f"bytes {word}\\n".encode()); sys.stdout.flush()
    warnings.warn(f"warned of {word}")
    logging.getLogger("some.library").addHandler(logging.FileHandler("library.log"))
    context.log.info(f"logged {word}")
    context.log.error("logged %s", word)
    logging.getLogger("some.library").error("a library says %s", {"password": word})
    try:
        raise ValueError(word)
    except ValueError:
        logging.getLogger("some.library").exception("it failed")
        context.log.exception("it failed")
    metadata = {"connection": f"Password={word};", "json": {"a": [word]}}
    context.add_output_metadata(metadata, output_name="table")
    for number in range(5000):
        print("line", number, file=sys.stderr if number % 2 else sys.stdout)
    return pandas.DataFrame({"id": [1]})
""",
}

FUNCTION = """
import base64, logging, sys, warnings
from urllib.parse import quote
import dagster, pandas

def {name}(context: dagster.AssetExecutionContext, secrets):
    word, sas, key = secrets["db_password"], secrets["env:TEST_SAS"], secrets["file:{key}"]
    {body}
"""


def make(folder: Path, executor: str = "in_process") -> Lake:
    """The project below `folder`, its secrets in variables and in a mounted file outside of its root."""
    outside, root = folder / "mounted", folder / "root"
    outside.write_text(KEY)
    return Lake(
        root,
        root / "tables",
        {
            "ODIBI_ENV": str(_write(root, executor, outside)),
            "TEST_DB_PASSWORD": PASSWORD,
            "TEST_SAS": SAS,
            "TEST_TOLD": str(root / "told.jsonl"),
            "PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
        },
    )


def _write(folder: Path, executor: str, private_key: Path) -> Path:
    """The project's files below `folder`; the environment file is returned."""
    tables = folder / "tables" / "silver"
    tables.mkdir(parents=True)
    for name, body in TABLES.items():
        (tables / f"{name}.py").write_text(FUNCTION.format(name=name, body=body.strip(), key=private_key))
    (folder / "named.py").write_text(NAMED)
    file = folder / "prod.yaml"
    file.write_text(ENVIRONMENT.format(lake=folder / "lake", executor=executor))
    return file
