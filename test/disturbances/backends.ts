// Backends in the cluster: Deployments of the echo program, each with a Service of an address or without one.

export interface BackendWish {
  readonly name: string;
  readonly namespace: string;
  readonly servicePort: number;
  readonly replicas: number;
  readonly headless?: true;
  /**
   * How long a terminating pod keeps answering. Behind an address kube-proxy removes it within seconds; a headless Service's pods are
   * found by DNS, whose responses may be as old as CoreDNS' `ttl`: 30 s in kubeadm's Corefile.
   */
  readonly politeSeconds: number;
}

/** Where the echo program listens. A headless Service's port is its pods'. */
const PORT = 9000;

export function backendObjects(image: string, wishes: readonly BackendWish[]): object {
  return {
    apiVersion: "v1",
    kind: "List",
    items: wishes.flatMap((wish) => [deployment(wish, image), service(wish)]),
  };
}

function deployment({ name, namespace, replicas, politeSeconds }: BackendWish, image: string): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas,
      // Not faster than DNS propagates it.
      minReadySeconds: 5,
      selector: { matchLabels: { app: name } },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: name, "app.kubernetes.io/part-of": namespace } },
        spec: {
          terminationGracePeriodSeconds: politeSeconds + 15,
          containers: [
            {
              name: "echo",
              image,
              imagePullPolicy: "Never",
              env: [
                { name: "NAME", value: name },
                { name: "POLITE_SECONDS", value: String(politeSeconds) },
              ],
              readinessProbe: { httpGet: { path: "/health", port: PORT }, periodSeconds: 1 },
              securityContext: {
                allowPrivilegeEscalation: false,
                runAsNonRoot: true,
                runAsUser: 65532,
                capabilities: { drop: ["ALL"] },
                seccompProfile: { type: "RuntimeDefault" },
              },
            },
          ],
        },
      },
    },
  };
}

function service({ name, namespace, servicePort, headless }: BackendWish): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: [{ port: servicePort, targetPort: PORT }],
      ...(headless === true ? { clusterIP: "None" } : {}),
    },
  };
}
