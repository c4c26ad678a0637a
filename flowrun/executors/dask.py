"""DaskExecutor: attempts on a Dask cluster, given by its address or opened for the run."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from ..attempt import Attempt
from ..errors import DefinitionError
from ..jobdefinition.quantities import Seconds
from .dask_cluster.settings import BATCH_SYSTEMS, Isolation, LocalSettings, TlsFiles, fault_of_address
from .executor import DirectExecutor, Emit, Ended, Workplace, executor

if TYPE_CHECKING:
    from .dask_cluster.clusters import Cluster
    from .dask_cluster.dispatch import Dispatch
    from .dask_cluster.link import Hear, Link

_USUAL_DELIVERIES = 4
"""Dask's own: three failures are allowed."""
_CONNECT_SECONDS = 10.0


@executor
class DaskExecutor(DirectExecutor):
    """Each attempt in a process of its own below a worker of the cluster. Without a kind of cluster: `local`."""

    counts_timeout: ClassVar[bool] = True

    address: str | None = None
    """Of the scheduler of a cluster that is there: `tls://HOST:PORT` or `tcp://HOST:PORT`."""
    local: LocalSettings | None = None
    """A cluster on this machine for the time of the run: `{workers: 4}`."""
    slurm: dict[str, Any] | None = None
    """Options of dask-jobqueue's `SLURMCluster`, and `jobs`: how many."""
    pbs: dict[str, Any] | None = None
    """The same for PBS."""
    lsf: dict[str, Any] | None = None
    """The same for LSF."""
    sge: dict[str, Any] | None = None
    """The same for SGE."""
    htcondor: dict[str, Any] | None = None
    """The same for HTCondor."""
    kubernetes: dict[str, Any] | None = None
    """Options of dask-kubernetes' `KubeCluster`, and `workers`: how many."""
    tls: TlsFiles | None = None
    """Files for TLS in both directions."""
    insecure: bool = False
    """Speak without TLS with other machines."""
    resources: dict[str, float] = Field(default_factory=dict)
    """What an attempt takes of the resources that workers declare: `{GPU: 1}`."""
    workers: list[str] = Field(default_factory=list)
    """Names, addresses or hosts of the only workers that may be used."""
    priority: int = 0
    """Higher goes first on the cluster, also before what others have submitted."""
    code: Literal["upload", "shared"] = "upload"
    """How the project comes to the workers: it is sent to each, or they have the same files at the same path."""
    isolation: Isolation = "process"
    """What an attempt runs in: a process of its own below the worker, or a thread of the worker."""
    keep_results: Literal["home", "cluster"] = "home"
    """Where large results stay that only other tasks of this executor are given: `cluster` spares them the way home."""
    max_deliveries: int | None = Field(default=None, ge=1)
    """An attempt whose workers die is given to another, so often in all. A cluster that is there has its own rule."""
    reconnect_timeout: Seconds = 60.0
    """So long a lost scheduler is waited for."""

    __slots__ = ("_dispatch",)  # not a private attribute: that is slow, and it is asked for in every attempt

    _workplace: Workplace = PrivateAttr()
    _cluster: Cluster | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        kinds = [name for name in ("address", "local", *BATCH_SYSTEMS, "kubernetes") if getattr(self, name) is not None]
        if len(kinds) > 1:
            raise ValueError(f"there is one cluster: give `{kinds[0]}` or `{kinds[1]}`")
        if self.address is not None:
            has_tls = self.tls is not None
            if fault := fault_of_address(self.address, insecure=self.insecure, has_tls=has_tls):
                raise ValueError(fault)
        if self.kubernetes is not None and not self.insecure:
            raise ValueError(
                "the scheduler of dask-kubernetes speaks without TLS inside of the Kubernetes network: "
                "say `insecure: true` if nobody else can reach it there"
            )
        if find_spec("distributed") is None:
            raise ValueError("the executor dask needs the extra \"dask\": pip install 'flowrun-jobs[dask]'")
        return self

    def prepare(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._dispatch: Dispatch | None = None

    async def on_create(self) -> None:
        from .dask_cluster.dispatch import Dispatch
        from .dask_cluster.project import project_of

        if self.tls is not None and (lacking := self.tls.below(self._workplace.root).lacking):
            raise DefinitionError(f"executor dask: there is no file {lacking}")
        project = project_of(self._workplace, is_shared=self.code == "shared", isolation=self.isolation)
        self._cluster = self._its_cluster()
        endpoint = await self._cluster.open()
        open_link = partial(self._link, endpoint, project)
        staying = self._workplace.staying() if self.keep_results == "cluster" else frozenset()
        self._dispatch = Dispatch(self._workplace, open_link, self.reconnect_timeout, staying)
        await self._dispatch.open()
        self._check_deliveries(self._dispatch.allowed_failures + 1)

    def let_go(self, tasks: Iterable[str]) -> None:
        if self._dispatch is not None and not self._workplace.is_asked_later:
            self._dispatch.let_go(tasks)

    async def bring_home(self) -> None:
        if self._dispatch is not None:
            await self._dispatch.bring_home()

    async def on_destroy(self) -> None:
        if self._dispatch is not None:
            if self._workplace.is_asked_later:
                await self._dispatch.bring_home()
            await self._dispatch.close()
        if self._cluster is not None:
            await self._cluster.close()

    def begin(self, attempt: Attempt, emit: Emit, ended: Ended) -> None:
        self._its_dispatch.begin(attempt, emit, ended)

    async def abort(self, attempt: Attempt) -> None:
        self._its_dispatch.command(attempt, b"A")

    async def kill(self, attempt: Attempt) -> None:
        self._its_dispatch.command(attempt, b"K")

    @property
    def _its_dispatch(self) -> Dispatch:
        dispatch = self._dispatch
        if dispatch is None:
            raise RuntimeError("the executor was not created")
        return dispatch

    def _check_deliveries(self, found: int) -> None:
        """A cluster that is there has its own rule. Raises DefinitionError if it is none for tasks to be run once."""
        once = sorted(self._workplace.once)
        if once and found > 1:
            raise DefinitionError(
                f"task `{once[0]}` is `at_most_once`, but this Dask cluster gives an attempt to up to {found} workers "
                "if they die: start its scheduler with `distributed.scheduler.allowed-failures: 0`"
            )
        if self.max_deliveries not in (None, found):
            self._workplace.say(
                f"`max_deliveries` is {self.max_deliveries}, but this cluster gives an attempt to up to {found} "
                "workers: the setting of its scheduler, `distributed.scheduler.allowed-failures`, decides"
            )

    def _its_cluster(self) -> Cluster:
        from .dask_cluster.clusters import BatchCluster, FixedCluster, KubernetesCluster, security_of
        from .dask_cluster.clusters import temporary_security as temporary
        from .dask_cluster.local_cluster import LocalCluster

        root = self._workplace.root
        most = 1 if self._workplace.once else self.max_deliveries or _USUAL_DELIVERIES
        tls = None if self.tls is None else self.tls.below(root)
        if self.address is not None:
            return FixedCluster(self.address, tls)
        for system in BATCH_SYSTEMS:
            if (options := getattr(self, system)) is not None:
                security = security_of(tls) if tls else None if self.insecure else temporary()
                return BatchCluster(system, options, root, most, security)
        if self.kubernetes is not None:
            return KubernetesCluster(self.kubernetes)
        return LocalCluster(self.local or LocalSettings(), most)

    def _link(self, endpoint: Any, project: Any, hear: Hear) -> Coroutine[Any, Any, Link]:
        from .dask_cluster.link import Link, Where

        where = Where(self.workers, self.resources, self.priority)
        return Link.opened(endpoint, project, where, hear, min(_CONNECT_SECONDS, self.reconnect_timeout))
