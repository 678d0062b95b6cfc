// What queries name, as dimensions of a haproxy.cfg.
import type { HaproxyWiring } from "../../wiring/haproxy/wiring.ts";
import type { QueryDimensions } from "../query.ts";
import { listenerNames } from "./evaluate-haproxy.ts";
import { CLIENT, HOST, headerDimension, listenerDimension, METHOD, PATH } from "./request-dimensions.ts";

/** A bind's scheme is `https` where it terminates TLS. */
export function haproxyQueryDimensions({ proxies }: HaproxyWiring): QueryDimensions {
  const names = listenerNames(proxies.filter(({ binds }) => binds.length > 0));
  return {
    path: PATH,
    host: HOST,
    method: METHOD,
    header: headerDimension,
    listener: listenerDimension([...names.values()]),
    listeners: [...names].map(([{ ssl, owner, address }, name]) => ({
      name,
      scheme: ssl ? "https" : "http",
      client: CLIENT,
      port: address.ports?.from,
      entrance: "public",
      frontend: owner,
    })),
    form: undefined,
  };
}
