// Installs what the application servers need, each language's from its own registry, into folders below `.portico/security/`.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

export type Language = "go" | "node" | "python" | "java" | "ruby" | "rust";

/** The servers' own sources, a folder a language. */
export const sources: string = join(import.meta.dirname, "..", "servers");

interface Installation {
  readonly programs: readonly string[];
  /** Files that determine what is installed; a change installs it again. */
  readonly decidedBy: readonly string[];
  readonly install: (target: string) => void;
}

const INSTALLATIONS: Readonly<Record<Language, Installation>> = {
  go: {
    programs: ["go"],
    decidedBy: ["main.go", "go.mod", "go.sum"],
    install: (target) => {
      run("go", ["build", "-o", join(target, "app"), "."], "go");
      run("go", ["build", "-o", join(target, "h2spec"), "github.com/summerwind/h2spec/cmd/h2spec"], "go");
    },
  },
  node: {
    programs: ["npm"],
    decidedBy: ["package-lock.json", "express.mjs", "record.mjs"],
    install: (target) => {
      cpSync(join(sources, "node"), target, { recursive: true });
      execFileSync("npm", ["ci", "--silent", "--no-audit", "--no-fund"], { cwd: target, stdio: STDIO });
    },
  },
  python: {
    programs: ["python3"],
    decidedBy: ["requirements.txt"],
    install: (target) => {
      run("python3", ["-m", "venv", target], "python");
      run(join(target, "bin/pip"), ["install", "--quiet", "-r", "requirements.txt"], "python");
    },
  },
  java: {
    programs: ["javac", "mvn"],
    decidedBy: ["pom.xml", "src/Echo.java", "src/TomcatServer.java", "src/JettyServer.java"],
    install: (target) => {
      const lib = join(target, "lib");
      run("mvn", ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${lib}`], "java");
      const files = readdirSync(join(sources, "java/src")).map((name) => join("src", name));
      run("javac", ["-d", join(target, "classes"), "-cp", jarsOf(lib, "tomcat-|jetty-"), ...files], "java");
    },
  },
  ruby: {
    programs: ["apt-get", "dpkg-deb"],
    decidedBy: [],
    install: (target) => unpackFromDebian(target, ["puma", "ruby-webrick"]),
  },
  rust: {
    programs: ["cargo"],
    decidedBy: ["Cargo.lock", "Cargo.toml", "src/main.rs"],
    install: (target) => run("cargo", ["build", "--quiet", "--locked", "--target-dir", target], "rust"),
  },
};

/** Unpacks Debian packages below `target`, except for the C library, which is the system's. */
function unpackFromDebian(target: string, packages: readonly string[]): void {
  const at = (name: string) => join(target, name);
  for (const name of ["lists/partial", "cache/archives/partial", "root"])
    mkdirSync(at(name), { recursive: true });
  writeFileSync(at("status"), "");
  const options = [
    ...[
      `Dir::State::lists=${at("lists")}`,
      `Dir::State::status=${at("status")}`,
      `Dir::Cache=${at("cache")}`,
    ],
    ...[
      "Acquire::Languages=none",
      "APT::Install-Recommends=false",
      "APT::Sandbox::User=root",
      "Debug::NoLocking=1",
    ],
  ].flatMap((option) => ["-o", option]);
  execFileSync("apt-get", [...options, "update", "-qq"], { stdio: STDIO });
  execFileSync("apt-get", [...options, "install", "-qq", "-y", "--download-only", ...packages], {
    stdio: ["ignore", "ignore", 2],
  });
  for (const name of readdirSync(at("cache/archives")))
    if (name.endsWith(".deb") && !name.startsWith("libc6_"))
      execFileSync("dpkg-deb", ["-x", at(`cache/archives/${name}`), at("root")], { stdio: STDIO });
  for (const name of ["lists", "cache", "status"]) rmSync(at(name), { recursive: true });
}

/** How a Ruby that was unpacked below `folder` finds its libraries and gems. */
export function rubyEnvironment(folder: string): {
  readonly program: string;
  readonly variables: readonly string[];
} {
  const lib = join(folder, "root/usr/lib");
  const found = (parent: string, pattern: RegExp) => {
    const name = readdirSync(parent).find((one) => pattern.test(one));
    if (name === undefined) throw new Error(`nothing like ${pattern} in ${parent}`);
    return name;
  };
  const native = join(lib, found(lib, /-linux-gnu$/));
  const version = found(join(lib, "ruby"), /^\d/);
  const pure = ["ruby/vendor_ruby", `ruby/${version}`].map((name) => join(lib, name));
  const compiled = [`ruby/vendor_ruby/${version}`, `ruby/${version}`].map((name) => join(native, name));
  const gems = [
    join(folder, "root/usr/share/rubygems-integration/all"),
    join(native, "rubygems-integration", version),
  ];
  return {
    program: join(folder, "root/usr/bin", found(join(folder, "root/usr/bin"), /^ruby\d/)),
    variables: [
      `LD_LIBRARY_PATH=${native}:${join(folder, "root/lib", native.slice(lib.length + 1))}`,
      `RUBYLIB=${[...pure, ...compiled].join(":")}`,
      `GEM_PATH=${gems.join(":")}`,
    ],
  };
}

/** Progress of installations goes to stderr: stdout is the report's. */
const STDIO: ["ignore", 2, 2] = ["ignore", 2, 2];

/** Installs what the servers need into `tools`, unless it is there. Throws when a language is missing on this machine. */
export function installServers(
  languages: readonly Language[],
  tools: string,
  progress: (line: string) => void,
): void {
  const missing = languages.flatMap((language) =>
    INSTALLATIONS[language].programs.filter((program) => !isOnPath(program)),
  );
  if (missing.length > 0)
    throw new Error(`not on PATH: ${missing.join(", ")}; the servers behind the edge need them`);
  for (const language of languages) {
    const { decidedBy, install } = INSTALLATIONS[language];
    const target = join(tools, language);
    const stamp = join(tools, `${language}.installed`);
    const decided = decidedBy.map((file) => readFileSync(join(sources, language, file), "utf8")).join("\0");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === decided) continue;
    progress(`installing the ${language} servers`);
    rmSync(stamp, { force: true });
    if (language !== "rust") rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    install(target);
    writeFileSync(stamp, decided);
  }
}

function run(program: string, args: readonly string[], language: Language): void {
  execFileSync(program, args, { cwd: join(sources, language), stdio: STDIO });
}

/** The jars of `folder` whose names begin with this, as a class path. */
export function jarsOf(folder: string, prefixes: string): string {
  const wanted = new RegExp(`^(${prefixes})`);
  return readdirSync(folder)
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name))
    .join(":");
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
