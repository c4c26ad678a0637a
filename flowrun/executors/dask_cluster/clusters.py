"""Clusters: the ways to come by a Dask cluster. Each is opened once and closed with the run."""

from __future__ import annotations

import shutil
from importlib import import_module
from inspect import isawaitable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

from ...errors import ServiceUnreachableError
from .settings import Endpoint, TlsFiles

_BATCH_CLASSES = {
    "slurm": "SLURMCluster",
    "pbs": "PBSCluster",
    "lsf": "LSFCluster",
    "sge": "SGECluster",
    "htcondor": "HTCondorCluster",
}


class Cluster(Protocol):
    """Something with a scheduler and workers."""

    async def open(self) -> Endpoint:
        """Called first; gives where the scheduler is. Raises ServiceUnreachableError."""

    async def close(self) -> None:
        """Called last."""


class FixedCluster:
    """A cluster that somebody else looks after."""

    def __init__(self, address: str, tls: TlsFiles | None) -> None:
        self._endpoint = Endpoint(address, None if tls is None else security_of(tls))

    async def open(self) -> Endpoint:
        """It is there, or it is not."""
        return self._endpoint

    async def close(self) -> None:
        """It stays."""


class BatchCluster:
    """Workers as jobs of a batch system, through dask-jobqueue; the scheduler is in this process."""

    def __init__(self, system: str, options: dict[str, Any], root: Path, max_deliveries: int, security: Any) -> None:
        """`options` are those of the class of dask-jobqueue, and `jobs`: how many, or `{minimum, maximum}`."""
        self._system = system
        self._options = dict(options)
        self._root = root
        self._max_deliveries = max_deliveries
        self._security = security
        self._keys = ""
        self._cluster: Any = None

    async def open(self) -> Endpoint:
        """Start the scheduler and submit the workers; nobody waits for them."""
        jobs = self._options.pop("jobs", 1)
        state = self._root / ".flowrun"
        state.mkdir(mode=0o700, exist_ok=True)
        self._keys = mkdtemp(prefix="dask-", dir=state)  # seen by the workers, too: the project is on a shared disk
        cls = getattr(_imported("dask_jobqueue", "dask-jobqueue"), _BATCH_CLASSES[self._system])
        scheduler = {"dashboard": False, "dashboard_address": ":0", "allowed_failures": self._max_deliveries - 1}
        scheduler |= {"worker_ttl": "30s", **self._options.pop("scheduler_options", {})}
        given = {"shared_temp_directory": self._keys, "security": self._security, **self._options}
        self._cluster = await _opened(cls, {**given, "scheduler_options": scheduler})
        await _scale(self._cluster, jobs)
        return Endpoint(self._cluster.scheduler_address, self._security)

    async def close(self) -> None:
        """Cancel the jobs."""
        await _closed(self._cluster)
        shutil.rmtree(self._keys, ignore_errors=True)


class KubernetesCluster:
    """Workers as pods, through the operator of dask-kubernetes."""

    def __init__(self, options: dict[str, Any]) -> None:
        """`options` are those of `KubeCluster`, and `workers`: how many, or `{minimum, maximum}`."""
        self._options = dict(options)
        self._cluster: Any = None

    async def open(self) -> Endpoint:
        """Have the operator make a cluster."""
        workers = self._options.pop("workers", 1)
        cls = _imported("dask_kubernetes.operator", "dask-kubernetes").KubeCluster
        self._cluster = await _opened(cls, {"n_workers": 0, "quiet": True, "shutdown_on_close": True, **self._options})
        await _scale(self._cluster, workers)
        return Endpoint(self._cluster.scheduler_address)

    async def close(self) -> None:
        """Have the operator remove it."""
        await _closed(self._cluster)


def security_of(tls: TlsFiles) -> Any:
    """What Dask needs to speak TLS, and nothing else."""
    from distributed import Security

    ca, cert, key = str(tls.ca), str(tls.cert), str(tls.key)
    return Security(  # type: ignore[no-untyped-call]
        tls_ca_file=ca,
        tls_client_cert=cert,
        tls_client_key=key,
        tls_scheduler_cert=cert,
        tls_scheduler_key=key,
        tls_worker_cert=cert,
        tls_worker_key=key,
        require_encryption=True,
    )


def temporary_security() -> Any:
    """Keys and a certificate for one run."""
    from distributed import Security

    try:
        return Security.temporary()  # type: ignore[no-untyped-call]
    except ImportError as error:
        raise ServiceUnreachableError(
            "a cluster of a batch system is protected by TLS with keys made for the run, which needs the package "
            "cryptography: pip install cryptography; or give `tls: {ca, cert, key}`, or say `insecure: true`"
        ) from error


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ServiceUnreachableError(
            f"this kind of Dask cluster needs the package {package}: pip install {package}"
        ) from error


async def _opened(cls: Any, options: dict[str, Any]) -> Any:
    """Whatever a class of another package does not like is said as it says it."""
    try:
        return await cls(asynchronous=True, **options)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ServiceUnreachableError(f"{cls.__name__} cannot be opened: {' '.join(lines[:6])}") from error


async def _closed(cluster: Any) -> None:
    if cluster is not None:
        await cluster.close()


async def _scale(cluster: Any, wanted: int | dict[str, int]) -> None:
    begun = cluster.adapt(**wanted) if isinstance(wanted, dict) else cluster.scale(wanted)
    if isawaitable(begun):
        await begun
