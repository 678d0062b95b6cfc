// The application servers behind the edge, and how each is started.
import { join } from "node:path";
import process from "node:process";
import { jarsOf, type Language, rubyEnvironment, sources } from "./install.ts";

export interface Server {
  readonly name: string;
  readonly language: Language;
  /** Program and arguments of a server that listens on `host:port`; `tools` is where its language was installed. */
  readonly command: (at: { host: string; port: number; tools: string; folder: string }) => readonly string[];
}

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

const ruby =
  (application: string): Server["command"] =>
  ({ host, port, tools }) => {
    const { program, variables } = rubyEnvironment(join(tools, "ruby"));
    return ["env", ...variables, program, application, host, `${port}`];
  };

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
  { name: "Puma", language: "ruby", command: ruby("puma_app.rb") },
  { name: "WEBrick", language: "ruby", command: ruby("webrick_app.rb") },
  {
    name: "axum (hyper)",
    language: "rust",
    command: ({ host, port, tools }) => [join(tools, "rust/debug/portico-security-server"), host, `${port}`],
  },
];

/** Where a server runs: Python and Ruby find its application there. */
export const workingFolder = (server: Server): string => join(sources, server.language);
