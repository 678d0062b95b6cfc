// The causes with a real musl: distinguished by lookups only, and the effect of each option on its resolver. Needs musl-gcc.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doctorDns } from "../../src/doctor/doctor-dns.ts";
import type { DnsFault } from "../lab/stubs/dns.ts";
import { networkOfTest } from "./fixtures/network.ts";
import { codesOf, pathWith, placeIn } from "./fixtures/portico-inside.ts";

const NAME = "app.example.com";
const names = { [NAME]: { a: ["10.96.0.20"] } };
const SILENT_AAAA: DnsFault = { type: "AAAA", unanswered: true };

let folder: string;
let getent: string;
let PATH: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "portico-musl-"));
  getent = join(folder, "getent");
  execFileSync("musl-gcc", ["-static", "-o", getent, join(import.meta.dirname, "fixtures/getent.c")]);
  PATH = pathWith(folder, getent);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.concurrent("distinguished by lookups only", () => {
  const provoked: readonly (readonly [cause: string, fault: DnsFault])[] = [
    ["dns-race", { race: true }],
    ["dns-aaaa-unanswered", SILENT_AAAA],
    ["dns-server-slow", { delayMs: 150 }],
    ["dns-server-lossy", { loss: 0.3 }],
  ];

  test.for(provoked)("%s", async ([cause, fault], context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    await network.fail(fault);
    const report = await doctorDns(placeIn(network, { PATH }), { names: [NAME], queriesServers: false });
    expect(report.measured.libc.name).toBe("musl");
    expect(codesOf(report)).toEqual([cause]);
  });

  test("healthy", async (context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    const report = await doctorDns(placeIn(network, { PATH }), { names: [NAME], queriesServers: false });
    expect(report.causes).toEqual([]);
  });
});

describe.concurrent("options that its resolver reads from resolv.conf", () => {
  test.for(["single-request", "single-request-reopen", "no-aaaa", "use-vc"])(
    "%s changes nothing: A and AAAA together, over UDP",
    async (option, context) => {
      const network = await networkOfTest(context, `options ${option}`);
      await network.set(names);
      await network.run([getent, "ahosts", NAME]);
      expect([...(await network.queries())].sort()).toEqual([`A ${NAME}`, `AAAA ${NAME}`]);
    },
  );

  test.for([
    ["", 3],
    ["options attempts:10", 11],
  ] as const)(
    "an AAAA that is never answered fails the lookup, with `%s` after %d queries",
    async ([options, questions], context) => {
      const network = await networkOfTest(context, options);
      await network.set(names);
      await network.fail(SILENT_AAAA);
      const { exitCode } = await network.run([getent, "ahosts", NAME]);
      expect(exitCode).toBe(2);
      expect(await network.queries()).toHaveLength(questions);
    },
  );

  test("the first retry survives a race", async (context) => {
    const network = await networkOfTest(context, "options attempts:10");
    await network.set(names);
    await network.fail({ race: true });
    const { exitCode, stdout } = await network.run([getent, "ahosts", NAME]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `10.96.0.20 STREAM ${NAME}\n` });
    expect(await network.queries()).toEqual([`A ${NAME}`, `AAAA ${NAME}`, `AAAA ${NAME}`]);
  });

  test("ndots:1 queries a name with a dot unchanged, and never with the search list", async (context) => {
    const network = await networkOfTest(context, "search web.svc.cluster.local\noptions ndots:1");
    await network.set({ "app.web.svc.cluster.local": { a: ["10.96.0.20"] }, ...names });
    expect((await network.run([getent, "ahosts", NAME])).exitCode).toBe(0);
    expect(await network.queries()).toHaveLength(2);
    expect((await network.run([getent, "ahosts", "app.web"])).exitCode).toBe(2);
    expect((await network.run([getent, "ahosts", "app"])).exitCode).toBe(0);
  });
});
