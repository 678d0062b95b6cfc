// The Dockerfile: stages, instructions, and beside each the reason where one is needed.
import type { Plan } from "../../plan/plan.ts";
import type { PrintedLine } from "../file.ts";
import { checkSteps } from "./config-check.ts";
import { DISTRIBUTIONS, packagesOf } from "./packages.ts";
import { RSYSLOG_CONF, START_EDGE } from "./rsyslog.ts";
import { type Instruction, instruction, printDockerfile, run } from "./writing.ts";

export function dockerfile(plan: Plan): readonly PrintedLine[] {
  const about = [
    `The image of the edge ${plan.edge}, written by Portico. Build it in the folder that holds all layers:`,
    "  docker build -f image/Dockerfile .",
  ];
  return printDockerfile(
    about,
    plan.image.base.value === "minimal" ? minimalStages(plan) : [singleStage(plan)],
  );
}

function singleStage(plan: Plan): readonly Instruction[] {
  const { image } = plan;
  return [
    instruction(image.from, [`FROM ${image.from.value}`]),
    labels(plan),
    ...revisionOf(plan),
    // The official image ends as its own user, who may install nothing.
    ...(image.base.value === "official" ? [instruction(undefined, ["USER root"])] : []),
    install(plan),
    ...(image.logs.value === "rsyslog" ? rsyslogSteps() : []),
    ...(image.config.value === "image" ? [copyConfig(plan), ...checkSteps(plan)] : []),
    ...lastSteps(plan),
  ];
}

/** What has a shell and packages makes the tree; the image is the tree alone. */
function minimalStages(plan: Plan): readonly (readonly Instruction[])[] {
  const { image } = plan;
  const { haproxy } = DISTRIBUTIONS.minimal;
  const baked = image.config.value === "image";
  return [
    [
      instruction(image.from, [`FROM ${image.from.value} AS parts`]),
      ...revisionOf(plan),
      install(plan),
      ...(baked ? [copyConfig(plan), ...checkSteps(plan)] : []),
      run(
        "HAProxy, the libraries that it is linked with and their loader, the CAs, and what glibc and OpenSSL read. glibc looks names up without a module of its own for it (since 2.34).",
        [
          "mkdir /parts",
          `cp --dereference --parents --target-directory=/parts $(ldd ${haproxy} | grep -o '/[^ ]*')${[haproxy, ...READ_BY_LIBRARIES].map((file) => ` \\\n      ${file}`).join("")}`,
          "grep '^\\(root\\|haproxy\\):' /etc/passwd > /parts/etc/passwd",
          "grep '^\\(root\\|haproxy\\):' /etc/group > /parts/etc/group",
          makeRunFolder(`/parts${image.runFolder}`),
        ],
      ),
      run("Nothing is missing: it starts with this and no more.", [
        `chroot /parts ${haproxy} -vv > /dev/null`,
      ]),
    ],
    [
      instruction(undefined, ["FROM scratch"]),
      labels(plan),
      instruction(undefined, [
        "COPY --from=parts /parts /",
        ...(baked ? [`COPY --from=parts ${image.configFolder} ${image.configFolder}`] : []),
      ]),
      ...lastSteps(plan),
    ],
  ];
}

/** Before the packages: a build with a new revision uses no later layer from the cache. */
function revisionOf({ image }: Plan): readonly Instruction[] {
  if (image.revision === null) return [];
  return [
    instruction("a new revision reinstalls the packages", [`LABEL portico.revision="${image.revision}"`]),
  ];
}

/** OCI image specification, "Pre-Defined Annotation Keys". */
function baseLabels(from: string): Readonly<Record<string, string>> {
  const [name = from, digest] = from.split("@");
  return {
    "base.name": `docker.io/library/${name}`,
    ...(digest === undefined ? {} : { "base.digest": digest }),
  };
}

/** Stable bytes: no time and no revision. */
function labels({ edge, image }: Plan): Instruction {
  const values = {
    title: `${edge}-edge`,
    description: `HAProxy of the edge ${edge}`,
    ...(image.base.value === "minimal" ? {} : baseLabels(image.from.value)),
  };
  return instruction(undefined, [
    `LABEL ${Object.entries(values)
      .map(([name, value]) => `org.opencontainers.image.${name}="${value}"`)
      .join(" \\\n      ")}`,
  ]);
}

function install(plan: Plan): Instruction {
  const { image } = plan;
  const packages = packagesOf(image);
  const { installer } = DISTRIBUTIONS[image.base.value];
  const list = packages.map((name) => ` \\\n      ${name}`).join("");
  const user = image.user.value;
  const runFolder = makeRunFolder(image.runFolder);
  if (packages.length === 0) return run(RUN_FOLDER, [runFolder]);
  if (installer === "apk")
    return run(`${NO_LISTS} ${FIXED_USER}`, [
      `addgroup -S -g ${user} haproxy`,
      `adduser -S -D -H -h /var/lib/haproxy -s /sbin/nologin -G haproxy -u ${user} haproxy`,
      `apk add --no-cache${list}`,
      `rm -rf ${image.configFolder}/*`,
      runFolder,
    ]);
  const own = image.base.value === "official";
  return run(own ? NO_LISTS : `${NO_LISTS} ${FIXED_USER}`, [
    "apt-get update",
    `DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends${list}`,
    ...(own ? [] : [`groupmod --gid ${user} haproxy`, `usermod --uid ${user} haproxy`]),
    `rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*${own ? "" : ` ${image.configFolder}/*`}`,
    runFolder,
  ]);
}

/** The system's CAs, and the configuration of OpenSSL and of glibc's look-ups as the distribution has them. */
const READ_BY_LIBRARIES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/ssl/openssl.cnf",
  "/etc/nsswitch.conf",
];

const NO_LISTS = "One layer, so that no package list and no package's own example lies in a layer below.";
const FIXED_USER = "The user has the same number in every base.";
const RUN_FOLDER = "For sockets: the only folder that is written to.";

/** As /tmp: an empty volume in its place may take its mode over, and not whose it is. */
function makeRunFolder(folder: string): string {
  return `install -d -m 1777 ${folder}`;
}

function copyConfig({ image }: Plan): Instruction {
  return instruction("The configuration is a part of the image.", [`COPY haproxy ${image.configFolder}`]);
}

function rsyslogSteps(): readonly Instruction[] {
  return [
    instruction("rsyslogd takes HAProxy's log from a socket and writes it to the container's stdout.", [
      `COPY image/rsyslog.conf ${RSYSLOG_CONF}`,
      `COPY image/start-edge ${START_EDGE}`,
    ]),
    run(
      "Readable whatever the umask of who rendered it; and a configuration that rsyslogd refuses never becomes an image.",
      [
        `chmod a+r ${RSYSLOG_CONF} ${START_EDGE}`,
        `bash -n ${START_EDGE}`,
        `rsyslogd -N 1 -f ${RSYSLOG_CONF}`,
      ],
    ),
  ];
}

function lastSteps(plan: Plan): readonly Instruction[] {
  const { image } = plan;
  const command = [DISTRIBUTIONS[image.base.value].haproxy];
  const entrypoint = image.logs.value === "rsyslog" ? ["/bin/bash", START_EDGE, ...command] : command;
  return [
    instruction("By number, so that Kubernetes sees that it is not root (runAsNonRoot).", [
      `USER ${owner(plan)}`,
    ]),
    instruction("HAProxy's soft stop: in-flight requests are answered (management guide, section 4).", [
      "STOPSIGNAL SIGUSR1",
    ]),
    instruction(
      image.logs.value === "rsyslog"
        ? "start-edge passes signals on. HAProxy is a master and a worker, in the foreground."
        : "No shell between: signals reach HAProxy, a master and a worker in the foreground.",
      [
        `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
        `CMD ${JSON.stringify(["-W", "-db", "-f", `${image.configFolder}/haproxy.cfg`])}`,
      ],
    ),
  ];
}

function owner({ image }: Plan): string {
  return `${image.user.value}:${image.user.value}`;
}
