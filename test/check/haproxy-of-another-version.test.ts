// Directives that only another HAProxy version supports are not errors if that version runs the file.
import { expect, test } from "vitest";
import { checkWithHaproxy } from "../../src/check/haproxy/check-with-haproxy.ts";
import { knownFrom } from "../../src/check/haproxy/newer-words.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const [haproxy] = (await findAllHaproxies()).filter(({ version }) => version.startsWith("2.6"));
if (haproxy === undefined) throw new Error("there is no HAProxy 2.6");

const config = (line: string): string =>
  `defaults\n  mode http\n  timeout client 1s\n  timeout connect 1s\n  timeout server 1s\nlisten l\n  bind :80\n  ${line}\n`;

async function severityOf(line: string, image?: string): Promise<readonly string[]> {
  const wiring = await readWiring([
    { file: "haproxy.cfg", text: config(line) },
    ...(image === undefined
      ? []
      : [
          {
            file: "Dockerfile",
            text: `FROM ${image}\nCOPY haproxy.cfg /usr/local/etc/haproxy/haproxy.cfg\n`,
          },
        ]),
  ]);
  const found = await checkWithHaproxy(wiring, haproxy as NonNullable<typeof haproxy>, {});
  return found.map(({ severity, code }) => `${severity} ${code}`);
}

const NOTE = ["note layer-not-understood"];
const REFUSED = ["error haproxy-refuses"];

test.each<readonly [string, string, string | undefined, readonly string[]]>([
  ["an option of newer versions, without an image", "option forwarded", undefined, NOTE],
  ["an option of newer versions, in the image of one", "option forwarded", "haproxy:3.0", NOTE],
  ["an option of newer versions, in an image of this one", "option forwarded", "haproxy:2.6.12", REFUSED],
  ["a directive that an old image takes", "reqadd X:\\ y", "haproxy:1.8", NOTE],
  ["the same directive, without an image", "reqadd X:\\ y", undefined, REFUSED],
  ["a directive of HAProxy Enterprise", "waf-profile strict", undefined, NOTE],
  ["a misspelled option", "option forwardfr", undefined, REFUSED],
])("%s", async (_, line, image, expected) => {
  expect(await severityOf(line, image)).toEqual(expected);
});

test("words have the version that they came with", () => {
  expect(knownFrom("unknown option 'forwarded'; did you mean 'forwardfor' maybe ?")).toBe("3.0");
  expect(knownFrom("unknown fetch method 'acl' in ACL expression 'acl(a,b)'")).toBe("3.0");
  expect(knownFrom("unknown option 'forwardfr'")).toBeUndefined();
});
