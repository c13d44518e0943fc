"""What a run leaves when it is killed, when the disk is full, when its input changes under it, when others run beside it.

Every case ends in a count: so many tried, so many losses. A loss is an output that is neither the one before nor the new one, a leftover
that stays, a crash, or a message that is none. `strace` injects the faults; nothing here depends on how fast the machine is.
"""
import gzip, os, pathlib, random, resource, shutil, signal, subprocess, tempfile, time, unittest

TRACE = os.environ["TRACE"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data/samples/city"
RENAMES, WRITES = "rename,renameat,renameat2", "write,pwrite64,writev"
KILLS, FULL = 300, 60
FIGURES = []


def tables(folder):
    """The tables of an output, but for what speaks of another; nothing where there is none."""
    if not (folder / "summary.json").exists():
        return None
    tables = [path for path in sorted(folder.glob("*.csv")) if not path.name.endswith(".excel.csv")]
    return {path.name: path.read_bytes() for path in tables if path.name not in ("changes.csv", "before.csv", "today.csv")}


class Faults(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.out = self.work / "out"
        self.of = {}
        for policy in ("who", "cn-2022-11"):
            subprocess.check_call(self.run_(policy, output=self.work / policy))
            self.of[policy] = tables(self.work / policy)
        self.assertNotEqual(self.of["who"], self.of["cn-2022-11"])
        self.env = {**os.environ, "TMPDIR": str(self.work / "tmp")}
        (self.work / "tmp").mkdir()

    @classmethod
    def tearDownClass(cls):
        print("\n" + "\n".join(f"| {what} | {tried} | {losses} |" for what, tried, losses in FIGURES))

    def run_(self, policy, *more, output=None, input=SAMPLE):
        return [TRACE, "run", "--quiet", "--input", str(input), "--output", str(output or self.out), "--policy", policy, "--formats", "none", *more]

    def report(self, *formats):
        return [TRACE, "report", "--quiet", "--output", str(self.out), "--formats", ",".join(formats)]

    def fresh(self, *beside):
        """The output of one policy, with files of others."""
        for path in self.work.iterdir():
            if path.name not in ("who", "cn-2022-11", "tmp"):
                shutil.rmtree(path)
        shutil.copytree(self.work / "who", self.out)
        for name in beside:
            (self.out / name).write_text("mine")

    def whole(self, *allowed):
        """Whether the output is one of these, once the next command has looked at it; and nothing is left beside it."""
        said = subprocess.run(self.report("dot"), capture_output=True, text=True)
        self.assertEqual(said.returncode, 0, said.stderr)
        found = tables(self.out)
        self.assertIn(found, [self.of[name] for name in allowed])
        subprocess.check_call(self.run_("who", "--force"))
        self.assertEqual(tables(self.out), self.of["who"])
        left = [path.name for path in self.work.iterdir() if path.name.startswith(".")]
        self.assertEqual(left, [])
        self.assertEqual(list((self.work / "tmp").iterdir()), [])
        self.assertEqual([path for path in self.out.iterdir() if path.name == "core" or path.name.startswith("core.")], [])

    def strace(self, what, command, log="/dev/null"):
        return subprocess.run(["strace", "-f", "-qq", "-o", log, *what, *command], capture_output=True, text=True, env=self.env)

    def figure(self, what, tried):
        FIGURES.append((what, tried, 0))

    def test_killed_at_every_rename(self):
        tried = 0
        for beside, command in (
            ([], self.run_("cn-2022-11")),
            (["notes.txt"], self.run_("cn-2022-11", "--force")),
            ([], self.report("svg", "ics", "graphml", "geojson")),
        ):
            for number in range(1, 1000):
                self.fresh(*beside)
                done = self.strace(["-e", f"inject={RENAMES}:signal=KILL:when={number}"], command)
                if done.returncode == 0:
                    break
                tried += 1
                self.whole("who", "cn-2022-11")
                for name in beside:
                    self.assertEqual((self.out / name).read_text(), "mine")
            self.assertGreater(number, 1)
        self.figure("killed at every rename (a run, a run into a shared folder, a report)", tried)

    def test_killed_at_any_moment(self):
        began = time.monotonic()
        self.fresh()
        subprocess.check_call(self.run_("cn-2022-11"))
        lasts = time.monotonic() - began
        chance = random.Random(1)
        for number in range(KILLS):
            self.fresh(*(["notes.txt"] if number % 3 == 1 else []))
            command = self.report("svg", "xlsx", "html") if number % 3 == 2 else self.run_("cn-2022-11", "--force")
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env=self.env)
            time.sleep(chance.random() * lasts)
            process.send_signal(signal.SIGKILL)
            process.wait()
            self.whole("who", "cn-2022-11")
        self.figure("killed at a random moment", KILLS)

    def test_told_to_end_at_any_moment(self):
        chance = random.Random(2)
        for number in range(60):
            self.fresh()
            sent = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[number % 3]
            process = subprocess.Popen(self.run_("cn-2022-11", "--excel"), stderr=subprocess.DEVNULL, env=self.env)
            time.sleep(chance.random() * 0.1)
            process.send_signal(sent)
            # Before the process watches for signals, the system ends it.
            self.assertIn(process.wait(), (0, 128 + sent, -sent))
            if process.returncode == 128 + sent:
                self.assertEqual([path.name for path in self.work.iterdir() if path.name.startswith(".")], [])
            self.whole("who", "cn-2022-11")
        self.figure("told to end (INT, TERM, HUP) at a random moment", 60)

    def all_formats(self):
        command = self.run_("cn-2022-11", "--excel", "--handover")
        command[command.index("none")] = "html,xlsx,geojson,graphml,dot,ics,svg,parquet"
        return command

    def test_writes_that_fail(self):
        # strace counts for each thread; behind the last write of all of them a run is as ever.
        for number in range(1, 1000):
            self.fresh()
            done = self.strace(["-e", f"trace={WRITES}", "-e", f"inject={WRITES}:error=ENOSPC:when={number}+"], self.all_formats())
            if done.returncode == 0:
                break
            # Nor can what went wrong be written, where every write fails: it is the exit code that tells.
            self.assertEqual(done.returncode, 1, (number, done.stderr))
            self.assertNotIn("panicked", done.stderr)
            self.whole("who")
        self.assertGreater(number, 10)
        self.figure("no space left from a certain write on, all formats", number - 1)

    def test_files_that_cannot_grow(self):
        def limit(most):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

        self.fresh()
        subprocess.check_call(self.all_formats())
        largest = max(path.stat().st_size for path in self.out.iterdir())
        for number in range(FULL):
            self.fresh()
            most = largest * number // FULL
            done = subprocess.run(self.all_formats(), capture_output=True, text=True, env=self.env, preexec_fn=lambda: limit(most))
            self.assertEqual(done.returncode, 1, (most, done.stderr))
            self.assertIn("cannot write", done.stderr)
            self.whole("who")
        self.figure("files that cannot grow beyond a size, all formats", FULL)

    def test_disk_full(self):
        inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
        full = self.work / "full"
        full.mkdir()
        mount = lambda size: f"mount -t tmpfs -o size={size}k none '{full}' && "
        can = subprocess.run([*inside, mount(100) + "true"], capture_output=True).returncode == 0
        kilobytes = subprocess.run([*inside, mount(99999) + '"$@"; du -ks "$0"', str(full), *self.all_formats_to(full)], capture_output=True, text=True)
        largest = int(kilobytes.stdout.split()[0]) if can else 0
        tried = 0
        for number in range(1, FULL + 1 if can else 1):
            # What is there before, there or not at all behind: the folder itself is gone with its namespace.
            size = 4 + largest * number // (FULL + 2)
            look = '"$@"; code=$?; ls -A "$0"; exit $code'
            done = subprocess.run([*inside, mount(size) + look, str(full), *self.all_formats_to(full)], capture_output=True, text=True, env=self.env)
            self.assertEqual((done.returncode, done.stdout), (1, ""), (size, done.stderr))
            self.assertIn("cannot write", done.stderr)
            tried += 1
        self.figure("a disk of so many kilobytes, all formats" + ("" if can else " (no mount to be had here)"), tried)

    def all_formats_to(self, folder):
        command = self.all_formats()
        command[command.index(str(self.out))] = str(folder / "out")
        return command

    def test_renames_that_fail(self):
        tried = 0
        for beside, command in (([], self.run_("cn-2022-11")), (["notes.txt"], self.run_("cn-2022-11", "--force")), ([], self.report("svg", "ics"))):
            for number in range(1, 1000):
                self.fresh(*beside)
                done = self.strace(["-e", f"trace={RENAMES}", "-e", f"inject={RENAMES}:error=EIO:when={number}"], command)
                if done.returncode == 0 and number > 1:
                    break
                tried += 1
                self.assertNotIn("panicked", done.stderr)
                self.whole("who", "cn-2022-11")
        self.figure("a rename fails", tried)

    def test_no_atomic_exchange(self):
        self.fresh()
        done = self.strace(["-e", "trace=renameat2", "-e", "inject=renameat2:error=EINVAL"], self.run_("cn-2022-11"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(tables(self.out), self.of["cn-2022-11"])
        for number in range(1, 30):
            self.fresh()
            self.strace(["-e", f"trace={RENAMES}", "-e", "inject=renameat2:error=EINVAL", "-e", f"inject=rename:signal=KILL:when={number}"], self.run_("cn-2022-11"))
            self.assertTrue(self.out.is_dir())
            self.whole("who", "cn-2022-11")
        self.figure("killed at a rename where folders cannot be exchanged", 29)

    def test_several_at_once(self):
        for together in (2, 4) * 10:
            self.fresh()
            policies = ["who" if number % 2 else "cn-2022-11" for number in range(together)]
            running = [subprocess.Popen(self.run_(policy), stderr=subprocess.PIPE, env=self.env) for policy in policies]
            for process in running:
                _, said = process.communicate()
                self.assertEqual(process.returncode, 0, said)
            self.whole("who", "cn-2022-11")
        self.figure("two and four runs at once", 20)

    def test_input_that_changes(self):
        refused = same = 0
        source = self.work / "in"
        for number in range(60):
            self.fresh()
            shutil.copytree(SAMPLE, source)
            path, before = source / "trajectories.csv", gzip.decompress((SAMPLE / "trajectories.csv.gz").read_bytes())
            (source / "trajectories.csv.gz").unlink()
            path.write_bytes(before)
            os.utime(path, (1, 1))
            process = subprocess.Popen(self.run_("cn-2022-11", input=source), stderr=subprocess.PIPE, env=self.env)
            time.sleep(0.0005 * number)
            if number % 3 == 0:
                with open(path, "r+b") as out:
                    out.write(before.replace(b"P0", b"Q0"))
            elif number % 3 == 1:
                with open(path, "ab") as out:
                    out.write(before[before.index(b"\n") + 1:])
            else:
                (source / "new").write_bytes(before[: len(before) // 2])
                os.replace(source / "new", path)
            _, said = process.communicate()
            if process.returncode == 3:
                refused += 1
                self.assertIn(b"changed while it was read", said)
                self.whole("who")
            else:
                # It had not begun to read, or was done.
                self.assertIn(process.returncode, (0, 4), said)
                same += 1
        self.assertGreater(refused, 0)
        self.figure(f"input changed in place, appended to, replaced (refused {refused}, before or behind the reading {same})", 60)

    def test_first_process_of_a_container(self):
        unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"]
        can = subprocess.run([*unshare, "true"], capture_output=True).returncode == 0
        tried = 0
        for number in range(1, 6 if can else 1):
            self.fresh()
            command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={RENAMES}:signal=KILL:when={number}"]
            subprocess.run([*unshare, *command, *self.run_("cn-2022-11")], capture_output=True, env=self.env)
            tried += 1
            self.whole("who", "cn-2022-11")
        self.figure("killed in a PID namespace" + ("" if can else " (none to be had here)"), tried)

    def test_no_network(self):
        log = self.work / "calls"
        for command in (self.run_("cn-2022-11"), self.report("html", "xlsx")):
            done = self.strace(["-e", "trace=network"], command, str(log))
            self.assertEqual(done.returncode, 0, done.stderr)
            # How strace itself says that a thread has ended, and how the program wakes itself at a signal, are none.
            calls = [line for line in log.read_text().splitlines() if "(" in line and "AF_UNIX" not in line and "exited" not in line]
            self.assertEqual([line for line in calls if "socket(" in line or "connect(" in line or "sendto(" in line and "AF_" in line], [])
        self.figure("calls of the network in a run and a report", 0)


if __name__ == "__main__":
    unittest.main()
