// The backends in the cluster: two Deployments of the echo program, one behind an address, one headless.

/**
 * How long a pod that ends answers on. Behind an address kube-proxy takes it out within seconds; a headless Service's pods are known
 * by DNS, whose answers may be as old as CoreDNS' `ttl` says: 30 s in kubeadm's Corefile.
 */
const POLITE_SECONDS = { app: 10, pods: 35 } as const;

export function backendObjects(namespace: string, image: string): readonly object[] {
  return (["app", "pods"] as const).flatMap((name) => [
    deployment(name, namespace, image),
    service(name, namespace),
  ]);
}

function deployment(name: keyof typeof POLITE_SECONDS, namespace: string, image: string): object {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace },
    spec: {
      replicas: 3,
      // Not faster than DNS tells of it.
      minReadySeconds: 5,
      selector: { matchLabels: { app: name } },
      strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { app: name, "app.kubernetes.io/part-of": namespace } },
        spec: {
          terminationGracePeriodSeconds: POLITE_SECONDS[name] + 15,
          containers: [
            {
              name: "echo",
              image,
              imagePullPolicy: "Never",
              env: [
                { name: "NAME", value: name },
                { name: "POLITE_SECONDS", value: String(POLITE_SECONDS[name]) },
              ],
              readinessProbe: { httpGet: { path: "/health", port: 9000 }, periodSeconds: 1 },
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

function service(name: string, namespace: string): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: [{ port: 9000 }],
      ...(name === "pods" ? { clusterIP: "None" } : {}),
    },
  };
}
