// One deploy at a time: a Lease in the namespace names the holder, and expires when the holder is gone.
import { setInterval } from "node:timers";
import type { Finding, Outcome } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure, failedWith } from "./failure.ts";
import { type KubernetesObject, listPath, objectPath } from "./objects.ts";

export interface HeldLease {
  /** The holder of an expired Lease; undefined: there was none, or it was released. */
  readonly leftBy: string | undefined;
  /** Aborted when another deploy has taken it, after we could not renew it in time. */
  readonly lost: AbortSignal;
  /** Idempotent; the Lease expires by itself where the cluster does not answer. */
  readonly release: () => Promise<void>;
}

export interface LeaseRequest {
  readonly namespace: string;
  /** The edge's label, which names the Lease. */
  readonly instance: string;
  /** `jane@laptop (pid 4711)`. */
  readonly holder: string;
}

const LASTS_S = 20;
const RENEWED_MS = 5_000;

interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseDurationSeconds?: number;
  };
}

/** A finding when another deploy holds it. Rejects with ClusterFailure for any other failure. */
export async function takeLease(api: ClusterApi, wish: LeaseRequest): Promise<Outcome<HeldLease>> {
  const known = await api.find<Lease>(leaseObject(wish));
  if (known !== undefined && isHeld(known)) return { findings: [deployInProgress(known)] };
  try {
    const taken =
      known === undefined
        ? await write(api, "POST", leaseObject(wish))
        : // The resource version is the precondition: of two deploys that find it expired, one gets it.
          await write(api, "PUT", leaseObject(wish, known.metadata.resourceVersion));
    return { value: keep(api, wish, taken, known?.spec?.holderIdentity), findings: [] };
  } catch (error) {
    if (!failedWith(error, 409)) throw error;
    const winner = await api.find<Lease>(leaseObject(wish));
    return { findings: [deployInProgress(winner)] };
  }
}

function keep(api: ClusterApi, wish: LeaseRequest, taken: Lease, leftBy: string | undefined): HeldLease {
  const lost = new AbortController();
  let version = taken.metadata.resourceVersion;
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(async () => {
      try {
        const renewed = await renew(api, wish, taken, version);
        if (renewed === undefined) lost.abort();
        else version = renewed;
      } catch (error) {
        // No answer: the next renewal may succeed.
        if (!(error instanceof ClusterFailure)) throw error;
      }
    });
  }, RENEWED_MS);
  timer.unref();
  let released: Promise<void> | undefined;
  const release = async () => {
    clearInterval(timer);
    await renewing;
    if (lost.signal.aborted) return;
    try {
      await api.remove(leaseObject(wish), taken.metadata.uid);
    } catch (error) {
      if (!(error instanceof ClusterFailure)) throw error;
    }
  };
  return {
    leftBy,
    lost: lost.signal,
    release: () => {
      released ??= release();
      return released;
    },
  };
}

/** The new version; undefined: it expired, and another deploy took it. */
async function renew(
  api: ClusterApi,
  wish: LeaseRequest,
  taken: Lease,
  version: string | undefined,
): Promise<string | undefined> {
  const acquired = taken.spec?.acquireTime;
  try {
    return (await write(api, "PUT", leaseObject(wish, version, acquired))).metadata.resourceVersion;
  } catch (error) {
    if (failedWith(error, 404)) return undefined;
    if (!failedWith(error, 409)) throw error;
    // A renewal whose answer was lost has also written a new version, which is ours.
    const known = await api.find<Lease>(leaseObject(wish));
    const ours = known?.spec?.holderIdentity === wish.holder && known.spec.acquireTime === acquired;
    return ours ? known.metadata.resourceVersion : undefined;
  }
}

function leaseObject(
  { namespace, instance, holder }: LeaseRequest,
  resourceVersion?: string,
  acquireTime?: string,
): Lease {
  // metav1.MicroTime has six fractional digits.
  const now = new Date().toISOString().replace(/Z$/, "000Z");
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: `${instance}-deploy`,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "portico", "app.kubernetes.io/instance": instance },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: LASTS_S,
      acquireTime: acquireTime ?? now,
      renewTime: now,
    },
  };
}

async function write(api: ClusterApi, method: "POST" | "PUT", lease: Lease): Promise<Lease> {
  const path = method === "POST" ? listPath(lease, lease.metadata.namespace ?? "") : objectPath(lease);
  return (await api.request(method, path, { body: lease })) as Lease;
}

/** By this machine's clock, as Kubernetes' own leader election does. */
function isHeld({ spec }: Lease): boolean {
  const renewed = Date.parse(spec?.renewTime ?? "");
  return Date.now() - renewed < (spec?.leaseDurationSeconds ?? LASTS_S) * 1000;
}

function deployInProgress(lease: Lease | undefined): Finding {
  const { holderIdentity = "another deploy", acquireTime } = lease?.spec ?? {};
  const since = acquireTime === undefined ? "" : ` since ${acquireTime.replace(/\.\d+Z$/, "Z")}`;
  return {
    code: "deploy-in-progress",
    severity: "error",
    what: `${holderIdentity} is deploying this edge${since}`,
    why: "Two deploys at the same time would undo each other's changes. Nothing was changed.",
    remedy: `Wait for it to end; the Lease of a killed deploy expires after ${LASTS_S} seconds.`,
    at: [],
  };
}
