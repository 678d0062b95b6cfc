// docs/clouds of the load balancers that Services come to, made of the facts: a table of all, and a page each.
import type { HealthCheckFact, Provider, ServiceAsked } from "../src/providers/provider.ts";
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
    const [first] = provider.documents;
    return row([
      `[${provider.title}](${provider.name}.md)`,
      `\`${provider.name}\``,
      proxyText(provider),
      addressText(provider),
      provider.tls === null ? "no" : "yes",
      checkText(policyOf(provider).fact),
      idleText(provider),
      rangesText(provider),
      first === undefined ? UNKNOWN : `[${first.title}](${first.url})`,
    ]);
  });
  return `${GENERATED}

# Load balancers

What stands in front of the cluster is \`public.loadBalancer\`: \`aws-classic-elb\` and \`aws-nlb\` by Terraform, \`service\` for a
Service of type LoadBalancer that a cloud's controller makes a load balancer of, [\`http\`](http-load-balancers.md) for one that
reads requests and that you bring (an ALB), and [\`none\`](none.md).

\`\`\`yaml
public:
  loadBalancer: { kind: service, provider: digitalocean }
\`\`\`

With \`provider\` Portico writes the annotations, expects PROXY where the provider speaks it, and otherwise keeps the client's
address (\`externalTrafficPolicy: Local\`). Without it the Service is a plain one. Everything below is from the provider's own
documents and controllers' sources, which each page lists; what they do not say is not relied on, and said where others
are the source.

${row(["provider", "`provider:`", "PROXY", "client's address without PROXY", "TLS can end there", "health check, as Portico writes the Service", "idle timeout", "`public.allow` kept by it", "document"])}
${row(Array(9).fill("---"))}
${rows.join("\n")}
`;
}

function pageOf(provider: Provider): string {
  const { policy, fact } = policyOf(provider);
  const example: ServiceAsked = {
    ports: [80, 443].map((port) => ({
      port,
      proxy: provider.proxy === null ? "none" : (provider.proxy.versions[0] ?? "v1"),
      certificate: null,
    })),
    internal: false,
    idleTimeoutS: null,
  };
  const annotations = annotationsFor(provider, example).map(
    ({ name, value, because }) => `- \`${name}: ${JSON.stringify(value)}\`: ${because}.`,
  );
  const about = [
    ["PROXY", proxyText(provider)],
    ["Client's address without PROXY", addressText(provider)],
    [
      "TLS",
      provider.tls === null
        ? `must end at HAProxy: ${provider.tlsNote ?? UNKNOWN}`
        : `can end there; \`public.tls.certificate\` is ${provider.tls.certificate}`,
    ],
    [`Health check with \`${policy}\``, checkText(fact)],
    ["Idle timeout", idleText(provider)],
    ["Internal load balancer", provider.internal === null ? UNKNOWN : "`internal: true`"],
    ["`loadBalancerSourceRanges`", rangesText(provider)],
  ];
  const notes = [...(provider.fromInside === null ? [] : [provider.fromInside]), ...provider.notes];
  return `${GENERATED}

# ${provider.title}

A Service of type LoadBalancer becomes ${provider.makes}.

\`\`\`yaml
public:
  loadBalancer: { kind: service, provider: ${provider.name} }
\`\`\`

${row(["what", "how"])}
${row(["---", "---"])}
${about.map(row).join("\n")}

## What the Service says

${annotations.length === 0 ? "Nothing: no annotation is needed." : annotations.join("\n")}

\`externalTrafficPolicy\` is \`${policy}\`, unless described otherwise. Other annotations go into \`annotations\`.

## To know

${notes.map((note) => `- ${note}`).join("\n")}

## Documents

${provider.documents.map(({ title, url }) => `- [${title}](${url})`).join("\n")}
`;
}

/** As Portico writes the Service: any node serves where PROXY says who the client is. */
function policyOf(provider: Provider): {
  readonly policy: "Cluster" | "Local";
  readonly fact: HealthCheckFact | null;
} {
  const policy = provider.proxy !== null ? "Cluster" : "Local";
  return { policy, fact: provider.healthCheck[policy] };
}

function proxyText({ proxy }: Provider): string {
  if (proxy === null) return "no";
  const versions = proxy.versions.length === 0 ? `version ${UNKNOWN}` : proxy.versions.join(" or ");
  return `${versions}, ${proxy.perPort ? "by port" : "for all ports"}`;
}

function addressText({ keepsClientAddress, readKeeps, always }: Provider): string {
  if (keepsClientAddress !== null) return `arrives with \`${keepsClientAddress}\``;
  const written = always({ ports: [], internal: false, idleTimeoutS: null });
  const keeps = readKeeps(Object.fromEntries(written.map(({ name, value }) => [name, value])));
  return "unknown" in keeps ? UNKNOWN : "lost";
}

function checkText(fact: HealthCheckFact | null): string {
  if (fact === null) return UNKNOWN;
  const every = fact.intervalS === null ? "" : `, every ${fact.intervalS} s`;
  if (fact.answeredBy === "haproxy") return `a connection to HAProxy's port${every}`;
  return fact.port === "healthCheckNodePort"
    ? `HTTP to kube-proxy: has the node a ready pod${every}`
    : `HTTP to kube-proxy, port ${fact.port}: does the node serve at all${every}`;
}

function idleText({ idleTimeout }: Provider): string {
  if (idleTimeout === null) return "none: packets are passed on";
  const { defaultS, write } = idleTimeout;
  const own = defaultS === null ? UNKNOWN : `${defaultS} s`;
  return write === null ? own : `${own}; \`idleTimeout\` changes it`;
}

function rangesText({ sourceRanges }: Provider): string {
  return sourceRanges === null ? UNKNOWN : sourceRanges ? "yes" : "no";
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
