// The load balancer in front of the cluster: kind, PROXY protocol, source addresses, health checks.
import { z } from "zod";
import { PROVIDERS } from "../../providers/providers.ts";
import { DEFAULTS } from "../defaults.ts";
import { aws } from "./aws.ts";
import { duration, line, network, optional } from "./fields.ts";

const proxyVersion = z.enum(["v1", "v2", "none"]);

/** A qualified name (Kubernetes, "Annotations": syntax). */
const annotationName = z
  .string()
  .max(317, "317 characters at most")
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?$/, {
    error: "write the name of an annotation with its prefix, as in load-balancer.hetzner.cloud/location",
  });

const { proxyProtocol: PROXY, idleTimeout: IDLE, healthCheck: CHECK } = DEFAULTS.loadBalancer;

const loadBalancerKind = z.enum(["aws-classic-elb", "aws-nlb", "http", "service", "none"]);

export const loadBalancer = z
  .union([
    loadBalancerKind,
    z.strictObject({
      kind: loadBalancerKind.describe(
        "The kind of load balancer. `aws-classic-elb` and `aws-nlb` are rendered as Terraform; `service` is a Service of type LoadBalancer; `http` is a load balancer of layer 7 that exists already, such as an ALB, whose X-Forwarded-For is trusted from `sources` only; `none` means that clients connect to the nodes.",
      ),
      provider: optional(
        z.enum(PROVIDERS.map(({ name }) => name)),
        "With `service`: the cloud provider or controller that creates the load balancer. It determines annotations, PROXY protocol and health check. Default: none; the Service has no provider's annotations.",
      ),
      internal: optional(
        z.boolean(),
        "With `service`: whether it is reachable from private networks only.",
        false,
      ),
      annotations: optional(
        z.record(annotationName, line),
        "With `service`: additional annotations of the Service, such as a location or a name.",
      ),
      proxyProtocol: optional(
        z.union([
          proxyVersion,
          z.strictObject({
            http: optional(proxyVersion, "On the HTTP port."),
            https: optional(proxyVersion, "On the HTTPS port."),
          }),
        ]),
        `The version of the PROXY protocol that the load balancer sends, for all ports or per port. Default: ${PROXY["aws-classic-elb"]} for aws-classic-elb, ${PROXY["aws-nlb"]} for aws-nlb, the version of the provider for service, none for others.`,
      ),
      sources: optional(
        z.array(network).min(1, "the list of networks is empty"),
        "The networks that the load balancer connects from. PROXY headers from other addresses are refused; with `http` all connections from other addresses are. Required for `http`, and for `aws-classic-elb` and `aws-nlb` with PROXY protocol (the CIDR blocks of the VPC). Default for others: the private networks.",
      ),
      idleTimeout: optional(
        duration,
        `The idle timeout of the load balancer. Default: ${IDLE.http} for aws-classic-elb and http, ${IDLE["aws-nlb"]} for aws-nlb, the value of the provider but at least ${IDLE.service} for service.`,
      ),
      healthCheck: optional(
        z.strictObject({
          interval: optional(
            duration,
            `The interval between two checks. Default: the value of the provider, otherwise ${CHECK.interval}.`,
          ),
          timeout: optional(
            duration,
            `The timeout of a check. Default: the value of the provider, otherwise ${CHECK.timeout}.`,
          ),
          healthy: optional(
            z.int().min(2).max(10),
            `Successful checks until a node is healthy. Default: as the provider, otherwise ${CHECK.healthy}.`,
          ),
          unhealthy: optional(
            z.int().min(2).max(10),
            `Failed checks until a node is unhealthy. Default: as the provider, otherwise ${CHECK.unhealthy}.`,
          ),
        }),
        "The health check of the load balancer: a TCP connection; for `aws-nlb` and `http` an HTTP request to a separate port.",
      ),
      aws: aws.optional(),
    }),
  ])
  .describe("The load balancer in front of the cluster.");
