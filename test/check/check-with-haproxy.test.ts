// Messages of a real HAProxy about a plan's configuration, on every installed version.
import { describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { described, isOfHaproxy, withRoutes } from "./described.ts";

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  async function check(yaml: string) {
    const { plan, description } = await described(yaml);
    return (await checkDescription(plan, description, { haproxy })).filter(isOfHaproxy);
  }

  test("a description with many features is accepted without a message", async () => {
    const head = `public:
  loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }
  tls: { terminatedAt: haproxy, certificates: [{ file: /nowhere/on/this/machine.pem }, { file: /nor/here.pem }] }
internal: { hosts: [edge] }
logs: { to: /nowhere/log }
compression: true
errorPages: { "503": "<h1>soon</h1>" }
haproxy: { threads: 2, raw: [user nobody-of-this-machine, group none-either] }`;
    const routes = [
      '{ path: { regex: "^/v[0-9]" }, to: shop }',
      "{ path: /a, header: { x-a: '1' }, allow: [10.0.0.0/8], to: shop }",
      "{ path: /b, redirect: { prefix: /c } }",
      "{ path: /d, respond: { status: 403, body: no } }",
      "{ to: shop }",
    ];
    const yaml = withRoutes(routes, head).replace(
      "shop: { service: shop, port: 8080 }",
      "shop: { service: shop, port: 8443, tls: { verify: /nowhere/ca.pem, sni: shop.example.com } }",
    );
    expect(await check(yaml)).toEqual([]);
  });

  test("a raw line that HAProxy refuses: its message, the line of the description and the rendered line", async () => {
    const yaml = `${withRoutes(["{ to: odd }"])}  odd:\n    service: odd\n    port: 80\n    raw:\n      - fullconn 100\n      - option sideways\n`;
    const [finding, ...more] = await check(yaml);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: "haproxy-refuses", severity: "error" });
    expect(finding?.what).toContain(`HAProxy ${haproxy.version}: `);
    expect(finding?.what).toContain("sideways");
    expect(finding?.at[0]).toMatchObject({
      file: "portico.yaml",
      line: yaml.split("\n").indexOf("      - option sideways") + 1,
    });
    expect(finding?.at[1]).toMatchObject({ file: "haproxy/haproxy.cfg", note: "option sideways" });
  });

  test("a raw line of the public entrance is in two frontends and is reported once", async () => {
    const findings = await check(
      withRoutes(
        ["{ to: shop }"],
        "public:\n  loadBalancer: { kind: aws-nlb, sources: [10.0.0.0/16] }\n  tls: { terminatedAt: loadBalancer }\n  raw:\n    - option sideways",
      ),
    );
    expect(findings.map(({ code, at }) => [code, at[0]?.line])).toEqual([["haproxy-refuses", 6]]);
  });

  test("a warning is a warning", async () => {
    const findings = await check(
      `${withRoutes(["{ to: odd }"])}  odd: { service: odd, port: 80, raw: [timeout client 5s] }\n`,
    );
    expect(findings.map(({ code, severity, at }) => [code, severity, at[0]?.file])).toEqual([
      ["haproxy-warns", "warning", "portico.yaml"],
    ]);
  });
});

test("a missing executable is not a finding", async () => {
  const { plan, description } = await described(withRoutes(["{ to: shop }"]));
  const haproxy = { path: "/nowhere/haproxy", version: "0" };
  await expect(checkDescription(plan, description, { haproxy })).rejects.toThrow("ENOENT");
});
