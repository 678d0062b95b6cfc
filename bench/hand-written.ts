// A haproxy.cfg as people write it, of 1,000 lines with 150 ACLs.

const ACLS = { host: 50, path: 60, net: 15, method: 15, flag: 10 };
const METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"];
const BACKENDS = 60;
const LINES = 1000;

/** `changed`: one `use_backend` names another backend. */
export function handWrittenConfig({ changed = false } = {}): string {
  const lines = [
    ...["global", "  log stdout local0", "  maxconn 2000", ""],
    ...[
      "defaults",
      "  mode http",
      "  timeout connect 5s",
      "  timeout client 30s",
      "  timeout server 30s",
      "",
    ],
    ...["frontend web", "  bind *:80", "  bind *:8080"],
    ...acls(),
    ...each(40, (one) => `  http-request deny deny_status 403 if host_${one} path_${one} !net_${one % 15}`),
    ...each(20, (one) => `  http-request set-header X-Area a${one} if host_${one} path_${one + 20}`),
    ...each(
      20,
      (one) =>
        `  redirect prefix https://www.example.com code 302 if host_${one} path_${59 - one} method_${one % 15}`,
    ),
    ...each(250, (one) => `  use_backend b_${changed && one === 137 ? 3 : one % BACKENDS} if ${routed(one)}`),
    ...["  default_backend b_0", ""],
    ...each(BACKENDS, backend).flat(),
  ];
  return `${[...lines, ...each(LINES - lines.length, (one) => `# ${one}`)].join("\n")}\n`;
}

function acls(): readonly string[] {
  return [
    ...each(ACLS.host, (one) => `  acl host_${one} hdr(host) -i app-${one}.example.com`),
    ...each(ACLS.path, pathAcl),
    ...each(ACLS.net, (one) => `  acl net_${one} src 10.${one}.0.0/16 192.0.2.${one}`),
    ...each(ACLS.method, (one) => `  acl method_${one} method ${METHODS[one % METHODS.length]}`),
    ...each(ACLS.flag, (one) => `  acl flag_${one} req.hdr(x-flag-${one}) -m found`),
  ];
}

function pathAcl(one: number): string {
  if (one % 3 === 0) return `  acl path_${one} path_beg /area-${one}/ /zone-${one}/`;
  return one % 3 === 1
    ? `  acl path_${one} path_reg ^/v[0-9]+/area-${one}(/|$)`
    : `  acl path_${one} path_end .t${one}`;
}

function routed(one: number): string {
  const conditions = [`host_${one % ACLS.host}`, `path_${(one * 7) % ACLS.path}`];
  if (one % 4 === 0) conditions.push(`method_${one % ACLS.method}`);
  if (one % 9 === 0) conditions.push(`flag_${one % ACLS.flag}`);
  return conditions.join(" ");
}

function backend(one: number): readonly string[] {
  return [
    `backend b_${one}`,
    "  balance roundrobin",
    "  option httpchk GET /health",
    `  http-request set-header X-Backend b${one}`,
    `  server s1 10.0.${one}.1:8080 check`,
    `  server s2 10.0.${one}.2:8080 check`,
    "",
  ];
}

function each<T>(count: number, made: (one: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, one) => made(one));
}
