"""How results show themselves in a notebook: a list of tables with their first rows."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import islice
from typing import Any

ROWS = 5


def _rows(table: Any) -> list[dict[str, Any]] | None:
    """The first rows, where something is installed that reads Arrow."""
    try:
        import pyarrow
    except ImportError:
        return None
    return pyarrow.table(table).slice(0, ROWS).to_pylist()


def as_html(title: str, tables: Mapping[str, Any]) -> str:
    """HTML without a script; what stands in a cell is text."""
    parts = [f"<p>{escape(title)}</p>"]
    for name, table in islice(tables.items(), None):
        rows = _rows(table)
        parts.append(f"<details><summary>{escape(name)} ({len(table)})</summary>")
        if rows:
            head = "".join(f"<th>{escape(column)}</th>" for column in rows[0])
            body = "".join(
                "<tr>"
                + "".join(
                    f"<td>{escape('' if cell is None else str(cell))}</td>" for cell in row.values()
                )
                + "</tr>"
                for row in rows
            )
            parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
        else:
            parts.append(f"<p>{escape(', '.join(table.column_names))}</p>")
        parts.append("</details>")
    return "".join(parts)
