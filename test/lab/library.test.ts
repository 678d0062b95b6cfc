// The lab as a library: each request is sent once, invalid arguments throw, and the README's example exits.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { type LabRequestOptions, openLab } from "../../src/index.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const edge = {
  edge: "app",
  public: { loadBalancer: "none" as const },
  sites: [{ host: "app.example.com", routes: [{ to: "app" }] }],
  backends: { app: { servers: ["10.0.0.7:8080", "10.0.0.8:8080"] } },
};
const URL_OF_APP = "http://app.example.com/";

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test("a request is sent once, even if a reused connection closes without a response", async () => {
    await using lab = await openLab(edge, { haproxy: path });
    const servers = lab.backends("app");
    const seen = () => servers.flatMap((server) => server.seen.map(({ method }) => method));
    // These leave each server's connection and the client's open.
    for (const _ of servers) expect(await lab.request(URL_OF_APP)).toMatchObject({ status: 200 });
    for (const method of ["POST", "PATCH"]) {
      let failures = 1;
      for (const server of servers) server.behave(() => (failures-- > 0 ? { fail: "close" } : {}));
      const answer = await lab.request(URL_OF_APP, { method, body: "x" });
      expect(answer.status).not.toBe(200);
      expect(seen().filter((one) => one === method)).toEqual([method]);
    }
  });
});

describe("an invalid argument throws", async () => {
  const [haproxy] = await findAllHaproxies();
  const lab = () => openLab(edge, { haproxy: haproxy?.path ?? "" });

  test("with the reason and the valid values", async () => {
    await using app = await lab();
    expect(() => app.backends("nope")).toThrow("no backend `nope` with servers; there is only app");
    expect(() => app.entrance(81)).toThrow("no port 81 leads to HAProxy; there is only 80");
    const refused = (options: object, url = URL_OF_APP) =>
      expect(app.request(url, options as LabRequestOptions)).rejects;
    await refused({ from: "nonsense" }).toThrow('"nonsense" is not an IP address');
    await refused({ from: "203.0.113.7:80" }).toThrow("is not an IP address");
    await refused({ through: "nonsense" }).toThrow("is one of public, internal, untrusted");
    await refused({ form: "203.0.113.7" }).toThrow("there is no option `form`");
    await refused({ method: "GET /x" }).toThrow("is not a method");
    await refused({ headers: { "x y": "1" } }).toThrow("is not the name of a header");
    await refused({ headers: [["x", "1\r\ny: 2"]] }).toThrow("cannot be sent");
    await refused({ headers: { x: 1 } }).toThrow("cannot be sent");
    await refused({ body: { json: true } }).toThrow("a body must be a string or a Buffer");
    await refused({}, "app.example.com/").toThrow("not an http or https URL");
    for (const url of ["http:///x", "http://:80/x", "http://:/x"])
      await refused({}, url).toThrow(`the URL has no host: ${url}`);
    await refused({}, "http://b\u00fccher_*%.example/").toThrow(
      "not an international host name: b\u00fccher_*%.example",
    );
    await refused({}, "http://app.example.com:99999/").toThrow("must be at most 65535");
    await refused({}, "http://app.example.com/a b").toThrow("must not contain white space");
    expect(app.backends("app").map(({ seen }) => seen.length)).toEqual([0, 0]);
  });

  test("of openLab itself", async () => {
    await expect(openLab(edge, { haProxy: "haproxy" } as object)).rejects.toThrow(
      "there is no option `haProxy`",
    );
  });
});

describe("README's example", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, example = ""] = /```ts\n([^`]*openLab[^`]*)```/.exec(readme) ?? [];

  test.each([
    ["with a passing assertion", '"app"', 0],
    ["with an assertion that fails", '"other"', 1],
  ])("exits %s", async (_, backend, expected) => {
    expect(example).toContain('assert.equal(answer.backend, "app")');
    const folder = mkdtempSync(join(tmpdir(), "portico-example-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "portico"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "portico.yaml"),
      `edge: app
public: { loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }, tls: { terminatedAt: loadBalancer } }
sites: [{ host: app.example.com, routes: [{ to: app }] }]
backends: { app: { service: app, port: 9000 } }
`,
    );
    writeFileSync(join(folder, "example.ts"), example.replace('"app")', `${backend})`));
    const child = spawn(process.execPath, ["--conditions=portico-sources", "example.ts"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const said = text(child.stderr);
    const [status] = await once(child, "exit");
    expect(await said).toContain(expected === 0 ? "" : "AssertionError");
    expect(status).toBe(expected);
  });
});
