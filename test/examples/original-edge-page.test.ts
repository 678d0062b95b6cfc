// docs/original-edge.md: every proof that it names is in an example. `npm run parity -- FOLDER` compares its lines with the original.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { emitHaproxy } from "../../src/emit/haproxy/emit-haproxy.ts";
import type { ExpectationPlan } from "../../src/plan/expectation-plan.ts";
import { planExample } from "./examples.ts";
import { rowsOf } from "./markdown-table.ts";

const page = readFileSync(new URL("../../docs/original-edge.md", import.meta.url), "utf8");
const rows = rowsOf(page.split("\n"))
  .filter(([line = ""]) => line.startsWith("`"))
  .map(([about = "", , proof = ""]) => ({ about, validationNames: proofsIn(proof) }));

const examples = {
  "elb-classic": await readExample("elb-classic"),
  "elb-classic-verbatim": await readExample("elb-classic-verbatim"),
};

describe("docs/original-edge.md", () => {
  test("has a row for each line, and a proof in each row", () => {
    expect(rows.length).toBeGreaterThanOrEqual(34);
    expect(rows.filter(({ validationNames }) => validationNames.length === 0)).toEqual([]);
  });

  test.each(
    rows.flatMap(({ about, validationNames }) => validationNames.map((proof) => ({ about, ...proof }))),
  )("$about: $example, $negated$text", ({ example, text, negated }) => {
    const { requests, lines } = examples[example];
    if (/^[A-Z]+ https?:/.test(text)) expect(requests).toContain(text);
    else expect(lines.some((line) => begins(line, text))).toBe(negated === "");
  });
});

interface Proof {
  readonly example: "elb-classic" | "elb-classic-verbatim";
  /** An expectation's request, or the beginning of a line of haproxy.cfg. */
  readonly text: string;
  /** `no ` if there must be no such line. */
  readonly negated: "" | "no ";
}

/** `elb-classic: no ‵chroot‵; elb-classic-verbatim: ‵GET http://…‵, ‵mode http‵` */
function proofsIn(cell: string): readonly Proof[] {
  return cell.split("; ").flatMap((part) => {
    const [, name, rest = ""] = /^(elb-classic|elb-classic-verbatim): (.*)$/.exec(part) ?? [];
    if (name === undefined) throw new Error(`a proof names its example first: ${part}`);
    const example = name === "elb-classic" ? name : "elb-classic-verbatim";
    return [...rest.matchAll(/(no )?`([^`]+)`/g)].map(
      ([, no, text = ""]): Proof => ({ example, text, negated: no === undefined ? "" : "no " }),
    );
  });
}

async function readExample(
  name: string,
): Promise<{ readonly requests: readonly string[]; readonly lines: readonly string[] }> {
  const plan = await planExample(name);
  const config = emitHaproxy(plan).find(({ path }) => path === "haproxy/haproxy.cfg")?.content ?? "";
  return { requests: plan.expectations.map(requestText), lines: config.split("\n").map(oneSpaced) };
}

function requestText({ request: { method, url, through } }: ExpectationPlan): string {
  return `${method} ${url}${through === "public" ? "" : ` through ${through}`}`;
}

/** Whole words: `retries 3` does not match `retries 30`. */
function begins(line: string, text: string): boolean {
  return `${line} `.startsWith(`${text} `);
}

function oneSpaced(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
