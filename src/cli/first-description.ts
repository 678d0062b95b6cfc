// The description that `portico init` writes: small, complete, and with what most edges need.

/** `schema` is the path of schema.json from the folder of the description. */
export function firstYaml(name: string, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# The edge of a cluster, from the load balancer to the Services. \`portico plan\` lists all settings with their reasons.
edge: ${name}
namespace: default

public:
  # kind: aws-classic-elb, aws-nlb, http, service or none. sources: the CIDR blocks of the VPC, from this command:
  # aws ec2 describe-vpcs --vpc-ids VPC --query 'Vpcs[].CidrBlockAssociationSet[].CidrBlock' --output text
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }
  tls: { terminatedAt: loadBalancer }
  # plainHttp: redirect               # for port 80: redirect (default with TLS), serve or off

sites:
  - host: www.example.com
    hsts: { maxAge: 180d }
    routes:                           # in any order: the most specific match wins
      - { path: /api, to: api }
      - { to: web }
  - host: example.com
    redirect: { scheme: https, host: www.example.com, status: 301 }

backends:
  web: { service: web, port: 80 }
  api: { service: api, port: 8080, health: { path: /health } }

# Requests with their expected outcomes. \`portico test\` sends them through a real HAProxy.
expect:
  - { get: "http://www.example.com/a?b=1", status: 301, location: "https://www.example.com/a?b=1" }
  - { get: "https://www.example.com/", status: 200, backend: web, responseHeaders: { strict-transport-security: max-age=15552000 } }
  - { get: "https://www.example.com/api/users", backend: api, seen: { headers: { x-forwarded-proto: https } } }
  - { get: "https://www.example.com/apifoo", backend: web }
  - { get: "https://example.com/x", status: 301, location: "https://www.example.com/x" }
  - { get: "https://other.example.com/", status: 404 }
`;
}

export function firstConfig(name: string): string {
  return `// The edge of a cluster, from the load balancer to the Services. \`portico plan\` lists all settings with their reasons.
import { defineEdge } from "portico";

const services = ["api", "billing", "search"];

export default defineEdge({
  edge: "${name}",
  namespace: "default",
  // sources: the CIDR blocks of the VPC, from aws ec2 describe-vpcs --vpc-ids VPC --query 'Vpcs[].CidrBlockAssociationSet[].CidrBlock' --output text
  public: {
    loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
    tls: { terminatedAt: "loadBalancer" },
  },
  sites: [
    {
      host: "www.example.com",
      hsts: { maxAge: "180d" },
      routes: [...services.map((service) => ({ path: \`/\${service}\`, to: service })), { to: "web" }],
    },
    { host: "example.com", redirect: { scheme: "https", host: "www.example.com", status: 301 } },
  ],
  backends: {
    web: { service: "web", port: 80 },
    ...Object.fromEntries(services.map((service) => [service, { service, port: 8080, health: { path: "/health" } }])),
  },
  expect: [
    { get: "http://www.example.com/a?b=1", status: 301, location: "https://www.example.com/a?b=1" },
    { get: "https://www.example.com/", backend: "web", responseHeaders: { "strict-transport-security": "max-age=15552000" } },
    ...services.map((service) => ({ get: \`https://www.example.com/\${service}/x\`, backend: service })),
    { get: "https://example.com/x", status: 301, location: "https://www.example.com/x" },
    { get: "https://other.example.com/", status: 404 },
  ],
});
`;
}
