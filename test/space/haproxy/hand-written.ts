// Configurations as people write them, in the form of the random ones: one frontend f0, backends b0-one to b0-K1.
const BACKENDS = ["one", "two", "A1", "K1"]
  .map((name) =>
    [
      `backend b0-${name}`,
      ...["s", "one", "A1"].map((server) => `  server ${server} unix@@FOLDER@/b0-${name}-${server}.sock`),
    ].join("\n"),
  )
  .join("\n");

function frontend(...lines: readonly string[]): string {
  return [
    "frontend f0",
    "  bind unix@@FOLDER@/f0.sock accept-proxy",
    ...lines.map((line) => `  ${line}`),
    "  default_backend b0-one",
    BACKENDS,
    "",
  ].join("\n");
}

export const HAND_WRITTEN: readonly string[] = [
  frontend(
    "acl office src 10.0.0.0/8",
    "acl admin path_beg /a",
    "acl api path_beg /api",
    "http-request deny if admin !office",
    "http-request set-header x-a yes if api",
    "http-request redirect location /b if { path /b.php }",
    "use_backend b0-two if api { method POST }",
    "use_backend b0-A1 if api",
    "use_backend b0-K1 if { hdr(host) -i b.example }",
  ),
  frontend(
    "acl is_a hdr(host) -i a.example www.a.example",
    "acl is_b hdr_beg(host) -i b.",
    "acl static path_end .php",
    "http-request set-var(txn.v1) hdr(host),lower,map(@FOLDER@/hosts.map,none)",
    "http-request deny deny_status 404 if !is_a !is_b",
    "http-request deny if { req.hdr(x-a) -m sub bot }",
    "redirect scheme https code 301 if is_b !{ path_beg /api }",
    "use_backend b0-K1 if static",
    "use_backend b0-%[var(txn.v1)] if is_a",
  ),
  frontend(
    "acl v1 path_reg ^/api/v1(/|$)",
    "acl old path_beg /A /b",
    "http-request replace-path ^/api(.*) /v2\\1 if v1",
    "http-request set-path /new%[path] if old",
    "http-request return status 410 if { path -f @FOLDER@/list.lst } !METH_GET",
    "http-request deny if { cook(c) yes } || { url_param(p) 1 }",
    "http-response set-header x-b 1 if { res.hdr(x-r) a }",
    "http-response deny if { res.hdr(x-r) yes }",
    "use_backend b0-two if { path_beg /v2 }",
    "use_backend b0-A1 if { src 192.0.2.7 } METH_POST",
  ),
];
