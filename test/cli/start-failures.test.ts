// portico test of layers whose HAProxy does not start in its container: no request arrives, and the reason is a finding of check.
import { describe, expect, test } from "vitest";
import { CONFIG, configMap, DEPLOYMENT, edge, type Files } from "../check/layers/clean-edge.ts";
import { testOf } from "./edge-commands.ts";
import { folderWith, portico } from "./portico.ts";

const RESOLVED = " init-addr none resolvers cluster resolve-prefer ipv4";

function config(before: string, after: string): Files {
  if (!CONFIG.includes(before)) throw new Error(`no such text: ${before}`);
  return edge({ "config.yaml": configMap({ "haproxy.cfg": CONFIG.replace(before, () => after) }) });
}

function deployment(before: string, after: string): Files {
  if (!DEPLOYMENT.includes(before)) throw new Error(`no such text: ${before}`);
  return edge({ "edge.yaml": DEPLOYMENT.replace(before, () => after) });
}

describe("HAProxy does not start, and no request arrives", () => {
  test.each<readonly [string, Files, RegExp]>([
    [
      "its configuration is mounted in another folder",
      deployment("/usr/local/etc/haproxy", "/etc/haproxy"),
      /HAProxy reads `\/usr\/local\/etc\/haproxy\/haproxy.cfg`, and the container has no configuration there/,
    ],
    [
      "a certificate is in no volume",
      config("bind *:8443", "bind *:8443 ssl crt /certs/a.pem"),
      /the container does not have `\/certs\/a.pem`, which HAProxy opens at start \(config.yaml:\d+\)/,
    ],
    [
      "a directive needs a capability",
      config("grace 31s", "grace 31s\n  chroot /var/empty"),
      /`chroot \/var\/empty` needs the capability SYS_CHROOT/,
    ],
    [
      "nothing sets the port of a bind",
      config("bind *:8443", 'bind "*:${EDGE_HTTPS}"\n  bind *:8443'),
      /nothing sets the environment variable EDGE_HTTPS/,
    ],
    [
      "its image reference is invalid",
      deployment("image: haproxy", "image: HAProxy"),
      /the image of `haproxy` is not a valid reference: `HAProxy:[\d.]+`/,
    ],
    [
      "its user is root",
      deployment("runAsUser: 99", "runAsUser: 0"),
      /`runAsNonRoot` refuses `runAsUser: 0`/,
    ],
    [
      "a name that it resolves at start is no Service",
      config(
        `check${RESOLVED}\n${CONFIG.slice(CONFIG.indexOf("frontend https"))}`,
        `check\n${CONFIG.slice(CONFIG.indexOf("frontend https"))}`.replace("api.web", "apis.web"),
      ),
      /`apis.web.svc.cluster.local` does not resolve, and HAProxy starts only if it does/,
    ],
  ])("%s", async (_, files, because) => {
    const { status, stdout } = await testOf(files);
    expect(stdout).toMatch(new RegExp(`✗ start of HAProxy fails: ${because.source.replace(/ \\\(.*/, "")}`));
    expect(stdout).toMatch(new RegExp(`got HAProxy does not start: ${because.source}`));
    expect(stdout).toContain("0 of 1 expectation as expected");
    expect(status).toBe(1);
  });
});

test("a request at a bind does not arrive if the image has the configuration in another folder", async () => {
  const files = {
    "haproxy.cfg": CONFIG.replace("api.web.svc.cluster.local", "10.0.0.9"),
    Dockerfile: "FROM haproxy:3.0.12\nCOPY haproxy.cfg /etc/haproxy/haproxy.cfg\n",
  };
  const { stdout } = await testOf(
    files,
    '- { get: "http://app.example.com:8443/x", from: 10.0.0.7, backend: api }\n',
  );
  expect(stdout).toMatch(
    /got HAProxy does not start: HAProxy reads `\/usr\/local\/etc\/haproxy\/haproxy.cfg`/,
  );
});

test("a finding that a comment suppresses does not stop HAProxy", async () => {
  const files = config(
    "bind *:8443",
    "# portico: allow file-not-in-container because an operator mounts it\n  bind *:8443 ssl crt /certs/a.pem",
  );
  const { stdout } = await testOf({ ...files, "nlb.tf": (files["nlb.tf"] ?? "").replace('"TLS"', '"TCP"') });
  expect(stdout).toContain("1 of 1 expectation as expected");
});

test("the lab trusts its own CA where servers use the CAs of the machine", async () => {
  const { stdout } = await testOf(
    config(
      ":8080",
      ":8080 ssl verify required ca-file @system-ca sni req.hdr(host) check-sni app.example.com",
    ),
  );
  expect(stdout).toContain("1 of 1 expectation as expected");
});

describe("explain shows what test reports", () => {
  const explain = async (files: Files) =>
    (
      await portico(["explain", "GET", "https://app.example.com/x", "--layers", "."], {
        cwd: folderWith(files),
      })
    ).stdout;

  test("HAProxy does not start", async () => {
    const files = deployment("/usr/local/etc/haproxy", "/etc/haproxy");
    expect(await explain(files)).toMatch(/HAProxy [\d.]+\S*: HAProxy does not start: HAProxy reads/);
  });

  test("a server whose address has a variable that nothing sets", async () => {
    const files = config("api.web.svc.cluster.local:8080", "${API_ADDRESS}:8080");
    const { stdout } = await testOf(files);
    const why =
      /server api\/api ✗ connections are refused: nothing sets the environment\s+variable\s+API_ADDRESS/;
    expect(stdout).toMatch(why);
    const explained = await explain(files);
    expect(explained).toMatch(why);
    expect(explained).toMatch(/: 503 from HAProxy/);
  });
});
