// HAProxy's Runtime API over its stats socket (management guide, 9.3 "Unix Socket commands").
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";

/**
 * Sends one command and returns the answer as text. HAProxy also answers unknown and failed commands as text.
 * Throws where the socket cannot be reached or the connection breaks.
 */
export async function queryRuntime(socketPath: string, command: string): Promise<string> {
  const socket = createConnection(socketPath);
  socket.end(`${command}\n`);
  return text(socket);
}
