// The query of a request: a route's parameters in many spellings, near misses, and others around them.
import fc from "fast-check";
import type { Plan } from "../../src/plan/plan.ts";
import type { RoutePlan, ValueMatch } from "../../src/plan/site-plan.ts";
import { valueFor } from "./values.ts";

export function queryFor(plan: Plan, route: RoutePlan): fc.Arbitrary<string> {
  const known = plan.sites.flatMap(({ routes }) => routes.flatMap(({ match }) => match.query));
  const own = fc.tuple(...route.match.query.map(parameterFor)).map((parts) => parts.flat());
  const parameter = fc.oneof(
    ...(known.length === 0
      ? []
      : [
          {
            weight: 2,
            arbitrary: fc
              .constantFrom(...known)
              .chain(parameterFor)
              .map((parts) => parts[0] ?? "q"),
          },
        ]),
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom("q", "v", "Q", "a.b", "a%2Eb", "%71", "xq", "", "q[]", "qq"),
          fc.constantFrom(
            "",
            "=",
            "=1",
            "=a",
            "=a=b",
            "=%61",
            "=%zz",
            "=50%",
            "=%7E%2f",
            "=%00",
            "=1%00x",
            "=a+b",
            "=%2B",
            "=/../b//c",
            "=a%2fb",
            "=%0A",
            "=%0D",
            "=%C3%A9",
            "=a%20",
            "=50%",
            "%",
            "=%7E%2f",
            "=%7e%2F",
            "=%u0041",
            "=%e9",
            "=%FF%41%6",
            "=%25",
            "=%%",
            "=%3d%26",
            "==",
          ),
        )
        .map(([name, rest]) => `${name}${rest}`),
    },
  );
  return fc
    .record({
      own,
      others: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(parameter, { minLength: 1, maxLength: 3 }) },
      ),
      first: fc.boolean(),
      by: fc.constantFrom("&", "&", "&", "&", ";", "?", "&&", "&=&", "&;"),
      end: fc.constantFrom("", "", "", "", "&", "?", "/x", "%", "&%", "//", "/./", "&&=", "%2"),
    })
    .map(({ own: mine, others, first, by, end }) => {
      const parts = first ? [...mine, ...others] : [...others, ...mine];
      return parts.length === 0 ? (end === "?" ? "?" : "") : `?${parts.join(by)}${end}`;
    });
}

function parameterFor(match: ValueMatch): fc.Arbitrary<readonly string[]> {
  const { name } = match;
  const value = valueFor(match).chain((text) =>
    fc.constantFrom(
      encodeURIComponent(text),
      encodeURIComponent(text),
      encodeURIComponent(text).replaceAll("%20", "+"),
      encodeURIComponent(text).replace(/%../g, (hex) => hex.toLowerCase()),
      everyByte(text),
    ),
  );
  return fc.oneof(
    { weight: 8, arbitrary: value.map((text) => [`${name}=${text}`]) },
    { weight: 1, arbitrary: fc.tuple(value, value).map(([a, b]) => [`${name}=${a}`, `${name}=${b}`]) },
    { weight: 1, arbitrary: value.map((text) => [`${name}=other`, `${name}=${text}`]) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        [name],
        [`${name}=`],
        [`${name}x=1`],
        [`x${name}=1`],
        [name.toUpperCase()],
        [],
      ),
    },
    { weight: 1, arbitrary: value.map((text) => [name, `${name}=${text}`]) },
  );
}

function everyByte(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}
