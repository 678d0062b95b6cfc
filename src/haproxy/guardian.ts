// The shell process between us and HAProxy, which ends HAProxy whatever becomes of us.

/**
 * Arguments: a folder that is removed in the end, and a command. Runs the command, and reads names of signals to send to it, one a line, from stdin. When stdin ends, which it
 * does however our process ends (SIGKILL included, since the kernel closes the pipe), the command is killed. When the command has
 * ended, whatever is left of its process group (old workers after a reload) is killed, the guardian itself last.
 * The command inherits descriptor 4 as it is. On descriptor 3 it says `pid NUMBER` and `exit STATUS`; a status above 128 is a signal's number plus 128 (POSIX, `wait`).
 *
 * Where we are gone nobody reads descriptor 3: SIGPIPE must not end the guardian before its work is done.
 * It must be started as the leader of a process group of its own: Ctrl-C in a terminal reaches us alone that way.
 */
export const guardianScript = `
folder=$1
shift
exec 5<&0 </dev/null
"$@" 3>&- 5<&- &
command=$!
echo "pid $command" >&3
(
  while read -r signal; do kill -s "$signal" "$command"; done
  kill -s KILL "$command"
) <&5 >/dev/null 2>&1 3>&- 4<&- 5<&- &
exec 4<&- 5<&-
trap '' PIPE
wait "$command"
echo "exit $?" >&3
rm -rf -- "$folder"
kill -s KILL 0
`;
