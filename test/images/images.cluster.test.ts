// Images are built, run without root, capabilities or a writable file system, tested with requests, and stopped gracefully under load.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { portico } from "../cli/portico.ts";
import { type Container, filesOfImage, freePorts, podman, startContainer } from "./container.ts";
import { ask, readiness, startBackend, startLoad } from "./traffic.ts";

const root = join(import.meta.dirname, "../..");
// A build needs no control groups, which are not available everywhere.
const env = { BUILDAH_ISOLATION: "chroot" };
const folder = mkdtempSync(join(tmpdir(), "portico-images-"));
const built = new Set<string>();

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts/cluster-setup.mjs")], { stdio: "inherit" });
});

afterAll(async () => {
  for (const image of built) await podman("rmi", "--force", image);
  rmSync(folder, { recursive: true, force: true });
});

const LARGEST_BYTES = { debian: 130e6, minimal: 45e6 } as const;

const variants = [
  { base: "debian", config: "configMap", logs: "stdout" },
  { base: "debian", config: "image", logs: "stdout" },
  { base: "minimal", config: "configMap", logs: "stdout" },
  { base: "minimal", config: "image", logs: "stdout" },
  { base: "debian", config: "image", logs: "rsyslog" },
] as const;

describe.each(variants)("$base, config: $config, logs: $logs", (image) => {
  test("is small, starts without privileges, and loses no request on a graceful stop", async () => {
    const edge = await openEdge(image);
    const { container, httpPort, healthPort } = edge;
    expect(Number(await podman("image", "inspect", "--format", "{{.Size}}", edge.reference))).toBeLessThan(
      LARGEST_BYTES[image.base],
    );
    const status = readFileSync(`/proc/${await container.pid()}/status`, "utf8");
    expect(status).toMatch(/^Uid:\t99\t99\t99\t99$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);

    const load = startLoad(httpPort, 64);
    await load.more(500);
    await container.signal("SIGUSR1");
    await readiness(healthPort, "stopping");
    // Clients detect it a little later.
    await load.more(100);
    const { answered, lost } = await load.stop();
    expect(lost).toEqual([]);
    expect(answered).toBeGreaterThan(600);
    expect(await container.ended()).toBe(0);
    expect((await container.logs()).stdout).toMatch(/^\{.*"backend":"app".*\}$/m);
  });
});

describe("rsyslogd next to HAProxy", () => {
  const image = { base: "debian", config: "image", logs: "rsyslog" } as const;

  test.each(["SIGTERM", "SIGUSR1"] as const)("no line is lost on a stop by %s", async (signal) => {
    const { container, httpPort, healthPort } = await openEdge(image);
    for (let count = 0; count < 200; count++) await ask(httpPort, `/${count}`);
    // HAProxy counts the lines that it drops because ten lines wait in the socket.
    const { body } = await ask(healthPort, "/metrics");
    const dropped = Number(/^haproxy_process_dropped_logs_total (\d+)/m.exec(body)?.[1]);
    await container.signal(signal);
    // After SIGTERM some versions of HAProxy's master exit with 143, others with 0.
    expect(signal === "SIGUSR1" ? [0] : [0, 143]).toContain(await container.ended());
    // HAProxy's own notices are among them.
    const lines = (await container.logs()).stdout.split("\n").filter((line) => line.startsWith("{"));
    const paths = lines.map((line) => (JSON.parse(line) as { path: string }).path);
    expect(paths).toHaveLength(200 - dropped);
    if (dropped === 0) expect(paths.at(-1)).toBe("/199");
  });

  test("the container exits when it exits, and no request is lost", async () => {
    const { container, httpPort } = await openEdge(image);
    const slow = ask(httpPort, "/slow");
    await ask(httpPort, "/");
    process.kill(await childNamed(await container.pid(), "rsyslogd"), "SIGKILL");
    expect(await slow).toMatchObject({ status: 200 });
    expect(await container.ended()).toBe(1);
    expect((await container.logs()).stderr).toContain("start-edge: rsyslogd ended");
  });
});

test("certificates that arrive later replace all temporary ones", async () => {
  const reference = await build(
    readFileSync(join(root, "test/golden/image-minimal-baked/description.yaml"), "utf8"),
  );
  const files = await filesOfImage(reference);
  expect(files).toContain("etc/haproxy/haproxy.cfg");
  expect(files.filter((file) => /\.pem$|^tmp\/.|\/(ba)?sh$/.test(file))).toEqual([]);
});

test("tools are installed", async () => {
  const reference = await build(
    description({ base: "debian", config: "configMap", logs: "stdout", tools: ["dnsutils", "telnet"] }),
  );
  expect(await filesOfImage(reference)).toEqual(expect.arrayContaining(["usr/bin/dig", "usr/bin/telnet"]));
  expect(Number(await podman("image", "inspect", "--format", "{{.Size}}", reference))).toBeLessThan(
    LARGEST_BYTES.debian,
  );
});

test("the build fails for a configuration that HAProxy refuses", async () => {
  const file = write(
    `${description({ base: "minimal", config: "image", logs: "stdout" })}haproxy: { raw: ["no-such-keyword here"] }\n`,
  );
  const { status, stdout, stderr } = await portico(["image", "build", file], { env });
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toContain("unknown keyword 'no-such-keyword'");
});

test("the same content is built once", async () => {
  const text = description({ base: "minimal", config: "configMap", logs: "stdout" });
  const reference = await build(text);
  const id = await podman("image", "inspect", "--format", "{{.Id}}", reference);
  const again = await portico(["image", "build", write(`# Said otherwise.\n${text}`)], { env });
  expect(again).toMatchObject({ status: 0, stdout: `${reference}  already built\n` });
  expect(await podman("image", "inspect", "--format", "{{.Id}}", reference)).toBe(id);
});

interface Image {
  readonly base: string;
  readonly config: string;
  readonly logs: string;
  readonly tools?: readonly string[];
}

interface Ports {
  readonly http: number;
  readonly health: number;
  readonly backend: number;
}

const NO_PORTS: Ports = { http: 8080, health: 8405, backend: 9000 };

/** A short drain: the stop itself is tested, not how long load balancers take to detect it. */
function description(image: Image, { http, health, backend }: Ports = NO_PORTS): string {
  return `edge: portico-image-test
image: ${JSON.stringify(image)}
stats: false
sites:
  - host: app.example.com
    routes: [{ to: app }]
backends:
  app: { servers: ["127.0.0.1:${backend}"] }
kubernetes: { drain: { detection: 2s, hardStop: 60s } }
${http === NO_PORTS.http ? "" : `haproxy: { ports: { http: ${http}, health: ${health} } }\n`}`;
}

function write(text: string): string {
  const file = join(mkdtempSync(join(folder, "description-")), "portico.yaml");
  writeFileSync(file, text);
  return file;
}

async function build(text: string): Promise<string> {
  const { status, stdout, stderr } = await portico(["image", "build", "--json", write(text)], { env });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const { reference } = JSON.parse(stdout) as { reference: string };
  built.add(reference);
  return reference;
}

interface RunningEdge {
  readonly reference: string;
  readonly container: Container;
  readonly httpPort: number;
  readonly healthPort: number;
}

/** Built, started with its configuration mounted if it is not in the image, and ready. */
async function openEdge(image: Image): Promise<RunningEdge> {
  const { port: backend, server } = await startBackend();
  onTestFinished(() => void server.close());
  const [http = 0, health = 0] = await freePorts(2);
  const text = description(image, { http, health, backend });
  const reference = await build(text);
  const container = await startContainer(
    reference,
    image.config === "image" ? undefined : await renderedConfig(text),
  );
  onTestFinished(() => container.remove());
  await Promise.race([
    readiness(health, "ready"),
    container.ended().then(async (status) => {
      throw new Error(`the container ended with ${status}: ${JSON.stringify(await container.logs())}`);
    }),
  ]);
  return { reference, container, httpPort: http, healthPort: health };
}

async function renderedConfig(text: string): Promise<string> {
  const file = write(text);
  const out = join(dirname(file), "out");
  mkdirSync(out);
  expect(await portico(["render", file, "--out", out])).toMatchObject({ status: 0 });
  // A temporary folder is readable only by its owner, and HAProxy runs as another user.
  execFileSync("chmod", ["-R", "a+rX", folder]);
  return join(out, "haproxy");
}

async function childNamed(parent: number, name: string): Promise<number> {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
    .trim()
    .split(" ")
    .map(Number);
  const found = children.find((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name);
  if (found === undefined) throw new Error(`${parent} has no child ${name}`);
  return found;
}
