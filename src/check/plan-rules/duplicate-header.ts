// duplicate-header: header named twice in the conditions of a route, or in one set of header changes.
import type { DescriptionPath } from "../../plan/lowering.ts";
import { describedRoutes } from "../described-routes.ts";
import type { CheckContext, PlanRule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

/** A header's name where a description writes it. */
interface Mention {
  readonly name: string;
  /** `header`, `set`, `add` or `remove`. */
  readonly under: string;
  readonly path: DescriptionPath;
  /** The name is the key at `path`, and not its value. */
  readonly key: boolean;
}

type Edits = NonNullable<CheckContext["edge"]>["requestHeaders"];

export const duplicateHeader: PlanRule = {
  code: "duplicate-header",
  severity: "warning",
  check(context) {
    const { edge } = context;
    if (edge === undefined) return [];
    const routes = describedRoutes(edge);
    const edited = [
      { has: edge, path: [] },
      ...edge.sites.map((has, index) => ({ has, path: ["sites", index] })),
      ...routes.map(({ route, path }) => ({ has: route, path })),
    ];
    return [
      ...routes.flatMap(({ route, path }) =>
        duplicates(keysOf(route.header, "header", [...path, "header"])).map((pair) =>
          conditionFinding(context, pair),
        ),
      ),
      ...edited.flatMap(({ has, path }) =>
        (["requestHeaders", "responseHeaders"] as const).flatMap((message) =>
          duplicates(editsOf(has[message], [...path, message])).map((pair) =>
            editFinding(context, message, pair),
          ),
        ),
      ),
    ];
  },
};

function keysOf(record: object | undefined, under: string, path: DescriptionPath): readonly Mention[] {
  return Object.keys(record ?? {}).map((name) => ({ name, under, path: [...path, name], key: true }));
}

/** In the order in which HAProxy applies them. */
function editsOf(edits: Edits, path: DescriptionPath): readonly Mention[] {
  const removed = (edits?.remove ?? []).map((name, index) => ({
    name,
    under: "remove",
    path: [...path, "remove", index],
    key: false,
  }));
  const changed = (["set", "add", "setIfAbsent"] as const).flatMap((verb) =>
    keysOf(edits?.[verb], verb, [...path, verb]),
  );
  return [...removed, ...changed];
}

/** Each later mention of a name with the first one. */
function duplicates(mentions: readonly Mention[]): readonly (readonly [Mention, Mention])[] {
  const first = new Map<string, Mention>();
  return mentions.flatMap((mention) => {
    const name = mention.name.toLowerCase();
    const before = first.get(name);
    if (before !== undefined) return [[before, mention] as const];
    first.set(name, mention);
    return [];
  });
}

function conditionFinding({ at }: CheckContext, [first, second]: readonly [Mention, Mention]): RuleFinding {
  return {
    what: `\`header\` has two conditions on the same header, \`${first.name}\` and \`${second.name}\``,
    why: "Header names are case-insensitive, and both conditions must hold for the same value: with two different values the route matches no request.",
    remedy:
      "Keep one of them. For several values, write one `{ regex: '^(a|b)$' }` or one route for each value.",
    at: [at(second.path, second), noted(at(first.path, first), "the same header")],
  };
}

function editFinding(
  { at }: CheckContext,
  message: "requestHeaders" | "responseHeaders",
  [first, second]: readonly [Mention, Mention],
): RuleFinding {
  return {
    what: `\`${message}\` has the header \`${first.name}\` under \`${first.under}\` and \`${second.name}\` under \`${second.under}\``,
    why: `Header names are case-insensitive, and HAProxy applies \`remove\`, \`set\`, \`add\` and then \`setIfAbsent\`, all to the same header: ${outcomeOf(first, second)}.`,
    remedy: "Keep one of them.",
    at: [at(second.path, second), noted(at(first.path, first), "the same header")],
  };
}

function outcomeOf(first: Mention, second: Mention): string {
  if (first.under === "remove")
    return second.under === "remove"
      ? "the second has no effect"
      : `together they have the effect of \`set\` alone`;
  if (second.under === "setIfAbsent") return "the second has no effect";
  if (second.under === "set") return "the value of the first has no effect";
  return `the ${first.under === "set" ? "message has" : "message gets"} two lines of the header`;
}
