# Puma with a plain Rack application: `ruby puma_app.rb HOST PORT`.
require "puma"
require "puma/server"
require_relative "record"

app = lambda do |env|
  names = env.keys.grep(/\AHTTP_/).reject { |key| key == "HTTP_VERSION" }
  said = record(
    method: env["REQUEST_METHOD"],
    path: env["PATH_INFO"],
    query: env["QUERY_STRING"],
    host: env["HTTP_HOST"],
    headers: names.map { |key| [key.delete_prefix("HTTP_").tr("_", "-").downcase, env[key]] },
    body: env["rack.input"].read.bytesize
  )
  [STATUS, { "Content-Type" => "text/plain" }, [said]]
end

# Puma 6 has a log writer of its own and no events by default.
events = defined?(Puma::LogWriter) ? nil : Puma::Events.strings
server = Puma::Server.new(app, events, { min_threads: 1, max_threads: 16 })
server.add_tcp_listener(ARGV[0], ARGV[1].to_i)
server.run.join
