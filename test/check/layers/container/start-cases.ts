// HAProxy pods that start or fail to start: what the rules report, and what the container does.
import { labCertificate } from "../../../../src/lab/certificates.ts";
import { type EdgeOfOnePod, edgeWith, withMount } from "./edges.ts";

export interface StartCase {
  readonly name: string;
  readonly edge: EdgeOfOnePod;
  /** The finding of the rules about the start; undefined: no finding. */
  readonly code?: string;
  /** HAProxy's message where the container exits; `starts`; undefined: not decided by the container alone. */
  readonly container?: "starts" | RegExp;
  /** The last version of HAProxy that `container` holds for. */
  readonly until?: string;
}

const { certificate, key } = labCertificate(["www.example.com"]);
const PEM = { "site.pem": certificate + key };
const TLS_SECRET = { "tls.crt": certificate, "tls.key": key };
const WITH_CA = { ...TLS_SECRET, "ca.crt": certificate };

const BIND = "bind 127.0.0.1:18080";
const crt = (path: string) => ({ [BIND]: `${BIND} ssl crt ${path}` });
const global = (...lines: readonly string[]) => ({ global: ["global", ...lines].join("\n  ") });
const runAs = (securityContext: Readonly<Record<string, unknown>>) => ({
  container: { securityContext },
});
const UNPRIVILEGED = { runAsUser: 99, runAsGroup: 99, capabilities: { drop: ["ALL"] } };
const secret = (mountPath: string, secretName: string, items?: { key: string; path: string }[]) =>
  withMount({ mountPath }, { secret: { secretName, ...(items && { items }) } });

const CONFIGURATION: readonly StartCase[] = [
  { name: "the path of the official image", edge: edgeWith({}), container: "starts" },
  {
    name: "another folder than the image's command reads",
    edge: edgeWith({ mounts: [{ name: "config", mountPath: "/etc/haproxy" }] }),
    code: "configuration-not-mounted",
    container: /Cannot open configuration file/,
  },
  {
    name: "another folder, and args that name it",
    edge: edgeWith({
      mounts: [{ name: "config", mountPath: "/etc/haproxy" }],
      container: { args: ["-f", "/etc/haproxy/haproxy.cfg"] },
    }),
    container: "starts",
  },
  {
    name: "args that name a folder with the configuration",
    edge: edgeWith({ container: { args: ["haproxy", "-f", "/usr/local/etc/haproxy"] } }),
    container: "starts",
  },
  {
    name: "args that name a file with another ending",
    edge: edgeWith({ container: { args: ["-f", "/usr/local/etc/haproxy/haproxy.conf"] } }),
    code: "configuration-not-mounted",
    container: /Cannot open configuration file/,
  },
  {
    name: "args without -f",
    edge: edgeWith({ container: { args: ["haproxy"] } }),
    code: "configuration-not-mounted",
    container: /Usage/,
  },
  {
    name: "subPath of the key",
    edge: edgeWith({
      mounts: [
        {
          name: "config",
          mountPath: "/usr/local/etc/haproxy/haproxy.cfg",
          subPath: "haproxy.cfg",
        },
      ],
    }),
    container: "starts",
  },
  {
    name: "subPath of a key that the ConfigMap does not have",
    edge: edgeWith({
      mounts: [
        {
          name: "config",
          mountPath: "/usr/local/etc/haproxy/haproxy.cfg",
          subPath: "haproxy.conf",
        },
      ],
    }),
    code: "configuration-not-mounted",
    container: /Usage/,
  },
  {
    name: "items that give the key another name",
    edge: edgeWith({
      volumes: [
        {
          name: "config",
          configMap: { name: "haproxy", items: [{ key: "haproxy.cfg", path: "edge.conf" }] },
        },
      ],
    }),
    code: "configuration-not-mounted",
    container: /Cannot open configuration file/,
  },
  {
    name: "items of a key that the ConfigMap does not have",
    edge: edgeWith({
      volumes: [
        {
          name: "config",
          configMap: { name: "haproxy", items: [{ key: "haproxy.conf", path: "haproxy.cfg" }] },
        },
      ],
    }),
    code: "referenced-key-missing",
  },
  {
    name: "a variable of a key that the Secret does not have",
    edge: edgeWith({
      secrets: { app: { token: "x" } },
      container: {
        env: [{ name: "T", valueFrom: { secretKeyRef: { name: "app", key: "password" } } }],
      },
    }),
    code: "referenced-key-missing",
  },
  {
    name: "a variable of an optional key",
    edge: edgeWith({
      secrets: { app: { token: "x" } },
      container: {
        env: [{ name: "T", valueFrom: { secretKeyRef: { name: "app", key: "password", optional: true } } }],
      },
    }),
  },
];

const FILES: readonly StartCase[] = [
  {
    name: "a certificate that no volume has",
    edge: edgeWith({}, crt("/etc/certs/site.pem")),
    code: "file-not-in-container",
    container: /unable to stat SSL certificate/,
  },
  {
    name: "a certificate of a Secret",
    edge: edgeWith({ ...secret("/etc/certs", "site"), secrets: { site: PEM } }, crt("/etc/certs/site.pem")),
    container: "starts",
  },
  {
    name: "a certificate of a Secret that is not here",
    edge: edgeWith(secret("/etc/certs", "site"), crt("/etc/certs/site.pem")),
  },
  {
    name: "a certificate under another name than the Secret's key",
    edge: edgeWith({ ...secret("/etc/certs", "site"), secrets: { site: PEM } }, crt("/etc/certs/www.pem")),
    code: "file-not-in-container",
    container: /unable to stat SSL certificate/,
  },
  {
    name: "a certificate relative to crt-base",
    edge: edgeWith({}, { ...crt("site.pem"), ...global("crt-base /etc/certs") }),
    code: "file-not-in-container",
    container: /unable to stat SSL certificate/,
  },
  {
    name: "a certificate where the image has its CAs",
    edge: edgeWith({}, crt("/etc/ssl/private/site.pem")),
    code: "file-not-in-container",
    container: /unable to stat SSL certificate/,
  },
  {
    name: "a folder of certificates in a Secret",
    edge: edgeWith({ ...secret("/etc/certs", "site"), secrets: { site: PEM } }, crt("/etc/certs/")),
    container: "starts",
  },
  {
    name: "an empty folder of certificates",
    edge: edgeWith(withMount({ mountPath: "/etc/certs" }, { emptyDir: {} }), crt("/etc/certs/")),
    code: "file-not-in-container",
    container: /no SSL certificate specified/,
  },
  {
    name: "an error page in a folder that the mount of the configuration hides",
    edge: edgeWith({}, { "mode http": "mode http\n  errorfile 503 /usr/local/etc/haproxy/errors/503.http" }),
    code: "file-not-in-container",
    container: /error opening file/,
  },
  {
    name: "a map in the ConfigMap",
    edge: edgeWith(
      {
        ...withMount({ mountPath: "/etc/maps" }, { configMap: { name: "maps" } }),
        configMaps: { maps: { "hosts.map": "www.example.com app\n" } },
      },
      { "default_backend app": "use_backend %[req.hdr(host),map(/etc/maps/hosts.map,app)]" },
    ),
    container: "starts",
  },
  {
    name: "a map that the ConfigMap does not have",
    edge: edgeWith(
      {
        ...withMount({ mountPath: "/etc/maps" }, { configMap: { name: "maps" } }),
        configMaps: { maps: { "hosts.map": "www.example.com app\n" } },
      },
      { "default_backend app": "use_backend %[req.hdr(host),map(/etc/maps/paths.map,app)]" },
    ),
    code: "file-not-in-container",
    container: /failed to open pattern file/,
  },
  {
    name: "a map that rules change and none reads",
    edge: edgeWith(
      {},
      { "default_backend app": "http-request set-map(/etc/maps/seen.map) %[src] 1\n  default_backend app" },
    ),
    container: "starts",
  },
  {
    name: "a CA file of a server",
    edge: edgeWith(
      {},
      {
        "server app 127.0.0.1:18081": "server app 127.0.0.1:18081 ssl verify required ca-file /etc/ca/ca.crt",
      },
    ),
    code: "file-not-in-container",
    container: /open the ca-file/,
  },
  {
    name: "a Lua file below .if",
    edge: edgeWith({}, global(".if defined(LUA)", "lua-load /etc/haproxy/a.lua", ".endif")),
    container: "starts",
  },
  {
    name: "a Lua file",
    edge: edgeWith({}, global("lua-load /etc/haproxy/a.lua")),
    code: "file-not-in-container",
    container: /error in Lua file/,
  },
];

const KEYS: readonly StartCase[] = [
  {
    name: "tls.crt of a kubernetes.io/tls Secret",
    edge: edgeWith(
      { ...secret("/etc/certs", "site"), secrets: { site: TLS_SECRET } },
      crt("/etc/certs/tls.crt"),
    ),
    code: "certificate-without-key",
    container: /No Private Key found/,
  },
  {
    name: "tls.crt with ssl-load-extra-del-ext",
    edge: edgeWith(
      { ...secret("/etc/certs", "site"), secrets: { site: TLS_SECRET } },
      { ...crt("/etc/certs/tls.crt"), ...global("ssl-load-extra-del-ext") },
    ),
    container: "starts",
  },
  {
    name: "the key as tls.crt.key",
    edge: edgeWith(
      {
        ...secret("/etc/certs", "site", [
          { key: "tls.crt", path: "tls.crt" },
          { key: "tls.key", path: "tls.crt.key" },
        ]),
        secrets: { site: TLS_SECRET },
      },
      crt("/etc/certs/tls.crt"),
    ),
    container: "starts",
  },
  {
    name: "the folder of a kubernetes.io/tls Secret",
    edge: edgeWith({ ...secret("/etc/certs", "site"), secrets: { site: TLS_SECRET } }, crt("/etc/certs/")),
    code: "certificate-without-key",
    container: /No Private Key found/,
  },
  {
    name: "a folder with ca.crt, with ssl-load-extra-del-ext",
    edge: edgeWith(
      { ...secret("/etc/certs", "site"), secrets: { site: WITH_CA } },
      { ...crt("/etc/certs/"), ...global("ssl-load-extra-del-ext") },
    ),
    code: "certificate-without-key",
    container: /No Private Key found in '\/etc\/certs\/ca\.key'/,
  },
  {
    name: "the Secret that cert-manager makes of a Certificate",
    edge: edgeWith(
      {
        ...secret("/etc/certs", "site-tls"),
        objects: [
          {
            apiVersion: "cert-manager.io/v1",
            kind: "Certificate",
            metadata: { name: "site", namespace: "web" },
            spec: { secretName: "site-tls" },
          },
        ],
      },
      crt("/etc/certs/tls.crt"),
    ),
    code: "certificate-without-key",
  },
];

const VARIABLES: readonly StartCase[] = [
  {
    name: "a server's host that nothing sets",
    edge: edgeWith({}, { "app 127.0.0.1:18081": 'app "${APP_HOST}:18081"' }),
    code: "variable-not-set",
  },
  {
    name: "the port of a bind that nothing sets",
    edge: edgeWith({}, { [BIND]: 'bind "127.0.0.1:${PORT}"' }),
    code: "variable-not-set",
    container: /missing port/,
  },
  {
    name: "a default",
    edge: edgeWith({}, { [BIND]: 'bind "127.0.0.1:${PORT-18080}"' }),
    container: "starts",
  },
  {
    name: "env of the container",
    edge: edgeWith(
      { container: { env: [{ name: "PORT", value: "18080" }] } },
      { [BIND]: 'bind "127.0.0.1:${PORT}"' },
    ),
    container: "starts",
  },
  {
    name: "envFrom without the variable",
    edge: edgeWith(
      {
        configMaps: { settings: { HOST: "127.0.0.1" } },
        container: { envFrom: [{ configMapRef: { name: "settings" } }] },
      },
      { [BIND]: 'bind "127.0.0.1:${PORT}"' },
    ),
    code: "variable-not-set",
    container: /missing port/,
  },
  {
    name: "envFrom of a ConfigMap that is not here",
    edge: edgeWith(
      { container: { envFrom: [{ configMapRef: { name: "settings" } }] } },
      { [BIND]: 'bind "127.0.0.1:${PORT}"' },
    ),
  },
  {
    name: "presetenv in the configuration",
    edge: edgeWith({}, { ...global("presetenv PORT 18080"), [BIND]: 'bind "127.0.0.1:${PORT}"' }),
    container: "starts",
  },
  {
    name: "the variable of a Service",
    edge: edgeWith({}, { "app 127.0.0.1:18081": 'app "${APP_SERVICE_HOST}:18081"' }),
  },
  {
    name: "a script before HAProxy",
    edge: edgeWith(
      {
        container: {
          command: [
            "sh",
            "-c",
            "export PORT=18080; exec haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg",
          ],
        },
      },
      { [BIND]: 'bind "127.0.0.1:${PORT}"' },
    ),
    container: "starts",
  },
];

const SOCKET = "stats socket /run/haproxy/admin.sock mode 600 level admin";

const PRIVILEGES: readonly StartCase[] = [
  {
    name: "chroot as user 99",
    edge: edgeWith(runAs(UNPRIVILEGED), global("chroot /var/lib/haproxy")),
    code: "privilege-missing",
    container: /Cannot chroot/,
    until: "3.2",
  },
  {
    name: "chroot as the image's user",
    edge: edgeWith({}, global("chroot /var/lib/haproxy")),
    code: "privilege-missing",
    container: /Cannot chroot/,
    until: "3.2",
  },
  {
    name: "chroot as root",
    edge: edgeWith(runAs({ runAsUser: 0 }), global("chroot /var/lib/haproxy")),
    container: "starts",
  },
  {
    name: "chroot as root without capabilities",
    edge: edgeWith(
      runAs({ runAsUser: 0, capabilities: { drop: ["ALL"] } }),
      global("chroot /var/lib/haproxy"),
    ),
    code: "privilege-missing",
    container: /Cannot chroot/,
  },
  {
    name: "chroot with a capability that does not reach the user",
    edge: edgeWith(
      runAs({ runAsUser: 99, capabilities: { add: ["SYS_CHROOT"] } }),
      global("chroot /var/lib/haproxy"),
    ),
    code: "privilege-missing",
  },
  {
    name: "the own user",
    edge: edgeWith(runAs(UNPRIVILEGED), global("user haproxy", "group haproxy")),
    container: "starts",
  },
  {
    name: "another user",
    edge: edgeWith(runAs(UNPRIVILEGED), global("user nobody")),
    code: "privilege-missing",
    container: /Cannot set uid/,
  },
  {
    name: "another user as root without capabilities",
    edge: edgeWith(runAs({ runAsUser: 0, capabilities: { drop: ["ALL"] } }), global("uid 99")),
    code: "privilege-missing",
    container: /Cannot set uid/,
  },
  {
    name: "another owner of a socket",
    edge: edgeWith(
      { ...runAs(UNPRIVILEGED), ...withMount({ mountPath: "/run/haproxy" }, { emptyDir: {} }) },
      global(`${SOCKET} user nobody`),
    ),
    code: "privilege-missing",
    container: /cannot change UNIX socket ownership/,
  },
  {
    name: "the own user as owner of a socket",
    edge: edgeWith(
      { ...runAs(UNPRIVILEGED), ...withMount({ mountPath: "/run/haproxy" }, { emptyDir: {} }) },
      global(`${SOCKET} user haproxy`),
    ),
    container: "starts",
  },
  {
    name: "port 80 as user 99",
    edge: edgeWith(runAs(UNPRIVILEGED), { [BIND]: "bind 127.0.0.1:80" }),
    code: "low-port-not-permitted",
    container: /cannot bind socket/,
  },
  {
    name: "port 80 as root",
    edge: edgeWith(runAs({ runAsUser: 0 }), { [BIND]: "bind 127.0.0.1:80" }),
    container: "starts",
  },
  {
    name: "port 80 with the sysctl",
    edge: edgeWith(
      {
        ...runAs(UNPRIVILEGED),
        pod: {
          securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] },
        },
      },
      { [BIND]: "bind 127.0.0.1:80" },
    ),
    container: "starts",
  },
  {
    name: "port 443 as root without capabilities",
    edge: edgeWith(runAs({ runAsUser: 0, capabilities: { drop: ["ALL"] } }), {
      [BIND]: "bind 127.0.0.1:443",
    }),
    code: "low-port-not-permitted",
    container: /cannot bind socket/,
  },
];

const WRITING: readonly StartCase[] = [
  {
    name: "a socket in a folder that images do not have",
    edge: edgeWith({}, global(SOCKET)),
    code: "path-not-writable",
    container: /cannot bind UNIX socket \(No such file or directory\)/,
  },
  {
    name: "a socket in an emptyDir",
    edge: edgeWith(withMount({ mountPath: "/run/haproxy" }, { emptyDir: {} }), global(SOCKET)),
    container: "starts",
  },
  {
    name: "a socket in a folder of an emptyDir, which is empty",
    edge: edgeWith(withMount({ mountPath: "/run" }, { emptyDir: {} }), global(SOCKET)),
    code: "path-not-writable",
    container: /cannot bind UNIX socket \(No such file or directory\)/,
  },
  {
    name: "a socket in a folder of root",
    edge: edgeWith({}, global("stats socket /var/run/haproxy.sock mode 600 level admin")),
    code: "path-not-writable",
    container: /cannot bind UNIX socket \(Permission denied\)/,
  },
  {
    name: "a socket in a folder of root, as root",
    edge: edgeWith(runAs({ runAsUser: 0 }), global("stats socket /var/run/haproxy.sock level admin")),
    container: "starts",
  },
  {
    name: "a socket in the home of the image's user",
    edge: edgeWith({}, global("stats socket /var/lib/haproxy/admin.sock level admin")),
    container: "starts",
  },
  {
    name: "a socket in /tmp with a read-only root file system",
    edge: edgeWith(
      runAs({ readOnlyRootFilesystem: true }),
      global("stats socket /tmp/admin.sock level admin"),
    ),
    code: "path-not-writable",
    container: /Read-only file system/,
  },
  {
    name: "a socket of a bind in the volume of the configuration",
    edge: edgeWith({}, { [BIND]: "bind unix@/usr/local/etc/haproxy/web.sock" }),
    code: "path-not-writable",
    container: /cannot bind UNIX socket|Read-only file system/,
  },
  {
    name: "a pid file",
    edge: edgeWith({}, global("pidfile /var/run/haproxy.pid")),
    code: "path-not-writable",
    container: /Cannot create pidfile/,
  },
  {
    name: "a pid file without a master",
    edge: edgeWith(
      { container: { command: ["haproxy", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"] } },
      global("pidfile /var/run/haproxy.pid"),
    ),
  },
  {
    name: "the socket of the master",
    edge: edgeWith({
      container: { args: ["-S", "/run/master.sock", "-f", "/usr/local/etc/haproxy/haproxy.cfg"] },
    }),
    code: "path-not-writable",
    container: /cannot bind UNIX socket/,
  },
];

const LIMITS: readonly StartCase[] = [
  {
    name: "no maxconn and a memory limit",
    edge: edgeWith({ container: { resources: { limits: { memory: "256Mi" } } } }, { "  maxconn 100\n": "" }),
    code: "no-connection-limit",
    container: "starts",
  },
  {
    name: "no maxconn and no memory limit",
    edge: edgeWith({}, { "  maxconn 100\n": "" }),
    container: "starts",
  },
  {
    name: "no maxconn and -m",
    edge: edgeWith(
      {
        container: {
          args: ["-m", "200", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
          resources: { limits: { memory: "256Mi" } },
        },
      },
      { "  maxconn 100\n": "" },
    ),
    container: "starts",
  },
  {
    name: "a limit of each frontend",
    edge: edgeWith(
      { container: { resources: { limits: { memory: "256Mi" } } } },
      { "  maxconn 100\n": "", [BIND]: `${BIND}\n  maxconn 500` },
    ),
    container: "starts",
  },
  {
    name: "fd-hard-limit below twice maxconn",
    edge: edgeWith({}, { "maxconn 100": "maxconn 1000\n  fd-hard-limit 1024" }),
    code: "too-few-file-descriptors",
    container: /Cannot raise FD limit/,
  },
  {
    name: "a limit of the shell that starts HAProxy",
    edge: edgeWith(
      {
        container: {
          command: ["sh", "-c", "ulimit -n 1024; exec haproxy -W -db -f /usr/local/etc/haproxy/haproxy.cfg"],
        },
      },
      { "maxconn 100": "maxconn 2000" },
    ),
    code: "too-few-file-descriptors",
    container: /Cannot raise FD limit/,
  },
  {
    name: "enough descriptors",
    edge: edgeWith({}, { "maxconn 100": "maxconn 400\n  fd-hard-limit 1024" }),
    container: "starts",
  },
  {
    name: "one CPU and no nbthread",
    edge: edgeWith({ container: { resources: { limits: { cpu: "500m" } } } }),
    code: "more-threads-than-cpu",
  },
  {
    name: "more threads than CPUs",
    edge: edgeWith({ container: { resources: { limits: { cpu: 2 } } } }, global("nbthread 4")),
    code: "more-threads-than-cpu",
  },
  {
    name: "as many threads as CPUs",
    edge: edgeWith({ container: { resources: { limits: { cpu: "1500m" } } } }, global("nbthread 2")),
    container: "starts",
  },
];

const NON_ROOT: readonly StartCase[] = [
  {
    name: "runAsNonRoot with the official image",
    edge: edgeWith(runAs({ runAsNonRoot: true })),
    code: "non-root-not-verified",
  },
  {
    name: "runAsNonRoot of the pod",
    edge: edgeWith({ pod: { securityContext: { runAsNonRoot: true } } }),
    code: "non-root-not-verified",
  },
  {
    name: "runAsNonRoot with a number",
    edge: edgeWith(runAs({ runAsNonRoot: true, runAsUser: 99 })),
    container: "starts",
  },
  {
    name: "runAsNonRoot with root",
    edge: edgeWith(runAs({ runAsNonRoot: true, runAsUser: 0 })),
    code: "non-root-not-verified",
  },
];

export const START_CASES: readonly StartCase[] = [
  ...CONFIGURATION,
  ...FILES,
  ...KEYS,
  ...VARIABLES,
  ...PRIVILEGES,
  ...WRITING,
  ...LIMITS,
  ...NON_ROOT,
];

/** The rules about the start of HAProxy in its container. */
export const START_CODES: readonly string[] = [
  "certificate-without-key",
  "configuration-not-mounted",
  "file-not-in-container",
  "low-port-not-permitted",
  "more-threads-than-cpu",
  "no-connection-limit",
  "non-root-not-verified",
  "path-not-writable",
  "privilege-missing",
  "referenced-key-missing",
  "too-few-file-descriptors",
  "variable-not-set",
];
