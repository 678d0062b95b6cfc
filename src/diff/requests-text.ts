// A part of all requests as text: `GET or POST https://app.example.com/api/**, x-beta: 1, not from 198.51.100.0/24`.
import { maskedConfigLine } from "../findings/masked-text.ts";
import { conditionsText, conditionText } from "../space/condition-text.ts";
import type { Condition } from "../space/predicate.ts";

const SCHEMES: Readonly<Record<string, string>> = { https: "https://", http: "http://" };

/** Without credentials. */
export function requestsText(conditions: readonly Condition[]): string {
  const textOf = (id: string, label: string) => {
    const found = conditions.find(({ on }) => on.id === id);
    return found && conditionText(found).slice(label.length);
  };
  const host = oneWord(textOf("host", "host "));
  const [path, but] = (textOf("path", "") ?? "").split(" but not ");
  const below = path?.startsWith("/") === true ? oneWord(path) : undefined;
  const scheme = SCHEMES[textOf("listener", "listener ") ?? ""];
  if (host === undefined && scheme === undefined && below === undefined)
    return maskedConfigLine(conditionsText(conditions));
  const inUrl = new Set([
    "method",
    ...(host === undefined ? [] : ["host"]),
    ...(below === undefined ? [] : ["path"]),
    ...(scheme === undefined ? [] : ["listener"]),
  ]);
  const method = conditions.find(({ on }) => on.id === "method");
  const others = conditionsText(conditions.filter(({ on }) => !inUrl.has(on.id)));
  const place = host === undefined && scheme === undefined ? "" : `${scheme ?? ""}${host ?? "*"}`;
  const whole = [
    `${method === undefined ? "" : `${conditionText(method)} `}${place}${below ?? "/**"}`,
    ...(others === "all requests" ? [] : [others]),
  ].join(", ");
  return maskedConfigLine(
    below === undefined || but === undefined ? whole : whole.replace(below, () => `${below} but not ${but}`),
  );
}

/** A text of several words does not fit in a URL. */
function oneWord(text: string | undefined): string | undefined {
  return text === undefined || /\s/.test(text) ? undefined : text;
}
