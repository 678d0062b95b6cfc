// portico diff: descriptions, folders of layers and git revisions, as a child process.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { folderWith, portico } from "./portico.ts";

const EDGE = `edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }, tls: { terminatedAt: loadBalancer } }
sites:
  - host: app.example.com
    routes:
      - { path: /api, to: api }
      - { to: web }
backends:
  web: { servers: ["10.0.0.7:8080"], health: false }
  api: { servers: ["10.0.0.8:8080"], health: false }
`;

const RANDOM = `defaults
  mode http
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend f
  bind :8080
  http-request deny if { rand(100) lt SHARE }
  http-request return status 200
`;

test("as SARIF, at the lines that cause the changes", async () => {
  const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": EDGE.replace("/api, to: api", "/v2, to: api") });
  const { stdout } = await portico(["diff", "a.yaml", "b.yaml", "--sarif"], { cwd });
  const { runs } = JSON.parse(stdout);
  expect(runs[0].tool.driver.rules).toMatchObject([{ id: "outcome-changes", name: "OutcomeChanges" }]);
  const result = { ruleId: "outcome-changes", ruleIndex: 0, level: "note" };
  const region = expect.objectContaining({ startLine: 6 });
  const at = { physicalLocation: { artifactLocation: { uri: "b.yaml" }, region } };
  expect(runs[0].results).toHaveLength(2);
  expect(runs[0].results).toContainEqual(expect.objectContaining({ ...result, locations: [at] }));
  expect(runs[0].results).toContainEqual(expect.objectContaining({ ...result, locations: [] }));
});

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  const diff = (cwd: string, ...args: readonly string[]) =>
    portico(["diff", ...args, "--haproxy", path], { cwd });

  test("the same description twice: reports that nothing changes", async () => {
    const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": EDGE });
    const { status, stdout, stderr } = await diff(cwd, "a.yaml", "b.yaml", "--exit-code");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Nothing changes: the files are the same\n/);
    expect(stdout).toContain("Files: unchanged");
    expect(status).toBe(0);
  });

  test("a new route, a removed one, and a port of a server", async () => {
    const cwd = folderWith({
      "a.yaml": EDGE,
      "b.yaml": EDGE.replace("- { path: /api, to: api }", "- { path: /v2, to: api }").replace(
        "8:8080",
        "8:9090",
      ),
    });
    const { status, stdout } = await diff(cwd, "a.yaml", "b.yaml", "--exit-code");
    expect(stdout).toMatch(/^2 kinds of request change; HAProxy confirms each\n/);
    expect(stdout).toMatch(/app\.example\.com\/v2\/\*\*.* → web +→ api +b\.yaml:6 \(new\)\n/);
    expect(stdout).toMatch(/app\.example\.com\/api\/\*\*.* → api +→ web +a\.yaml:6 \(removed\)\n/);
    expect(stdout).toMatch(/GET https:\/\/app\.example\.com\/v2: 200 from web → 200 from api\n/);
    expect(stdout).toContain("haproxy/paths.map +2 −2");
    expect(stdout).toContain("cloud: unchanged");
    const files = stdout.slice(stdout.indexOf("Files: ")).trimEnd().split("\n");
    expect(files.length).toBeGreaterThan(1);
    for (const line of files) expect(line).toMatch(/^(Files: | {7})\S.{0,92}$/);
    expect(status).toBe(1);
  });

  test("as annotations, at the lines that cause the changes", async () => {
    const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": EDGE.replace("/api, to: api", "/v2, to: api") });
    const { stdout } = await diff(cwd, "a.yaml", "b.yaml", "--github");
    expect(stdout.trimEnd().split("\n").toSorted()).toEqual([
      expect.stringMatching(
        /^::notice file=b\.yaml,line=6,title=Requests change their outcome::.*app\.example\.com\/v2\/\*\*.*%0Abefore: → web%0Aafter: → api$/,
      ),
      expect.stringMatching(
        /^::notice title=Requests change their outcome::.*app\.example\.com\/api\/\*\*.*%0Abefore: → api%0Aafter: → web$/,
      ),
    ]);
    // A random condition on a changed line: nothing is proven, and that is said.
    writeFileSync(join(cwd, "a.cfg"), RANDOM.replace("SHARE", "10"));
    writeFileSync(join(cwd, "b.cfg"), RANDOM.replace("SHARE", "20"));
    const open = await diff(cwd, "a.cfg", "b.cfg", "--github");
    expect(open.stdout).toMatch(/^::notice .*title=Requests may change their outcome::.*depends on /m);
    const same = await diff(cwd, "a.yaml", "a.yaml", "--github");
    expect(same.stdout.trim()).toBe("");
  });

  test("as JSON, every request", async () => {
    const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": EDGE.replace("10.0.0.7:8080", "10.0.0.7:9090") });
    const { stdout } = await diff(cwd, "a.yaml", "b.yaml", "--json");
    const { changed, disagreements } = JSON.parse(stdout) as Record<string, unknown>;
    expect(changed).toContainEqual(
      expect.objectContaining({
        differs: "servers",
        before: "web: 10.0.0.7:8080",
        after: "web: 10.0.0.7:9090",
        request: expect.objectContaining({ url: "https://app.example.com/" }),
        confirmed: false,
        unconfirmed: "the lab has servers and ports of its own",
      }),
    );
    expect(disagreements).toEqual([]);
  });

  test("a git revision and the working tree, from a folder below the repository's", async () => {
    const top = folderWith({ "README.md": "an edge\n" });
    const cwd = join(top, "edge");
    mkdirSync(cwd);
    writeFileSync(join(cwd, "portico.yaml"), EDGE);
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd: top });
    git("init", "--quiet", "--initial-branch=main");
    git("add", ".");
    git("commit", "--quiet", "--message=first");
    expect((await diff(cwd, "main")).stdout).toContain("Nothing changes");
    writeFileSync(join(cwd, "portico.yaml"), EDGE.replace("path: /api, to: api", "path: /api, to: web"));
    const { stdout, stderr } = await diff(cwd, "main");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/\/api\/\*\*.* → api +→ web +portico\.yaml:6 \(changed\)/);
  });

  test("two folders of layers: a node port without a Service, and its line", async () => {
    const cwd = folderWith({ "portico.yaml": EDGE });
    expect((await portico(["render", "-o", "one"], { cwd })).status).toBe(0);
    cpSync(join(cwd, "one"), join(cwd, "two"), { recursive: true });
    expect((await diff(cwd, "one", "two")).stdout).toContain("Nothing changes");
    const service = join(cwd, "two/kubernetes/service-public.yaml");
    const before = readFileSync(service, "utf8");
    writeFileSync(service, before.replace("nodePort: 30080", "nodePort: 30081"));
    const { stdout } = await diff(cwd, "one", "two");
    expect(stdout).toMatch(
      /GET http:\/\/www\.example\.com\/ .*no answer +two\/kubernetes\/service-public.yaml:\d+ \(changed\)/,
    );
    expect(stdout).toContain("kubernetes/service-public.yaml +1 −1");
  });
});

describe.each((await findAllHaproxies()).slice(-1))("HAProxy $version, raw lines", ({ path }) => {
  const diff = (cwd: string, ...args: readonly string[]) =>
    portico(["diff", ...args, "--haproxy", path], { cwd });

  test("a new raw line: its effect, with its line in the description", async () => {
    const raw = EDGE.replace("tls:", 'raw: ["http-request set-header X-Real-IP %[src]"], tls:');
    const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": raw });
    const { status, stdout, stderr } = await diff(cwd, "a.yaml", "b.yaml", "--exit-code");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/now request header x-real-ip: %\[src\] +b\.yaml:2 \(new\)/);
    expect(stdout).toMatch(/header x-real-ip seen: none → 203\.0\.113\.7/);
    expect(status).toBe(1);
  });

  test("raw lines on both sides: routes and raw lines are compared", async () => {
    const tea = (from: string, line: string) => from.replace("web: {", `web: { raw: ["${line}"],`);
    const one = tea(EDGE, "http-request deny if { path /tea }");
    const cwd = folderWith({
      "a.yaml": EDGE,
      "b.yaml": one,
      "c.yaml": one.replace("{ path: /api, to: api }", "{ path: /v1, to: api }"),
      "e.yaml": one.replace("edge: app", "edge: app\ntimeouts: { server: 20s }"),
    });
    const added = await diff(cwd, "a.yaml", "b.yaml", "--exit-code");
    expect(added.stdout).toMatch(/\/tea.*\n +→ web, now 403 +b\.yaml:9 \(new\)/);
    expect(added.status).toBe(1);
    const kept = await diff(cwd, "b.yaml", "e.yaml", "--exit-code");
    expect(kept.stdout).toMatch(/^Routing does not change: proven for all requests/);
    expect(kept.stdout).toMatch(/Other changes: haproxy\/haproxy\.cfg:\d+ \(changed\) `timeout server/);
    // The proof does not cover the changed timeout.
    expect(kept.status).toBe(1);
    const same = await diff(cwd, "b.yaml", "b.yaml");
    expect(same.stdout).toMatch(/^Nothing changes: the files are the same/);
    const routes = await diff(cwd, "b.yaml", "c.yaml", "--json");
    const { disagreements, changed } = JSON.parse(routes.stdout) as Record<string, unknown[]>;
    expect(disagreements).toEqual([]);
    expect(changed).toContainEqual(expect.objectContaining({ before: "→ api", after: "→ web" }));
  });
});

describe("what cannot be compared", () => {
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["one side only", ["a.yaml"], /a\.yaml needs a second side/],
    ["not a file or a revision", ["nope"], /nope is neither a file or folder nor a git revision/],
    ["a missing second side", ["a.yaml", "b.yaml"], /b\.yaml does not exist/],
    [
      "a description and layers",
      ["a.yaml", "layers"],
      /one side is a description and the other a configuration or a folder of layers/,
    ],
    ["what looks like an option of git", ["--", "--output=x"], /neither a file or folder nor a git revision/],
  ];

  test.each(cases)("%s", async (_, args, message) => {
    const cwd = folderWith({ "a.yaml": EDGE });
    mkdirSync(join(cwd, "layers"));
    writeFileSync(join(cwd, "layers/haproxy.cfg"), "frontend a\n  bind :80\n");
    const { status, stderr } = await portico(["diff", ...args], { cwd });
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });

  test("a folder of layers without HAProxy", async () => {
    const cwd = folderWith({ "a/Dockerfile": "FROM debian\n", "b/Dockerfile": "FROM debian\n" });
    const { status, stderr } = await portico(["diff", "a", "b"], { cwd });
    expect(stderr).toMatch(/a has no HAProxy configuration/);
    expect(status).toBe(2);
  });
});

describe("layers that HAProxy does not start with", () => {
  const CONFIG =
    "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n  timeout connect 1s\nfrontend shop\n  bind :8080\n";
  const cwd = folderWith({ "a/haproxy.cfg": CONFIG, "b/edge/haproxy.cfg": `${CONFIG}  bogus\n` });

  test.each([
    ["after", ["a", "b"]],
    ["before", ["b", "a"]],
  ])("the line of the side is named: %s", async (_, sides) => {
    const { status, stdout, stderr } = await portico(["diff", ...sides], { cwd });
    expect(status).toBe(2);
    // The comparison that needs no HAProxy still runs.
    expect(stdout).toContain("Files: ");
    expect(stderr).toMatch(/haproxy-refuses\s+HAProxy \S+: unknown keyword 'bogus' in 'frontend' section/);
    expect(stderr).toMatch(/b\/edge\/haproxy\.cfg:8:3 {3}bogus\n/);
    expect(stderr).not.toContain("portico-lab");
  });

  test("as JSON", async () => {
    const { status, stdout } = await portico(["diff", "a", "b", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      findings: [{ code: "haproxy-refuses", at: [{ file: "b/edge/haproxy.cfg", line: 8 }] }],
    });
    expect(status).toBe(2);
  });
});

describe("what was not examined is reported", () => {
  const CONFIG = `defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 1s
frontend shop
  bind :8080
  default_backend shop
backend shop
  server s 10.0.0.1:80
`;
  const DENIES = CONFIG.replace("default_backend shop", "http-request deny");
  const NO_PATH = "bind :8080: no load balancer, Service or host port in the files leads to it";

  /** Without a workload. */
  const NODE_PORT =
    "apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { type: NodePort, selector: { app: shop }, ports: [{ port: 80 }] }\n";

  test("two folders with nothing but haproxy.cfg: requests enter at the bind", async () => {
    const cwd = folderWith({ "a/haproxy.cfg": CONFIG, "b/haproxy.cfg": DENIES });
    const { status, stdout } = await portico(["diff", "a", "b"], { cwd });
    expect(stdout).toMatch(/all requests +→ shop +403 +b\/haproxy\.cfg:8 \(changed\)\n/);
    expect(stdout).toMatch(/GET http:\/\/www\.example\.com:8080\/ .*: 200 from shop → 403\n/);
    expect(stdout).toContain("Examined: frontend shop, bind :8080\n");
    expect(status).toBe(0);
  });

  test("two folders with a Service that does not lead to HAProxy", async () => {
    const cwd = folderWith({
      "a/haproxy.cfg": CONFIG,
      "a/service.yaml": NODE_PORT,
      "b/haproxy.cfg": DENIES,
      "b/service.yaml": NODE_PORT,
    });
    const { status, stdout } = await portico(["diff", "a", "b"], { cwd });
    expect(stdout).toMatch(/^1 kind of request changes\n/);
    expect(stdout).toContain("not confirmed: the lab gets no answer");
    expect(stdout).toContain("frontend shop, bind :8080: no load balancer, Service or host port");
    expect(stdout).toContain("Files: haproxy.cfg +1 −1");
    expect(status).toBe(0);
    const json = await portico(["diff", "a", "b", "--json"], { cwd });
    expect(JSON.parse(json.stdout)).toMatchObject({
      proven: false,
      examined: [],
      notExamined: [expect.stringMatching(/^Service shop port 80/), `frontend shop, ${NO_PATH}`],
    });
  });

  test("the same folder twice: the files are the same", async () => {
    const cwd = folderWith({ "a/haproxy.cfg": CONFIG, "a/service.yaml": NODE_PORT });
    const { status, stdout } = await portico(["diff", "a", "a", "--exit-code"], { cwd });
    expect(stdout).toMatch(/^Nothing changes: the files are the same\n/);
    expect(status).toBe(0);
  });

  const SERVICE =
    "apiVersion: v1\nkind: Service\nmetadata: { name: shop }\nspec: { selector: { app: shop }, ports: [{ port: 80, targetPort: 8080 }] }\n";
  const POD =
    "apiVersion: v1\nkind: Pod\nmetadata: { name: shop, labels: { app: shop } }\nspec: { containers: [{ name: haproxy, image: haproxy, ports: [{ containerPort: 8080 }] }] }\n";
  const layersOf = (config: string) => ({ "haproxy.cfg": config, "service.yaml": SERVICE, "pod.yaml": POD });
  const side = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

  const added = (line: string) => CONFIG.replace("  default_backend", `  ${line}\n  default_backend`);
  const sides = (before: string, after: string) =>
    folderWith({ ...side("a", layersOf(before)), ...side("b", layersOf(after)) });

  test.each([
    ["a version of HTTP", "http-request deny if HTTP_1.0", "the lab sends HTTP/1.1"],
    ["a header that occurs twice", "http-request deny if { hdr_cnt(x-tag) gt 1 }", "hdr_cnt"],
    [
      "a header that announces chunks",
      "http-request deny if { req.hdr(transfer-encoding) -m found }",
      "a header announces a body",
    ],
  ])("a change that the lab cannot show: %s", async (_, line, why) => {
    const { status, stdout } = await portico(["diff", "a", "b", "--exit-code"], {
      cwd: sides(CONFIG, added(line)),
    });
    expect(stdout).toContain("haproxy.cfg:8 (new)");
    expect(stdout.replace(/\s+/g, " ")).toContain(why);
    expect(status).toBe(1);
  });

  test("a timeout: routing is proven equal, and the line is listed", async () => {
    const { status, stdout } = await portico(["diff", "a", "b"], {
      cwd: sides(CONFIG, added("timeout client 3s")),
    });
    expect(stdout).toMatch(/^Routing does not change: proven for all requests\n/);
    expect(stdout).toContain("Other changes: haproxy.cfg:8 (new) `timeout client 3s`\n");
    expect(status).toBe(0);
  });

  test("a condition that the environment decides is the same on both sides", async () => {
    const config = (path: string) =>
      added(`.if defined(MAINTENANCE)\n  http-request deny if { path ${path} }\n.endif`);
    const same = await portico(["diff", "a", "b"], { cwd: sides(config("/a"), `# a\n${config("/a")}`) });
    expect(same.stdout).toMatch(/^Routing does not change: proven for all requests\n/);
    const other = await portico(["diff", "a", "b", "--exit-code"], {
      cwd: sides(config("/a"), config("/b")),
    });
    expect(other.stdout).toContain("not sent: it depends on what is not known");
    expect(other.status).toBe(1);
  });

  test.each([
    ["a predefined ACL of a method", "METH_POST", { method: "POST" }],
    ["a regular expression with -m", "{ path -m reg ^/[0-9]{5}$ }", { url: "http://www.example.com/00000" }],
    ["a directory with -m", "{ path -m dir old }", { url: "http://www.example.com/old" }],
    ["a suffix with -m", "{ path -m end .php }", { url: "http://www.example.com/other.php" }],
  ])("a request is sent that meets %s", async (_, condition, request) => {
    const cwd = sides(CONFIG, added(`http-request deny if ${condition}`));
    const { changed, otherChanges } = JSON.parse(
      (await portico(["diff", "a", "b", "--json"], { cwd })).stdout,
    ) as Record<string, unknown>;
    expect(changed).toMatchObject([
      {
        request,
        answers: { before: { text: "200 from shop" }, after: { text: "403" } },
        because: { at: { line: 8 } },
        confirmed: true,
      },
    ]);
    expect(otherChanges).toEqual([]);
  });

  test("lines that were removed, a file of one side, and comments", async () => {
    const before = layersOf(CONFIG.replace("  bind", "  http-request deny if HTTP_1.0\n  bind"));
    const commented = layersOf(
      `# a comment\n\n${CONFIG.replace("bind :8080", "bind   :8080   # the Service's")}`,
    );
    const cwd = folderWith({
      ...side("a", before),
      ...side("b", { ...layersOf(CONFIG), "resolv.conf": "nameserver 10.0.0.10\n" }),
      ...side("c", layersOf(CONFIG)),
      ...side("d", commented),
    });
    const { stdout } = await portico(["diff", "a", "b", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      changed: [{ before: "403", after: "→ shop", because: { what: "removed", side: "before" } }],
      otherChanges: ["resolv.conf (new)"],
    });
    const alike = await portico(["diff", "c", "d"], { cwd });
    expect(alike.stdout).toMatch(/^Routing does not change: proven for all requests\n/);
    expect(alike.stdout).not.toContain("Other changes");
  });

  test("two descriptions with an expression that matches the same paths", async () => {
    const withPath = (path: string) => EDGE.replace("path: /api", `path: { regex: "${path}" }`);
    const cwd = folderWith({ "a.yaml": withPath("/v[0-9]"), "b.yaml": withPath("/v[0-9]{1,2}") });
    const { stdout } = await portico(["diff", "a.yaml", "b.yaml"], { cwd });
    expect(stdout).toMatch(/^Routing does not change: proven for all requests\n/);
    // The log has the identity of the route.
    expect(stdout.match(/\(changed\)/g)).toHaveLength(1);
  });

  test.each([
    ["a timeout", EDGE.replace("edge: app", "edge: app\ntimeouts: { server: 20s }"), "timeout server"],
    ["retries", EDGE.replace('8:8080"], health', '8:8080"], retries: 0, health'), "retries 0"],
    [
      "the verification of a certificate",
      EDGE.replace('8:8080"], health', '8:8080"], tls: { verify: false }, health'),
      "server ",
    ],
    [
      "the number of replicas",
      EDGE.replace("edge: app", "edge: app\nkubernetes: { replicas: 5 }"),
      "replicas: 5",
    ],
  ])("%s is reported and counted, alone and next to a changed request", async (_, alone, line) => {
    const both = alone.replace("- { to: web }", "- { path: /v2, to: api }\n      - { to: web }");
    const cwd = folderWith({ "a.yaml": EDGE, "alone.yaml": alone, "both.yaml": both });
    const run = async (file: string) => {
      const { status, stdout } = await portico(["diff", "a.yaml", file, "--exit-code", "--json"], { cwd });
      const { changed, otherChanges } = JSON.parse(stdout) as Record<string, readonly string[]>;
      return { status, changed: (changed ?? []).length > 0, otherChanges };
    };
    const first = await run("alone.yaml");
    expect(first).toMatchObject({ status: 1, changed: false });
    expect(first.otherChanges?.join("\n")).toContain(line);
    // The line of the new route in paths.map is part of the comparison of all requests.
    expect(await run("both.yaml")).toEqual({ ...first, changed: true });
  });

  test("two rendered folders: a line of haproxy.cfg and its copy in the ConfigMap are one place", async () => {
    const cwd = folderWith({ "a.yaml": EDGE, "b.yaml": `${EDGE}timeouts: { server: 20s }\n` });
    for (const name of ["a", "b"])
      expect((await portico(["render", `${name}.yaml`, "-o", name], { cwd })).status).toBe(0);
    const { status, stdout } = await portico(["diff", "a", "b", "--exit-code"], { cwd });
    expect(stdout).not.toContain(".portico-rendered.json");
    expect(stdout.match(/`timeout server/g)).toHaveLength(1);
    expect(status).toBe(1);
  });

  test("a bind that no path leads to, next to one that a Service leads to", async () => {
    const layers = (config: string) => layersOf(`${config}frontend admin\n  bind :9000\n`);
    const [before, after] = [layers(CONFIG), layers(`# a comment\n${CONFIG}`)];
    const cwd = folderWith({ ...side("a", before), ...side("b", after), ...side("c", layers(DENIES)) });
    const { status, stdout } = await portico(["diff", "a", "b", "--exit-code"], { cwd });
    expect(stdout).toMatch(/^Routing does not change: proven for all requests\n/);
    expect(stdout).toContain("Examined: Service shop port 80 → pod port 8080 → bind :8080");
    expect(stdout).toContain("Not examined: frontend admin, bind :9000: no load balancer");
    expect(status).toBe(0);
    const denied = await portico(["diff", "a", "c", "--exit-code"], { cwd });
    expect(denied.stdout).toMatch(/^\d+ kinds? of request changes?; HAProxy confirms/);
    expect(denied.stdout).toContain("Not examined: frontend admin, bind :9000");
    expect(denied.status).toBe(1);
  });
});
