// Kubernetes objects in Terraform: resources of the Kubernetes provider, manifests, and the output of `terraform show -json`.
import { describe, expect, test } from "vitest";
import { CONFIG, edge, type Files } from "../check/layers/clean-edge.ts";
import { findingsOf, testOf } from "./edge-commands.ts";

const SERVICE = `resource "kubernetes_service_v1" "edge" {
  metadata {
    name      = "edge"
    namespace = "web"
  }
  spec {
    type     = "NodePort"
    selector = { app = "edge" }
    port {
      port        = 443
      target_port = "8443"
      node_port   = 31001
    }
  }
}
`;

const MANIFEST = `resource "kubernetes_manifest" "edge" {
  manifest = {
    apiVersion = "v1"
    kind       = "Service"
    metadata   = { name = "edge", namespace = "web" }
    spec = {
      type     = "NodePort"
      selector = { app = "edge" }
      ports    = [{ port = 443, targetPort = 8443, nodePort = 31001 }]
    }
  }
}
`;

const ALL = `locals { labels = { app = "edge" } }
resource "kubernetes_config_map_v1" "edge" {
  metadata {
    name      = "edge"
    namespace = "web"
  }
  data = {
    "haproxy.cfg" = <<-EOT
${CONFIG.replaceAll("%[", "%%[").replaceAll("%%[", "%[").replace(/^/gm, "      ").trimEnd()}
    EOT
  }
}
resource "kubernetes_deployment_v1" "edge" {
  metadata {
    name      = "edge"
    namespace = kubernetes_config_map_v1.edge.metadata[0].namespace
  }
  spec {
    replicas = "3"
    selector { match_labels = local.labels }
    template {
      metadata { labels = local.labels }
      spec {
        termination_grace_period_seconds = 90
        container {
          name  = "haproxy"
          image = "haproxy:3.0.12"
          port { container_port = 8443 }
          port { container_port = 8405 }
          readiness_probe {
            http_get {
              path = "/"
              port = "8405"
            }
          }
          liveness_probe {
            tcp_socket { port = "8405" }
          }
          resources {
            limits = { memory = "256Mi" }
          }
          security_context {
            run_as_non_root = true
            run_as_user     = "99"
            capabilities { drop = ["ALL"] }
          }
          volume_mount {
            name       = "edge"
            mount_path = "/usr/local/etc/haproxy"
          }
        }
        volume {
          name = "edge"
          config_map { name = kubernetes_config_map_v1.edge.metadata.0.name }
        }
      }
    }
  }
}
resource "kubernetes_pod_disruption_budget_v1" "edge" {
  metadata {
    name      = "edge"
    namespace = "web"
  }
  spec {
    max_unavailable = "1"
    selector { match_labels = local.labels }
  }
}
${SERVICE}`;

const PLAN = JSON.stringify({
  format_version: "1.2",
  terraform_version: "1.9.0",
  planned_values: {
    root_module: {
      resources: [
        {
          address: "kubernetes_service_v1.edge",
          mode: "managed",
          type: "kubernetes_service_v1",
          name: "edge",
          values: {
            metadata: [{ name: "edge", namespace: "web" }],
            spec: [
              {
                type: "NodePort",
                selector: { app: "edge" },
                port: [{ port: 443, target_port: "8443", node_port: 31001, protocol: "TCP" }],
              },
            ],
          },
        },
      ],
    },
  },
});

const others: Readonly<Record<string, Files>> = {
  "a Service of the provider": edge({ "service.yaml": "", "service.tf": SERVICE }),
  "a Service as a manifest": edge({ "service.yaml": "", "service.tf": MANIFEST }),
  "ConfigMap, Deployment and Service": edge({
    "service.yaml": "",
    "edge.yaml": "",
    "config.yaml": "",
    "edge.tf": ALL,
  }),
  "a Service in a plan": edge({ "service.yaml": "", "plan.json": PLAN }),
};

describe("objects in Terraform are layers", () => {
  test.each(Object.entries(others))("%s: no finding, and requests arrive", async (_, files) => {
    expect(await findingsOf(files)).toEqual([]);
    const { status, stdout } = await testOf(files);
    expect(stdout).toContain("1 of 1 expectation as expected");
    expect(status).toBe(0);
  });

  test.each<readonly [string, Files, string]>([
    [
      "another target port",
      edge({ "service.yaml": "", "service.tf": SERVICE.replace('"8443"', "8444") }),
      "error port-mismatch no bind of HAProxy has the port 8444",
    ],
    [
      "another node port of a manifest",
      edge({ "service.yaml": "", "service.tf": MANIFEST.replace("31001", "31002") }),
      "error port-mismatch no Service has the node port 31001",
    ],
    [
      "a probe of another port",
      edge({
        "service.yaml": "",
        "edge.yaml": "",
        "config.yaml": "",
        "edge.tf": ALL.replace('port = "8405"\n            }', 'port = "8406"\n            }'),
      }),
      "error probe-fails the readiness probe uses port 8406, which HAProxy does not bind",
    ],
  ])("%s is found", async (_, files, finding) => {
    expect(await findingsOf(files)).toContain(finding);
    expect((await testOf(files)).status).toBe(1);
  });

  test("a variable without a default is a placeholder, not an error", async () => {
    const service = `variable "node_port" {}\n${SERVICE.replace("31001", "var.node_port")}`;
    const found = await findingsOf(edge({ "service.yaml": "", "service.tf": service }));
    expect(found.filter((one) => one.startsWith("error"))).toEqual([]);
    expect(found).toContain("note layer-not-understood `${var.node_port}` is a placeholder");
  });
});
