// Findings for programs: JSON, SARIF and GitHub's workflow commands.
import { describe, expect, test } from "vitest";
import type { Annotation } from "../../src/findings/annotation.ts";
import { FINDING_CODES } from "../../src/findings/codes.ts";
import type { Finding } from "../../src/findings/finding.ts";
import { annotationsGithub, renderGithub } from "../../src/findings/render-github.ts";
import { renderJson } from "../../src/findings/render-json.ts";
import { renderSarif } from "../../src/findings/render-sarif.ts";

const NOTHING: Finding = {
  code: "no-listener",
  severity: "error",
  what: "nothing",
  why: "",
  remedy: "",
  at: [],
};

const FINDINGS: readonly Finding[] = [
  {
    code: "unused-backend",
    severity: "warning",
    what: "50% of a: b, c",
    why: "No route uses it.",
    remedy: "Remove it.\nOr use it.",
    at: [
      { file: "my edges/portico.yaml", line: 3, column: 5, length: 4 },
      { file: "./other,file:1.yaml", line: 7, column: 1, note: "used here" },
    ],
  },
  NOTHING,
  {
    code: "unused-backend",
    severity: "note",
    what: "again",
    why: "Why",
    remedy: "Do",
    at: [{ file: "/abs/portico.yaml", line: 1, column: 1 }],
  },
];

describe("JSON", () => {
  test("contains the findings unchanged", () => {
    expect(JSON.parse(renderJson(FINDINGS))).toEqual({ findings: FINDINGS });
  });
  test("without findings is an empty list", () => {
    expect(renderJson([])).toBe('{\n  "findings": []\n}\n');
  });
});

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endColumn: number;
}
interface Location {
  readonly id?: number;
  readonly message?: { readonly text: string };
  readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: Region };
}
interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly Location[];
  readonly relatedLocations?: readonly Location[];
}
interface Log {
  readonly $schema: string;
  readonly version: string;
  readonly runs: readonly {
    readonly columnKind: string;
    readonly tool: {
      readonly driver: {
        readonly name: string;
        readonly semanticVersion?: string;
        readonly rules: readonly {
          readonly id: string;
          readonly name: string;
          readonly shortDescription: { readonly text: string };
          readonly fullDescription: { readonly text: string };
          readonly help: { readonly text: string; readonly markdown: string };
          readonly helpUri: string;
        }[];
      };
    };
    readonly results: readonly Result[];
  }[];
}

describe("annotations", () => {
  const annotations: readonly Annotation[] = [
    {
      rule: "expectation-failed",
      severity: "error",
      at: { file: "portico.yaml", line: 4, column: 3 },
      message: "status: 50%",
    },
    { rule: "health-check-failed", severity: "error", at: undefined, title: "pod readiness", message: "503" },
  ];
  test("follow the findings in SARIF", () => {
    const [run] = (JSON.parse(renderSarif([NOTHING], undefined, annotations)) as Log).runs;
    const ids = run?.tool.driver.rules.map(({ id }) => id) ?? [];
    expect(ids).toEqual(["no-listener", "expectation-failed", "health-check-failed"]);
    expect(run?.results.map(({ ruleIndex }) => ids[ruleIndex])).toEqual(ids);
    expect(run?.results.map(({ message }) => message.text)).toEqual([
      "nothing.",
      "Expectation failed: status: 50%",
      "pod readiness: 503",
    ]);
    expect(run?.results.map(({ locations }) => locations.length)).toEqual([0, 1, 0]);
  });
  test("are workflow commands for GitHub", () => {
    expect(annotationsGithub(annotations)).toBe(
      "::error file=portico.yaml,line=4,title=Expectation failed::status: 50%25\n::error title=pod readiness::503\n",
    );
  });
});

describe("SARIF", () => {
  const log = JSON.parse(renderSarif(FINDINGS, "1.2.3")) as Log;
  const run = log.runs[0];
  const results = run?.results ?? [];

  test("is a log of version 2.1.0 with one run of one tool (3.13, 3.14, 3.18, 3.19)", () => {
    expect(log.version).toBe("2.1.0");
    expect(log.$schema).toMatch(/sarif-schema-2\.1\.0\.json$/);
    expect(log.runs).toHaveLength(1);
    expect(run?.tool.driver).toMatchObject({ name: "Portico", semanticVersion: "1.2.3" });
    expect(run?.columnKind).toBe("utf16CodeUnits");
  });
  test("has a rule for every code, once, that results point at (3.27.5, 3.27.6)", () => {
    const ids = run?.tool.driver.rules.map(({ id }) => id) ?? [];
    expect(ids).toEqual(["no-listener", "unused-backend"]);
    expect(results.map(({ ruleIndex }) => ids[ruleIndex])).toEqual(FINDINGS.map(({ code }) => code));
    expect(results.map(({ ruleId }) => ruleId)).toEqual(FINDINGS.map(({ code }) => code));
  });
  test("describes every code (3.49): name, descriptions as sentences, help as text and Markdown, an absolute helpUri", () => {
    const all = FINDING_CODES.map((code): Finding => ({ ...NOTHING, code }));
    const rules = (JSON.parse(renderSarif(all)) as Log).runs[0]?.tool.driver.rules ?? [];
    expect(rules.map(({ id }) => id)).toEqual([...FINDING_CODES].sort());
    for (const { id, name, shortDescription, fullDescription, help, helpUri } of rules) {
      expect(name).toMatch(/^[A-Z][A-Za-z0-9]+$/);
      expect(name.toLowerCase()).toBe(id.replaceAll("-", ""));
      expect(shortDescription.text, id).toMatch(/^[A-Z"`].{5,}\.$/);
      expect(fullDescription.text, id).toMatch(/[.:]$/);
      expect(help.text).not.toBe("");
      expect(help.markdown).toContain(`# ${id}`);
      expect([...help.markdown.matchAll(/\]\((?!https:\/\/)[^)#][^)]*\)/g)].map(([link]) => link)).toEqual(
        [],
      );
      expect(new URL(helpUri).pathname.endsWith(`/docs/findings/${id}.md`)).toBe(true);
    }
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
    const ofOne = rules.find(({ id }) => id === "client-address-lost");
    expect(ofOne).toMatchObject({
      name: "ClientAddressLost",
      shortDescription: { text: "Load balancer does not send the client address." },
      helpUri: "https://github.com/portico-edge/portico/blob/main/docs/findings/client-address-lost.md",
    });
    expect(ofOne?.help.markdown).toContain(
      "(https://github.com/portico-edge/portico/blob/main/docs/clouds/README.md)",
    );
  });
  test("has levels and messages (3.27.10, 3.27.11)", () => {
    expect(results.map(({ level }) => level)).toEqual(["warning", "error", "note"]);
    expect(results.map(({ message }) => message.text)).toEqual([
      "50% of a: b, c. No route uses it. Remove it.\nOr use it.",
      "nothing.",
      "again. Why. Do.",
    ]);
  });
  test("has places as valid URI references (3.4.3) with regions that end after the marked text (3.30.8)", () => {
    expect(results[0]?.locations).toEqual([
      {
        physicalLocation: {
          artifactLocation: { uri: "my%20edges/portico.yaml" },
          region: { startLine: 3, startColumn: 5, endColumn: 9 },
        },
      },
    ]);
    expect(results[0]?.relatedLocations).toMatchObject([
      {
        id: 0,
        message: { text: "used here" },
        physicalLocation: { artifactLocation: { uri: "other%2Cfile%3A1.yaml" } },
      },
    ]);
    expect(results[1]?.locations).toEqual([]);
    expect(results[2]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe("file:///abs/portico.yaml");
  });
  test("without findings has an empty list of results, which means that the check ran (3.14.23)", () => {
    expect((JSON.parse(renderSarif([])) as Log).runs[0]?.results).toEqual([]);
  });
});

describe("GitHub's workflow commands", () => {
  test("are one line each, with delimiters of commands and properties escaped", () => {
    expect(renderGithub(FINDINGS).split("\n")).toEqual([
      "::warning file=my edges/portico.yaml,line=3,col=5,endColumn=9,title=unused-backend::50%25 of a: b, c%0ANo route uses it.%0ARemove it.%0AOr use it.%0ASee also ./other,file:1.yaml:7:1 used here",
      "::error title=no-listener::nothing",
      "::notice file=/abs/portico.yaml,line=1,col=1,endColumn=2,title=unused-backend::again%0AWhy%0ADo",
      "",
    ]);
  });
  test("cannot be injected by a text", () => {
    const hostile: Finding = {
      code: "no-listener",
      severity: "error",
      what: "a\n::set-output name=b::c\r\n::stop-commands::d",
      why: "",
      remedy: "",
      at: [{ file: "f,line=9:x\n::error::y", line: 1, column: 1 }],
    };
    const text = renderGithub([hostile]);
    expect(text.trimEnd()).not.toMatch(/[\r\n]/);
    expect(text).toContain("file=f%2Cline=9%3Ax%0A%3A%3Aerror%3A%3Ay,line=1");
  });
});
