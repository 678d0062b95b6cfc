// The parts of the examples that affect no response, each with its reason. Removing any other part must make an expectation fail.

export interface NotInTraffic {
  readonly example: string;
  /** As in a removal's path; `*` matches one name. Includes everything below it. */
  readonly path: string;
  readonly because: string;
  /** Its removal does not change the plan either: it is the default, written explicitly. */
  readonly isDefault?: true;
}

export const notInTraffic: readonly NotInTraffic[] = [
  {
    example: "alb",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  {
    example: "alb",
    path: "public.loadBalancer.sources.*",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  {
    example: "alb",
    path: "public.loadBalancer.idleTimeout",
    because: "affects only how long an idle connection stays open",
  },
  {
    example: "alb",
    path: "kubernetes",
    because: "for the Service and the load balancer; node ports are not opened in the lab",
  },

  {
    example: "elb-classic",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  {
    example: "elb-classic",
    path: "public.tls.certificate",
    because: "for the load balancer's own layer; the lab's simulator creates its own certificate",
  },
  {
    example: "elb-classic",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  { example: "elb-classic", path: "backends.app.health", because: "checks are HAProxy's own requests" },
  {
    example: "elb-classic",
    path: "backends.api.timeouts",
    because: "affects only durations",
  },
  {
    example: "elb-classic",
    path: "kubernetes",
    because: "for the Service and the load balancer; node ports are not opened in the lab",
  },

  {
    example: "elb-classic-verbatim",
    path: "public.loadBalancer.proxyProtocol",
    because: "load balancer and bind change together; verbatim.test.ts compares the bind with the original's",
  },
  {
    example: "elb-classic-verbatim",
    path: "backends.app.balance",
    because: "one server leaves nothing to choose, in the original too",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "backends.app.retries",
    because: "set in the original; it is the default",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "backends.app.health",
    because: "checks are HAProxy's own requests",
  },
  { example: "elb-classic-verbatim", path: "timeouts", because: "affects only durations" },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.check",
    because: "set in the original; it is the default",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.client",
    because: "set in the original; it is the default",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.server",
    because: "set in the original; it is the default",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "limits",
    because: "has an effect only with thousands of connections",
  },
  { example: "elb-classic-verbatim", path: "logs", because: "a log goes elsewhere than an answer" },
  {
    example: "elb-classic-verbatim",
    path: "logs.level",
    because: "set in the original; it is the default",
    isDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "haproxy.ports",
    because: "Service and bind change together; verbatim.test.ts compares the binds with the original's",
  },
  { example: "elb-classic-verbatim", path: "haproxy", because: "contains only the ports" },
  {
    example: "elb-classic-verbatim",
    path: "kubernetes",
    because: "for the Deployment, the Service and the load balancer; node ports are not opened in the lab",
  },
  {
    example: "elb-classic-verbatim",
    path: "kubernetes.replicas",
    because: "set in the original; it is the default",
    isDefault: true,
  },

  {
    example: "nlb",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  {
    example: "path-header-routing",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  {
    example: "service-digitalocean",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  {
    example: "service-hetzner",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused in both cases",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.aws",
    because: "for Terraform: logs, records and protocols of the load balancer",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.aws.alpn",
    because: "shown as an example; it is the default",
    isDefault: true,
  },
  {
    example: "nlb",
    path: "public.tls.certificate",
    because: "for the load balancer's own layer; the lab's simulator creates its own certificate",
  },
  {
    example: "nlb",
    path: "kubernetes",
    because: "for the Service and the load balancer; node ports are not opened in the lab",
  },

  {
    example: "websocket",
    path: "sites.0.routes.*.websocket",
    because: "HAProxy upgrades any connection; it affects only the idle timeout",
  },
  {
    example: "websocket",
    path: "sites.0.routes.*.timeouts",
    because: "affects only the idle timeout of a connection",
  },

  {
    example: "service-digitalocean",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  {
    example: "service-digitalocean",
    path: "backends.shop.health",
    because: "checks are HAProxy's own requests",
  },
  { example: "service-digitalocean", path: "image", because: "for the image and the pods" },
  {
    example: "service-google",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  { example: "service-google", path: "backends.shop.health", because: "checks are HAProxy's own requests" },
  { example: "service-google", path: "image", because: "for the image and the pods" },
  {
    example: "service-hetzner",
    path: "namespace",
    because: "Services are searched there; the lab replaces them by stub backends",
  },
  { example: "service-hetzner", path: "backends.app.health", because: "checks are HAProxy's own requests" },
  { example: "service-hetzner", path: "image", because: "for the image and the pods" },
  {
    example: "service-google",
    path: "public.loadBalancer",
    because: "for the Service; the lab sends no client under its own address",
  },
  {
    example: "service-hetzner",
    path: "public.loadBalancer.annotations",
    because: "for the Service; network and name of the load balancer",
  },
  { example: "service-hetzner", path: "kubernetes", because: "for the pods" },
  {
    example: "service-google",
    path: "public.tls.certificates.0.hosts",
    because: "the lab's test certificate is for the same names without it",
  },
  {
    example: "service-hetzner",
    path: "public.tls.certificates.0.hosts",
    because: "the lab's test certificate is for the same names without it",
  },
];

/** The most specific entry for a path: the longest that covers it. */
export function reasonFor(example: string, path: string): NotInTraffic | undefined {
  return notInTraffic
    .filter((entry) => entry.example === example && covers(entry.path, path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

export function covers(pattern: string, path: string): boolean {
  const names = path.split(".");
  return pattern
    .split(".")
    .every((name, index) => names[index] === name || (name === "*" && names[index] !== undefined));
}
