// Lowering of expectations: the request that is sent, and what is compared.
import { DEFAULTS } from "../description/defaults.ts";
import { asciiAuthority, canBeSent } from "../description/host.ts";
import { OUTCOMES } from "../description/schema/expectation.ts";
import { THROUGH } from "../description/through.ts";
import type { ExpectationPlan } from "./expectation-plan.ts";
import { entrancesOf } from "./listeners.ts";
import { type DescriptionPath, type Edge, type Lowering, suggestion } from "./lowering.ts";

/** Of layers, `through` may also name a frontend. */
type Expectation = Omit<NonNullable<Edge["expect"]>[number], "through"> & {
  readonly through?: string | undefined;
};

/** The edge that expectations are about, described or read from layers. */
export interface ExpectationsAbout extends Pick<Lowering, "at" | "report"> {
  readonly entrances: readonly ("public" | "internal")[];
  /** What to write if there is no such listener. */
  readonly entranceRemedy: (entrance: "public" | "internal") => string;
  /** Names of backends. */
  readonly backends: readonly string[];
  /** Names of frontends where requests enter; absent where something is in front of HAProxy. */
  readonly frontends?: readonly string[];
}

export function lowerExpectations(lowering: Lowering): readonly ExpectationPlan[] {
  const about = {
    at: lowering.at,
    report: lowering.report,
    entrances: entrancesOf(lowering),
    entranceRemedy: (entrance: string) => `Describe \`${entrance}\`, or remove \`through\`.`,
    backends: Object.keys(lowering.edge.backends ?? {}),
  };
  return planExpectations(about, lowering.edge.expect ?? [], ["expect"]);
}

/** `path`: where the list is. */
export function planExpectations(
  about: ExpectationsAbout,
  expectations: readonly Expectation[],
  path: DescriptionPath,
): readonly ExpectationPlan[] {
  return expectations.flatMap((expectation, index) => {
    const plan = lowerExpectation(about, expectation, [...path, index]);
    return plan === undefined ? [] : [plan];
  });
}

function lowerExpectation(
  lowering: ExpectationsAbout,
  expectation: Expectation,
  path: DescriptionPath,
): ExpectationPlan | undefined {
  const target = requestLine(lowering, expectation, path);
  if (target === undefined) return undefined;
  const { through, frontend } = entranceOf(lowering, expectation, path);
  if (through === "internal" && expectation.from !== undefined)
    lowering.report({
      code: "invalid-expectation-client",
      what: "`from` is set for an internal client",
      why: "A client address is sent in a PROXY header, and in-cluster clients connect without one.",
      remedy: "Remove `from`, or write `through: public`.",
      path: [...path, "from"],
    });
  const { seen } = expectation;
  const plan: ExpectationPlan = {
    request: {
      ...target,
      headers: Object.entries(expectation.headers ?? {}).flatMap(([name, values]) =>
        [values]
          .flat()
          .map((value) => [name, name.toLowerCase() === "host" ? asciiAuthority(value) : value] as const),
      ),
      body: expectation.body ?? "",
      webSocket: expectation.websocket ?? false,
      through,
      ...(frontend === undefined ? {} : { frontend }),
      from: expectation.from ?? null,
    },
    expected: {
      refused: expectation.refused ?? false,
      status: expectation.status ?? null,
      location: expectation.location ?? null,
      backends: [expectation.backend ?? []].flat(),
      seen: {
        path: seen?.path ?? null,
        host: seen?.host === undefined ? null : asciiAuthority(seen.host),
        method: seen?.method ?? null,
        serverName: seen?.serverName === undefined ? null : asciiAuthority(seen.serverName),
        headers: Object.entries(seen?.headers ?? {}),
      },
      responseHeaders: Object.entries(expectation.responseHeaders ?? {}),
      responseBody: expectation.responseBody ?? null,
      certificate: [expectation.certificate ?? []]
        .flat()
        .map((name) => asciiAuthority(name.toLowerCase()))
        .sort(),
    },
    at: lowering.at(path),
  };
  checkExpected(lowering, expectation, path);
  checkBackends(lowering, expectation, path);
  return plan;
}

function entranceOf(
  { frontends = [], entrances, entranceRemedy, report }: ExpectationsAbout,
  { through = DEFAULTS.expectation.through }: Expectation,
  path: DescriptionPath,
): Pick<ExpectationPlan["request"], "through" | "frontend"> {
  if (frontends.includes(through)) return { through: "public", frontend: through };
  const unknown = (what: string, remedy: string) =>
    report({
      code: "unknown-entrance",
      what,
      why: "The request cannot be sent.",
      remedy,
      path: [...path, "through"],
    });
  const known = THROUGH.find((one) => one === through);
  const entrance = known === "internal" ? "internal" : "public";
  if (known === undefined)
    unknown(`there is no entrance \`${through}\``, suggestion(through, [...frontends, ...THROUGH]));
  else if (!entrances.includes(entrance))
    unknown(`the edge has no ${entrance} entrance`, entranceRemedy(entrance));
  return { through: known ?? "public" };
}

function requestLine(
  lowering: ExpectationsAbout,
  expectation: Expectation,
  path: DescriptionPath,
): { method: string; url: string } | undefined {
  const [, method = "GET", url = ""] =
    expectation.request === undefined
      ? [undefined, "GET", expectation.get ?? ""]
      : (/^([A-Z][A-Z0-9_-]*) (\S+)$/.exec(expectation.request) ?? []);
  const both = expectation.get !== undefined && expectation.request !== undefined;
  const authority = /^https?:\/\/([^/?#\s]+)([/?]\S*)?$/i.exec(url)?.[1];
  const sendable = authority !== undefined && canBeSent(authority) && !url.includes("#") && URL.canParse(url);
  if (!both && sendable) return { method, url };
  lowering.report({
    code: "invalid-expectation-request",
    what: both ? "the expectation has both `get` and `request`" : "the expectation has no complete request",
    why: "An expectation is one request.",
    remedy: "Write `get: https://host/path`, or `request: POST https://host/path`.",
    path: [
      ...path,
      ...(["request", "get"] as const).filter((key) => expectation[key] !== undefined).slice(0, 1),
    ],
  });
  return undefined;
}

function checkExpected(lowering: ExpectationsAbout, expectation: Expectation, path: DescriptionPath): void {
  const outcomes = OUTCOMES.filter((key) => key in expectation);
  const report = (what: string, why: string, remedy: string) =>
    lowering.report({ code: "invalid-expectation-outcome", what, why, remedy, path });
  if (outcomes.length === 0)
    report(
      "the expectation has no outcome",
      "It would always pass.",
      "Write the expected outcome: `status`, `location`, `backend` or `seen`.",
    );
  if (expectation.refused === true && outcomes.length > 1)
    report(
      "the expectation has `refused` and fields of a response",
      "A refused connection has no response, so the expectation always fails.",
      "Keep only `refused`.",
    );
}

function checkBackends(lowering: ExpectationsAbout, { backend }: Expectation, path: DescriptionPath): void {
  const known = lowering.backends;
  for (const [index, name] of [backend ?? []].flat().entries()) {
    if (known.includes(name)) continue;
    lowering.report({
      code: "unknown-backend",
      what: `there is no backend \`${name}\``,
      why: "The expectation cannot pass.",
      remedy: suggestion(name, known),
      path: [...path, "backend", ...(typeof backend === "string" ? [] : [index])],
    });
  }
}
