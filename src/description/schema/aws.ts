// Settings that only AWS load balancers have; all optional.
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { duration, optional, text } from "./fields.ts";
import { exactHost } from "./routes.ts";

/** AWS, CreateLoadBalancer (both API versions), Name: 32 characters, letters, digits, hyphens, none at an end. An NLB's must not begin with `internal-`. */
const name = text(
  () =>
    "a load balancer's name is up to 26 letters, digits and -, begins and ends with a letter or digit, and does not begin with internal-",
  /^(?!internal-)[A-Za-z0-9]([-A-Za-z0-9]{0,24}[A-Za-z0-9])?$/,
);

/** Amazon S3, "General purpose bucket naming rules". */
const bucket = text(
  () => "an S3 bucket name is 3 to 63 lower-case letters, digits, . and -",
  /^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$/,
);

/** Elastic Load Balancing appends `/AWSLogs/` to the prefix, and rejects a prefix that contains it. */
const prefix = text(
  () =>
    "a prefix contains letters, digits and /!_.*'()- only, does not begin or end with /, and does not contain AWSLogs",
  /^(?!.*AWSLogs)[A-Za-z0-9!_.*'()-]([A-Za-z0-9/!_.*'()-]{0,253}[A-Za-z0-9!_.*'()-])?$/,
);

export const aws = z
  .strictObject({
    name: optional(
      name,
      "The name of the load balancer, at most 26 characters. Default: the name of the edge followed by -edge, as in app-edge.",
    ),
    internal: optional(
      z.boolean(),
      "Whether the load balancer is reachable from private networks only.",
      false,
    ),
    tlsPolicy: optional(
      text(
        () => "the name of a TLS policy, as in ELBSecurityPolicy-TLS-1-2-2017-01",
        /^[A-Za-z0-9-]{1,100}$/,
      ),
      "The security policy: the TLS versions and ciphers that the load balancer accepts. Default: the policy that AWS recommends.",
    ),
    alpn: optional(
      z.enum(["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"]),
      "The ALPN policy of an NLB that terminates TLS.",
      DEFAULTS.loadBalancer.alpn,
    ),
    crossZone: optional(
      z.boolean(),
      "Cross-zone load balancing. Default true for a classic ELB, and for an NLB with `externalTrafficPolicy: Local`; otherwise false.",
    ),
    draining: optional(
      duration,
      "The deregistration delay, or connection draining timeout: how long connections through a deregistered node may continue. Default: the time that HAProxy gives connections when a pod is terminated.",
    ),
    accessLogs: optional(
      z.strictObject({
        bucket: bucket.describe(
          "The S3 bucket. Its policy must allow Elastic Load Balancing to write to it.",
        ),
        prefix: optional(prefix, "The prefix of the log objects in the bucket."),
        interval: optional(
          z.enum(["5m", "60m"]),
          "How often a classic ELB publishes its log.",
          DEFAULTS.loadBalancer.accessLogs.interval,
        ),
      }),
      "The access log of the load balancer. Default: none.",
    ),
    dns: optional(
      z.union([
        z.literal(true),
        z.array(exactHost).min(1, "the list of hosts is empty; leave out `dns` to create no records"),
      ]),
      "Route 53 records in one zone: for all hosts (true), or for a list. Default: none.",
    ),
  })
  .describe("Settings that only AWS load balancers have.");
