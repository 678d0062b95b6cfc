// The load balancer in front of the cluster: its kind, what it speaks, where it connects from, and its health checks.
import { z } from "zod";
import { PROVIDERS } from "../../providers/providers.ts";
import { aws } from "./aws.ts";
import { duration, line, network } from "./fields.ts";

const proxyVersion = z.enum(["v1", "v2", "none"]);

/** A qualified name (Kubernetes, "Annotations": syntax). */
const annotationName = z
  .string()
  .max(317, "317 characters at most")
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?$/, {
    error: "an annotation's name with its prefix, as in load-balancer.hetzner.cloud/location",
  });

const loadBalancerKind = z.enum(["aws-classic-elb", "aws-nlb", "http", "service", "none"]);

export const loadBalancer = z
  .union([
    loadBalancerKind,
    z.strictObject({
      kind: loadBalancerKind.describe(
        "What stands in front. `http`: a load balancer that reads requests, such as an ALB or an ELB in HTTP mode, which you bring; its X-Forwarded-For is believed from `sources` alone.",
      ),
      provider: z
        .enum(PROVIDERS.map(({ name }) => name))
        .optional()
        .describe(
          "With `service`: whose controller makes the load balancer. It decides annotations, PROXY and health check; without it the Service is a plain one.",
        ),
      internal: z
        .boolean()
        .optional()
        .describe("With `service`: not reachable from the internet. Default false."),
      annotations: z
        .record(annotationName, line)
        .optional()
        .describe(
          "With `service`: annotations of the Service that Portico does not decide, such as a location or a name.",
        ),
      proxyProtocol: z
        .union([
          proxyVersion,
          z.strictObject({
            http: proxyVersion.optional().describe("On the plain port."),
            https: proxyVersion.optional().describe("On the HTTPS port."),
          }),
        ])
        .optional()
        .describe(
          "The PROXY protocol version it speaks, for all ports or by port. Default: v1 for aws-classic-elb, v2 for aws-nlb, what the provider of a service has, none for others.",
        ),
      sources: z
        .array(network)
        .min(1, "from nowhere comes no request")
        .optional()
        .describe(
          "The addresses it connects from; a PROXY header from elsewhere is refused, and with `http` every connection. Required for `http`, and for `aws-classic-elb` and `aws-nlb` with PROXY protocol: the CIDR blocks of the VPC. Default for others: the private networks.",
        ),
      idleTimeout: duration
        .optional()
        .describe(
          "When it cuts a silent connection. Default: 60s (aws-classic-elb, http), 350s (aws-nlb), the provider's own, but at least 60s (service).",
        ),
      healthCheck: z
        .strictObject({
          interval: duration.optional().describe("Between two checks of a node. Default 10s."),
          timeout: duration.optional().describe("How long one may take. Default 5s."),
          healthy: z.int().min(2).max(10).optional().describe("Successes until a node is used. Default 2."),
          unhealthy: z
            .int()
            .min(2)
            .max(10)
            .optional()
            .describe("Failures until a node is not used any more. Default 2."),
        })
        .optional()
        .describe(
          "How the load balancer checks a node: by a TCP connection; an NLB and `http` by HTTP, on a port of its own.",
        ),
      aws: aws.optional(),
    }),
  ])
  .describe("What stands in front of the cluster.");
