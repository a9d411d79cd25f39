"""What `make dist` made, where neither Swift nor the libraries it was built with are: the archive in a root that has
nothing but glibc and the C++ run-time library, README's walk-through in one that has g++ too, the wheel in a namespace where
the toolchain is hidden.

    make dist && PYTHONPATH=python python3 -m unittest python/tests/test_dist.py
"""

import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile

import numpy as np

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DIST = os.path.join(ROOT, ".build", "dist")
TOOLS = os.path.join(ROOT, ".build", "dist-tools")
GOLDEN = os.path.join(ROOT, "Tests", "ConformanceTests", "Golden", "jet_tagger_hls", "outputs.npy")
SYSTEM = ["ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0",
          "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6"]
HEADERS = os.path.join(ROOT, ".build", "ap_types")
with open(os.path.join(ROOT, "VERSION")) as file:
    VERSION = file.read().strip()


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def namespace(*command, **options):
    """Runs a command that may mount what nobody else sees."""
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    return run(*unshare, *command, **options)


def walk_through():
    """The lines of README's walk-through, without their comments."""
    with open(os.path.join(ROOT, "README.md")) as file:
        section = re.search(r"## A walk-through\n(.*?)\n## ", file.read(), re.S)[1]
    return [line.split(" #")[0].strip() for line in section.splitlines() if line.startswith("    ")]


def runtime():
    """The folder of Swift's run-time library; None where there is no Swift."""
    swift = shutil.which("swift")
    # <toolchain>/usr/bin/swift
    return os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(swift))), "lib", "swift") if swift else None


@unittest.skipUnless(glob.glob(os.path.join(DIST, "*.whl")), "nothing to test: make dist")
class Distribution(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.mkdtemp(prefix="triggerfish-dist-")
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        # Somewhere else than where it was made.
        cls.root = os.path.join(cls.scratch, "root")
        with tarfile.open(os.path.join(DIST, f"triggerfish-{VERSION}-linux-x86_64.tar.gz")) as archive:
            archive.extractall(os.path.join(cls.root, "opt"))
        cls.prefix = os.path.join(cls.root, "opt", f"triggerfish-{VERSION}-linux-x86_64")
        (cls.wheel,) = glob.glob(os.path.join(DIST, "*.whl"))
        if namespace("true").returncode:
            raise unittest.SkipTest("this machine does not allow mount namespaces")

    def check(self, result, text=""):
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(text, result.stdout)
        return result.stdout

    def bare(self, root, *programs):
        """A root with the system's few libraries, and these programs with the libraries they need."""
        places = {}
        for line in run("/sbin/ldconfig", "-p").stdout.splitlines():
            match = re.match(r"\s*(\S+) \(.*x86-64.*\) => (\S+)", line)
            if match:
                places.setdefault(match[1], match[2])
        copies = {name: places[name] for name in SYSTEM}
        for program in programs:
            for name, place in re.findall(r"(\S+) => (/\S+)", run("ldd", program).stdout):
                copies.setdefault(name, place)
        for folder in ("lib64", "lib/x86_64-linux-gnu", "usr/bin", "usr/lib", "proc", "dev", "tmp"):
            os.makedirs(os.path.join(root, folder), exist_ok=True)
        for name, place in copies.items():
            shutil.copy(place, os.path.join(root, "lib64" if name.startswith("ld-") else "lib/x86_64-linux-gnu", name))
        for program in programs:
            target = root + program
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.exists(target):
                shutil.copy(os.path.realpath(program), target)

    def test_archive_needs_nothing_but_glibc(self):
        self.bare(self.root)
        here = "/opt/" + os.path.basename(self.prefix)
        models = here + "/share/triggerfish/models/jet_tagger/"

        def inside(*arguments):
            # /proc, where programs look up what $ORIGIN is.
            script = 'mount --rbind /proc "$0/proc" && exec chroot "$0" "$@"'
            return namespace("sh", "-c", script, self.root, here + "/bin/triggerfish", *arguments)

        self.check(inside("--version"), VERSION)
        self.check(inside("compile", models + "jet_tagger.json", "--config", models + "hls.yml", "-o", "/tmp/project"))
        self.check(inside("emulate", models + "jet_tagger.json", "--config", models + "hls.yml", "--input",
                          models + "events.npy", "--output", "/tmp/scores.npy"))
        np.testing.assert_array_equal(np.load(os.path.join(self.root, "tmp", "scores.npy")), np.load(GOLDEN))
        self.check(inside("report", "/tmp/project", "--html", "/tmp/page.html"), "initiation interval 1 cycle")
        self.check(inside("check", "/tmp/project", "--budget", "100ns"))
        self.assertEqual(inside("check", "/tmp/project", "--budget", "10ns").returncode, 1)
        missing = inside("verify", "/tmp/project")
        self.assertEqual(missing.returncode, 69)
        self.assertIn(here + "/share/triggerfish/fetch-ap-types.sh", missing.stderr)

    @unittest.skipUnless(shutil.which("g++") and os.path.exists(HEADERS), "no g++, or no ap_types headers: make ap-types")
    def test_walk_through_of_the_readme(self):
        """README's walk-through, line by line as it stands there, in a root without Swift: the archive is what the first line
        puts on the PATH; besides it there are a shell, g++ with what it needs, and the vendor's headers."""
        lines = [line for line in walk_through() if not re.match(r"import |\w+ = ", line)]
        self.assertGreaterEqual(len(lines), 11)
        root = os.path.join(self.scratch, "walk")
        shutil.copytree(os.path.join(self.root, "opt"), root + "/opt", symlinks=True)
        here = "/opt/" + os.path.basename(self.prefix)
        tools = [self.check(run("g++", "-print-prog-name=" + name)).strip() for name in ("cc1plus", "collect2")]
        self.bare(root, "/usr/bin/dash", "/usr/bin/env", "/usr/bin/g++", "/usr/bin/as", "/usr/bin/ld", *tools)
        os.symlink("usr/bin", root + "/bin")
        os.symlink("dash", root + "/usr/bin/sh")
        # What glibc's packages for building have beside their headers, which are mounted with g++'s own files.
        os.symlink("../../lib/x86_64-linux-gnu", root + "/usr/lib/x86_64-linux-gnu")
        for name in ("crt1.o", "Scrt1.o", "crti.o", "crtn.o", "libc.so", "libc_nonshared.a", "libm.so", "libmvec.so.1"):
            for place in glob.glob("/usr/lib/x86_64-linux-gnu/" + name):
                shutil.copy(place, root + "/lib/x86_64-linux-gnu/")
        compiler = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(tools[0]))))
        # "In this folder, after make run".
        os.makedirs(root + "/work/.build")
        os.symlink(here + "/bin", root + "/work/.build/release")
        shutil.copytree(root + here + "/share/triggerfish/models", root + "/work/models")
        shutil.copytree(HEADERS, root + "/home/.cache/triggerfish/ap_types")
        mounts = ["/proc", "/dev", "/usr/include", compiler]
        for folder in mounts:
            os.makedirs(root + folder, exist_ok=True)
        script = " && ".join(f'mount --rbind {folder} "$0{folder}"' for folder in mounts) + ' && exec chroot "$0" /bin/sh -c "$1"'
        steps = "cd /work\n" + "".join(f"echo '$' {shlex.quote(line)}\n{line} || exit 1\n" for line in lines)
        environment = {"HOME": "/home", "PATH": "/usr/bin:/bin"}
        found = namespace("/bin/sh", "-c", script, root, steps, env={**environment, "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"})
        shown = self.check(found)
        self.assertEqual([line[2:] for line in shown.splitlines() if line.startswith("$ ")], lines)
        self.assertIn("words of 2000 events are equal, every layer's among them", shown)
        np.testing.assert_array_equal(np.load(root + "/work/models/jet_tagger/scores.npy"), np.load(GOLDEN))
        with open(root + "/work/models/jet_tagger/report.html") as file:
            self.assertIn('id="accuracy"', file.read())
        # It is a root without Swift, and without the libraries that the archive brings.
        self.assertEqual(glob.glob(root + "/usr/lib/swift*") + glob.glob(root + "/lib/x86_64-linux-gnu/lib*hdf5*"), [])

    def test_wheel_is_what_its_tag_says(self):
        # auditwheel knows which symbols each platform has.
        shown = run(sys.executable, "-m", "auditwheel", "show", self.wheel, env={**os.environ, "PYTHONPATH": TOOLS})
        found = re.search(r'tag: "(manylinux_\d+_\d+_x86_64)"', " ".join(self.check(shown).split()))
        self.assertIn(found[1], os.path.basename(self.wheel))
        with open(os.path.join(ROOT, "docs", "install.md")) as file:
            self.assertIn("glibc " + ".".join(found[1].split("_")[1:3]), file.read())

    def test_wheel_without_the_toolchain(self):
        site = os.path.join(self.scratch, "site")
        self.check(run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index",
                       "--no-deps", "--target", site, self.wheel))
        hidden = [ROOT, runtime()]
        files = [place for name in ("hdf5", "json-c", "zip.so", "aec", "sz.so")
                 for place in glob.glob(f"/usr/lib/x86_64-linux-gnu/lib{name}*.so*" if ".so" not in name
                                        else f"/usr/lib/x86_64-linux-gnu/lib{name}*")]
        self.assertGreater(len(files), 4)
        models = os.path.join(site, "triggerfish", "_native", "share", "triggerfish", "models", "jet_tagger")
        shutil.copy(GOLDEN, self.scratch)
        python = "\n".join(line for line in walk_through() if re.match(r"import |\w+ = ", line))
        self.assertIn("import numpy, triggerfish", python)
        program = f"""
import numpy, os, re, subprocess, sys
def mapped():
    with open("/proc/self/maps") as file:
        return {{line.split()[-1] for line in file if ".so" in line}}
before = mapped()
os.chdir({models!r})
# README's lines.
{python}
numpy.testing.assert_array_equal(scores, numpy.load({self.scratch!r} + "/outputs.npy"))
new = [name for name in mapped() - before if not name.startswith({site!r})]
# The system's own, and what Python loads for the modules imported on the way.
new = [name for name in new if not os.path.basename(name).startswith({tuple(SYSTEM)!r})]
new = [name for name in new if not re.search("/lib-dynload/|/numpy/|/lib(ffi|crypto|ssl|z|bz2|lzma)[.]so", name)]
assert not new, new
import ssl
print(triggerfish.__version__)
print(subprocess.run(["triggerfish", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout)
"""
        script = " && ".join([f'mount -t tmpfs none "{folder}"' for folder in hidden if folder]
                             + [f'mount --bind /dev/null "{file}"' for file in map(os.path.realpath, files)]
                             + ['exec "$@"'])
        environment = {**os.environ, "PYTHONPATH": site, "PATH": f"{site}/bin:/usr/bin:/bin"}
        environment.pop("TRIGGERFISH_LIBRARY", None)
        found = namespace("sh", "-c", script, "sh", sys.executable, "-c", program, env=environment, cwd="/")
        self.assertEqual(self.check(found).split()[:3], [VERSION, "triggerfish", VERSION])

    def test_c_programs_find_it(self):
        source = os.path.join(self.scratch, "main.c")
        with open(source, "w") as file:
            file.write('#include <stdio.h>\n#include <triggerfish.h>\nint main(void) { puts(tf_version()); return 0; }\n')
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(self.prefix, "lib", "pkgconfig")}
        self.assertEqual(self.check(run("pkg-config", "--modversion", "triggerfish", env=environment)).strip(), VERSION)
        flags = self.check(run("pkg-config", "--cflags", "--libs", "triggerfish", env=environment)).split()
        program = os.path.join(self.scratch, "by-pkg-config")
        library = os.path.join(self.prefix, "lib")
        self.check(run("gcc", source, "-o", program, *flags, f"-Wl,-rpath,{library}"))
        self.assertEqual(self.check(run(program)).strip(), VERSION)
        needs = self.check(run("readelf", "-d", program))
        self.assertIn(f"[libtriggerfish.so.{VERSION.split('.')[0]}]", needs)
        if not shutil.which("cmake"):
            self.skipTest("no cmake")
        project = os.path.join(self.scratch, "cmake")
        os.makedirs(project)
        with open(os.path.join(project, "CMakeLists.txt"), "w") as file:
            file.write(f"cmake_minimum_required(VERSION 3.16)\nproject(host C)\nfind_package(triggerfish {VERSION} REQUIRED)\n"
                       f"add_executable(host {source})\ntarget_link_libraries(host triggerfish::triggerfish)\n")
        self.check(run("cmake", "-S", project, "-B", project + "/build", f"-Dtriggerfish_DIR={library}/cmake/triggerfish"))
        self.check(run("cmake", "--build", project + "/build"))
        self.assertEqual(self.check(run(project + "/build/host")).strip(), VERSION)

    def test_installs(self):
        target = os.path.join(self.scratch, "installed")
        self.check(run("make", "-C", ROOT, "install", f"DESTDIR={target}", "PREFIX=/usr"))
        self.check(run(target + "/usr/bin/triggerfish", "--version"), VERSION)
        pages = glob.glob(target + "/usr/share/man/man1/triggerfish*.1")
        self.assertIn(target + "/usr/share/man/man1/triggerfish-compile.1", pages)
        for page in pages:
            if shutil.which("groff"):
                shown = run("groff", "-man", "-ww", "-Kutf8", "-Tutf8", page)
                self.assertEqual((shown.returncode, shown.stderr), (0, ""), page)
        completion = target + "/usr/share/bash-completion/completions/triggerfish"
        offered = run("bash", "-c", f'source {completion}; COMP_WORDS=(triggerfish comp); COMP_CWORD=1; COMP_LINE="triggerfish comp"; '
                      'COMP_POINT=16; $(complete -p triggerfish | sed "s/.*-F \\([^ ]*\\).*/\\1/") triggerfish comp triggerfish; '
                      'echo "${COMPREPLY[@]}"')
        self.assertIn("compile", self.check(offered))
        licenses = os.listdir(target + "/usr/share/doc/triggerfish/licenses")
        for name in ("swift.txt", "libhdf5-103-1.txt", "libjson-c5.txt", "Yams.txt"):
            self.assertIn(name, licenses)


class Versions(unittest.TestCase):
    def test_packages_are_pinned(self):
        with open(os.path.join(ROOT, "Package.swift")) as file:
            packages = re.findall(r"\.package\((.*)\)", file.read())
        self.assertGreater(len(packages), 3)
        for package in packages:
            self.assertRegex(package, r'url: ".*", exact: "[0-9.]+"')

    def test_the_manual_names_this_version(self):
        for page in ("install.md", "ci.md"):
            with open(os.path.join(ROOT, "docs", page)) as file:
                named = set(re.findall(r"triggerfish-(\d+\.\d+\.\d+)", file.read()))
            self.assertEqual(named, {VERSION}, page)

    def test_one_number(self):
        import triggerfish
        self.assertEqual(triggerfish.__version__, VERSION)
        command = os.path.join(ROOT, ".build", "release", "triggerfish")
        if not os.path.exists(command):
            self.skipTest("the command is not built")
        match = re.fullmatch(r"triggerfish (\S+) \(commit ([0-9a-f]+|unknown)\+?\)\n", run(command, "--version").stdout)
        self.assertEqual(match[1], VERSION)
        if os.path.exists(os.path.join(ROOT, ".git")):
            # Of the history it was built from; commits made since then may follow it.
            self.assertEqual(run("git", "-C", ROOT, "merge-base", "--is-ancestor", match[2], "HEAD").returncode, 0, match[2])
        stated = run("git", "-C", ROOT, "grep", "-lF", f'"{VERSION}"', "--", "Sources", "python", "Package.swift").stdout.split()
        self.assertEqual([path for path in stated if not path.endswith(".md")], [], "the number stands in VERSION only")


if __name__ == "__main__":
    unittest.main()
