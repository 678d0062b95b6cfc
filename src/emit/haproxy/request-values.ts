// Values of the request in headers: variables, set before a route changes the request, so that responses can have them too.
import type { RequestValue } from "../../plan/message-text.ts";
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import { usedValues } from "../../plan/used-values.ts";
import { clientVariable } from "./context.ts";
import { type Line, line } from "./writing.ts";

/** An expression that gives the value, or nothing. */
export function valueFetch(plan: Plan, value: RequestValue): string {
  const variables = {
    "client.ip": clientVariable(plan),
    "request.host": "txn.host",
    "request.path": "txn.path",
    "request.query": "txn.query",
    scheme: "txn.scheme",
    "listener.port": "txn.port",
  };
  return `var(${value.from === "header" ? headerVariable(value.name) : variables[value.from]})`;
}

/** Only the values that some route uses; without the scheme. */
export function valueLines(plan: Plan, { scheme, redirectPorts }: ListenerPlan): readonly Line[] {
  return usedValues(plan).flatMap((value) => {
    if (value.from === "header")
      return [line(`http-request set-var(${headerVariable(value.name)}) req.fhdr(${value.name},-1)`)];
    if (value.from === "request.query") return [line("http-request set-var(txn.query) query")];
    if (value.from === "listener.port")
      return [line(`http-request set-var(txn.port) str(${redirectPorts[scheme]})`)];
    return [];
  });
}

/** Names of variables have no hyphen. */
function headerVariable(name: string): string {
  return `txn.header_${name.replace(/[-_]/g, (character) => (character === "-" ? "_d" : "__"))}`;
}
