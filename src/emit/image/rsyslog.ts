// An rsyslogd beside HAProxy: its configuration, and the script that starts both and ends with either.
import type { Plan } from "../../plan/plan.ts";
import { copiedFile, type EmittedFile, placeOf } from "../file.ts";

export const RSYSLOG_CONF = "/etc/rsyslog.conf";
export const START_EDGE = "/usr/local/sbin/start-edge";

/** Whose line says that all before it was written. HAProxy's lines say `haproxy` there. */
const LAST_TAG = "end-of-log";

export function rsyslogFiles({ edge, logs, image }: Plan): readonly EmittedFile[] {
  const socket = logs.to.value;
  const { at } = placeOf(logs.to);
  const drained = `${image.runFolder}/log.drained`;
  return [
    copiedFile("image/rsyslog.conf", rsyslogConf(edge, socket, drained), at),
    copiedFile("image/start-edge", startEdge(edge, socket, drained), at),
  ];
}

function rsyslogConf(edge: string, socket: string, drained: string): string {
  return `# rsyslogd in the container of the edge ${edge}, written by Portico: HAProxy's log from a socket to the container's stdout.

# HAProxy's lines are cut at 8 kB; the rest is the syslog header.
global(maxMessageSize="16k")

# The machine's own log socket is none of ours.
module(load="imuxsock" SysSock.Use="off")

# What HAProxy wrote, without the syslog header and the space behind it.
template(name="message" type="list") {
  property(name="msg" position.from="2")
  constant(value="\\n")
}

# One worker keeps the order. At the end it has two seconds for what is left.
main_queue(queue.type="LinkedList" queue.size="10000" queue.workerThreads="1" queue.timeoutShutdown="2000")

ruleset(name="haproxy") {
  if $programname == "${LAST_TAG}" then {
    action(type="omfile" file="${drained}")
    stop
  }
  action(type="omfile" file="/dev/stdout" template="message")
}

input(type="imuxsock" socket="${socket}" unlink="on" rateLimit.interval="0" ruleset="haproxy")

# What rsyslogd says itself.
*.warning action(type="omfile" file="/dev/stderr")
`;
}

function startEdge(edge: string, socket: string, drained: string): string {
  return `#!/bin/bash
# First process in the container of the edge ${edge}, written by Portico: rsyslogd and HAProxy, and the end of either ends both.
# Usage: start-edge HAPROXY [argument…]
set -u
socket=${socket}
drained=${drained}
haproxy=

# SIGUSR1 ends HAProxy softly, SIGTERM at once; this script ends when HAProxy has.
pass() {
  [ -n "$haproxy" ] || exit 143
  kill -s "$1" "$haproxy"
}
trap 'pass USR1' USR1
trap 'pass TERM' TERM INT

# The folder outlives a container that was started again.
rm -f "$socket" "$drained"
rsyslogd -n -i NONE -f ${RSYSLOG_CONF} &
rsyslogd=$!
# Lines that HAProxy sends before the socket is there are lost. rsyslogd goes on without one that it may not make.
for ((tries = 0; ; tries++)); do
  [ -S "$socket" ] && break
  if ((tries == 500)) || ! kill -0 "$rsyslogd"; then
    echo "start-edge: rsyslogd does not listen at $socket" >&2
    exit 1
  fi
  sleep 0.02
done

"$@" &
haproxy=$!
# A signal ends a wait too, and leaves no process id behind.
until [ -n "\${first:-}" ]; do
  wait -n -p first "$haproxy" "$rsyslogd"
  status=$?
done

if [ "$first" = "$rsyslogd" ]; then
  echo "start-edge: rsyslogd ended (exit status $status), so HAProxy stops softly" >&2
  pass USR1
  while kill -0 "$haproxy" 2>/dev/null; do wait "$haproxy"; done
  exit 1
fi

# Lines may still lie in the socket: when rsyslogd has seen this last one, it has seen them all. A stdout that nobody reads
# any more is not waited for without end.
timeout 2 logger --socket "$socket" --tag ${LAST_TAG} --
for ((tries = 0; tries < 100; tries++)); do
  [ -e "$drained" ] && break
  sleep 0.02
done
kill -s TERM "$rsyslogd"
wait "$rsyslogd"
exit "$status"
`;
}
