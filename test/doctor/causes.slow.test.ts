// Each cause is reproduced in its own network, named by `portico doctor dns`, fixed, and measured again; with this machine's glibc.
import { describe, expect, test } from "vitest";
import { doctorDns } from "../../src/doctor/doctor-dns.ts";
import type { DnsFault } from "../lab/stubs/dns.ts";
import { networkOfTest } from "./fixtures/network.ts";
import { codesOf, diagnose, placeIn } from "./fixtures/portico-inside.ts";

const NAME = "app.web.svc.cluster.local";
const SEARCH = "search web.svc.cluster.local svc.cluster.local cluster.local";
const names = { [NAME]: { a: ["10.96.0.20"] } };
const SILENT_AAAA: DnsFault = { type: "AAAA", unanswered: true };

describe.concurrent("on this machine", { timeout: 240_000 }, () => {
  test("healthy: no findings, with measurements", async (context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    const { exitCode, causes, report } = await diagnose(network, NAME);
    expect({ exitCode, causes }).toEqual({ exitCode: 0, causes: [] });
    const [measured] = report.measured.names;
    expect(measured?.servers).toMatchObject([
      { server: "127.0.0.1", a: { sent: 20, lost: 0, found: true }, aaaa: { lost: 0 }, tcp: { lost: 0 } },
    ]);
    expect(measured?.lookups.map(({ kind, failed }) => [kind, failed])).toContainEqual(["full name", 0]);
  });

  test("a race of A and AAAA; fixed by sequential queries", async (context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    await network.fail({ race: true });
    const found = await diagnose(network, NAME);
    expect(found).toMatchObject({ exitCode: 1, causes: ["dns-race"] });
    expect(found.report.fixes.flatMap(({ lines }) => lines)).toContain(
      'ENV RES_OPTIONS="single-request-reopen"',
    );
    await network.resolvConf("options single-request-reopen");
    const cured = await diagnose(network, NAME);
    expect(cured).toMatchObject({ exitCode: 0, causes: [] });
    expect(cured.report.causes).toMatchObject([{ code: "dns-race", avoidedBy: "single-request-reopen" }]);
  });

  test("AAAA never answered; fixed by not querying it, and not by sequential queries", async (context) => {
    const network = await networkOfTest(context, "options timeout:1 single-request");
    await network.set(names);
    await network.fail(SILENT_AAAA);
    const found = await diagnose(network, NAME);
    expect(found).toMatchObject({ exitCode: 1, causes: ["dns-aaaa-unanswered"] });
    expect(found.report.fixes.flatMap(({ lines }) => lines)).toContain(
      "dns: { options: [ndots:1, no-aaaa] }",
    );
    await network.resolvConf("options no-aaaa");
    expect(await diagnose(network, NAME)).toMatchObject({ exitCode: 0, causes: [] });
  });

  test("a search list; fixed by ndots:1, or a trailing dot", async (context) => {
    const network = await networkOfTest(context, `${SEARCH}\noptions ndots:5`);
    await network.set(names);
    const found = await diagnose(network, NAME);
    expect(found).toMatchObject({ exitCode: 1, causes: ["dns-search-list"] });
    expect(found.report.causes[0]?.finding.what).toContain("costs 8 queries instead of 2");
    expect(await diagnose(network, `${NAME}.`)).toMatchObject({ exitCode: 0, causes: [] });
    await network.resolvConf(`${SEARCH}\noptions ndots:1`);
    expect(await diagnose(network, NAME)).toMatchObject({ exitCode: 0, causes: [] });
  });

  test("a slow server", async (context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    await network.fail({ delayMs: 150 });
    expect(await diagnose(network, NAME)).toMatchObject({ exitCode: 1, causes: ["dns-server-slow"] });
  });

  test.for([0.05, 0.3])(
    "a server that loses %d of the queries is not reported as a race",
    async (loss, context) => {
      const network = await networkOfTest(context, "options timeout:1");
      await network.set(names);
      await network.fail({ loss });
      expect(await diagnose(network, NAME)).toMatchObject({ exitCode: 1, causes: ["dns-server-lossy"] });
    },
  );

  test("one server of two is unresponsive", async (context) => {
    const network = await networkOfTest(context, "nameserver 127.0.0.2");
    await network.set(names);
    const { exitCode, report } = await diagnose(network, NAME);
    expect(exitCode).toBe(1);
    expect(report.causes).toMatchObject([{ code: "dns-server-unresponsive", server: "127.0.0.2" }]);
    expect(report.fixes.flatMap(({ lines }) => lines)).toContain("dns: { nameServers: [127.0.0.1] }");
  });

  test("two causes at once", async (context) => {
    const network = await networkOfTest(context, `${SEARCH}\noptions ndots:5 timeout:1`);
    await network.set(names);
    await network.fail({ race: true });
    const { causes } = await diagnose(network, NAME);
    expect(causes).toEqual(["dns-race", "dns-search-list"]);
  });
});

describe.concurrent("where only commands can be run, like in a pod", { timeout: 240_000 }, () => {
  const provoked: readonly (readonly [cause: string, fault: DnsFault, fix: string])[] = [
    ["dns-race", { race: true }, "single-request"],
    ["dns-aaaa-unanswered", SILENT_AAAA, "no-aaaa"],
  ];

  test.for(provoked)("%s, and its fix", async ([cause, fault, fix], context) => {
    const network = await networkOfTest(context, "options timeout:1");
    await network.set(names);
    await network.fail(fault);
    const inPlace = () => doctorDns(placeIn(network), { names: [NAME], queriesServers: false });
    expect(codesOf(await inPlace())).toEqual([cause]);
    await network.resolvConf(`options timeout:1 ${fix}`);
    expect(codesOf(await inPlace())).toEqual([]);
  });

  const others: readonly (readonly [cause: string, lines: string, fault: DnsFault])[] = [
    ["dns-search-list", `${SEARCH}\noptions ndots:5`, {}],
    ["dns-server-slow", "", { delayMs: 150 }],
    ["dns-server-lossy", "options timeout:1", { loss: 0.3 }],
    ["dns-server-unresponsive", "options timeout:1", { unanswered: true }],
  ];

  test.for(others)("%s", async ([cause, lines, fault], context) => {
    const network = await networkOfTest(context, lines);
    await network.set(names);
    await network.fail(fault);
    const report = await doctorDns(placeIn(network), { names: [NAME], queriesServers: false });
    expect(codesOf(report)).toEqual([cause]);
  });

  test("healthy", async (context) => {
    const network = await networkOfTest(context);
    await network.set(names);
    const report = await doctorDns(placeIn(network), { names: [NAME], queriesServers: false });
    expect(report.causes).toEqual([]);
    expect(report.measured.names[0]).toMatchObject({ exists: true, queries: [NAME], servers: [] });
  });
});
