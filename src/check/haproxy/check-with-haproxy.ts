// Checks with a real HAProxy whether it loads the haproxy.cfg of a folder, with stand-ins for files that only the container has.

import { countOf } from "../../findings/count.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import type { Haproxy } from "../../haproxy/find.ts";
import { limitFinding } from "../../haproxy/limits.ts";
import { headlineOf } from "../../haproxy/messages.ts";
import { type Environment, environmentOf } from "../../wiring/environment.ts";
import { type HaproxyConfig, type HaproxyLine, placeInFile } from "../../wiring/haproxy/config.ts";
import { undecidedConditions, unsetIn } from "../../wiring/haproxy/unset-variables.ts";
import type { LeftOutLine } from "../../wiring/haproxy/untrusted/left-out.ts";
import { LEFT_OUT_BECAUSE, linesText } from "../../wiring/haproxy/untrusted/reasons.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { compareVersions, type HaproxyVersion, versionIn } from "../layers/haproxy-versions.ts";
import { placeOf } from "../layers/haproxy-view.ts";
import { listOf } from "../wording.ts";
import { isOfEnterprise, knownFrom } from "./newer-words.ts";
import type { PlacedMessage } from "./placed-messages.ts";
import { unknowableFile } from "./stand-ins.ts";
import { type TrustOptions, validateLayer } from "./validate-layer.ts";

export interface CheckWithHaproxyOptions extends TrustOptions {
  /** Variables that HAProxy gets in addition to those of its container, with `trust`. */
  readonly env?: Environment;
  /** The line by which a text names a place of a haproxy.cfg; default: its own. */
  readonly lineOf?: (place: Position) => number;
}

/**
 * What this HAProxy refuses (`haproxy-refuses`) or warns of (`haproxy-warns`), each with its line. Certificates, maps, pages,
 * users and names need not exist here. What could not be checked is a note: a file is missing, or an environment variable that
 * `env` lacks, or of a feature that this HAProxy was built without. Throws where HAProxy cannot be run.
 */
export async function checkWithHaproxy(
  wiring: Wiring,
  haproxy: Pick<Haproxy, "path" | "version">,
  options: CheckWithHaproxyOptions = {},
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const own = options.trust === true ? (options.env ?? {}) : {};
  for (const layer of wiring.haproxies)
    found.push(...(await check(layer, haproxy, environmentOf(layer, wiring, own), options)));
  return found;
}

/** Whether HAProxy can check a configuration: always with lines left out, otherwise only if the container's files are here. */
export function canValidate(layer: HaproxyLayer, { trust = false }: TrustOptions = {}): boolean {
  return !trust || unknowableFile(layer) === undefined;
}

/** A rule explains a line better than HAProxy's message; a refusal by this HAProxy version is reported as HAProxy's. */
export function withoutDuplicates(
  ruleFindings: readonly Finding[],
  haproxyFindings: readonly Finding[],
): readonly Finding[] {
  const same = (a: Finding, b: Finding) =>
    a.at.some((one) => b.at.some((other) => one.file === other.file && one.line === other.line));
  const aboutVersions = (finding: Finding) =>
    finding.code === "haproxy-upgrade-refuses" || finding.code === "haproxy-version-refuses";
  const refused = haproxyFindings.filter(({ code }) => code === "haproxy-refuses");
  const remaining = ruleFindings.filter(
    (finding) => finding.code !== "haproxy-upgrade-refuses" || !refused.some((other) => same(finding, other)),
  );
  return [
    ...remaining,
    ...haproxyFindings.filter(
      (finding) =>
        finding.code === "line-not-validated" ||
        !remaining.some(
          (other) =>
            ((aboutVersions(other) || other.code === "layer-unreadable") && same(other, finding)) ||
            (isByteOrderMark(other) &&
              other.at[0]?.file === finding.at[0]?.file &&
              /out of section/.test(finding.what)) ||
            (other.code === "no-timeouts" && /missing timeouts/.test(finding.what)),
        ),
    ),
  ];
}

/** The mark hides the file's first section: HAProxy then refuses each of its lines. */
function isByteOrderMark({ code, what }: Finding): boolean {
  return code === "layer-unreadable" && /byte order mark/.test(what);
}

async function check(
  layer: HaproxyLayer,
  haproxy: Pick<Haproxy, "path" | "version">,
  env: Environment,
  options: CheckWithHaproxyOptions,
): Promise<readonly Finding[]> {
  const { config } = layer;
  const missing = unknowableFile(layer);
  if (missing !== undefined && !canValidate(layer, options))
    return [
      notChecked(
        `HAProxy did not check \`${config.file}\``,
        `Whether it loads the file depends on \`${missing.path}\`, which Portico does not read.`,
        "Run `haproxy -c -f FILE` in the image.",
        [missing.at],
      ),
    ];
  const { placed, leftOut, limit } = await validateLayer(haproxy, layer, env, options);
  const start = placeInFile(config, { line: 1, column: 1 });
  return [
    ...(limit === undefined ? [] : [limitFinding(haproxy.version, limit, [start])]),
    ...findingsOf(layer, haproxy.version, placed, env, options),
    ...lineNotValidated(config, haproxy.version, leftOut, options),
  ];
}

function findingsOf(
  layer: HaproxyLayer,
  version: string,
  placed: readonly PlacedMessage[],
  env: Environment,
  options: TrustOptions,
): readonly Finding[] {
  const { config } = layer;
  const about = placed.filter(({ message }) => !isAboutThisMachine(message.text, config));
  const lines = new Set([...about.flatMap(({ line }) => line ?? []), ...undecidedConditions(config, env)]);
  const unset = [...lines].filter((line) => unsetIn(config, line, env).length > 0);
  return [
    ...about
      .filter(({ line }) => line === undefined || !unset.includes(line))
      .map((one) => {
        if (BUILT_WITHOUT.test(one.message.text)) return withoutFeature(config, version, one);
        return ofAnotherVersion(layer, version, one) ?? finding(config, version, one);
      }),
    ...notSet(config, unset, env, options),
  ];
}

/** A note for the lines that were left out for the same reason. */
function lineNotValidated(
  config: HaproxyConfig,
  version: string,
  leftOut: readonly LeftOutLine[],
  { lineOf = ({ line }) => line }: CheckWithHaproxyOptions,
): readonly Finding[] {
  const groups = Map.groupBy(leftOut, ({ reason }) => reason);
  return [...groups].map(([reason, lines]) => {
    const at = lines.flatMap(({ line }) => {
      const written = config.lines[line - 1];
      return written === undefined ? [] : [placeOf(config, written)];
    });
    const named = lines.map(({ line, words }, index) => {
      const place = at[index];
      return { words, line: place === undefined ? line : lineOf(place) };
    });
    return {
      code: NOT_VALIDATED,
      severity: "note",
      what: `HAProxy ${version} ${DID_NOT_VALIDATE} ${linesText(named)}`,
      why: `${LEFT_OUT_BECAUSE[reason]} HAProxy's verdict holds without ${lines.length === 1 ? "this line" : "these lines"}.`,
      remedy: "If you trust the authors of the file, run the command with `--trust`.",
      at,
    };
  });
}

const NOT_VALIDATED = "line-not-validated";

const DID_NOT_VALIDATE = "did not validate";

/** `line 7 lua-load and line 9 http-request lua.x`: what HAProxy did not validate; undefined: nothing. */
export function notAskedText(findings: readonly Finding[]): string | undefined {
  const texts = findings
    .filter(({ code }) => code === NOT_VALIDATED)
    .map(({ what }) => what.slice(what.indexOf(DID_NOT_VALIDATE) + DID_NOT_VALIDATE.length + 1));
  return texts.length === 0 ? undefined : texts.join(", ");
}

/** One note for the lines that depend on the same variables. */
function notSet(
  config: HaproxyConfig,
  lines: readonly HaproxyLine[],
  env: Environment,
  { trust = false }: TrustOptions,
): readonly Finding[] {
  const groups = Map.groupBy(lines, (line) => unsetIn(config, line, env).join(" "));
  return [...groups].map(([key, group]) => {
    const names = key.split(" ");
    return notChecked(
      `the ${names.length === 1 ? "value" : "values"} of ${listOf(names)} ${names.length === 1 ? "is" : "are"} not known`,
      trust
        ? "The environment of HAProxy sets it, and the environment of this check does not: these lines were not checked, nor those that a condition excludes."
        : "The environment of HAProxy sets it, and a check without `--trust` gives HAProxy no environment: these lines were not checked, nor those that a condition excludes.",
      `Run the check with ${names.length === 1 ? "the variable" : "the variables"} set: \`${names[0]}=… portico check --trust\`, if you trust the authors of the file.`,
      group.map((line) => placeOf(config, line)),
    );
  });
}

/** Warnings about the name of this host, which is a peer's name where HAProxy runs. */
function isAboutThisMachine(text: string, { lines }: HaproxyConfig): boolean {
  return /no peer named/.test(text) && !lines.some(({ tokens }) => tokens[0]?.value === "localpeer");
}

/** Messages about directives that older versions support. */
const REMOVED =
  /not supported any ?more|no longer supported|doesn't exist anymore|unexpected argument|please use the 'bind' keyword/;

/** The image runs another version than the HAProxy that checks, or its version is not known and a newer one supports the line. */
function ofAnotherVersion(layer: HaproxyLayer, version: string, placed: PlacedMessage): Finding | undefined {
  const { level, text } = placed.message;
  if (isOfEnterprise(text))
    return notChecked(
      `this HAProxy ${version} cannot check a line: ${headlineOf(placed.message)}`,
      "It is a line of HAProxy Enterprise.",
      "Run the check with the HAProxy that runs the file: `portico check --haproxy PATH`.",
      [placeIn(layer.config, placed)],
    );
  const branch = /^\d+\.\d+/.exec(version)?.[0];
  if (level !== "alert" || branch === undefined) return undefined;
  const own = versionOf(layer);
  const newer = knownFrom(text);
  const isNewer =
    newer !== undefined &&
    compareVersions(newer, branch as HaproxyVersion) > 0 &&
    (own === undefined || compareVersions(newer, own) <= 0);
  const isRemoved =
    own !== undefined && compareVersions(own, branch as HaproxyVersion) < 0 && REMOVED.test(text);
  if (!isNewer && !isRemoved) return undefined;
  return notChecked(
    `this HAProxy ${version} cannot check a line: ${headlineOf(placed.message)}`,
    own === undefined
      ? `HAProxy ${newer} takes it, and which version runs the file is not known.`
      : `The image runs HAProxy ${own}, which may take it.`,
    "Run the check with the HAProxy that runs the file: `portico check --haproxy PATH`.",
    [placeIn(layer.config, placed)],
  );
}

/** The HAProxy version of the image that runs the file. */
function versionOf({ image, runBy }: HaproxyLayer): HaproxyVersion | undefined {
  const own = runBy?.container.image?.value ?? "";
  const tagged = /(?:^|\/)haproxy(?:-\w+)?:v?(\d+\.\d+)\b/.exec(own)?.[1];
  return tagged === undefined ? versionIn(image) : (tagged as HaproxyVersion);
}

const BUILT_WITHOUT = /not compiled in|built without|was not built with|this SSL library does not support/;

function withoutFeature(config: HaproxyConfig, version: string, placed: PlacedMessage): Finding {
  return notChecked(
    `this HAProxy ${version} cannot check a line: ${headlineOf(placed.message)}`,
    "It was built without a feature that the line needs. The HAProxy that runs the file may have the feature.",
    "Run the check with a HAProxy that has the feature: `portico check --haproxy PATH`.",
    [placeIn(config, placed)],
  );
}

function notChecked(what: string, why: string, remedy: string, at: readonly Position[]): Finding {
  return { code: "layer-not-understood", severity: "note", what, why, remedy, at };
}

function finding(config: HaproxyConfig, version: string, placed: PlacedMessage): Finding {
  const refused = placed.message.level === "alert";
  return {
    code: refused ? "haproxy-refuses" : "haproxy-warns",
    severity: refused ? "error" : "warning",
    what: `HAProxy ${version}: ${headlineOf(placed.message)}`,
    why: refused
      ? `HAProxy does not start with this file, and no request is served.${alsoRefused(placed)}`
      : "HAProxy starts, and the line may not have its intended effect.",
    remedy: placed.line === undefined ? "Correct the file." : "Correct the line, or remove it.",
    at: [placeIn(config, placed)],
  };
}

function alsoRefused({ consequences: count }: PlacedMessage): string {
  if (count === 0) return "";
  return ` It also refuses ${countOf(count, "line")} that ${count === 1 ? "depends" : "depend"} on this one.`;
}

/** Edits leave every line where it was, but may change its columns: the place is the complete line. */
function placeIn(config: HaproxyConfig, { line }: PlacedMessage): Position {
  return line === undefined ? placeInFile(config, { line: 1, column: 1 }) : placeOf(config, line);
}
