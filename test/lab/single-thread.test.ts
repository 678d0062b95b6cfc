// The lab's HAProxy has one thread, whatever threads its configuration names: several threads lose log lines.
import { describe, expect, onTestFinished, test } from "vitest";
import { queryRuntime } from "../../src/haproxy/runtime-api.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const config = (global: string, bind: string) => `global
  stats socket /run/haproxy.sock ${bind}
${global}defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend web
  bind *:8080 ${bind}
  http-request return status 200
`;

const CONFIGS = {
  "no number": config("", ""),
  "a number of threads": config("  nbthread 4\n", ""),
  "threads of sockets": config("  nbthread 4\n", "thread 2-3"),
  "groups of threads": config("  nbthread 4\n  thread-groups 1\n  thread-group 1 1-4\n", "thread 1/4"),
};

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test.each(Object.entries(CONFIGS))("%s", async (_, text) => {
    const lab = await openLabOfLayers(await readWiring([{ file: "haproxy.cfg", text }]), { haproxy });
    onTestFinished(() => lab.close());
    const socket = lab.haproxyLayer.wiring.binds.find(({ kind }) => kind !== "proxy");
    if (socket === undefined) throw new Error("the configuration has no stats socket");
    expect(await queryRuntime(lab.places.socket(socket).path, "show info")).toContain("Nbthread: 1\n");
  });

  test.each([
    ["groups", config("  nbthread 4\n  thread-groups 99\n", ""), "thread-groups"],
    ["threads of a socket", config("  nbthread 2\n", "thread 40-41"), "thread"],
  ])("%s that do not exist are refused", async (_, text, words) => {
    const wiring = await readWiring([{ file: "haproxy.cfg", text }]);
    await expect(openLabOfLayers(wiring, { haproxy })).rejects.toThrow(words);
  });
});
