"""Slurm on this one machine, for tests: munged, slurmctld and slurmd in a folder of their own, on the loopback interface only.

    with slurm.Cluster(folder) as environment:
        subprocess.run(["sbatch", …], env=environment)

Needs Debian's slurm-wlm (scripts/setup.sh --slurm) and to be root. Only these three processes are started, and these are ended.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "sinfo", "scancel")


def unavailable():
    """Why there can be no cluster; None where there can."""
    if os.geteuid() != 0:
        return "Slurm's daemons are started by root only"
    missing = [name for name in PROGRAMS if _program(name) is None]
    return f"{', '.join(missing)} not installed (scripts/setup.sh --slurm)" if missing else None


class Unavailable(Exception):
    """The daemons cannot run on this machine, with their last words."""


class Cluster:
    """A Slurm cluster of one node, with a partition called `test`."""

    def __init__(self, folder, cpus=2):
        self.folder = folder
        self.cpus = cpus
        self.processes = []

    def __enter__(self):
        try:
            return self._started()
        except BaseException:
            self.__exit__()
            raise

    def _started(self):
        for name in ("state", "spool", "munge"):
            os.makedirs(self._path(name), mode=0o755)
        os.chmod(self.folder, 0o755)
        key, munge_socket = self._path("munge/key"), self._path("munge/socket")
        with open(key, "wb", opener=lambda path, flags: os.open(path, flags, 0o400)) as file:
            file.write(os.urandom(128))
        # As munge warns where a parent folder is writable by others, as /tmp is: --force.
        self._start("munged", "--foreground", "--force", f"--key-file={key}", f"--socket={munge_socket}",
                    f"--pid-file={self._path('munge/pid')}", f"--log-file={self._path('munge/log')}",
                    f"--seed-file={self._path('munge/seed')}")
        self._wait(lambda: os.path.exists(munge_socket), "munged")
        ports = _free_ports(2)
        host = socket.gethostname().split(".")[0]
        with open(self._path("slurm.conf"), "w") as file:
            file.write(f"""ClusterName=triggerfish
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={munge_socket}
CredType=cred/munge
StateSaveLocation={self._path('state')}
SlurmdSpoolDir={self._path('spool')}
SlurmctldPidFile={self._path('slurmctld.pid')}
SlurmdPidFile={self._path('slurmd.pid')}
SlurmctldLogFile={self._path('slurmctld.log')}
SlurmdLogFile={self._path('slurmd.log')}
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={self.cpus} RealMemory=1024 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
""")
        with open(self._path("cgroup.conf"), "w") as file:
            file.write("CgroupAutomount=no\n")
        self.environment = dict(os.environ, SLURM_CONF=self._path("slurm.conf"))
        self._start("slurmctld", "-D", "-f", self._path("slurm.conf"))
        self._start("slurmd", "-D", "-f", self._path("slurm.conf"))
        self._wait(lambda: "idle" in self._output("sinfo", "-h", "-o", "%T"), "slurmd")
        return self.environment

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _start(self, program, *arguments):
        log = open(self._path(f"{program}.out"), "wb")
        self.processes.append(subprocess.Popen(
            [_program(program), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=getattr(self, "environment", None)))
        log.close()

    def _output(self, program, *arguments):
        return subprocess.run([_program(program), *arguments], env=self.environment, capture_output=True, text=True,
                              timeout=30).stdout

    def _wait(self, ready, program, seconds=30):
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or any(process.poll() is not None for process in self.processes):
                raise Unavailable(f"{program} does not come up: {self._last_words()}")
            time.sleep(0.1)

    def _last_words(self):
        words = []
        for name in ("munged.out", "munge/log", "slurmctld.out", "slurmd.out"):
            if os.path.exists(self._path(name)):
                with open(self._path(name), errors="replace") as file:
                    words += [line.strip() for line in file.readlines()[-3:]]
        return " | ".join(words)


def _program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def _free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder, Cluster(folder) as environment:
        sys.exit(subprocess.run(sys.argv[1:], env=environment).returncode)
