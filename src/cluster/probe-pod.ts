// A temporary pod for running commands, which is always removed.
import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure, isUnreachable } from "./failure.ts";

export interface ProbePod {
  /** `doctor/portico-doctor-4f1c2a` */
  readonly name: string;
  /** Rejects with ClusterFailure where the cluster does not run it. Exit statuses 126 and 127 as of a shell. */
  readonly run: (
    command: readonly string[],
  ) => Promise<{ readonly stdout: string; readonly exitCode: number }>;
  /** Removes it. Idempotent. */
  readonly close: () => Promise<void>;
}

export interface ProbePodOptions {
  readonly namespace: string;
  /** Has `sh` and `sleep`. */
  readonly image: string;
  /** Called as soon as creation was requested, before the pod runs: from then on it must be closed. */
  readonly onCreated?: (close: () => Promise<void>) => void;
  readonly onProgress?: (what: string) => void;
}

/** If Portico is killed before it can remove the pod, the pod ends by itself. */
const LIFE_S = 900;
const START_MS = 120_000;
const CONTAINER = "probe";

interface PodSeen {
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: {
        readonly waiting?: { readonly reason?: string; readonly message?: string };
        readonly terminated?: { readonly reason?: string; readonly message?: string };
      };
    }[];
  };
}

/** Resolves when the pod runs. Rejects with ClusterFailure where it may not be created or does not start; it is removed then. */
export async function openProbePod(api: ClusterApi, options: ProbePodOptions): Promise<ProbePod> {
  const { namespace, image, onCreated, onProgress } = options;
  const name = `portico-doctor-${randomBytes(3).toString("hex")}`;
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace } };
  let removed: Promise<void> | undefined;
  let wanted = true;
  const close = () => {
    wanted = false;
    removed ??= api.remove(object);
    return removed;
  };
  const created = api.apply({ ...object, ...podOf(name, namespace, image) });
  // A request without an answer may have created the pod: it is removed in any case.
  onCreated?.(() => created.then(close, (error) => (isUnreachable(error) ? close() : undefined)));
  await created;
  try {
    await untilRunning(api, namespace, name, () => wanted, onProgress);
  } catch (error) {
    await close();
    throw error;
  }
  return { name: `${namespace}/${name}`, run: (command) => execIn(api, namespace, name, command), close };
}

/** Passes Pod Security level restricted; requests minimal resources. */
function podOf(name: string, namespace: string, image: string) {
  return {
    metadata: {
      name,
      namespace,
      labels: { "app.kubernetes.io/name": "portico-doctor", "app.kubernetes.io/managed-by": "portico" },
    },
    spec: {
      restartPolicy: "Never",
      activeDeadlineSeconds: LIFE_S,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: CONTAINER,
          image,
          command: ["sh", "-c", `sleep ${LIFE_S}`],
          resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  };
}

/** Watches the pod: each line of the answer is a change (Kubernetes API concepts, "Efficient detection of changes"). */
async function untilRunning(
  api: ClusterApi,
  namespace: string,
  name: string,
  wanted: () => boolean,
  onProgress: ProbePodOptions["onProgress"],
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const changes = await api.stream(
    path,
    { watch: "true", fieldSelector: `metadata.name=${name}` },
    AbortSignal.timeout(START_MS),
  );
  let rest = "";
  let waits = "it has not been scheduled to a node";
  try {
    for await (const chunk of changes) {
      const lines = `${rest}${String(chunk)}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const { type, object } = JSON.parse(line) as { type: string; object: PodSeen };
        if (type === "DELETED" || !wanted()) throw refused(name, "it was removed");
        const state = object.status?.containerStatuses?.[0]?.state;
        if (object.status?.phase === "Running") return;
        const reason = state?.waiting?.reason ?? state?.terminated?.reason;
        waits =
          [reason, state?.waiting?.message ?? state?.terminated?.message].filter(Boolean).join(": ") || waits;
        onProgress?.(`waiting for pod ${name}: ${reason ?? object.status?.phase ?? "Pending"}`);
        if (object.status?.phase === "Failed" || /Err|Invalid|BackOff/.test(reason ?? ""))
          throw refused(name, waits);
      }
    }
  } catch (error) {
    if (error instanceof ClusterFailure) throw error;
    throw refused(name, waits);
  } finally {
    changes.destroy();
  }
  throw refused(name, waits);
}

function refused(name: string, why: string): ClusterFailure {
  return new ClusterFailure(`pod ${name} does not run: ${why}`, {
    status: null,
    reason: "ProbePod",
    request: `run pod ${name}`,
  });
}

async function execIn(api: ClusterApi, namespace: string, name: string, command: readonly string[]) {
  const { Exec } = await import("@kubernetes/client-node");
  const chunks: Buffer[] = [];
  // Verbatim: the end of the command may follow its last output immediately.
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const stderr = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  try {
    const socket = await new Exec(api.config).exec(
      namespace,
      name,
      CONTAINER,
      [...command],
      stdout,
      stderr,
      null,
      false,
      ({ status, details }) => {
        const code = details?.causes?.find(({ reason }) => reason === "ExitCode")?.message;
        resolve(status === "Success" ? 0 : Number(code ?? 126));
      },
    );
    socket.on("close", () => reject(cut(name)));
    socket.on("error", () => reject(cut(name)));
  } catch (error) {
    if (error instanceof ClusterFailure) throw error;
    throw refused(name, error instanceof Error ? error.message : "no command can be run in it");
  }
  const exitCode = await promise;
  return { stdout: Buffer.concat(chunks).toString(), exitCode };
}

function cut(name: string): ClusterFailure {
  return new ClusterFailure(`pod ${name}: the connection to the command in it was cut`, {
    status: null,
    reason: "ProbePod",
    request: `exec in pod ${name}`,
  });
}
