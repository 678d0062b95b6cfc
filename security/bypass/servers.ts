// The application servers behind the edge: what each needs, how it is installed, and how it is started.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";

export interface Server {
  readonly name: string;
  readonly language: Language;
  /** Program and arguments of a server that listens on `host:port`; `tools` is where its language was installed. */
  readonly command: (at: { host: string; port: number; tools: string; folder: string }) => readonly string[];
}

type Language = "go" | "node" | "python" | "java" | "rust";

const sources = join(import.meta.dirname, "..", "servers");

/** Node's own server, which needs nothing installed. */
export const nodeHttp: Server = {
  name: "Node http",
  language: "node",
  command: ({ host, port }) => [process.execPath, join(sources, "node/http.mjs"), host, `${port}`],
};

const python =
  (...args: readonly string[]): Server["command"] =>
  ({ host, port, tools }) => [
    join(tools, "python/bin/python"),
    ...args.map((arg) => arg.replace("HOST", host).replace("PORT", `${port}`)),
  ];

const java =
  (jars: string, main: string): Server["command"] =>
  ({ host, port, tools, folder }) => [
    "java",
    ...["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"],
    ...["-cp", `${join(tools, "java/classes")}:${jarsOf(join(tools, "java/lib"), jars)}`],
    ...[main, host, `${port}`, folder],
  ];

const go =
  (kind: string): Server["command"] =>
  ({ host, port, tools }) => [join(tools, "go/app"), kind, host, `${port}`];

const uvicorn = [
  "-m",
  "uvicorn",
  "--host",
  "HOST",
  "--port",
  "PORT",
  "--no-access-log",
  "--log-level",
  "critical",
];

export const SERVERS: readonly Server[] = [
  { name: "Go ServeMux", language: "go", command: go("mux") },
  { name: "Go HandlerFunc, h2c", language: "go", command: go("func") },
  nodeHttp,
  {
    name: "Express",
    language: "node",
    command: ({ host, port, tools }) => [process.execPath, join(tools, "node/express.mjs"), host, `${port}`],
  },
  {
    name: "Flask, gunicorn",
    language: "python",
    command: python(
      ...["-m", "gunicorn", "--bind", "HOST:PORT", "--worker-class", "gthread", "--threads", "16"],
      ...["--keep-alive", "30", "--log-level", "critical", "flask_app:app"],
    ),
  },
  {
    name: "Django, uvicorn",
    language: "python",
    command: python(...uvicorn, "--http", "h11", "--lifespan", "off", "django_app:asgi"),
  },
  {
    name: "Django, waitress",
    language: "python",
    command: python(
      "-m",
      "waitress",
      "--listen=HOST:PORT",
      "--threads=16",
      "--no-clear-untrusted-proxy-headers",
      "django_app:wsgi",
    ),
  },
  {
    name: "Starlette, uvicorn",
    language: "python",
    command: python(...uvicorn, "--http", "httptools", "starlette_app:app"),
  },
  {
    name: "Starlette, hypercorn",
    language: "python",
    command: python("-m", "hypercorn", "--bind", "HOST:PORT", "--log-level", "critical", "starlette_app:app"),
  },
  { name: "aiohttp", language: "python", command: python("aiohttp_app.py", "HOST", "PORT") },
  { name: "wsgiref", language: "python", command: python("wsgiref_app.py", "HOST", "PORT") },
  { name: "Tomcat", language: "java", command: java("tomcat-", "TomcatServer") },
  { name: "Jetty", language: "java", command: java("jetty-|slf4j-", "JettyServer") },
  {
    name: "axum (hyper)",
    language: "rust",
    command: ({ host, port, tools }) => [join(tools, "rust/debug/portico-security-server"), host, `${port}`],
  },
];

/** Where a server runs: Python finds its applications there. */
export const workingFolder = (server: Server): string => join(sources, server.language);

interface Installation {
  readonly programs: readonly string[];
  /** Files that decide what is installed; it is installed again when one of them changes. */
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
  rust: {
    programs: ["cargo"],
    decidedBy: ["Cargo.lock", "Cargo.toml", "src/main.rs"],
    install: (target) => run("cargo", ["build", "--quiet", "--locked", "--target-dir", target], "rust"),
  },
};

/** Progress of installations goes to stderr: stdout is the report's. */
const STDIO: ["ignore", 2, 2] = ["ignore", 2, 2];

/** Installs what the servers need into `tools`, unless it is there. Throws when a language is missing on this machine. */
export function installServers(
  servers: readonly Server[],
  tools: string,
  progress: (line: string) => void,
): void {
  const languages = [...new Set(servers.map(({ language }) => language))];
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

function jarsOf(folder: string, prefixes: string): string {
  const wanted = new RegExp(`^(${prefixes})`);
  return readdirSync(folder)
    .filter((name) => wanted.test(name))
    .map((name) => join(folder, name))
    .join(":");
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
