// Disturbances of an edge, one function each.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { kubectl, pidOf } from "./kubectl.ts";

export interface Disturbed {
  readonly namespace: string;
  /** The edge's workload. */
  readonly edge: string;
  /** Applies the edge again with one more route than the last time. */
  readonly changeConfiguration: () => Promise<void>;
}

export interface Disturbance {
  readonly name: string;
  /** Whether no request may be lost; where some may, the number is printed. */
  readonly zero: boolean;
  /** Whether it continues after `run`: it ends when no request has been lost for a while. */
  readonly aftermath?: true;
  readonly run: (edge: Disturbed) => Promise<void>;
}

const MINUTE_MS = 60_000;

export const DISTURBANCES: readonly Disturbance[] = [
  {
    name: "rolling restart of the pods",
    zero: true,
    async run(edge) {
      await kubectl("-n", edge.namespace, "rollout", "restart", `deployment/${edge.edge}`);
      await settled(edge);
    },
  },
  {
    name: "configuration changed",
    zero: true,
    async run(edge) {
      await edge.changeConfiguration();
      await settled(edge);
    },
  },
  {
    name: "replicas 3 → 1 → 5 → 3",
    zero: true,
    async run(edge) {
      for (const replicas of [1, 5, 3]) {
        await kubectl("-n", edge.namespace, "scale", `deployment/${edge.edge}`, `--replicas=${replicas}`);
        await settled(edge);
      }
    },
  },
  {
    name: "a pod deleted",
    zero: true,
    async run(edge) {
      await kubectl("-n", edge.namespace, "delete", "pod", await firstPod(edge), "--wait");
      await settled(edge);
    },
  },
  {
    name: "a node drained",
    zero: true,
    async run(edge) {
      const node = await nodeOf(edge, await firstPod(edge));
      try {
        await kubectl(
          "drain",
          node,
          "--ignore-daemonsets",
          "--delete-emptydir-data",
          "--force",
          "--timeout=300s",
          `--pod-selector=app.kubernetes.io/part-of=${edge.namespace}`,
        );
        await settled(edge);
      } finally {
        await kubectl("uncordon", node);
      }
    },
  },
  {
    name: "backends rolled",
    zero: true,
    async run(edge) {
      for (const name of ["app", "pods"])
        await kubectl("-n", edge.namespace, "rollout", "restart", `deployment/${name}`);
      for (const name of ["app", "pods"])
        await kubectl("-n", edge.namespace, "rollout", "status", `deployment/${name}`, "--timeout=300s");
      await gone(edge, "app in (app,pods)");
    },
  },
  {
    name: "a backend pod killed",
    zero: true,
    async run(edge) {
      const pod = (
        await kubectl(
          "-n",
          edge.namespace,
          "get",
          "pods",
          "-l",
          "app=pods",
          "-o",
          "jsonpath={.items[0].metadata.name}",
        )
      ).trim();
      // No response: the program is killed while it runs.
      await kubectl("get", "--raw", `/api/v1/namespaces/${edge.namespace}/pods/${pod}:9000/proxy/die`).catch(
        () => {},
      );
      await restarted(edge, pod);
      await kubectl("-n", edge.namespace, "rollout", "status", "deployment/pods", "--timeout=120s");
    },
  },
  {
    name: "API server stopped for one minute",
    zero: true,
    run: async () => stopped(await pidOf("kube-apiserver"), MINUTE_MS),
  },
  {
    // The controllers return before the kubelets have reported: all nodes are not ready for some seconds, and Services
    // lose the pods on them. No proxy can prevent that; the number is printed.
    name: "API server back, all nodes not ready",
    zero: false,
    aftermath: true,
    async run(edge) {
      await nodesRenewed(new Date());
      await kubectl("wait", "nodes", "--all", "--for=condition=Ready", "--timeout=120s");
      await kubectl("-n", edge.namespace, "wait", "pods", "--all", "--for=condition=Ready", "--timeout=120s");
      await everyServerUp(edge);
    },
  },
  {
    name: "CoreDNS stopped for one minute",
    zero: true,
    async run() {
      await kubectl("-n", "kube-system", "scale", "deployment/coredns", "--replicas=0");
      try {
        await pause(MINUTE_MS);
      } finally {
        await kubectl("-n", "kube-system", "scale", "deployment/coredns", "--replicas=2");
        await kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=120s");
      }
    },
  },
  {
    name: "HAProxy killed by SIGKILL",
    zero: false,
    async run(edge) {
      const pod = await firstPod(edge);
      // The shell kills itself too; its messages about that are ignored.
      await kubectl("-n", edge.namespace, "exec", pod, "--", "sh", "-c", "kill -9 -1").catch(() => {});
      await restarted(edge, pod);
    },
  },
];

/** Each kubelet has renewed its node's lease since then (it does so every ten seconds). */
async function nodesRenewed(since: Date): Promise<void> {
  await until(async () => {
    const times = await kubectl(
      "get",
      "leases",
      "--namespace=kube-node-lease",
      "--output=jsonpath={.items[*].spec.renewTime}",
    );
    return times.split(" ").every((time) => Date.parse(time) > since.getTime());
  });
}

/** From inside the cluster: the NetworkPolicy admits pods to that port, but not the API server. */
const METRICS = "exec 3<>/dev/tcp/127.0.0.1/8405; printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";

/** Every HAProxy of the edge has a server for every backend that has servers. */
async function everyServerUp(edge: Disturbed): Promise<void> {
  const pods = await kubectl("-n", edge.namespace, "get", "pods", "-l", selector(edge), "-o", "name");
  for (const pod of pods.trim().split("\n")) {
    await until(async () => {
      const metrics = await kubectl("-n", edge.namespace, "exec", pod, "--", "bash", "-c", METRICS);
      const active = metrics.matchAll(/^haproxy_backend_active_servers\{proxy="(?:app|pods)"\} (\d+)/gm);
      const counts = [...active].map(([, count]) => Number(count));
      return counts.length === 2 && counts.every((count) => count > 0);
    });
  }
}

/** Polls once per second, for at most two minutes: there is no event. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    if (await holds()) return;
    await pause(1000);
  }
  throw new Error("did not happen within two minutes");
}

async function stopped(pid: number, forMs: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  try {
    await pause(forMs);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

async function firstPod(edge: Disturbed): Promise<string> {
  const names = await kubectl(
    "-n",
    edge.namespace,
    "get",
    "pods",
    "-l",
    selector(edge),
    "--field-selector=status.phase=Running",
    "-o",
    "jsonpath={.items[0].metadata.name}",
  );
  return names.trim();
}

/** Its container has restarted once, and is ready again. */
async function restarted(edge: Disturbed, pod: string): Promise<void> {
  const once = "jsonpath={.status.containerStatuses[0].restartCount}=1";
  for (const condition of [once, "condition=Ready"])
    await kubectl("-n", edge.namespace, "wait", `--for=${condition}`, `pod/${pod}`, "--timeout=120s");
}

async function nodeOf(edge: Disturbed, pod: string): Promise<string> {
  return (await kubectl("-n", edge.namespace, "get", "pod", pod, "-o", "jsonpath={.spec.nodeName}")).trim();
}

/** Rolled out, and the old pods are gone: requests that they lose count for this disturbance. */
async function settled(edge: Disturbed): Promise<void> {
  await kubectl("-n", edge.namespace, "rollout", "status", `deployment/${edge.edge}`, "--timeout=300s");
  await gone(edge, selector(edge));
}

/** Waits for every pod that is being deleted. */
async function gone(edge: Disturbed, pods: string): Promise<void> {
  const ending = await kubectl(
    "-n",
    edge.namespace,
    "get",
    "pods",
    "-l",
    pods,
    "-o",
    'go-template={{range .items}}{{if .metadata.deletionTimestamp}}pod/{{.metadata.name}}{{"\\n"}}{{end}}{{end}}',
  );
  const names = ending
    .trim()
    .split("\n")
    .filter((name) => name !== "");
  if (names.length > 0)
    await kubectl("-n", edge.namespace, "wait", "--for=delete", ...names, "--timeout=300s");
}

function selector(edge: Disturbed): string {
  return `app.kubernetes.io/instance=${edge.edge}`;
}
