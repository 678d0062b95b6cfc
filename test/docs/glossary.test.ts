// The glossary: words that the first version used instead of the field's terms do not return to docs, findings, rendered files,
// comments of the code and names of tests.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Term {
  /** Matches whole words and phrases, in any case. */
  readonly words: readonly string[];
  readonly instead: string;
  /** Phrases in which the word is the right one, each with the reason. */
  readonly except?: Readonly<Record<string, string>>;
}

const TERMS: readonly Term[] = [
  {
    words: ["TLS ends", "TLS ended", "ends TLS", "end TLS", "ended TLS", "ending TLS", "endsAt"],
    instead: "TLS is terminated, terminates TLS, terminatedAt",
  },
  { words: ["figure", "figures"], instead: "metrics, statistics, the stats page; benchmarks, results" },
  {
    words: ["double", "doubles"],
    instead: "simulator, stub backend, stub DNS server",
    except: {
      "double share": "twice the share",
      "double encoding": "percent-encoding applied twice",
      "double quotes": "the character",
    },
  },
  { words: ["play", "plays", "played", "playing"], instead: "sends, runs, is tested" },
  {
    words: ["way", "ways"],
    instead: "path (of a request), hop; How it works",
    except: { "the same way": "manner" },
  },
  { words: ["under way"], instead: "in flight, in-flight requests" },
  { words: ["head", "heads"], instead: "request headers" },
  { words: ["silent", "silence"], instead: "idle, idle time" },
  { words: ["who the client is"], instead: "carries the client address" },
  { words: ["says no", "says yes", "say no", "say yes"], instead: "fails, passes" },
  {
    words: ["goes back", "going back", "go back", "went back", "gone back"],
    instead: "rolls back, rollback",
  },
  { words: ["mend", "mends", "mended"], instead: "fix, fixed" },
  { words: ["look-up", "look-ups"], instead: "lookup" },
  { words: ["ask", "asks", "asked", "asking"], instead: "probe, check, request, query" },
  {
    words: ["node that leaves", "nodes that leave", "pod that leaves", "pods that leave", "come and go"],
    instead: "are removed, are added and removed",
  },
  { words: ["on the server's side"], instead: "server-side apply" },
  { words: ["stranger", "strangers"], instead: "untrusted source" },
  { words: ["caller", "callers"], instead: "in-cluster clients, internal clients" },
  { words: ["second try"], instead: "retry" },
  { words: ["lie", "lies"], instead: "is next to, is in" },
  {
    words: ["stand", "stands"],
    instead: "is, appears",
  },
  { words: ["the edge that started it", "the seed's edge", "the seed"], instead: "the original edge" },
  { words: ["what is kept"], instead: "drift" },
  { words: ["door", "doors"], instead: "endpoints" },
  { words: ["affair", "affairs", "matter of", "matter for"], instead: "responsibility" },
  {
    words: ["nobody", "whoever", "he who", "somebody", "anybody", "everybody"],
    instead: "no client, any client that …; name the actor",
  },
  { words: ["for ever", "for good"], instead: "permanently, indefinitely" },
  { words: ["in vain"], instead: "has no effect" },
  { words: ["wrong word", "word of no choice"], instead: "invalid value" },
];

const TEXTS = [
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"],
  ...filesUnder("docs/", /\.md$/),
  ...filesUnder("examples/", /\.md$/),
  ...filesUnder("src/", /\.ts$/),
  ...filesUnder("test/", /\.ts$/).filter((file) => file !== "test/docs/glossary.test.ts"),
  ...filesUnder("test/golden/", /findings\.txt$|\.cfg$|\.ya?ml$|\.tf$|Dockerfile$/),
].map((file) => ({ file, prose: proseOf(file, readFileSync(`${root}${file}`, "utf8")) }));

test("there is something to read", () => {
  expect(TEXTS.length).toBeGreaterThan(600);
  expect(TEXTS.filter(({ prose }) => prose.trim() !== "").length).toBeGreaterThan(500);
});

describe.each(TERMS)("$words", (term) => {
  test(`is written: ${term.instead}`, () => {
    expect(TEXTS.flatMap(({ file, prose }) => hitsOf(term, file, prose))).toEqual([]);
  });
});

test("an exception is needed by a text", () => {
  const all = TEXTS.map(({ prose }) => prose).join("\n");
  const phrases = TERMS.flatMap(({ except = {} }) => Object.keys(except));
  expect(phrases.filter((phrase) => !wholePhrase(phrase).test(all))).toEqual([]);
});

test("finds a word, not a part of a word, and not in code or in an exception", () => {
  const found = (term: Term | undefined, text: string, file = "a.md") =>
    term === undefined ? [] : hitsOf(term, file, proseOf(file, text));
  const double = TERMS.find(({ words }) => words.includes("double"));
  expect(found(double, "In a lab\nthe Double of a load balancer.")).toEqual(["a.md:2: Double"]);
  expect(found(double, "It gets a double\nshare; a redoubled `double`.")).toEqual([]);
  expect(found(double, "```yaml\nname: double # a double\n```")).toEqual(["a.md:2: double"]);
  expect(found(double, "```yaml\nname: double\n```")).toEqual([]);
  const retry = TERMS.find(({ words }) => words.includes("second try"));
  expect(found(retry, "# costs a second\n# try\nretries 1", "haproxy.cfg")).toHaveLength(1);
});

function filesUnder(folder: string, name: RegExp): readonly string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .filter((file) => name.test(file) && !file.includes("node_modules"))
    .map((file) => `${folder}${file.replaceAll("\\", "/")}`);
}

/** What a person reads as sentences: Markdown without its code, and the comments of code; the rest is blank, line by line. */
function proseOf(file: string, text: string): string {
  if (file.endsWith(".txt")) return blank(text, /`[^`\n]*`/g);
  if (file.endsWith(".ts")) return text.split("\n").map(codeProseOf).join("\n");
  if (!file.endsWith(".md")) return text.split("\n").map(commentOf).join("\n");
  let language: string | undefined;
  const lines = blank(text, /(?<!`)`(?!`)[^`]*`|\]\([^)]*\)/g).split("\n");
  return lines
    .map((line) => {
      const [, opened] = /^\s*```(\w*)/.exec(line) ?? [];
      if (opened !== undefined) {
        language = language === undefined ? opened : undefined;
        return "";
      }
      return language === undefined || language === "" || language === "text" ? line : commentOf(line);
    })
    .join("\n");
}

function commentOf(line: string): string {
  return /(?:^|\s)(?:#|\/\/ )(.*)$/.exec(line)?.[1] ?? "";
}

/** Comments, and the names of tests; text between backticks is code. */
function codeProseOf(line: string): string {
  const [, block = ""] = /^\s*(?:\/\*\*|\*) (.*)$/.exec(line) ?? [];
  const [, name = ""] = /\b(?:test|describe)(?:\.each\([^"]*\))?\("([^"]*)"/.exec(line) ?? [];
  const [, comment = ""] = /(?:^|\s)\/\/ (.*)$/.exec(line) ?? [];
  return blank(`${block} ${name} ${comment}`, /`[^`\n]*`/g);
}

function blank(text: string, pattern: RegExp): string {
  return text.replace(pattern, (found) => found.replace(/[^\n]/g, " "));
}

function hitsOf({ words, except = {} }: Term, file: string, prose: string): readonly string[] {
  const rest = Object.keys(except).reduce((left, phrase) => blank(left, wholePhrase(phrase)), prose);
  return words.flatMap((word) =>
    [...rest.matchAll(wholePhrase(word))]
      .filter(([found]) => found !== "HEAD")
      .map(({ 0: found, index }) => `${file}:${rest.slice(0, index).split("\n").length}: ${found}`),
  );
}

function wholePhrase(phrase: string): RegExp {
  return new RegExp(`(?<![\\w-])${phrase.replaceAll(" ", "\\s+")}(?![\\w-])`, "gi");
}
