// A file whose author attacks Portico, and the files around it that lead a request to it.

export interface HostileFile {
  /** `lua-load by a variable`. */
  readonly name: string;
  readonly kind: Kind;
  /** `layers`: a haproxy.cfg; `description`: a portico.yaml. */
  readonly input: "layers" | "description";
  /**
   * `@OUT@` is a folder that nothing may be written to, with `x.lua`, `x.sh`, `x.so` and `secret`; `@FAR@` an address and `@NAME@` a name
   * that nothing may be sent to or looked up.
   */
  readonly text: string;
  /** What `portico check` must report as not validated; absent where HAProxy gets a harmless replacement, or refuses the line. */
  readonly named?: string;
}

export const KINDS = [
  "hidden words",
  "loads code",
  "runs programs",
  "writes files",
  "reads files",
  "opens connections",
  "looks names up",
  "environment",
  "descriptions",
] as const;
export type Kind = (typeof KINDS)[number];

/** Parts of a haproxy.cfg that HAProxy loads and serves with. */
export interface Parts {
  readonly global?: readonly string[];
  readonly sections?: string;
  readonly defaults?: readonly string[];
  readonly frontend?: readonly string[];
  readonly backend?: readonly string[];
  readonly server?: string;
}

function haproxyConfig({
  global = [],
  sections = "",
  defaults = [],
  frontend = [],
  backend = [],
  server,
}: Parts): string {
  const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}\n`).join("");
  return `global
  log stdout format raw local0
${indented(global)}${sections}defaults
  mode http
  log global
  timeout connect 1s
  timeout client 2s
  timeout server 2s
  timeout http-request 2s
${indented(defaults)}frontend web
  bind :8080
${indented(frontend)}  default_backend app
backend app
${indented(backend)}  ${server ?? "server a app.shop.svc.cluster.local:8080 check inter 100ms"}
`;
}

/** The Service and the pods through which a request of the lab reaches port 8080. */
export const MANIFESTS = `apiVersion: apps/v1
kind: Deployment
metadata: { name: edge, namespace: web }
spec:
  selector: { matchLabels: { app: edge } }
  template:
    metadata: { labels: { app: edge } }
    spec:
      containers:
        - name: haproxy
          image: haproxy:3.2
          ports: [{ containerPort: 8080 }]
---
apiVersion: v1
kind: Service
metadata: { name: edge, namespace: web }
spec:
  type: LoadBalancer
  selector: { app: edge }
  ports: [{ port: 80, targetPort: 8080 }]
`;

export const EXPECTATIONS = '- { get: "http://shop.example.com/", status: 200 }\n';

export function layers(kind: Kind, name: string, parts: Parts, named?: string): HostileFile {
  return { kind, name, input: "layers", text: haproxyConfig(parts), ...(named !== undefined && { named }) };
}

/** A description with raw lines in the global section, in the public entrance and in the backend. */
export function described(
  name: string,
  raw: {
    readonly global?: readonly string[];
    readonly entrance?: readonly string[];
    readonly backend?: readonly string[];
  },
  named?: string,
): HostileFile {
  const list = (lines: readonly string[] = []) => JSON.stringify(lines);
  const text = `edge: shop
haproxy: { raw: ${list(raw.global)} }
public: { raw: ${list(raw.entrance)} }
sites: [{ host: shop.example.com, routes: [{ to: shop }] }]
backends: { shop: { service: shop, port: 8080, raw: ${list(raw.backend)} } }
expect: [{ get: "http://shop.example.com/", backend: shop }]
`;
  return { kind: "descriptions", name, input: "description", text, ...(named !== undefined && { named }) };
}
