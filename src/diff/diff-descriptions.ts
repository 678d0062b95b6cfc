// Compares two descriptions: all requests, by the model or, with raw lines, by the rendered haproxy.cfg; and the files.
import { type EmittedFile, originOf } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { testedHaproxy } from "../lab/entrances.ts";
import { type Lab, type LabOptions, openLabOf, wiringOf } from "../lab/lab.ts";
import { rawBlocks } from "../model/raw-blocks.ts";
import { describedName } from "../plan/backend-plan.ts";
import type { Plan } from "../plan/plan.ts";
import type { Sides } from "../space/compare.ts";
import { Formulas } from "../space/formula.ts";
import { evaluatePlan } from "../space/plan/evaluate-plan.ts";
import { planQueryDimensions } from "../space/plan/plan-query.ts";
import type { QueryListener } from "../space/query.ts";
import { parseHaproxyConfig } from "../wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../wiring/haproxy/read.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import type { FileSide } from "./causes.ts";
import { changedRequests, undecidedRequests } from "./changed-requests.ts";
import { compareFiles } from "./compare-files.ts";
import { compareHaproxy, compareHaproxyRequests } from "./compare-haproxy.ts";
import { type ComparedRequests, compareRequests } from "./compare-requests.ts";
import type { Cause, Comparison } from "./comparison.ts";
import { confirmParts, type IsBackend, unsent } from "./confirm.ts";
import { examinedOfPlans } from "./examined.ts";
import { type HaproxyPrograms, haproxyPrograms } from "./haproxy-side.ts";
import { type Hunk, hunksOf, singleLines } from "./hunks.ts";
import { otherChanges, type Proof } from "./other-changes.ts";
import { changedRoutes, planCauses } from "./plan-causes.ts";

export type DiffOptions = Pick<LabOptions, "trust">;

interface DescribedSide {
  readonly plan: Plan;
  readonly layers: readonly EmittedFile[];
}

/** Rejects with HaproxyFailure when one of them does not start. */
export async function diffDescriptions(
  earlier: Plan,
  later: Plan,
  haproxy: Haproxy,
  options: DiffOptions = {},
): Promise<Comparison> {
  const [before, after] = [earlier, later].map((plan) => ({ plan, layers: emitLayers(plan) }));
  if (before === undefined || after === undefined) throw new RangeError("two descriptions are compared");
  const files = compareFiles(before.layers, after.layers);
  const around = { files, examined: examinedOfPlans(earlier, later), notExamined: [] };
  const labs = new Labs({ before, after }, { haproxy, ...options });
  const hasRaw = [earlier, later].some((plan) => rawBlocks(plan).length > 0);
  try {
    const compared = await (hasRaw ? compareRendered : comparePlans)({ before, after }, labs);
    return { ...compared, ...around };
  } finally {
    await labs.close();
  }
}

type Compared = Omit<Comparison, "files" | "examined" | "notExamined">;

/** Opened when the first request is sent. */
class Labs {
  readonly #sides: Sides<DescribedSide>;
  readonly #options: LabOptions;
  readonly #opened: Lab[] = [];

  constructor(sides: Sides<DescribedSide>, options: LabOptions) {
    this.#sides = sides;
    this.#options = options;
  }

  async open(): Promise<Sides<Lab>> {
    return { before: await this.#open(this.#sides.before), after: await this.#open(this.#sides.after) };
  }

  async #open({ plan, layers }: DescribedSide): Promise<Lab> {
    const lab = await openLabOf(plan, { ...this.#options, files: layers });
    this.#opened.push(lab);
    return lab;
  }

  async close(): Promise<void> {
    await Promise.all(this.#opened.map((lab) => lab.close()));
  }
}

async function comparePlans({ before, after }: Sides<DescribedSide>, labs: Labs): Promise<Compared> {
  const formulas = new Formulas();
  const paths = before.plan.paths === "as-is" && after.plan.paths === "as-is" ? "as-is" : "normal";
  const [old, now] = [before, after].map(({ plan }) => evaluatePlan(plan, { formulas, paths }));
  if (old === undefined || now === undefined) throw new RangeError("two plans are compared");
  const [plans, programs] = [
    { before: before.plan, after: after.plan },
    { before: old, after: now },
  ];
  const compared = compareRequests({ ...programs, formulas, ruleKey: changedRoutes(plans, programs) });
  const { parts, undecided, incomplete } = compared;
  const listeners = [after, before].flatMap(({ plan }) => planQueryDimensions(plan).listeners);
  const confirmed =
    parts.length === 0
      ? parts.map((part) => unsent(part, ""))
      : await confirmIn(parts, listeners, { before: before.plan, after: after.plan }, await labs.open());
  const find = planCauses(plans, programs);
  const causeOf = async (part: Parameters<typeof find>[0]) => find(part);
  return {
    changed: await changedRequests(confirmed, causeOf),
    undecided: await undecidedRequests(undecided, causeOf),
    proven: parts.length === 0 && undecided.length === 0 && incomplete.length === 0,
    except: [],
    incomplete,
    notRun: [],
    disagreements: confirmed.flatMap(({ disagreements }) => disagreements),
    otherChanges: await otherChangesOf({ before, after }, compared),
  };
}

function confirmIn(
  parts: ComparedRequests["parts"],
  listeners: readonly QueryListener[],
  plans: Sides<Plan>,
  labs: Sides<Lab>,
): ReturnType<typeof confirmParts> {
  return confirmParts(parts, listeners, {
    before: { lab: labs.before, isBackend: isBackendOf(plans.before) },
    after: { lab: labs.after, isBackend: isBackendOf(plans.after) },
  });
}

function isBackendOf({ backends }: Plan): IsBackend {
  return (expected, seen) => expected.includes(describedName(backends, seen));
}

/** Compares the rendered haproxy.cfg files, which contain the raw lines. */
async function compareRendered(sides: Sides<DescribedSide>, labs: Labs): Promise<Compared> {
  const { before, after, hunks, programs } = await rendered(sides);
  const isSame = hunks.every(({ file }) => !file.startsWith("haproxy/"));
  const sourceOf = (cause: Cause): Cause => {
    const at = originOf(sides[cause.side].layers, cause.at);
    return at === undefined ? cause : { ...cause, at };
  };
  const requests = compareHaproxyRequests(programs, hunks);
  const { otherChanges: others, ...compared } = await compareHaproxy({
    ...{ before, after, hunks, programs, requests, sourceOf },
    listeners: describedListeners([sides.after.plan, sides.before.plan], programs),
    labs: isSame ? "the files of HAProxy are the same" : await labs.open(),
  });
  return { ...compared, otherChanges: others(new Set()) };
}

interface Rendered extends Sides<FileSide> {
  readonly hunks: readonly Hunk[];
  readonly programs: HaproxyPrograms;
}

async function rendered({ before, after }: Sides<DescribedSide>): Promise<Rendered> {
  const files = comparedFiles({ before, after });
  const old = { ...(await haproxySide(before)), files: files.before };
  const now = { ...(await haproxySide(after)), files: files.after };
  return { before: old, after: now, hunks: hunksIn(files), programs: haproxyPrograms(old, now) };
}

async function haproxySide({ plan, layers }: DescribedSide): Promise<Omit<FileSide, "files">> {
  const wiring = await wiringOf(plan, haproxyLayer(layers));
  const layer = testedHaproxy(wiring);
  if (layer === undefined) throw new RangeError("a plan renders to a haproxy.cfg");
  return { layer, trafficPaths: wiring.trafficPaths };
}

/** The ports of the load balancer lead to the binds with the ports of the listeners. */
function describedListeners(
  plans: readonly Plan[],
  { listeners }: HaproxyPrograms,
): readonly QueryListener[] {
  return plans.flatMap((plan) =>
    planQueryDimensions(plan).listeners.flatMap((described) => {
      const port = plan.listeners.find(({ name }) => name === described.name)?.port.value;
      const bind = listeners.find(({ name }) => name.endsWith(`:${port}`));
      return bind === undefined ? [] : [{ ...described, name: bind.name }];
    }),
  );
}

type Files = Sides<readonly WiringFile[]>;

/** The other layers carry a copy of HAProxy's files: what else differs is compared with one and the same copy. */
function comparedFiles({ before, after }: Sides<DescribedSide>): Files {
  const withOldCopy = emitLayers(after.plan, { haproxy: haproxyLayer(before.layers) });
  const others = withOldCopy.filter(({ path }) => !path.startsWith("haproxy/"));
  return { before: asRead(before.layers), after: asRead([...haproxyLayer(after.layers), ...others]) };
}

function hunksIn({ before, after }: Files): readonly Hunk[] {
  return hunksOf(before, after).flatMap(singleLines);
}

/** The model's proof covers the routes, not the pages for operators, and only if the rendered rules are equal as well. */
async function otherChangesOf(
  sides: Sides<DescribedSide>,
  { parts, incomplete }: ComparedRequests,
): Promise<readonly string[]> {
  const files = comparedFiles(sides);
  const hunks = hunksIn(files);
  const isShown = (hunk: Hunk) => isShownServer(hunk, parts);
  const list = (proof: Proof | undefined) => otherChanges(files.before, files.after, hunks, proof, isShown);
  const all = list(undefined);
  if (incomplete.length > 0 || all.length === 0) return all;
  const proof = renderedProof(sides, files);
  const others = list(proof);
  if (others.length === all.length || parts.length > 0) return others;
  const again = compareRequests((await rendered(sides)).programs);
  const isEqual = [again.parts, again.undecided, again.incomplete].every(({ length }) => length === 0);
  return isEqual && again.sameEffects ? others : all;
}

function renderedProof({ before, after }: Sides<DescribedSide>, files: Files): Proof {
  const [old, now] = [parsed(before, files.before), parsed(after, files.after)];
  const names = new Set(files.before.map(({ file }) => file));
  const isMap = ({ file, kind }: WiringFile) => kind === "haproxy-map" && names.has(file);
  return {
    configs: [old.config, now.config],
    maps: new Set(files.after.filter(isMap).map(({ file }) => file)),
    unexamined: [],
    without: new Set([...old.operators, ...now.operators]),
  };
}

/** `operators`: frontends that are not listeners of the description. */
function parsed({ plan }: DescribedSide, files: readonly WiringFile[]) {
  const text = files.find(({ kind }) => kind === "haproxy")?.text ?? "";
  const config = parseHaproxyConfig(text, CONFIG);
  const ports = new Set(plan.listeners.map(({ port }) => port.value));
  const operators = readHaproxyWiring(config)
    .proxies.filter(({ binds }) => binds.length > 0)
    .filter(({ binds }) => binds.every(({ address }) => !ports.has(address.ports?.from ?? 0)))
    .map(({ name }) => name);
  return { config, operators };
}

/** Whether a part shows the new address of a server. */
function isShownServer({ oldLines, newLines }: Hunk, parts: ComparedRequests["parts"]): boolean {
  const shown = parts.filter(({ id }) => id === "servers").flatMap(({ before, after }) => [before, after]);
  const isShown = (line: string) => {
    const [keyword, , address = ""] = line.trim().split(/\s+/);
    return keyword === "server" && shown.some(({ text }) => text.includes(address));
  };
  return shown.length > 0 && [...oldLines, ...newLines].every(isShown);
}

const CONFIG = "haproxy/haproxy.cfg";

function asRead(files: readonly EmittedFile[]): readonly WiringFile[] {
  return files.map(({ path, content }) => ({ file: path, kind: kindOf(path), text: content }));
}

function kindOf(path: string): WiringFile["kind"] {
  if (path === CONFIG) return "haproxy";
  if (path.startsWith("haproxy/")) return "haproxy-map";
  return path.endsWith(".tf") ? "terraform" : "other";
}

function haproxyLayer(files: readonly EmittedFile[]): readonly EmittedFile[] {
  return files.filter(({ path }) => path.startsWith("haproxy/"));
}
