// The texts of headers in a plan, as the description has them.
export { literalText, type MessageText, type RequestValue } from "../description/message-text.ts";
