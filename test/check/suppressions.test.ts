// Findings that are suppressed with a reason, and comments that do not suppress them.
import { describe, expect, test } from "vitest";
import { checkDescription } from "../../src/check/check-description.ts";
import { suppressed } from "../../src/check/suppressed-by-description.ts";
import { applySuppressions, suppressionsIn } from "../../src/check/suppressions.ts";
import { type FindingCode, SUPPRESSIBLE_CODES } from "../../src/findings/codes.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { renderGithub } from "../../src/findings/render-github.ts";
import { renderSarif } from "../../src/findings/render-sarif.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { described, withRoutes } from "./described.ts";

function finding(code: FindingCode, file: string, ...lines: readonly number[]): Finding {
  return {
    code,
    severity: "warning",
    what: "something",
    why: "",
    remedy: "",
    at: lines.map((line) => ({ file, line, column: 3 })),
  };
}

function check(files: Readonly<Record<string, string>>, ...findings: readonly Finding[]) {
  return applySuppressions(findings, suppressionsIn(new Map(Object.entries(files))));
}

describe("a comment with a code and a reason suppresses", () => {
  const reasons = (found: readonly Finding[]) => found.map(({ suppressed }) => suppressed?.because);

  test.each([
    ["after the line", "a\n  b # portico: allow keep-alive-off because of the old servers\n"],
    ["above it", "# portico: allow keep-alive-off because of the old servers\nb\n"],
    [
      "above it, separated by comments and blank lines",
      "# portico: allow keep-alive-off because of the old servers\n# b\n\nb\n",
    ],
    ["in Terraform's comment syntax", "a\nb // portico: allow keep-alive-off because of the old servers\n"],
    ["in a line with CRLF", "a\r\nb # portico: allow keep-alive-off because of the old servers\r\n"],
  ])("%s", (_, text) => {
    const line = text.split(/\r?\n/).findIndex((one) => /^\s*b/.test(one)) + 1;
    expect(reasons(check({ f: text }, finding("keep-alive-off", "f", line)))).toEqual(["of the old servers"]);
  });

  test("a finding whose second place is the line", () => {
    const text = "b # portico: allow keep-alive-off because x\nc\n";
    expect(reasons(check({ f: text }, finding("keep-alive-off", "f", 2, 1)))).toEqual(["x"]);
  });

  test("each of several findings on the same line", () => {
    const text =
      "# portico: allow keep-alive-off because x\n# portico: allow no-request-timeout because y\nb\n";
    const found = check(
      { f: text },
      finding("keep-alive-off", "f", 3),
      finding("no-request-timeout", "f", 3),
    );
    expect(reasons(found)).toEqual(["x", "y"]);
  });
});

describe("nothing is suppressed", () => {
  const codes = (found: readonly Finding[]) =>
    found.map(({ code, suppressed }) => (suppressed === undefined ? code : `${code} allowed`)).sort();

  test.each([
    ["without a reason", "b # portico: allow keep-alive-off\n", "suppression-invalid"],
    ["by an unknown code", "b # portico: allow keep-alive-of because x\n", "suppression-invalid"],
    ["by another comment", "b # portico: ignore keep-alive-off because x\n", "suppression-invalid"],
    ["on another line", "b\nc # portico: allow keep-alive-off because x\n", "suppression-unused"],
    ["of another code", "b # portico: allow no-request-timeout because x\n", "suppression-unused"],
    ["at the end of the file", "b\n# portico: allow keep-alive-off because x\n", "suppression-unused"],
  ])("%s", (_, text, code) => {
    expect(codes(check({ f: text }, finding("keep-alive-off", "f", 1)))).toEqual(["keep-alive-off", code]);
  });

  test("by an address that only looks like a comment", () => {
    expect(check({ f: 'url = "https://portico: allow keep-alive-off"\n' })).toEqual([]);
  });
});

describe("a suppressed finding", () => {
  const [found] = check(
    { f: "b # portico: allow keep-alive-off because of the old servers\n" },
    finding("keep-alive-off", "f", 1),
  );

  test("is marked in machine-readable formats", () => {
    const log = JSON.parse(renderSarif(found === undefined ? [] : [found])) as {
      readonly runs: readonly { readonly results: readonly { readonly suppressions?: unknown }[] }[];
    };
    expect(log.runs[0]?.results[0]?.suppressions).toEqual([
      {
        kind: "inSource",
        status: "accepted",
        justification: "of the old servers",
        location: {
          physicalLocation: {
            artifactLocation: { uri: "f" },
            region: { startLine: 1, startColumn: 3, endColumn: 61 },
          },
        },
      },
    ]);
  });

  test("annotates nothing", () => {
    expect(renderGithub(found === undefined ? [] : [found])).toBe("");
  });
});

describe("a suppression may name", () => {
  const unclear = (code: string) =>
    check({ f: `# portico: allow ${code} because x\nb\n` })
      .filter((one) => one.code === "suppression-invalid")
      .map(({ what, remedy }) => `${what} | ${remedy}`);

  test.each(SUPPRESSIBLE_CODES)("%s", (code) => {
    expect(unclear(code)).toEqual([]);
  });

  test.each([
    ["suppression-unused", "`suppression-unused` cannot be suppressed | Remove the suppression."],
    ["dns-race", "`dns-race` cannot be suppressed | Remove the suppression."],
    ["keep-alive-of", "`keep-alive-of` is not the code of a finding | Did you mean `keep-alive-off`?"],
    ["zzzzzz", "`zzzzzz` is not the code of a finding | Write the code that the finding shows."],
  ])("but not %s", (code, said) => {
    expect(unclear(code)).toEqual([said]);
  });
});

describe("a code that only planning reports", () => {
  const codesWith = async (retries: string) => {
    const yaml = withRoutes(
      [`{ path: /pay, to: limited${retries} }`, "{ to: limited }"],
      "check: { allow: [{ code: retries-multiply-connection-limit, because: two are enough }] }",
    );
    const { description } = await described(
      `${yaml}  limited: { service: limited, port: 8080, maxConnections: 64 }\n`,
    );
    const planned = planEdge(description.edge, description.positionOf);
    return suppressed(planned.findings, description, new Map()).map(({ code, suppressed }) => [
      code,
      suppressed?.because,
    ]);
  };

  test("is suppressed by the description", async () => {
    expect(await codesWith(", retries: 0")).toEqual([
      ["retries-multiply-connection-limit", "two are enough"],
    ]);
  });

  test("is a known code where it is not reported", async () => {
    expect(await codesWith("")).toEqual([["suppression-unused", undefined]]);
  });
});

test("an unused suppression for a name reports the name", async () => {
  const text = `${withRoutes(["{ to: shop }"])}\ncheck: { allow: [{ code: keep-alive-off, for: other, because: x }] }\n`;
  const [unused] = suppressed([], (await described(text)).description, new Map());
  expect(unused?.what).toBe("the suppression of `keep-alive-off` for `other` matches no finding");
  expect(unused?.why).toContain("names `other`");
});

describe("a finding of several frontends that one line of the description causes", () => {
  const found = async (allow: string) => {
    const yaml = `edge: app
public:
  loadBalancer: { kind: aws-classic-elb, sources: [10.0.0.0/16] }
  tls: { terminatedAt: loadBalancer }
  plainHttp: serve
  raw: ["acl trusted hdr(x-caller) -m found", "http-request deny unless trusted"]
check: { allow: [${allow}] }
sites: [{ host: www.example.com, routes: [{ to: web }] }]
backends: { web: { service: web, port: 80 } }
`;
    const { plan, description } = await described(yaml);
    const all = suppressed(await checkDescription(plan, description), description, description.sources);
    return all
      .filter(({ code }) => code === "internal-access-by-host" || code.startsWith("suppression"))
      .map(({ code, what, suppressed: by }) => `${code} ${/`([^`]*)`/.exec(what)?.[1]} ${by?.because}`);
  };
  const entry = (name: string) =>
    `{ code: internal-access-by-host, for: ${name}, because: ${name} is tested }`;

  test("is one without a suppression", async () => {
    expect(await found("")).toEqual(["internal-access-by-host public-http undefined"]);
  });

  test.each([
    ["public-http", "public-https"],
    ["public-https", "public-http"],
  ])("is suppressed for %s alone, and stays for %s", async (name, other) => {
    expect((await found(entry(name))).toSorted()).toEqual(
      [
        `internal-access-by-host ${name} ${name} is tested`,
        `internal-access-by-host ${other} undefined`,
      ].toSorted(),
    );
  });

  test("is suppressed by one without a name", async () => {
    expect(await found("{ code: internal-access-by-host, because: all }")).toEqual([
      "internal-access-by-host public-http all",
    ]);
  });

  test("a name that is not among them is reported", async () => {
    expect(await found(entry("stats"))).toEqual([
      "internal-access-by-host public-http undefined",
      "suppression-unused internal-access-by-host undefined",
    ]);
  });
});
