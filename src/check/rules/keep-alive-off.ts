// keep-alive-off: new server connection for every request.
import { groupsOf } from "../groups.ts";
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const keepAliveOff: Rule = {
  code: "keep-alive-off",
  severity: "note",
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
        what: `\`option ${first.name}\` opens a new connection for each request to ${listOf(group.map(({ proxy }) => proxy.name))}`,
        why: "Each request takes one more round trip (two with TLS), and HAProxy serves fewer requests with the same CPU.",
        remedy: "Remove the option, unless the servers mishandle reused connections.",
        at: [first.option.at],
        described: {
          remedy: "Remove `keepAlive: false`, unless the servers mishandle reused connections.",
        },
      };
    });
  },
};
