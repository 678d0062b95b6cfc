// One HAProxy configuration from several files: `-f` repeated, folders, keys of a ConfigMap, folders that an image copies.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseHaproxyConfig, placeInFile } from "../../src/wiring/haproxy/config.ts";
import { joinConfigs, lineOutOfSection, loadedFromFolder } from "../../src/wiring/haproxy/joined.ts";
import {
  BACKENDS,
  CONFIG,
  configMap,
  DEPLOYMENT,
  edge,
  FRONTENDS,
  GLOBAL,
} from "../check/layers/clean-edge.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { findingsOf, testOf } from "./edge-commands.ts";
import { folderWith } from "./portico.ts";

const haproxies = await findAllHaproxies();

const runs = (...args: readonly string[]): string =>
  DEPLOYMENT.replace("          ports:", `          args: [${args.join(", ")}]\n          ports:`);

const PARTS = {
  "00-global.cfg": GLOBAL,
  "10-frontends.cfg": FRONTENDS,
  "20-backends.cfg": BACKENDS,
};

describe("keys of a ConfigMap", () => {
  test.each([
    ["a folder", { ...PARTS }, ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy"]],
    [
      "files in the order of the command",
      { "a.cfg": FRONTENDS + BACKENDS, "z.cfg": GLOBAL },
      ["haproxy", "-f", "/usr/local/etc/haproxy/z.cfg", "-f", "/usr/local/etc/haproxy/a.cfg"],
    ],
    [
      "files after --",
      { "a.cfg": FRONTENDS + BACKENDS, "z.cfg": GLOBAL },
      ["haproxy", "-db", '"--"', "/usr/local/etc/haproxy/z.cfg", "/usr/local/etc/haproxy/a.cfg"],
    ],
    [
      "conditions",
      {
        "00.cfg": GLOBAL,
        "10.cfg": `.if version_atleast(2.4)\n${FRONTENDS}.endif\n`,
        "20.cfg": BACKENDS,
      },
      ["haproxy", "-f", "/usr/local/etc/haproxy/"],
    ],
  ])("%s: one configuration without findings, and requests arrive", async (_, files, args) => {
    const layers = edge({ "config.yaml": configMap(files), "edge.yaml": runs(...args) });
    expect(await findingsOf(layers)).toEqual([]);
    const { status, stdout } = await testOf(layers);
    expect(stdout).toContain("1 of 1 expectation as expected");
    expect(status).toBe(0);
  });

  test("a finding is at the line of its own file", async () => {
    const wrong = FRONTENDS.replace("bind *:8443", "bind *:8444");
    const layers = edge({
      "config.yaml": configMap({ ...PARTS, "10-frontends.cfg": wrong }),
      "edge.yaml": runs("haproxy", "-f", "/usr/local/etc/haproxy"),
    });
    const found = await findingsOf(layers);
    expect(found).toContainEqual(expect.stringMatching(/^error port-mismatch .*8443/));
    const { status, stdout } = await testOf(layers);
    expect(stdout).toContain("no bind of HAProxy has the port 8443");
    expect(status).toBe(1);
  });

  test("a file that begins in no section is refused, as by HAProxy", async () => {
    const [first = "", ...rest] = FRONTENDS.split("default_backend api\n");
    const layers = edge({
      "config.yaml": configMap({
        "00.cfg": GLOBAL + first.trimEnd(),
        "10.cfg": `default_backend api\n${rest.join("")}${BACKENDS}`,
      }),
      "edge.yaml": runs("haproxy", "-f", "/usr/local/etc/haproxy"),
    });
    expect(await findingsOf(layers)).toContain(
      "error layer-unreadable `default_backend` is in no section of its file",
    );
  });

  test("an `.if` that its own file does not close is refused", async () => {
    const layers = edge({
      "config.yaml": configMap({
        "00.cfg": `${GLOBAL}.if version_atleast(2.4)\n`,
        "10.cfg": `${FRONTENDS}${BACKENDS}.endif\n`,
      }),
      "edge.yaml": runs("haproxy", "-f", "/usr/local/etc/haproxy"),
    });
    expect(await findingsOf(layers)).toContain("error layer-unreadable an `.if` is not closed in its file");
  });
});

describe("an image", () => {
  const image = (command: string, copy: string): string => `FROM haproxy:3.0.12\n${copy}\nCMD ${command}\n`;
  const own = DEPLOYMENT.replace("image: haproxy:3.0.12", "image: registry.example.com/edge-haproxy:1")
    .replace(/ +volumeMounts: .*\n/, "")
    .replace(/ +volumes: .*\n/, "");

  test.each([
    [
      "a folder that COPY adds",
      '["haproxy", "-f", "/etc/haproxy/conf.d"]',
      "COPY conf/ /etc/haproxy/conf.d/",
    ],
    [
      "a file and a folder",
      '["haproxy", "-f", "/etc/haproxy/haproxy.cfg", "-f", "/etc/haproxy/more"]',
      "COPY conf/00-global.cfg /etc/haproxy/haproxy.cfg\nCOPY conf/10-frontends.cfg conf/20-backends.cfg /etc/haproxy/more/",
    ],
  ])("%s", async (_, command, copy) => {
    const layers = edge({
      "config.yaml": "",
      "edge.yaml": own,
      Dockerfile: image(command, copy),
      ...Object.fromEntries(Object.entries(PARTS).map(([name, text]) => [`conf/${name}`, text])),
    });
    expect((await findingsOf(layers)).filter((one) => !one.startsWith("note"))).toEqual([]);
    expect((await testOf(layers)).stdout).toContain("1 of 1 expectation as expected");
  });
});

describe("files without a command", () => {
  test("haproxy.cfg and conf.d are one configuration, with a note", async () => {
    const found = await findingsOf({
      "haproxy/haproxy.cfg": GLOBAL,
      "haproxy/conf.d/10-frontends.cfg": FRONTENDS,
      "haproxy/conf.d/20-backends.cfg": BACKENDS,
    });
    expect(found.filter((one) => /refuses|taken/.test(one))).toEqual([
      "note layer-not-understood the files in conf.d are taken to be one configuration",
    ]);
  });

  test("two complete configurations next to each other are two", async () => {
    const found = await findingsOf({ "a.cfg": CONFIG, "b.cfg": CONFIG.replaceAll("api", "blog") });
    expect(found.filter((one) => /refuses|taken/.test(one))).toEqual([]);
  });
});

describe.each(haproxies)("HAProxy $version loads several files as they are joined", (haproxy) => {
  const defaults = "defaults\n  mode http\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\n";
  test.each<readonly [string, Readonly<Record<string, string>>, boolean]>([
    [
      "defaults hold in the next file",
      { "a.cfg": defaults, "b.cfg": "frontend f\n  bind 127.0.0.1:1\n  http-request deny\n" },
      true,
    ],
    [
      "capital letters first",
      { "Z.cfg": defaults, "a.cfg": "frontend f\n  bind 127.0.0.1:1\n  http-request deny\n" },
      true,
    ],
    [
      "other endings and hidden files are not loaded",
      { "a.cfg": `${defaults}listen l\n  bind 127.0.0.1:1\n`, "b.conf": "x\n", ".c.cfg": "x\n" },
      true,
    ],
    [
      "lines of no section",
      { "a.cfg": `${defaults}frontend f\n  bind 127.0.0.1:1\n`, "b.cfg": "  http-request deny\n" },
      false,
    ],
    [
      "a condition over two files",
      { "a.cfg": `${defaults}.if 1\n`, "b.cfg": "listen l\n  bind 127.0.0.1:1\n.endif\n" },
      false,
    ],
  ])("%s", (_, files, loads) => {
    const folder = folderWith(
      Object.fromEntries(Object.entries(files).map(([name, text]) => [`conf/${name}`, text])),
    );
    const [first, ...others] = loadedFromFolder(Object.keys(files)).map((name) =>
      parseHaproxyConfig(files[name] ?? "", name),
    );
    if (first === undefined) throw new Error("no file");
    const joined = joinConfigs([first, ...others]);
    const whole = folderWith({ "all.cfg": joined.lines.map(({ text, end }) => text + end).join("") });
    const outside = others.some((one) => lineOutOfSection(one) !== undefined);
    expect(accepts(haproxy.path, join(folder, "conf"))).toBe(loads);
    if (loads) expect([accepts(haproxy.path, join(whole, "all.cfg")), outside]).toEqual([true, false]);
  });
});

test("lines of joined files are placed in their own file", () => {
  const joined = joinConfigs([
    parseHaproxyConfig("global\n  maxconn 5", "a.cfg"),
    parseHaproxyConfig("defaults\n  mode http\n", "c.yaml", { lines: 10, columns: 4 }),
  ]);
  expect(placeInFile(joined, { line: 2, column: 3 })).toEqual({ file: "a.cfg", line: 2, column: 3 });
  expect(placeInFile(joined, { line: 4, column: 3 })).toEqual({ file: "c.yaml", line: 12, column: 7 });
});

function accepts(haproxy: string, path: string): boolean {
  try {
    execFileSync(haproxy, ["-c", "-f", path], { stdio: "pipe" });
    return true;
  } catch {
    return false;
  }
}
