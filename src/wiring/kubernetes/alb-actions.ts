// Actions of an ALB Ingress: what `alb.ingress.kubernetes.io/actions.NAME` does for the paths whose Service is NAME.
import { isRecord, listAt } from "../../source/data.ts";
import type { ListenerAnswer } from "../cloud.ts";

export type AlbAction =
  | { readonly kind: "answer"; readonly answer: ListenerAnswer }
  | {
      readonly kind: "forward";
      readonly services: readonly { readonly name: string; readonly port: number | string }[];
    };

/** undefined: not understood. Keys may begin with a capital letter, as in versions before 2.0 of the controller. */
export function readAlbAction(text: string): AlbAction | undefined {
  const action = parsed(text);
  if (action === undefined) return undefined;
  const config = (name: string): Readonly<Record<string, unknown>> => {
    const value = action[name];
    return isRecord(value) ? value : {};
  };
  switch (action.type) {
    case "redirect":
      return { kind: "answer", answer: redirectOf(config("redirectconfig")) };
    case "fixed-response": {
      const { statuscode, contenttype = "text/plain", messagebody = "" } = config("fixedresponseconfig");
      if (!/^[245]\d\d$/.test(String(statuscode))) return undefined;
      return {
        kind: "answer",
        answer: {
          kind: "fixed-response",
          status: Number(statuscode),
          contentType: String(contenttype),
          body: String(messagebody),
        },
      };
    }
    case "forward": {
      return {
        kind: "forward",
        services: listAt(config("forwardconfig"), ["targetgroups"]).flatMap(serviceIn),
      };
    }
    default:
      return undefined;
  }
}

function serviceIn(group: unknown): readonly { readonly name: string; readonly port: number | string }[] {
  if (!isRecord(group)) return [];
  const { servicename: name, serviceport: port } = group;
  if (typeof name !== "string" || (typeof port !== "number" && typeof port !== "string")) return [];
  return [{ name, port: /^\d+$/.test(String(port)) ? Number(port) : port }];
}

/** Parts that are not written are those of the request (AWS, "Redirect actions"). */
function redirectOf(config: Readonly<Record<string, unknown>>): ListenerAnswer {
  const text = (name: string, usual: string): string => String(config[name] ?? usual);
  return {
    kind: "redirect",
    status: text("statuscode", "HTTP_301") === "HTTP_302" ? 302 : 301,
    protocol: text("protocol", "#{protocol}"),
    host: text("host", "#{host}"),
    port: text("port", "#{port}"),
    path: text("path", "/#{path}"),
    query: text("query", "#{query}"),
  };
}

/** Whether a request of this listener is redirected to itself: the controller leaves such a rule out. */
export function redirectsToItself(answer: ListenerAnswer, protocol: string, port: number): boolean {
  if (answer.kind !== "redirect" || answer.host !== "#{host}") return false;
  if (answer.path !== "/#{path}" || answer.query !== "#{query}") return false;
  const own = (text: string, value: string): boolean => text.startsWith("#{") || text.toLowerCase() === value;
  return own(answer.protocol, protocol) && own(answer.port, String(port));
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = inLowerCase(JSON.parse(text));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function inLowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inLowerCase);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toLowerCase(), inLowerCase(one)]));
}
