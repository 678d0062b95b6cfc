// A Host that is not a host name, or whose port is invalid, gets 400 at every entrance, whatever the site and location.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { planned } from "../../model/planned.ts";

const routes = [
  { to: "app" },
  { path: "/scheme", redirect: { scheme: "https" as const } },
  { path: "/same", redirect: { scheme: "http" as const, path: "/x" } },
  { path: "/prefix", redirect: { scheme: "https" as const, prefix: "/y" } },
];
const plan = planned({
  public: {
    loadBalancer: { kind: "aws-classic-elb", sources: ["10.0.0.0/16"] },
    tls: { terminatedAt: "loadBalancer" },
  },
  internal: { hosts: ["edge"], site: "app.test" },
  sites: [
    { host: "app.test", routes },
    { host: "*.wild.test", routes },
    { host: "*", routes },
  ],
});

const BAD = [
  "@:@evil.com",
  "@:80/evil",
  "@:?x",
  '@:"onerror',
  "@:",
  "@:100000",
  "@:8o",
  "@:80:80",
  "[::1]x",
  "[::1]:x",
];
/** For a wildcard or a catch-all, the host itself. */
const BAD_NAMES = [
  "evil.com/.wild.test",
  "evil.com?.wild.test",
  "x@y.wild.test",
  "a b",
  "a\\b.wild.test",
  '"x',
  "%41.test",
  "\xe9.test",
];
const GOOD = ["@", "@:80", "@:65535", "@:0080", "@.:8080", "@."];
const PATHS = ["/", "/scheme", "/same", "/prefix/a"];

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLabOf(plan, { haproxy });
  });
  afterAll(() => lab.close());

  test.each([8080, 8443, 8081])("port %i", async (port) => {
    const names = ["app.test", "APP.test", "x.wild.test", "other.test", ...(port === 8081 ? ["edge"] : [])];
    const hosts = (forms: readonly string[]) =>
      names.flatMap((name) => forms.map((form) => form.replace("@", name)));
    const bad = [...hosts(BAD), ...BAD_NAMES].flatMap((host) => PATHS.map((path) => ({ host, path })));
    const good = hosts(GOOD).flatMap((host) => PATHS.map((path) => ({ host, path })));
    const answers = await Promise.all([...bad, ...good].map((request) => ask(lab, port, request)));
    expect(answers.slice(0, bad.length).filter(({ status }) => status !== 400)).toEqual([]);
    expect(answers.slice(bad.length).filter(({ status }) => status === 400)).toEqual([]);
    const locations = answers.flatMap(({ location }) =>
      location === undefined ? [] : [new URL(location).hostname],
    );
    expect(locations.length).toBeGreaterThan(0);
    expect(locations.filter((host) => !names.includes(host) && host !== "app.test")).toEqual([]);
  });

  test("a request without a Host gets no location that would contain it", async () => {
    const without = (port: number, path: string) => ask(lab, port, { path, version: "HTTP/1.0" });
    expect((await without(8080, "/")).status).toBe(400);
    expect((await without(8443, "/")).status).toBe(200);
    for (const path of PATHS.slice(1)) expect((await without(8443, path)).status).toBe(400);
  });
});

/** What a client of the load balancer gets: status and Location. */
async function ask(
  lab: Lab,
  port: number,
  {
    host,
    path,
    version = "HTTP/1.1",
  }: { readonly host?: string; readonly path: string; readonly version?: string },
): Promise<{
  readonly status: number;
  readonly location: string | undefined;
  readonly host: string | undefined;
}> {
  const inside = port === 8081;
  const bind = lab.places.bind(port);
  const socket = connect({ ...bind, localAddress: lab.places.from(inside ? "inside" : "load balancer") });
  const proxy = inside ? "" : `PROXY TCP4 203.0.113.7 198.51.100.1 40000 ${port}\r\n`;
  const line = host === undefined ? "" : `Host: ${host}\r\n`;
  socket.write(Buffer.from(`${proxy}GET ${path} ${version}\r\n${line}Connection: close\r\n\r\n`, "latin1"));
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return {
    status: Number(/^HTTP\/1.. (\d+)/.exec(text)?.[1]),
    location: /^location: (.*)$/im.exec(text)?.[1],
    host,
  };
}
