"""Opens a Parquet file of samples with pyarrow and DuckDB and compares it with the published schema.

    python docs/measurements/read-samples.py samples.parquet
"""

import json
import sys
from pathlib import Path

import duckdb
import pyarrow
import pyarrow.parquet

SCHEMA = Path(__file__).parents[2] / "public/schema/run-samples.parquet.json"
TYPES = {
    "string": "BYTE_ARRAY (UTF8)",
    "int64": "INT64",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
}

path = sys.argv[1]
file = pyarrow.parquet.ParquetFile(path)
found = [(f.name, TYPES[str(f.type)], f.nullable) for f in file.schema_arrow]
published = json.loads(SCHEMA.read_text())
wanted = [(c["name"], c["type"], c["nullable"]) for c in published["columns"]]
table = file.read()
print(f"pyarrow {pyarrow.__version__}: schema as published: {found == wanted}")
print(f"{table.num_rows} rows, {file.num_row_groups} row group(s)")
print(f"duckdb {duckdb.__version__}")
print(
    duckdb.sql(
        f"""select checkpoint, draw, count(*) as samples,
              avg(correct::int)::decimal(4, 3) as correct, avg(logProb)::decimal(7, 3) as logProb
            from '{path}' where not greedy group by all order by 1, 2"""
    )
)
