// What diff does not prove equal: changed lines that the evaluation does not follow, or follows only for ordinary requests.
import { describe, expect, test } from "vitest";
import { hunksOf } from "../../src/diff/hunks.ts";
import { unprovenLines } from "../../src/diff/unproven-lines.ts";
import { parseHaproxyConfig } from "../../src/wiring/haproxy/config.ts";

const FILE = "haproxy.cfg";

function unproven(before: string, after: string): readonly string[] {
  const files = (text: string) => [{ kind: "haproxy" as const, file: FILE, text }];
  const config = (text: string) => parseHaproxyConfig(text, FILE);
  return unprovenLines(hunksOf(files(before), files(after)), config(before), config(after)).map(
    ({ text, at, side }) => `${side} ${at?.line} ${text}`,
  );
}

const frontend = (line: string) =>
  `defaults\n  mode http\nfrontend f\n  bind :80\n  ${line}\n  default_backend b\n`;

describe("a changed line", () => {
  test.each([
    ["the environment", "global\n  setenv X /a\n", "global\n  setenv X /b\n"],
    ["users", "userlist u\n  user a password x\n", "userlist u\n  user a password y\n"],
    ["responses of errors", "http-errors e\n  errorfile 403 e1\n", "http-errors e\n  errorfile 403 e2\n"],
    [
      "a redirecting server",
      "backend b\n  server s 10.0.0.1:80\n",
      "backend b\n  server s 10.0.0.1:80 redir /x\n",
    ],
    ["names of headers", frontend("log global"), frontend("option http-restrict-req-hdr-names reject")],
    ["the time of a rule", frontend("log global"), frontend("option http-buffer-request")],
    [
      "the body",
      frontend("http-request deny if { req.body_size gt 1 }"),
      frontend("http-request deny if { req.body_size gt 2 }"),
    ],
    [
      "a session",
      frontend("http-request set-var(sess.x) str(1)"),
      frontend("http-request set-var(txn.x) str(1)"),
    ],
    [
      "one of several values",
      frontend("http-request deny if { hdr_ip(x-a,-1) 10.0.0.1 }"),
      frontend("http-request deny if { hdr_ip(x-a,1) 10.0.0.1 }"),
    ],
    ["a section that is off", "backend b\n  balance source\n", "backend b\n  disabled\n"],
  ])("%s", (_, before, after) => {
    expect(unproven(before, after)).not.toEqual([]);
  });

  test("both lines are named, each with its side", () => {
    expect(unproven("global\n  setenv X /a\n", "global\n  setenv X /b\n")).toEqual([
      "before 2 `setenv X /a`",
      "after 2 `setenv X /b`",
    ]);
  });

  test.each([
    ["a timeout", frontend("timeout client 1s"), frontend("timeout client 2s")],
    [
      "a condition on the path",
      frontend("http-request deny if { path /a }"),
      frontend("http-request deny if { path /b }"),
    ],
    ["a comment", frontend("# setenv X /a"), frontend("# setenv X /b")],
    [
      "nothing, where a line of that kind stays",
      "global\n  setenv X /a\n  maxconn 1\n",
      "global\n  setenv X /a\n  maxconn 2\n",
    ],
  ])("is not named: %s", (_, before, after) => {
    expect(unproven(before, after)).toEqual([]);
  });
});
