// A cluster that is unreachable, too old, or rejects the credentials: reported by every command that needs one.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "../cli/portico.ts";

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

const description = join(folderWith({ "portico.yaml": DESCRIPTION }), "portico.yaml");

/** An API server that only answers with its version. */
async function answerer(status: number, body: object): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function kubeconfig(server: string, user: object = { token: "t" }): string {
  const text = JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    contexts: ["here", "there"].map((name) => ({ name, context: { cluster: "c", user: "u" } })),
    clusters: [{ name: "c", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "u", user }],
  });
  return join(folderWith({ kubeconfig: text }), "kubeconfig");
}

interface Found {
  readonly status: number | null;
  readonly findings: readonly { readonly code: string; readonly what: string; readonly remedy: string }[];
}

async function deploy(env: Readonly<Record<string, string>>, ...options: readonly string[]): Promise<Found> {
  const args = ["deploy", description, "--dry-run", "--json", ...options];
  const { status, stdout, stderr } = await portico(args, { env });
  if (stdout === "") throw new Error(stderr);
  return { status, findings: (JSON.parse(stdout) as Found).findings };
}

test("a Kubernetes older than 1.29", async () => {
  const server = await answerer(200, { major: "1", minor: "28+", gitVersion: "v1.28.9-gke.1" });
  const { status, findings } = await deploy({ KUBECONFIG: kubeconfig(server) });
  expect(status).toBe(2);
  expect(findings).toMatchObject([
    {
      code: "kubernetes-too-old",
      what: "the cluster of the context `here` runs Kubernetes v1.28.9-gke.1",
    },
  ]);
});

test("a cluster that rejects the credentials", async () => {
  const server = await answerer(401, {
    kind: "Status",
    status: "Failure",
    message: "Unauthorized",
    code: 401,
  });
  const { status, findings } = await deploy({ KUBECONFIG: kubeconfig(server) });
  expect(status).toBe(2);
  expect(findings.map(({ code }) => code)).toEqual(["cluster-authentication-failed"]);
});

test("no answer", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const { status, findings } = await deploy({ KUBECONFIG: kubeconfig(`http://127.0.0.1:${port}`) });
  expect(status).toBe(2);
  expect(findings.map(({ code }) => code)).toEqual(["cluster-unreachable"]);
});

test("an unknown context: the existing ones are named", async () => {
  const { status, findings } = await deploy(
    { KUBECONFIG: kubeconfig("http://127.0.0.1:1") },
    "--context",
    "prod",
  );
  expect(status).toBe(2);
  expect(findings).toMatchObject([
    {
      code: "cluster-not-configured",
      what: "there is no context `prod`",
      remedy: expect.stringContaining("here, there"),
    },
  ]);
});

describe("a kubeconfig with garbage in it", () => {
  test.each(["foo", "https://127.0.0.1:99999", "ftp://127.0.0.1"])("the server %s", async (server) => {
    const { status, findings } = await deploy({ KUBECONFIG: kubeconfig(server) });
    expect(status).toBe(2);
    expect(findings).toMatchObject([
      {
        code: "cluster-not-configured",
        what: `the server \`${server}\` of the context \`here\` is not a URL`,
      },
    ]);
  });

  const garbage = Buffer.from("garbage").toString("base64");
  test.each([{ token: "a\nb" }, { "client-key-data": garbage }, { "client-certificate-data": garbage }])(
    "the user %j",
    async (user) => {
      const { status, findings } = await deploy({ KUBECONFIG: kubeconfig("https://127.0.0.1:1", user) });
      expect(status).toBe(2);
      expect(findings.map(({ code }) => code)).toEqual(["cluster-authentication-failed"]);
    },
  );
});

test("missing files in a list of kubeconfigs are skipped", async () => {
  const server = await answerer(401, { kind: "Status", status: "Failure", message: "Unauthorized" });
  const { findings } = await deploy({ KUBECONFIG: `/nowhere/config:${kubeconfig(server)}:/nowhere/other` });
  expect(findings.map(({ code }) => code)).toEqual(["cluster-authentication-failed"]);
});

describe.each(["deploy", "status"])("portico %s without any kubeconfig", (command) => {
  test("shows how a target is written", async () => {
    const home = folderWith({});
    const env = { HOME: home, KUBECONFIG: "", KUBERNETES_SERVICE_HOST: "" };
    const { status, stderr } = await portico([command, description], { env });
    expect(status).toBe(2);
    expect(stderr).toContain("cluster-not-configured");
    expect(stderr).toContain("KUBECONFIG");
  });
});

test("an invalid target", async () => {
  const { status, stderr } = await portico(["test", description, "--target", "ftp://edge.example.com"]);
  expect(status).toBe(2);
  expect(stderr).toContain("nodes=");
});

test("a context without a target that uses it", async () => {
  const { status, stderr } = await portico(["test", description, "--context", "prod"]);
  expect(status).toBe(2);
  expect(stderr).toContain("--context needs --target");
});

test("a target, but no expectations", async () => {
  const none = join(
    folderWith({ "portico.yaml": DESCRIPTION.slice(0, DESCRIPTION.indexOf("expect:")) }),
    "portico.yaml",
  );
  const { status, stderr } = await portico(["test", none, "--target", "http://127.0.0.1:1"]);
  expect(status).toBe(1);
  expect(stderr).toContain("has no expectations");
});

test("a timeout of zero is invalid", async () => {
  const { status, stderr } = await portico(["deploy", description, "--timeout", "0s"]);
  expect(status).toBe(2);
  expect(stderr).toContain("--timeout 0s");
});
