// What only a load balancer of AWS has: everything may be left out.
import { z } from "zod";
import { duration, text } from "./fields.ts";
import { exactHost } from "./routes.ts";

/** AWS, CreateLoadBalancer (both API versions), Name: 32 characters, letters, digits, hyphens, none at an end. An NLB's must not begin with `internal-`. */
const name = text(
  () =>
    "the name of a load balancer has letters, digits and - only, 26 at most, a letter or digit at both ends, and does not begin with internal-",
  /^(?!internal-)[A-Za-z0-9]([-A-Za-z0-9]{0,24}[A-Za-z0-9])?$/,
);

/** Amazon S3, "General purpose bucket naming rules". */
const bucket = text(
  () => "the name of an S3 bucket has lower-case letters, digits, . and - only, 3 to 63",
  /^[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$/,
);

/** Elastic Load Balancing puts `/AWSLogs/` behind it itself, and refuses a prefix that holds it. */
const prefix = text(
  () => "a prefix has letters, digits, and /!_.*'()- only, no / at an end, and no AWSLogs in it",
  /^(?!.*AWSLogs)[A-Za-z0-9!_.*'()-]([A-Za-z0-9/!_.*'()-]{0,253}[A-Za-z0-9!_.*'()-])?$/,
);

export const aws = z
  .strictObject({
    name: name
      .optional()
      .describe("The load balancer's name, 26 characters at most. Default: the edge's, as in app-edge."),
    internal: z.boolean().optional().describe("Reachable from private networks only. Default false."),
    tlsPolicy: text(
      () => "the name of a policy, as in ELBSecurityPolicy-TLS-1-2-2017-01",
      /^[A-Za-z0-9-]{1,100}$/,
    )
      .optional()
      .describe("Which TLS versions and ciphers it takes. Default: what AWS recommends."),
    alpn: z
      .enum(["HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"])
      .optional()
      .describe("What an NLB that ends TLS offers by ALPN. Default HTTP2Preferred."),
    crossZone: z
      .boolean()
      .optional()
      .describe(
        "Whether nodes of other zones get connections too. Default true; for an NLB only where nodes serve their own pods alone.",
      ),
    draining: duration
      .optional()
      .describe(
        "How long connections through a node that leaves may go on. Default: what HAProxy gives them when a pod goes.",
      ),
    accessLogs: z
      .strictObject({
        bucket: bucket.describe("The S3 bucket, whose policy must let Elastic Load Balancing write."),
        prefix: prefix.optional().describe("In front of the logs' names."),
        interval: z
          .enum(["5m", "60m"])
          .optional()
          .describe("How often a classic ELB writes them. Default 60m."),
      })
      .optional()
      .describe("The load balancer's own log of connections. Default: none."),
    dns: z
      .union([z.literal(true), z.array(exactHost).min(1, "no host at all needs no record")])
      .optional()
      .describe("Route 53 records for the sites' hosts, or for these, in one zone. Default: none."),
  })
  .describe("What only a load balancer of AWS has.");
