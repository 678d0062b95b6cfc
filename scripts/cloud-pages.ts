// The pages in docs/clouds about load balancers for Services, generated from the facts: a table of all, and one page each.
import type { HealthCheckFact, Provider, ServiceRequirements } from "../src/providers/provider.ts";
import { annotationsFor, PROVIDERS } from "../src/providers/providers.ts";

const GENERATED =
  "<!-- Generated from src/providers by scripts/write-schema.ts. Change the facts, then run it. -->";

const UNKNOWN = "not documented";

/** By file name below docs/clouds. */
export function cloudPages(): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", overview()],
    ...PROVIDERS.map((provider) => [`${provider.name}.md`, pageOf(provider)] as const),
  ]);
}

function overview(): string {
  const rows = PROVIDERS.map((provider) => {
    const [first] = Object.entries(provider.documents);
    return row([
      `[${provider.title}](${provider.name}.md)`,
      `\`${provider.name}\``,
      proxyText(provider),
      addressText(provider),
      provider.tls === undefined ? "no" : "yes",
      checkText(policyOf(provider).fact),
      idleText(provider),
      rangesText(provider),
      first === undefined ? UNKNOWN : `[${first[0]}](${first[1]})`,
    ]);
  });
  return `${GENERATED}

# Load balancers

\`public.loadBalancer\` describes the load balancer: [\`aws-classic-elb\`](aws-classic-elb.md) and [\`aws-nlb\`](aws-nlb.md), rendered as Terraform;
\`service\`, a Service of type LoadBalancer, for which the controller of a cloud creates a load balancer; [\`http\`](http-load-balancers.md), a
load balancer of layer 7 that exists already, such as an ALB; and [\`none\`](none.md).

\`\`\`yaml
public:
  loadBalancer: { kind: service, provider: digitalocean }
\`\`\`

With \`provider\`, Portico writes the annotations of the provider. It uses the PROXY protocol if the provider supports it, and otherwise preserves
the client address with \`externalTrafficPolicy: Local\`. Without \`provider\`, the Service has no annotations. All facts are from the documents of the
provider and the source code of its controller, which each page lists; facts from other sources are marked.

${row(["provider", "`provider:`", "PROXY protocol", "client address without PROXY protocol", "terminates TLS", "health check of the rendered Service", "idle timeout", "enforces `public.allow`", "document"])}
${row(Array(9).fill("---"))}
${rows.join("\n")}
`;
}

function pageOf(provider: Provider): string {
  const { policy, fact } = policyOf(provider);
  const example: ServiceRequirements = {
    ports: [80, 443].map((port) => ({
      port,
      proxy: provider.proxy === undefined ? "none" : (provider.proxy.versions[0] ?? "v1"),
    })),
    internal: false,
  };
  const annotations = annotationsFor(provider, example).map(
    ({ name, value, because }) => `- \`${name}: ${JSON.stringify(value)}\`: ${because}.`,
  );
  const about = [
    ["PROXY protocol", proxyText(provider)],
    ["Client address without PROXY protocol", addressText(provider)],
    [
      "TLS",
      provider.tls === undefined
        ? `must be terminated at HAProxy: ${provider.tlsNote ?? UNKNOWN}`
        : `can be terminated at the load balancer; \`public.tls.certificate\` is ${provider.tls.certificate}`,
    ],
    [`Health check with \`${policy}\``, checkText(fact)],
    ["Idle timeout", idleText(provider)],
    ["Internal load balancer", provider.internal === undefined ? UNKNOWN : "`internal: true`"],
    ["`loadBalancerSourceRanges`", rangesText(provider)],
  ];
  const notes = [...(provider.fromInside === undefined ? [] : [provider.fromInside]), ...provider.notes];
  return `${GENERATED}

# ${provider.title}

For a Service of type LoadBalancer, the controller creates ${provider.makes}.

\`\`\`yaml
public:
  loadBalancer: { kind: service, provider: ${provider.name} }
\`\`\`

${row(["setting", "value"])}
${row(["---", "---"])}
${about.map(row).join("\n")}

## Annotations

${annotations.length === 0 ? "None." : annotations.join("\n")}

\`externalTrafficPolicy\` is \`${policy}\` by default. Write additional annotations in \`annotations\`.

## Notes

${notes.map((note) => `- ${note}`).join("\n")}

## Documents

${Object.entries(provider.documents)
  .map(([title, url]) => `- [${title}](${url})`)
  .join("\n")}
`;
}

/** Of the rendered Service: all nodes forward to all pods if PROXY headers carry the client address. */
function policyOf(provider: Provider): {
  readonly policy: "Cluster" | "Local";
  readonly fact: HealthCheckFact | undefined;
} {
  const policy = provider.proxy !== undefined ? "Cluster" : "Local";
  return { policy, fact: provider.healthCheck[policy] };
}

function proxyText({ proxy }: Provider): string {
  if (proxy === undefined) return "no";
  const versions = proxy.versions.length === 0 ? `version ${UNKNOWN}` : proxy.versions.join(" or ");
  return `${versions}, ${proxy.perPort ? "by port" : "for all ports"}`;
}

function addressText({ keepsClientAddress, readKeeps, always }: Provider): string {
  if (keepsClientAddress !== undefined) return `preserved with \`${keepsClientAddress}\``;
  const written = always({ ports: [], internal: false });
  const keeps = readKeeps(Object.fromEntries(written.map(({ name, value }) => [name, value])));
  return "unknown" in keeps ? UNKNOWN : "lost";
}

function checkText(fact: HealthCheckFact | undefined): string {
  if (fact === undefined) return UNKNOWN;
  const every = fact.intervalS === undefined ? "" : `, every ${fact.intervalS} s`;
  if (fact.answeredBy === "haproxy") return `a connection to HAProxy's port${every}`;
  return fact.port === "healthCheckNodePort"
    ? `HTTP to kube-proxy: passes if the node has a ready pod${every}`
    : `HTTP to kube-proxy, port ${fact.port}: passes if the node works${every}`;
}

function idleText({ idleTimeout }: Provider): string {
  if (idleTimeout === undefined) return "none: it forwards packets";
  const { defaultS, write } = idleTimeout;
  const own = defaultS === undefined ? UNKNOWN : `${defaultS} s`;
  return write === undefined ? own : `${own}; set by \`idleTimeout\``;
}

function rangesText({ sourceRanges }: Provider): string {
  return sourceRanges === undefined ? UNKNOWN : sourceRanges ? "yes" : "no";
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
