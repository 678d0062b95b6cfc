// Compares two haproxy.cfg with the files around them: all requests, with a request of each differing part sent to both.
import type { LayersLab } from "../lab/layers-lab.ts";
import type { Sides } from "../space/compare.ts";
import type { QueryListener } from "../space/query.ts";
import { Causes, causeOfHunk, type FileSide, hunkAt } from "./causes.ts";
import { changedRequests, undecidedRequests } from "./changed-requests.ts";
import { type ComparedRequests, compareRequests, type Programs } from "./compare-requests.ts";
import type { Cause, Comparison } from "./comparison.ts";
import { confirmParts, unsent } from "./confirm.ts";
import { type HaproxyPrograms, isBackendIn } from "./haproxy-side.ts";
import type { Hunk } from "./hunks.ts";
import { notRunTexts } from "./not-run-texts.ts";
import { otherChanges, type Proof } from "./other-changes.ts";

export interface ComparedSides {
  readonly before: FileSide;
  readonly after: FileSide;
  readonly hunks: readonly Hunk[];
  readonly programs: HaproxyPrograms;
  /** `compareHaproxyRequests` of the programs. */
  readonly requests: ComparedRequests;
  readonly listeners: readonly QueryListener[];
  /** A text: why no request is sent. */
  readonly labs: Sides<LayersLab> | string;
  /** The place of the cause in the source of the files; default: in the files. */
  readonly sourceOf?: (cause: Cause, hunk: Hunk) => Cause;
}

export type ComparedHaproxy = Pick<
  Comparison,
  "changed" | "undecided" | "proven" | "except" | "incomplete" | "disagreements" | "notRun"
> & {
  /** Without the places that `traced` has. */
  readonly otherChanges: (traced: ReadonlySet<Hunk>) => readonly string[];
};

export function compareHaproxyRequests(programs: HaproxyPrograms, hunks: readonly Hunk[]): ComparedRequests {
  const ruleKey: Programs["ruleKey"] = ({ at }, side) => String(at && hunkAt(hunks, at, side)?.at.line);
  return compareRequests({ ...programs, ruleKey });
}

export async function compareHaproxy(sides: ComparedSides): Promise<ComparedHaproxy> {
  const {
    before,
    after,
    hunks,
    programs,
    requests: compared,
    labs,
    listeners,
    sourceOf = (cause: Cause) => cause,
  } = sides;
  const { parts, undecided, incomplete, unexamined, sameEffects } = compared;
  const confirmed =
    typeof labs === "string"
      ? parts.map((part) => unsent(part, labs))
      : await confirmParts(parts, listeners, {
          before: {
            lab: labs.before,
            isBackend: isBackendIn(before.layer),
            frontendOf: programs.frontendOf.before,
          },
          after: {
            lab: labs.after,
            isBackend: isBackendIn(after.layer),
            frontendOf: programs.frontendOf.after,
          },
        });
  const causes = new Causes({ before, after }, programs, hunks);
  const causal = new Set<Hunk>();
  const causeOf = async (part: Parameters<Causes["of"]>[0]): Promise<Cause | null> => {
    const hunk = await causes.of(part);
    if (hunk === undefined) return null;
    causal.add(hunk);
    return sourceOf(causeOfHunk(hunk), hunk);
  };
  const [changed, open] = [
    await changedRequests(confirmed, causeOf),
    await undecidedRequests(undecided, causeOf),
  ];
  const proof = incomplete.length > 0 || !sameEffects ? undefined : proofOf(before, after, unexamined);
  return {
    changed,
    undecided: open,
    proven: parts.length === 0 && undecided.length === 0 && incomplete.length === 0,
    except: unexamined,
    incomplete,
    disagreements: confirmed.flatMap(({ disagreements }) => disagreements),
    notRun: typeof labs === "string" ? [] : notRunTexts([...labs.before.leftOut, ...labs.after.leftOut]),
    otherChanges: (traced) => {
      const isCause = (hunk: Hunk) => causal.has(hunk) || traced.has(hunk);
      return otherChanges(before.files, after.files, hunks, proof, isCause);
    },
  };
}

function proofOf(before: FileSide, after: FileSide, unexamined: Proof["unexamined"]): Proof {
  const [old, now] = [evaluatedMaps(before), evaluatedMaps(after)];
  return {
    configs: [before.layer.config, after.layer.config],
    maps: new Set([...old].filter((file) => now.has(file))),
    unexamined,
  };
}

/** Separate files, which no rule changes. */
function evaluatedMaps({ layer, files }: FileSide): Set<string> {
  const texts = layer.config.lines.map(({ text }) => text);
  const changing = texts.filter((text) => /\b(?:set|add|del)-(?:map|acl)\(/.test(text)).join("\n");
  const kinds = new Map(files.map(({ file, kind }) => [file, kind]));
  return new Set(
    [...layer.maps].flatMap(([path, { file }]) =>
      changing.includes(path) || kinds.get(file) !== "haproxy-map" ? [] : [file],
    ),
  );
}
