# What the servers on Ruby share: the restricted handlers, and the line that each run of a handler prints.
require "json"

RESTRICTED = {
  "/admin/users" => "admin",
  "/team/list" => "team",
  "/secret" => "secret",
  "/v1/private" => "private",
  "/write" => "write",
  "/upload" => "upload",
  "/beta" => "beta",
}.freeze
STATUS = 203
PRINTING = Mutex.new

def record(method:, path:, query:, host:, headers:, body:)
  text = ->(value) { value.to_s.dup.force_encoding("ISO-8859-1").encode("UTF-8") }
  handler = RESTRICTED.fetch(path, "any")
  line = JSON.generate(
    handler: handler, method: text.(method), path: text.(path), query: text.(query), host: text.(host),
    headers: headers.map { |name, value| [text.(name), text.(value)] }, body: body
  )
  PRINTING.synchronize do
    $stdout.puts(line)
    $stdout.flush
  end
  "#{handler} #{query}\n"
end
