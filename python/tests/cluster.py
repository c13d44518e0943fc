"""A Spark cluster on this machine: a master and two workers, real processes on the loopback."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

import pyspark

HOME = pathlib.Path(pyspark.__file__).parent


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cluster:
    """A context manager; ``url`` is what a session connects to. The work folders of the workers may
    be given."""

    def __init__(self, *work):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="trace-cluster-"))
        self.work = [pathlib.Path(folder) for folder in work] or [self.dir / "w1", self.dir / "w2"]
        self.processes = []

    def _start(self, name, kind, *words):
        log = self.dir / f"{name}.log"
        env = {
            **os.environ,
            "SPARK_HOME": str(HOME),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_NO_DAEMONIZE": "1",
            "SPARK_DAEMON_MEMORY": "512m",
            "PYSPARK_PYTHON": sys.executable,
        }
        words = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", *words]
        with log.open("wb") as out:
            self.processes.append(
                subprocess.Popen(words, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
            )
        return log

    @staticmethod
    def _wait_for(log, pattern, process):
        for _ in range(1200):
            if re.search(pattern, log.read_text(errors="replace")):
                return
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{log}: {log.read_text(errors='replace')[-2000:]}")

    def __enter__(self):
        port = _free_port()
        self.url = f"spark://127.0.0.1:{port}"
        log = self._start(
            "master", "master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", str(_free_port())
        )
        self._wait_for(log, "elected leader", self.processes[-1])
        for number, work in enumerate(self.work):
            log = self._start(
                f"worker-{number}", "worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "2g",
                "--webui-port", str(_free_port()), "--work-dir", str(work), self.url,
            )
            self._wait_for(log, "Successfully registered", self.processes[-1])
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.kill()
            process.wait()

    @contextlib.contextmanager
    def session(self, **conf):
        """A session of one core and 1 GB an executor, with speculation; stopped at its end."""
        os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable)
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(self.url)
        for name, value in {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.executor.memory": "1g",
            "spark.executor.cores": "1",
            "spark.speculation": "true",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.execution.arrow.maxRecordsPerBatch": "65536",
            **conf,
        }.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        try:
            yield session
        finally:
            session.stop()
