// body-limit-incomplete: body limit that admits bodies of unknown length.
import type { DescriptionPath, Edge } from "../../plan/lowering.ts";
import { describedRoutes } from "../described-routes.ts";
import type { PlanRule } from "../rule.ts";

type Limit = NonNullable<Edge["limits"]>["maxBody"];

export const bodyLimitIncomplete: PlanRule = {
  code: "body-limit-incomplete",
  severity: "note",
  check({ edge, at }) {
    const limits: readonly { readonly limit: Limit; readonly path: DescriptionPath }[] = [
      { limit: edge?.limits?.maxBody, path: ["limits", "maxBody"] },
      ...describedRoutes(edge).map(({ route, path }) => ({
        limit: route.maxBody,
        path: [...path, "maxBody"],
      })),
    ];
    return limits.flatMap(({ limit, path }) =>
      typeof limit !== "object" || limit.unknownLength !== "allow"
        ? []
        : {
            what: `\`maxBody: ${limit.size}\` does not limit bodies without Content-Length`,
            why: "HAProxy compares Content-Length only: a client that sends its body in chunks (HTTP/1.1), or without content-length (HTTP/2), can send a body of any size to the backend.",
            remedy: `Write \`maxBody: ${limit.size}\`, which answers 411 to such requests, or limit the body in the application too.`,
            at: [at([...path, "unknownLength"])],
          },
    );
  },
};
