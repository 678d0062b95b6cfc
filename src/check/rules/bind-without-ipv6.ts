// bind-without-ipv6: dual-stack Service in front of a bind of one family.
import { familiesOfBind } from "../../wiring/address-families.ts";
import { keyOf, onceEach } from "../groups.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const bindWithoutIpv6: Rule = {
  code: "bind-without-ipv6",
  severity: "warning",
  check(wiring) {
    const found = wiring.trafficPaths.flatMap(({ service, bind, brokenAt }) => {
      const families = service?.families;
      const bound = bind && familiesOfBind(bind);
      if (bind === undefined || families === undefined || bound === undefined || brokenAt !== undefined)
        return [];
      const missing = families.value.find((family) => !bound.includes(family));
      return service === undefined || missing === undefined
        ? []
        : [{ service, bind, missing, families, bound }];
    });
    return onceEach(found, ({ service, bind }) => `${keyOf(service.at)} ${keyOf(bind.address.at)}`).map(
      ({ service, bind, missing, families, bound }) => ({
        what: `Service \`${service.name}\` has ${families.value.join(" and ")} addresses, and \`${bind.address.text}\` listens with ${bound.join(" and ")} only`,
        why: `The Service also has pod addresses of ${missing} as endpoints: connections of clients with ${missing} are refused.`,
        remedy: `Write \`bind :::${bind.address.ports?.from ?? "PORT"} v4v6\`, which listens on both families.`,
        at: [
          noted(bind.address.at, `no ${missing}`),
          noted(families.at ?? service.at, `has ${missing} addresses too`),
        ],
      }),
    );
  },
};
