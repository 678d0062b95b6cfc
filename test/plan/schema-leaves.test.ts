// Every leaf of the schema has an effect: a change of its value changes a rendered file, and the changed lines have it as their origin.
import { readFileSync } from "node:fs";
import { diffArrays } from "diff";
import { expect, test } from "vitest";
import type { DescriptionPath } from "../../src/plan/described.ts";
import {
  type Change,
  changedFiles,
  changesByLeaf,
  defaultsHold,
  FILES_BY_LEAF,
  filesByLeafText,
  leavesByKind,
  NOT_RENDERED,
  type RenderedLine,
  renderedLeaves,
} from "./schema-leaves.ts";

/** Changed files without a changed line whose origin is the value, each with the reason. */
const ELSEWHERE: readonly (readonly [leafAndFile: RegExp, reason: string])[] = [
  [/^(namespace|clusterDomain): haproxy\/haproxy\.cfg$/, "a server leads to its backend"],
  [/^namespace: cloud\/main\.tf$/, "a tag of the load balancer, like all its tags"],
  [/^limits\.maxBody[.\w]*: haproxy\/haproxy\.cfg$/, "the origin of a limit is the first route that has it"],
  [
    /^sites\[\]\.host\[\]: cloud\//,
    "the origin of names of the certificate and of DNS is `tls` or `loadBalancer`",
  ],
  [/^sites\[\]\.through\[\]: haproxy\/haproxy\.cfg$/, "the lookup of hosts is the same for all sites"],
  [
    /^public\.tls\.certificate: cloud\/(outputs|variables)\.tf$/,
    "the origin of the module's interface is `loadBalancer`",
  ],
  [
    /^public\.loadBalancer\(aws-.*\)\.proxyProtocol\.https?: kubernetes\/networkpolicy\.yaml$/,
    "the sources decide",
  ],
  [/^image\.base: kubernetes\/deployment\.yaml$/, "an option of the C library"],
  [/^backends\.\*\.tls\.[.\w]+: image\/Dockerfile$/, "all files that the check needs are in one instruction"],
  [/^backends\.\*\.retries: haproxy\/paths\.map$/, "a route with different retries gets another section"],
  [
    /^sites\[\]\.(routes\[\]\.)?plainHttp: haproxy\/haproxy\.cfg$/,
    "the redirect of the entrance, which names the excepted routes",
  ],
  [/^stats: /, "the golden description has `stats: false`, and an absent value has no place"],
];

const rendered = renderedLeaves();
const changes = changesByLeaf(rendered);

test("every field of the schema changes a rendered file", () => {
  expect(rendered.filter((leaf) => !changes.has(leaf))).toEqual([]);
  const files = new Map([...changes].map(([leaf, change]) => [leaf, changedFiles(change)]));
  // `npm run golden` writes it; a line that loses a file shows that an emitter no longer writes the field.
  expect(filesByLeafText(files)).toBe(readFileSync(FILES_BY_LEAF, "utf8"));
});

test("lines that change with a value have it, or its parent, as their origin", () => {
  const strays = [...changes].flatMap(([leaf, change]) =>
    changedFiles(change)
      .filter((file) => !changedLines(change, file).some(({ origin }) => leads(origin, change.path)))
      .map((file) => `${leaf}: ${file}`),
  );
  expect(strays.filter((stray) => !ELSEWHERE.some(([known]) => known.test(stray)))).toEqual([]);
  expect(ELSEWHERE.filter(([known]) => !strays.some((stray) => known.test(stray)))).toEqual([]);
});

/** Defaults that render differently when they are written, each with the reason. */
const WRITTEN_OTHERWISE: Readonly<Record<string, string>> = {
  "backends.*.health.status": "the line for a described status is HAProxy's default",
  "backends.*.servers[].weight": "a described weight is written, and `weight 1` is HAProxy's default",
  "limits.maxHeader": "a described size has room for HAProxy's internal form as well",
};

test("the defaults in the schema are those of the plan", () => {
  const holds = defaultsHold();
  expect(holds.size).toBeGreaterThan(60);
  expect([...holds].flatMap(([leaf, same]) => (same ? [] : [leaf])).sort()).toEqual(
    Object.keys(WRITTEN_OTHERWISE),
  );
});

test("every exception is for leaves of the schema", () => {
  const leaves = leavesByKind();
  expect(NOT_RENDERED.filter(([pattern]) => !leaves.some((leaf) => pattern.test(leaf)))).toEqual([]);
});

/** Lines of a file that are in only one of two renderings. */
function changedLines({ before, after }: Change, file: string): readonly RenderedLine[] {
  const [old, now] = [before.get(file) ?? [], after.get(file) ?? []];
  const texts = (lines: readonly RenderedLine[]) => lines.map(({ text }) => text);
  const changed: RenderedLine[] = [];
  let [inOld, inNow] = [0, 0];
  for (const { added, removed, count } of diffArrays(texts(old), texts(now))) {
    if (removed) changed.push(...old.slice(inOld, inOld + count));
    else if (added) changed.push(...now.slice(inNow, inNow + count));
    if (!added) inOld += count;
    if (!removed) inNow += count;
  }
  return changed.filter(({ text }) => text.trim() !== "");
}

/** The value itself, a parent, a sibling, or another value of the same site or backend. */
function leads(origin: DescriptionPath | undefined, path: DescriptionPath): boolean {
  if (origin === undefined || origin.length === 0) return false;
  const [part] = path;
  const item = part === "sites" || part === "backends" ? path.slice(0, 2) : path.slice(0, -1);
  return isWithin(path, origin) || (item.length > 0 && isWithin(origin, item));
}

function isWithin(path: DescriptionPath, part: DescriptionPath): boolean {
  return part.every((step, index) => path[index] === step);
}
