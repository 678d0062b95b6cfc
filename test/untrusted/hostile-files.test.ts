// Some of the hostile files of `npm run security`, without strace: no command runs, no file is written, and each file is named.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOSTILE_FILES } from "../../security/files/hostile-files.ts";
import { judgeOutput } from "../../security/files/judge.ts";
import { type CommandOutput, nameOf, runAll } from "../../security/files/run-commands.ts";
import { breachesIn } from "../../security/files/trace.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const [haproxy] = await findAllHaproxies();
const chosen = HOSTILE_FILES.filter((_, index) => index % 8 === 0);
const folder = mkdtempSync(join(tmpdir(), "portico-hostile-"));
let said: readonly CommandOutput[] = [];

beforeAll(async () => {
  if (haproxy === undefined) throw new Error("there is no HAProxy here");
  said = await runAll(chosen, folder, haproxy.path);
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(chosen.map((file) => [nameOf(file), file] as const))("%s", (_, file) => {
  expect(said.filter((one) => one.file === nameOf(file)).length).toBeGreaterThan(1);
  expect(judgeOutput(file, said, folder)).toEqual([]);
});

test("names of hostile files are unique", () => {
  expect(new Set(HOSTILE_FILES.map(nameOf)).size).toBe(HOSTILE_FILES.length);
  expect(HOSTILE_FILES.length).toBeGreaterThanOrEqual(100);
});

test("a trace shows what was executed, written, read and sent, without what is allowed", () => {
  const trace = `1 openat(AT_FDCWD, "/etc/before", O_WRONLY|O_CREAT, 0666) = 3
1 mkdir("/tmp/t/mark-0-check", 0777) = 0
2 execve("/bin/touch", ["touch", "/out/marker"], 0x0 /* 1 var */) = 0
2 execve("/opt/haproxy", ["haproxy"], 0x0 /* 1 var */ <unfinished ...>
2 <... execve resumed>) = 0
2 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0
2 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
2 sendto(3, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 1
1 mkdir("/tmp/t/mark-0-test", 0777) = 0
3 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/docker.sock"}, 110) = 0
3 connect(3, {sa_family=AF_UNIX, sun_path=@"dbus"}, 110) = 0
3 bind(3, {sa_family=AF_UNIX, sun_path="/tmp/t/lab/sock"}, 110) = 0
3 bind(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("0.0.0.0")}, 16) = 0
3 openat(AT_FDCWD, "/out/secret", O_RDONLY) = 3
3 openat(AT_FDCWD, "/home/u/kept", O_RDWR|O_CREAT, 0600) = 3
3 rename("/tmp/t/a", "/home/u/kept") = 0
3 openat(AT_FDCWD, "/dev/null", O_RDWR) = 3
`;
  const found = breachesIn(trace, { temporary: "/tmp/t", out: "/out" });
  expect(found.map(({ during, what }) => `${during} ${what}`)).toEqual([
    "mark-0-check executes /bin/touch",
    'mark-0-check connect inet_addr("192.0.2.1")',
    'mark-0-check sendto inet_pton(AF_INET6, "2001:db8::1"',
    "mark-0-test connect /var/run/docker.sock",
    "mark-0-test connect @dbus",
    'mark-0-test bind inet_addr("0.0.0.0")',
    "mark-0-test opens /out/secret",
    "mark-0-test openat /home/u/kept",
    "mark-0-test rename /home/u/kept",
  ]);
});
