"""Results stores on full disks, in read-only folders, broken ones, and those of other versions of the program."""

import contextlib
import hashlib
import json
import os
import resource
import shutil
import signal
import sqlite3
import unittest

from store_test import StoreTest, netstring
from support import main


def identity_of(database, version):
    """The digest of what a store says of its sweep, if this version of the program had written it."""
    sweep = dict(database.execute("SELECT key, value FROM sweep"))
    inputs = [sha for (sha,) in database.execute("SELECT sha256 FROM inputs ORDER BY number")]
    axes = json.loads(sweep["axes"])
    metrics = json.loads(sweep["metrics"])
    parts = ["terastal results 1", sweep["name"], sweep["document"], len(inputs), *inputs, len(axes)]
    for axis in axes:
        parts += [axis["name"], len(axis["values"]), *axis["values"]]
    parts += [len(metrics), *metrics, int(sweep["cells"]), version]
    return hashlib.sha256(b"".join(netstring(part) for part in parts)).hexdigest()


class Files(StoreTest):
    """Files and folders that fail; afterwards the same command gives what an undisturbed sweep does."""

    MANY = ["--set", "axes.seed=400"]

    def setUp(self):
        super().setUp()
        self.sweep("whole.sqlite", *self.MANY)
        self.whole = self.digest("whole.sqlite")

    def held(self, store):
        return self.output("query", store, "-c", "cell", "-f", "csv").count("\n") - 1

    def goes_on(self, store):
        self.sweep(store, *self.MANY)
        self.assertEqual(self.digest(store), self.whole)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith(store)], [store])

    def test_no_room(self):
        # No file may become larger than a part of what the whole takes: as on a full disk.
        size = (self.folder / "whole.sqlite").stat().st_size // 2

        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

        self.sweep("s.sqlite", *self.MANY, "--shard", "1/5")
        for _ in range(2):  # there is no more room the second time
            done = self.sweep("s.sqlite", *self.MANY, code=4, preexec_fn=limit)
            self.assertRegex(done.stderr, r"^terastal: error: cannot write 's.sqlite': .*; what was committed before is "
                                          r"kept, and the same command goes on from there\n$")
            self.assertEqual(done.stdout, "")
        held = self.held("s.sqlite")
        self.assertGreaterEqual(held, 320)
        self.assertLess(held, 1600)
        self.goes_on("s.sqlite")

        done = self.terastal("merge", "m.sqlite", "s.sqlite", code=4, preexec_fn=limit)
        self.assertRegex(done.stderr, r"^terastal: error: cannot write 'm.sqlite': .*\. Nothing was made, and the stores "
                                      r"are as they were\n$")
        self.assertEqual(sorted(os.listdir(self.folder)), ["s.sqlite", "small.yaml", "sweep.yaml", "whole.sqlite"])

    @unittest.skipIf(os.geteuid() == 0, "root may write everything")
    def test_what_may_not_be_written(self):
        self.sweep("s.sqlite", *self.MANY, "--shard", "1/2")
        os.chmod(self.folder / "s.sqlite", 0o444)
        done = self.sweep("s.sqlite", *self.MANY, code=4)
        self.assertIn("cannot write 's.sqlite': the file or its folder is read-only; allow writing or", done.stderr)
        os.chmod(self.folder / "s.sqlite", 0o644)
        os.chmod(self.folder, 0o555)
        self.addCleanup(os.chmod, self.folder, 0o755)
        for store in ["s.sqlite", "new.sqlite"]:
            done = self.sweep(store, *self.MANY, code=4)
            self.assertIn(f"cannot write '{store}.lock': Permission denied", done.stderr)
        self.assertEqual(self.held("s.sqlite"), 800)  # it can be read
        os.chmod(self.folder, 0o755)
        self.goes_on("s.sqlite")

    def refused(self, store, message):
        """No command takes the store, and it stays as it is."""
        before = (self.folder / store).read_bytes()
        for command in [["sweep", "sweep.yaml", "-q", "-o", store, *self.MANY], ["query", store, "--digest"],
                        ["merge", "m.sqlite", "whole.sqlite", store]]:
            self.assertRegex(self.error(*command, code=3), rf"^{store}: error: {message}")
        self.assertEqual((self.folder / store).read_bytes(), before)
        self.assertFalse((self.folder / "m.sqlite").exists())

    def test_broken_stores(self):
        whole = (self.folder / "whole.sqlite").read_bytes()
        middle = len(whole) // 2
        for broken in [whole[:middle] + bytes(64) + whole[middle + 64:], whole[:middle], whole[:50]]:
            (self.folder / "s.sqlite").write_bytes(broken)
            self.refused("s.sqlite", r"is corrupt \(.*\)\. Take a copy of it from before, or delete it and run the sweep ")
        (self.folder / "s.sqlite").write_bytes(bytes(16) + whole[16:])
        self.refused("s.sqlite", r"is not a results store \(not an SQLite file\)")
        (self.folder / "s.sqlite").unlink()
        self.goes_on("s.sqlite")

    def test_stores_of_other_versions(self):
        self.change("whole.sqlite", "newer.sqlite", "PRAGMA user_version = 2")
        self.refused("newer.sqlite", "has tables of version 2, this program knows version 1; use the program that wrote ")
        # As another version of the program would have written it.
        with contextlib.closing(sqlite3.connect(self.folder / "whole.sqlite")) as database:
            identity = identity_of(database, "0.0.1 abc")
        self.change("whole.sqlite", "older.sqlite", "UPDATE sweep SET value = '0.0.1 abc' WHERE key = 'version'; "
                    f"UPDATE sweep SET value = '{identity}' WHERE key = 'identity'")
        self.assertEqual(self.digest("older.sqlite"), self.whole)  # it can be read
        text = self.sweep("older.sqlite", *self.MANY, code=3).stderr
        self.assertRegex(text, r"^older.sqlite: error: holds the results of another version of the program: version "
                               r"'0\.0\.1 abc' there, '.+' here\. Write to another file, or delete this one\n$")
        self.assertIn("version '0.0.1 abc' there", self.error("merge", "m.sqlite", "whole.sqlite", "older.sqlite", code=3))

    def change(self, store, changed, sql):
        shutil.copy(self.folder / store, self.folder / changed)
        with contextlib.closing(sqlite3.connect(self.folder / changed)) as database:
            database.executescript(sql)
            database.commit()


if __name__ == "__main__":
    main()
