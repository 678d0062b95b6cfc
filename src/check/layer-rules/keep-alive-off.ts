// keep-alive-off: a new connection to the server for every request.
import { groupsOf } from "../groups.ts";
import { serverSides } from "../layers/haproxy-view.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { listOf } from "../wording.ts";

export const keepAliveOff: LayerRule = {
  code: "keep-alive-off",
  severity: "note",
  about: "backends with a connection for each request",
  check(wiring) {
    const closing = serverSides(wiring).flatMap(({ proxy }) =>
      ["http-server-close", "httpclose"].flatMap((name) => {
        const option = proxy.options.get(name);
        // HAProxy ignores it in TCP mode.
        const applies = proxy.mode.value === "http" && proxy.servers.length > 0;
        return option === undefined || !applies ? [] : [{ name, option, proxy }];
      }),
    );
    const groups = groupsOf(closing, ({ option: { at } }) => `${at.file}:${at.line}`);
    return groups.map((group) => {
      const [first] = group;
      return {
        what: `\`option ${first.name}\` opens a connection of its own for each request to ${listOf(group.map(({ proxy }) => proxy.name))}`,
        why: "Its latency grows by a round trip (two with TLS), and HAProxy serves a fraction of the requests that it could.",
        remedy: "Leave it out, unless the servers mishandle connections that are used again.",
        at: [first.option.at],
      };
    });
  },
};
