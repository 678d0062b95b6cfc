// What queries name, as dimensions of a plan.
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { QueryDimensions } from "../query.ts";
import {
  BEFORE_LOAD_BALANCER,
  CLIENT,
  FORM,
  HOST,
  headerDimension,
  LISTENER,
  METHOD,
  pathDimension,
} from "./plan-dimensions.ts";

export function planQueryDimensions({ listeners, paths, loadBalancer: { ports } }: Plan): QueryDimensions {
  return {
    path: pathDimension(paths),
    host: HOST,
    method: METHOD,
    header: headerDimension,
    listener: LISTENER,
    listeners: listeners.map((listener) => ({
      name: listener.name,
      scheme: listener.scheme,
      client: clientOf(listener),
      port: ports.find((one) => one.listener === listener.name)?.port.value,
      entrance: listener.entrance,
    })),
    form: FORM,
  };
}

/** Clients as the load balancer knows them, where HAProxy does not. */
function clientOf({ entrance, client }: ListenerPlan) {
  return entrance === "public" && client.value === "connection" ? BEFORE_LOAD_BALANCER : CLIENT;
}
