// Asks a real HAProxy what it thinks of the configuration that a plan renders to: `haproxy -c`, each message a finding.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { emitHaproxy } from "../emit/haproxy/emit-haproxy.ts";
import type { Finding, Position } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import { limitFinding } from "../haproxy/limits.ts";
import type { DescriptionPath } from "../plan/lowering.ts";
import type { Plan } from "../plan/plan.ts";
import { secretsOf } from "../plan/secrets.ts";
import { STAND_IN_VALUE } from "../wiring/environment.ts";
import {
  editHaproxyConfig,
  type HaproxyConfig,
  type HaproxyLine,
  parseHaproxyConfig,
} from "../wiring/haproxy/config.ts";
import { editPath, readFileReferences } from "../wiring/haproxy/files.ts";
import { privilegedTokens } from "../wiring/haproxy/privileges.ts";
import type { CheckedDescription } from "./check-plan.ts";
import {
  type ApiRequestOptions,
  askHaproxyAbout,
  messageFinding,
  notAskedAbout,
  type Prepared,
} from "./haproxy-verdict.ts";
import type { PlacedMessage } from "./placed-messages.ts";
import { rawLineOf } from "./raw-line.ts";
import { STAND_IN_CERTIFICATE } from "./stand-in-certificate.ts";

const CONFIGURATION = "haproxy/haproxy.cfg";

/**
 * What this HAProxy refuses (`haproxy-refuses`, errors) or warns of (`haproxy-warns`), or that it has no verdict (`haproxy-limit-reached`). Places are lines of haproxy.cfg; before
 * them, with a description, the raw line that was given. Judges the configuration and not this machine: certificates, CAs, users and groups
 * need not exist here. What HAProxy did not validate is a note (`line-not-validated`). Throws where HAProxy cannot be run.
 */
export async function checkWithHaproxy(
  plan: Plan,
  haproxy: Pick<Haproxy, "path" | "version">,
  description?: Pick<CheckedDescription, "positionOf">,
  options: ApiRequestOptions = {},
): Promise<readonly Finding[]> {
  const secrets = secretsOf(plan).map(({ variable }) => [variable, STAND_IN_VALUE]);
  const { config, placed, leftOut, limit } = await askHaproxyAbout(
    haproxy,
    CONFIGURATION,
    (folder) => writeFiles(plan, folder),
    { ...options, env: Object.fromEntries(secrets) },
  );
  const start = { file: CONFIGURATION, line: 1, column: 1, length: 1 };
  return [
    ...(limit === undefined ? [] : [limitFinding(haproxy.version, limit, [start])]),
    ...withoutRepetition(
      placed.map((one) => finding(haproxy.version, one, placesOf(plan, config, one.line, description))),
    ),
    ...notAskedAbout(
      haproxy.version,
      leftOut,
      ({ line }) => placesOf(plan, config, config.lines[line - 1], description).at,
    ),
  ];
}

/** Writes what the haproxy.cfg refers to, and gives it as rendered. */
async function writeFiles(plan: Plan, folder: string): Promise<Prepared> {
  const standIn = join(folder, "stand-in.pem");
  await writeFile(standIn, STAND_IN_CERTIFICATE, { mode: 0o600 });
  let config = parseHaproxyConfig("", CONFIGURATION);
  for (const { path, content } of emitHaproxy(plan)) {
    if (path === CONFIGURATION) {
      config = parseHaproxyConfig(content, path);
      continue;
    }
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return { config, standing: elsewhere(config, standIn) };
}

/** The configuration without what only the container has: certificates, CAs, users. Lines stay where they are. */
function elsewhere(config: HaproxyConfig, standIn: string): HaproxyConfig {
  const files = readFileReferences(config).filter(({ role }) => role === "certificate" || role === "ca");
  return editHaproxyConfig(config, [
    ...files.map((file) => editPath(file, standIn)),
    ...privilegedTokens(config).map((token) => ({ token, value: undefined })),
  ]);
}

function placesOf(
  plan: Plan,
  config: HaproxyConfig,
  text: HaproxyLine | undefined,
  description: Pick<CheckedDescription, "positionOf"> | undefined,
): Places {
  if (text === undefined) return { raw: null, at: [] };
  const raw: DescriptionPath | null = rawLineOf(plan, config, text.number);
  const written = raw === null ? undefined : description?.positionOf(raw);
  const column = text.tokens[0]?.column ?? 1;
  const bare = text.text.trim();
  const rendered: Position = {
    file: CONFIGURATION,
    line: text.number,
    column,
    length: Math.max(1, bare.length),
    note: bare,
  };
  return { raw, at: written === undefined ? [rendered] : [written, rendered] };
}

interface Places {
  readonly raw: DescriptionPath | null;
  readonly at: readonly Position[];
}

function finding(version: string, placed: PlacedMessage, { raw, at }: Places): Finding {
  return {
    ...messageFinding(version, placed),
    why:
      placed.message.level === "alert"
        ? "HAProxy does not start with this configuration, and no request is served."
        : "HAProxy starts, and the line may have another effect than it says.",
    remedy:
      raw === null
        ? "Correct the description at this place. If it contains no raw line, report this to Portico."
        : "Correct the raw line, or remove it.",
    at,
  };
}

/** A raw line of an entrance stands in each of its frontends, and is said of once. */
function withoutRepetition(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, what, at }) => {
    const key = JSON.stringify([
      code,
      what.replace(/'(http|https)'/g, ""),
      at[0]?.file === CONFIGURATION ? at[0] : at.slice(0, 1),
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
