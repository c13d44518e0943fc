"""The notebook, run by a kernel of its own from the first cell to the last."""

import os
import pathlib
import unittest

import nbformat
from nbclient import NotebookClient

from export import ROOT, SAMPLE


class Notebook(unittest.TestCase):
    def test_it_runs(self):
        os.environ["TRACE_SAMPLE"] = str(SAMPLE)
        notebook = nbformat.read(ROOT / "python" / "contacts.ipynb", as_version=4)
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(pathlib.Path(__file__).parent)}})
        client.execute()
        shown = [
            output["data"]
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if "data" in output
        ]
        self.assertIn("<summary>contacts (237)</summary>", shown[1]["text/html"])
        self.assertIn("trajectories:", shown[2]["text/plain"])
        self.assertEqual(shown[-1]["text/plain"], "True")


if __name__ == "__main__":
    unittest.main()
