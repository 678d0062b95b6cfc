// The parts of the examples that affect no response, each with its reason. Removing any other part must make an expectation fail.

export interface NotInTraffic {
  readonly example: string;
  /** As in a removal's path; `*` matches one name. Includes everything below it. */
  readonly path: string;
  readonly because: string;
  /** Its removal does not change the plan either: it is the default, written explicitly. */
  readonly saysTheDefault?: true;
}

export const notInTraffic: readonly NotInTraffic[] = [
  {
    example: "alb",
    path: "namespace",
    because: "Services are looked for there; the lab puts its doubles in their place",
  },
  {
    example: "alb",
    path: "public.loadBalancer.sources.*",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  {
    example: "alb",
    path: "public.loadBalancer.idleTimeout",
    because: "shows only in how long an idle connection is kept",
  },
  {
    example: "alb",
    path: "kubernetes",
    because: "for the Service and the load balancer; node ports are not opened in the lab",
  },

  {
    example: "elb-classic",
    path: "namespace",
    because: "Services are looked for there; the lab puts its doubles in their place",
  },
  {
    example: "elb-classic",
    path: "public.tls.certificate",
    because: "for the load balancer's own layer; the lab's double makes its certificate itself",
  },
  {
    example: "elb-classic",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  { example: "elb-classic", path: "backends.app.health", because: "checks are HAProxy's own requests" },
  {
    example: "elb-classic",
    path: "backends.api.timeouts",
    because: "shows only in how long something takes",
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
    saysTheDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "backends.app.retries",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "backends.app.health",
    because: "checks are HAProxy's own requests",
  },
  { example: "elb-classic-verbatim", path: "timeouts", because: "shows only in how long something takes" },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.check",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.client",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "timeouts.server",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },
  { example: "elb-classic-verbatim", path: "limits", because: "shows only with thousands of connections" },
  { example: "elb-classic-verbatim", path: "logs", because: "a log goes elsewhere than an answer" },
  {
    example: "elb-classic-verbatim",
    path: "logs.level",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },
  {
    example: "elb-classic-verbatim",
    path: "haproxy.ports",
    because: "Service and bind change together; verbatim.test.ts compares the binds with the original's",
  },
  { example: "elb-classic-verbatim", path: "haproxy", because: "holds the ports alone" },
  {
    example: "elb-classic-verbatim",
    path: "kubernetes",
    because: "for the Deployment, the Service and the load balancer; node ports are not opened in the lab",
  },
  {
    example: "elb-classic-verbatim",
    path: "kubernetes.replicas",
    because: "the original says it, and it is the default",
    saysTheDefault: true,
  },

  {
    example: "nlb",
    path: "namespace",
    because: "Services are looked for there; the lab puts its doubles in their place",
  },
  {
    example: "path-header-routing",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  {
    example: "service-digitalocean",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  {
    example: "service-hetzner",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.sources",
    because: "the lab trusts its own load balancer instead; an untrusted source is refused either way",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.aws",
    because: "for the Terraform: logs, records and protocols offered are the load balancer's own",
  },
  {
    example: "nlb",
    path: "public.loadBalancer.aws.alpn",
    because: "said because people ask for it; it is the default",
    saysTheDefault: true,
  },
  {
    example: "nlb",
    path: "public.tls.certificate",
    because: "for the load balancer's own layer; the lab's double makes its certificate itself",
  },
  {
    example: "nlb",
    path: "kubernetes",
    because: "for the Service and the load balancer; node ports are not opened in the lab",
  },

  {
    example: "websocket",
    path: "sites.0.routes.*.websocket",
    because: "HAProxy upgrades any connection; it shows only in how long one may be silent",
  },
  {
    example: "websocket",
    path: "sites.0.routes.*.timeouts",
    because: "shows only in how long a connection may be silent",
  },

  {
    example: "service-digitalocean",
    path: "namespace",
    because: "Services are looked for there; the lab puts its doubles in their place",
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
    because: "Services are looked for there; the lab puts its doubles in their place",
  },
  { example: "service-google", path: "backends.shop.health", because: "checks are HAProxy's own requests" },
  { example: "service-google", path: "image", because: "for the image and the pods" },
  {
    example: "service-hetzner",
    path: "namespace",
    because: "Services are looked for there; the lab puts its doubles in their place",
  },
  { example: "service-hetzner", path: "backends.app.health", because: "checks are HAProxy's own requests" },
  { example: "service-hetzner", path: "image", because: "for the image and the pods" },
  {
    example: "service-google",
    path: "public.loadBalancer",
    because: "for the Service; the lab passes no client on under its own address",
  },
  {
    example: "service-hetzner",
    path: "public.loadBalancer.annotations",
    because: "for the Service; they say where the load balancer stands and what it is called",
  },
  { example: "service-hetzner", path: "kubernetes", because: "for the pods" },
  {
    example: "service-google",
    path: "public.tls.certificates.0.hosts",
    because: "the lab's stand-in certificate is for the same names without it",
  },
  {
    example: "service-hetzner",
    path: "public.tls.certificates.0.hosts",
    because: "the lab's stand-in certificate is for the same names without it",
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
